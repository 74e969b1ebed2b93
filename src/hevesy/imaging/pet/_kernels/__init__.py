"""Compiled loops of positron emission tomography."""
