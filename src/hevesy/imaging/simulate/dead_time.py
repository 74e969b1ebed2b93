"""What a camera misses while it is busy."""

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError

PARALYSABLE, NON_PARALYSABLE = "paralysable", "non-paralysable"
MODELS = (PARALYSABLE, NON_PARALYSABLE)

Array = npt.NDArray[np.float64]


def counted_share(rate: npt.ArrayLike, dead_time: float, *, model: str = PARALYSABLE) -> Array:
    """Share of the events that is counted at a true ``rate`` [1/s].

        paralysable       m / n = exp(-n tau)          each event makes the camera busy anew
        non-paralysable   m / n = 1 / (1 + n tau)      only a counted one does

    Parameters
    ----------
    rate : array, any shape             n, of the events that ``dead_time`` was measured with [1/s].
    dead_time : float                   tau [s]; 0 counts all.

    Reference: Sorenson, J. Nucl. Med. 16 (1975) 284; Knoll, Radiation Detection and Measurement, 4th ed., section 4.VII.
    """
    n = np.asarray(rate, dtype=np.float64)
    if not (np.isfinite(dead_time) and dead_time >= 0) or np.any(n < 0) or not np.all(np.isfinite(n)):
        raise InputError(f"dead time is {dead_time} s and rates must be 0 or more; give finite numbers in s and 1/s.")
    if model == PARALYSABLE:
        return np.asarray(np.exp(-n * dead_time))
    if model == NON_PARALYSABLE:
        return np.asarray(1 / (1 + n * dead_time))
    raise InputError(f"dead time model is {model!r}; allowed are {', '.join(MODELS)}.")
