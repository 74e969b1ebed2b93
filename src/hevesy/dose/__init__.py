"""Absorbed dose from time-integrated activity: engines behind one protocol, kernels, spheres, histograms."""

from hevesy.dose.choose import DEFAULT, EngineSettings, engine, engine_names
from hevesy.dose.engine import DoseEngine, DoseMap, Ensemble
from hevesy.dose.histogram import dose_at_volume, dose_volume_histogram
from hevesy.dose.kernel_engine import KernelConvolution
from hevesy.dose.local import MASS_DENSITY_FLOOR, LocalDeposition
from hevesy.dose.montecarlo import MonteCarlo

__all__ = [
    "DEFAULT", "MASS_DENSITY_FLOOR", "DoseEngine", "DoseMap", "EngineSettings", "Ensemble", "KernelConvolution",
    "LocalDeposition", "MonteCarlo", "dose_at_volume", "dose_volume_histogram", "engine", "engine_names",
]  # fmt: skip
