"""From activity to counts and back: one operator protocol, and the projectors of gamma cameras."""

from hevesy.imaging.projectors.operator import Operator, adjoint_error
from hevesy.imaging.projectors.orbit import Orbit, centred_grid, circular_orbit, orbit_of
from hevesy.imaging.projectors.parallel_hole import ParallelHole
from hevesy.imaging.projectors.pinhole import Pinhole, PinholeAperture, aperture_of
from hevesy.imaging.projectors.swivel import SwivelColumns, swivel_orbit

__all__ = [
    "Operator", "Orbit", "ParallelHole", "Pinhole", "PinholeAperture", "SwivelColumns", "adjoint_error", "aperture_of",
    "centred_grid", "circular_orbit", "orbit_of", "swivel_orbit",
]  # fmt: skip
