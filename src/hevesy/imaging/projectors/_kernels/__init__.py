"""Compiled loops of the projectors: arrays in, arrays out."""
