"""Regions of the body and their names."""

from hevesy.anatomy.names import StandardRegion, standard_name

__all__ = ["StandardRegion", "standard_name"]
