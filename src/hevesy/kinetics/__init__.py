"""Activity over time: curve models, fits, integrals, weights for voxels."""

from hevesy.kinetics.average import CurveAverage, average
from hevesy.kinetics.evaluate import band, evaluate
from hevesy.kinetics.fit import AUTO, fit
from hevesy.kinetics.integrate import integral, time_integrated_activity
from hevesy.kinetics.intervals import Intervals, intervals
from hevesy.kinetics.joint import JointFit, joint
from hevesy.kinetics.models import MODELS
from hevesy.kinetics.trapezoid import Trapezoid, trapezoid
from hevesy.kinetics.voxels import voxel_weights

__all__ = [
    "AUTO",
    "MODELS",
    "CurveAverage",
    "Intervals",
    "JointFit",
    "Trapezoid",
    "average",
    "band",
    "evaluate",
    "fit",
    "integral",
    "intervals",
    "joint",
    "time_integrated_activity",
    "trapezoid",
    "voxel_weights",
]
