"""From stored values to activity: decay correction, calibration, activity in view, what resolution hides."""

from hevesy.quantify.activity import total_activity
from hevesy.quantify.calibration import activity_from_counts
from hevesy.quantify.decay import DecayStep, in_frame_factor, to_scan_start
from hevesy.quantify.partial_volume import Compartment, Corrected, compartments, corrected, transfer_matrix
from hevesy.quantify.recovery import Recovery, recovery

__all__ = [
    "Compartment",
    "Corrected",
    "DecayStep",
    "Recovery",
    "activity_from_counts",
    "compartments",
    "corrected",
    "in_frame_factor",
    "recovery",
    "to_scan_start",
    "total_activity",
    "transfer_matrix",
]
