"""Activity over time: curve models, fits, integrals, weights for voxels."""

from hevesy.kinetics.evaluate import band, evaluate
from hevesy.kinetics.fit import AUTO, fit
from hevesy.kinetics.integrate import integral, time_integrated_activity
from hevesy.kinetics.models import MODELS
from hevesy.kinetics.voxels import voxel_weights

__all__ = [
    "AUTO",
    "MODELS",
    "band",
    "evaluate",
    "fit",
    "integral",
    "time_integrated_activity",
    "voxel_weights",
]
