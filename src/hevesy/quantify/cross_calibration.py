"""Cross-calibration of instruments that measured the same activity: dose calibrator, camera, PET, well counter."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.model import Measured

APART = 2.0  # standard uncertainties beyond which two instruments are said to disagree


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossFactor:
    """By what the readings of one instrument are multiplied to agree with the reference; whether one lies within k = 2."""

    instrument: str
    factor: Measured
    agrees: bool | None


def cross_factors(readings: Mapping[str, Measured], *, reference: str) -> tuple[CrossFactor, ...]:
    """Factors from readings of one activity, all decay-corrected to one time.

        F_i = A_ref / A_i,    u^2(F) / F^2 = u^2(A_ref) / A_ref^2 + u^2(A_i) / A_i^2

    Parameters
    ----------
    readings : mapping of instrument to Measured   All in one unit.
    reference : str                     The instrument that is believed: usually the dose calibrator.

    u of the reading of the reference belongs to each factor: factors of several instruments are correlated by it.
    Neglected: that parts of one phantom differ; geometry and volume of the source in the dose calibrator.
    """
    if reference not in readings or len(readings) < 2:
        raise InputError(
            f"reference {reference!r}: readings are of {', '.join(readings) or 'nothing'}; two instruments are needed, the "
            "reference among them."
        )
    if bad := [name for name, m in readings.items() if not m.value > 0]:
        raise InputError(f"readings of {', '.join(bad)} are not above zero. Check them.")
    ref = readings[reference]
    out = []
    for name, reading in readings.items():
        if name == reference:
            continue
        value, parts = ref.value / reading.value, (ref.relative, reading.relative)
        if parts[0] is None or parts[1] is None:
            factor = Measured(value=value, u=None, why_no_u="u of a reading is not stated")
            out.append(CrossFactor(instrument=name, factor=factor, agrees=None))
            continue
        u = value * math.hypot(parts[0], parts[1])
        out.append(CrossFactor(instrument=name, factor=Measured(value=value, u=u), agrees=abs(value - 1) <= APART * u))
    return tuple(out)
