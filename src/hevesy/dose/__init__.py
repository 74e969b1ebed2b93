"""Absorbed dose from time-integrated activity: engines behind one protocol, histograms."""

from hevesy.dose.choose import engine, engine_names
from hevesy.dose.engine import DoseEngine, DoseMap
from hevesy.dose.histogram import dose_at_volume, dose_volume_histogram
from hevesy.dose.local import MASS_DENSITY_FLOOR, LocalDeposition

__all__ = [
    "MASS_DENSITY_FLOOR", "DoseEngine", "DoseMap", "LocalDeposition", "dose_at_volume", "dose_volume_histogram", "engine",
    "engine_names",
]  # fmt: skip
