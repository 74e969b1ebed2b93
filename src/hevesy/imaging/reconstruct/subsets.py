"""Which views make a subset of ordered subsets."""

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError

Indices = npt.NDArray[np.intp]


def subsets_of(views: int, subsets: int) -> list[Indices]:
    """Views in ``subsets`` interleaved groups, each group far from those before it.

    Group k holds the views k, k + n, k + 2n, ...  The order of the groups is that of the van der Corput sequence
    (binary digits of the place reversed), so that successive groups look from well separated directions
    (Hudson and Larkin, IEEE Trans. Med. Imaging 13 (1994) 601: subsets should be balanced and their order
    should bring in new information early).

    Parameters
    ----------
    views : int                         Number of views.
    subsets : int                       From 1 to ``views``; they need not divide them.
    """
    if not 1 <= subsets <= views:
        raise InputError(f"{subsets} subsets of {views} views; allowed is 1 to the number of views. Choose fewer subsets.")
    order = sorted(range(subsets), key=_reversed_fraction)
    return [np.arange(k, views, subsets, dtype=np.intp) for k in order]


def _reversed_fraction(number: int) -> float:
    fraction, half = 0.0, 0.5
    while number:
        number, bit = divmod(number, 2)
        fraction += bit * half
        half /= 2
    return fraction
