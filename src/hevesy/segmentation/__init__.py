"""Regions as masks: contours to fractions of voxels, masks between grids by physical coordinates."""

from hevesy.segmentation.mask import RegionMask, mask_on, surface_weight
from hevesy.segmentation.rasterise import contours_to_mask

__all__ = ["RegionMask", "contours_to_mask", "mask_on", "surface_weight"]
