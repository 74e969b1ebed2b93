"""Sensitivity of a camera from a source of known activity."""

import math
from collections.abc import Sequence

import numpy as np

from hevesy.errors import InputError, ScopeError
from hevesy.model import Measured
from hevesy.units import MBq, kBq


def sensitivity(counts: Measured, *, activity: Measured, duration: float) -> Measured:
    """Counts a second and MBq of a source.

        C = N / (T A),      u^2(C) / C^2 = u^2(N) / N^2 + u^2(A) / A^2

    Parameters
    ----------
    counts : Measured                   N, unscattered counts of the source in the peak window [1].
    activity : Measured                 A, at the middle of the acquisition [Bq].
    duration : float                    T [s].

    Returns
    -------
    Measured                            [1/(s MBq)]; u holds that of the activity where it has one.

    Neglected: decay during the acquisition, dead time, background of the room, attenuation in the source.

    Raises
    ------
    InputError
        Activity or duration is implausible.
    ScopeError
        No counts are left after scatter.
    """
    if not 10 * kBq <= activity.value <= 1e6 * MBq:
        raise InputError(f"source activity is {activity.value / MBq:g} MBq; 0.01 to 1e6 MBq is plausible. Check its unit.")
    if not 1 <= duration <= 1e6:
        raise InputError(f"acquisition time is {duration:g} s; 1 to 1e6 s is plausible. Check its unit.")
    if counts.value <= 0:
        raise ScopeError(
            f"{counts.value:.0f} counts are left in the peak after scatter; a sensitivity needs more than zero. "
            "Check the windows."
        )
    value = counts.value / (duration * activity.value / MBq)
    relative = math.hypot(*(m.relative or 0.0 for m in (counts, activity)))
    return Measured(value=value, u=value * relative)


def mean_sensitivity(rows: Sequence[Measured], *, shared: float = 0.0) -> tuple[Measured, float | None]:
    """Mean over heads or cameras, and the standard deviation between them.

        C = sum_i C_i / n,   u^2(C) = sum_i (u_i^2 - (shared C_i)^2) / n^2 + (shared C)^2

    Parameters
    ----------
    rows : Measured                     Each with its full u [1/(s MBq)].
    shared : float                      Relative standard uncertainty that all rows have in common, as of one source [1].

    Returns
    -------
    Measured [1/(s MBq)], and the standard deviation of the rows, None for one row [1/(s MBq)].

    The spread is not in u: heads and cameras differ, which no further counting removes.
    """
    if not rows:
        raise InputError("a mean sensitivity needs at least one row.")
    C = np.array([row.value for row in rows])
    u = np.array([row.u or 0.0 for row in rows])
    mean = float(C.mean())
    own = np.maximum(u**2 - (shared * C) ** 2, 0.0)
    full = math.hypot(math.sqrt(float(own.sum())) / C.size, shared * mean)
    return Measured(value=mean, u=full), float(C.std(ddof=1)) if C.size > 1 else None
