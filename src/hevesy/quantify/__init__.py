"""From stored values to activity: decay correction, calibration, activity in view, what resolution hides."""

from hevesy.quantify.activity import total_activity
from hevesy.quantify.calibration import activity_from_counts
from hevesy.quantify.decay import DecayStep, in_frame_factor, to_scan_start
from hevesy.quantify.partial_volume import Compartment, Corrected, compartments, corrected, transfer_matrix
from hevesy.quantify.recovery import Recovery, recovery
from hevesy.quantify.recovery_curve import RecoveryCurve, fit_recovery, recovery_at
from hevesy.quantify.richardson_lucy import ITERATIONS, richardson_lucy

__all__ = [
    "ITERATIONS",
    "Compartment",
    "Corrected",
    "DecayStep",
    "Recovery",
    "RecoveryCurve",
    "activity_from_counts",
    "compartments",
    "corrected",
    "fit_recovery",
    "in_frame_factor",
    "recovery",
    "recovery_at",
    "richardson_lucy",
    "to_scan_start",
    "total_activity",
    "transfer_matrix",
]
