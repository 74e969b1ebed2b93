"""Compiled loops of the reconstruction: arrays in, arrays out."""
