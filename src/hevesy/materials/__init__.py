"""What the body is made of: densities."""

from hevesy.materials.densities import Tissue, reference_densities, reference_tissue
from hevesy.materials.hounsfield import SCHEME, density_from_hounsfield, hounsfield_remarks

__all__ = [
    "SCHEME",
    "Tissue",
    "density_from_hounsfield",
    "hounsfield_remarks",
    "reference_densities",
    "reference_tissue",
]
