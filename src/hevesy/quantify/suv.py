"""Standardised uptake value: from activity concentration to SUV, with the uncertainty of the scale."""

import math
from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.quantify.body_size import BodySize

NOT_STATED = "the uncertainty of calibration, activity and body size was not stated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleUncertainty:
    """Relative standard uncertainties of what every voxel shares; None where nothing was stated.

    Attributes
    ----------
    calibration : float or None         Of the scanner against the activity meter.
    activity : float or None            Of the administered activity.
    size : float or None                Of the body size.
    """

    calibration: float | None = None
    activity: float | None = None
    size: float | None = None

    def __post_init__(self) -> None:
        for name in ("calibration", "activity", "size"):
            u = getattr(self, name)
            if u is not None and not 0 <= u < 1:
                raise InputError(f"relative uncertainty of {name} is {u:g}; 0 to 1 is allowed. Give percent on the command line.")

    @property
    def relative(self) -> float | None:
        """All of them together, or None where none was stated."""
        stated = [u for u in (self.calibration, self.activity, self.size) if u is not None]
        return math.hypot(*stated) if stated else None


def decayed_activity(activity: float, elapsed: float, *, decay_constant: float) -> float:
    """Administered activity at the time to which the image refers [Bq].

        A = A0 exp(-lam t)

    ``activity`` A0 [Bq], ``elapsed`` t [s] after the administration, ``decay_constant`` [1/s].

    Raises
    ------
    InputError
        The image refers to a time before the administration, or so late that nothing is left.
    """
    if elapsed < -1.0:
        raise InputError(
            f"the image refers to a time {-elapsed / 60:.1f} min before the administration. Check (0018,1078) "
            "Radiopharmaceutical Start DateTime and (0008,0031) Series Time, or state --administered."
        )
    if decay_constant * elapsed > 30:
        raise InputError(
            f"the image refers to {elapsed / 3600:.1f} h after the administration, {decay_constant * elapsed / math.log(2):.0f} "
            "half-lives. Check the date of (0018,1078) Radiopharmaceutical Start DateTime, or state --administered."
        )
    return activity * math.exp(-decay_constant * elapsed)


def suv_factor(*, activity: float, size: BodySize, uncertainty: ScaleUncertainty | None = None) -> Measured:
    """SUV of one Bq/ml.

        SUV = C s / A

    Parameters
    ----------
    activity : float                    A, administered activity decayed to the time to which C refers [Bq].
    size : BodySize                     s: weight or lean mass [g], or surface [cm2].

    Returns
    -------
    Measured                            [g/Bq] or [cm2/Bq]: times C in Bq/ml it is SUV in g/ml or cm2/ml.

    Neglected: what stayed in syringe and line unless it was subtracted, paravenous activity.
    Reference: Kinahan and Fletcher, Semin Ultrasound CT MR 2010;31:496-505, eq. (1).
    """
    if not activity > 0:
        raise InputError(f"the activity at the time of the scan is {activity:g} Bq; it must be above zero.")
    value = size.value / activity
    relative = None if uncertainty is None else uncertainty.relative
    if relative is None:
        return Measured(value=value, u=None, why_no_u=NOT_STATED)
    return Measured(value=value, u=value * relative)
