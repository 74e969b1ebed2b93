"""Compiled loops of the transport: arrays and numbers in, tallies out."""
