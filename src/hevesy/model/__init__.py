"""The values that travel through the house: frozen, valid once made, without methods that compute."""

from hevesy.model.acquisition import EnergyWindow, Projections
from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.image import Grid, Image, Quantity
from hevesy.model.measured import Measured
from hevesy.model.result import (
    BudgetTerm,
    DoseResult,
    DoseVolumeHistogram,
    NextScan,
    Pictures,
    PointResult,
    Provenance,
    RegionResult,
    Remark,
    ScanResult,
    Truth,
)
from hevesy.model.study import (
    Administration,
    DecayCorrection,
    Outline,
    Patient,
    Problem,
    Scan,
    Study,
)

__all__ = [
    "Administration", "BudgetTerm", "CurveFit", "DecayCorrection", "DoseResult", "DoseVolumeHistogram", "EnergyWindow", "Grid",
    "Image", "Measured", "NextScan", "Outline", "Patient", "Pictures", "PointResult", "Problem", "Projections",
    "Provenance", "Quantity",
    "RegionResult", "Remark", "Scan", "ScanResult", "Study", "TimeActivityCurve", "Truth",
]  # fmt: skip
