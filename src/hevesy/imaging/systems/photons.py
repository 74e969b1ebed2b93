"""Photon lines of a nuclide, without the spectra of its electrons, which take a second to compute."""

from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.model.arrays import frozen
from hevesy.nuclides import chain, load_nuclide

Array = npt.NDArray[np.float64]


@cache
def photon_lines(nuclide: str) -> tuple[Array, Array]:
    """Energies [MeV], increasing, and yields per decay of gamma and X-ray lines; daughters that follow at once count.

    The same lines as those of :func:`hevesy.nuclides.radiations`. Reference: ICRP Publication 107 (2008).

    Raises
    ------
    InputError
        ICRP 107 has no such nuclide.
    """
    parent = load_nuclide(nuclide).name
    lines = [
        (line.energy, line.per_decay * member.decays_per_parent_decay)
        for member in chain(parent)
        if member.counted and member.decays_per_parent_decay > 0
        for line in load_nuclide(member.name).emissions
        if line.kind in ("gamma", "X")
    ]
    lines.sort(key=lambda line: line[0])
    return frozen(np.array([energy for energy, _ in lines])), frozen(np.array([n for _, n in lines]))
