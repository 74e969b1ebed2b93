"""Scanners: so far the virtual patient and what CT and SPECT show of it."""

from hevesy.imaging.clearance import Clearance
from hevesy.imaging.torso import Torso, dotatate_torso
from hevesy.imaging.true_maps import TrueMaps, true_maps
from hevesy.imaging.virtual_patient import (
    DIAGNOSTIC,
    PRE_THERAPY,
    SECOND_CYCLE,
    TimePoint,
    VirtualPatient,
    VirtualPatientSpec,
    known_truths,
    mean_to_start,
    virtual_patient,
)

__all__ = [
    "DIAGNOSTIC", "PRE_THERAPY", "SECOND_CYCLE",
    "Clearance", "TimePoint", "Torso", "TrueMaps", "VirtualPatient", "VirtualPatientSpec", "dotatate_torso",
    "known_truths", "mean_to_start", "true_maps", "virtual_patient",
]  # fmt: skip
