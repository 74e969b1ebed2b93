"""Mass density from CT numbers."""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.tables import load_table

TABLE = "hounsfield_density"
SCHEME = "Schneider, Bortfeld, Schlegel, Phys. Med. Biol. 45 (2000) 459"

# Voxels worked on at once: the temporaries of a whole-body CT stay in the cache.
_CHUNK = 1 << 18

Vector = npt.NDArray[np.float64]


def density_from_hounsfield(hounsfield: npt.ArrayLike) -> npt.NDArray[Any]:
    """Mass density of tissue from its CT number.

        rho = rho_0(segment) + slope(segment) H

    The segments are those of Schneider et al. (2000): air at -1000 HU, a straight line to adipose tissue at
    -98 HU (lung stays lung), then four lines for soft tissue and bone, with the jumps as published at 14, 23
    and 100 HU.

    Parameters
    ----------
    hounsfield : array of any shape     CT numbers [HU].

    Returns
    -------
    array of the same shape             Density [g/ml]; float32 for float32 or integers of 16 bits, else
    float64.

    Neglected: contrast medium and metal, which the relation takes for bone. Below -1000 HU it is air; above
    3000 HU the line of bone goes on: :func:`hounsfield_remarks` says whether such voxels occur.
    """
    H = np.asarray(hounsfield)
    dtype = np.float32 if H.dtype in (np.float32, np.float16, np.int16, np.uint16, np.int8, np.uint8) else np.float64
    rho = np.empty(H.shape, dtype=dtype)
    flat_in, flat_out = H.reshape(-1), rho.reshape(-1)
    edges, at_zero, slope = (np.asarray(values, dtype=dtype) for values in _segments())
    for start in range(0, flat_in.size, _CHUNK):
        part: npt.NDArray[Any] = flat_in[start : start + _CHUNK].astype(dtype, copy=False)
        if not np.all(np.isfinite(part)):
            raise InputError("a CT number is not finite. Rescale the CT again or mask what is not patient.")
        segment = np.searchsorted(edges, part, side="left")
        flat_out[start : start + _CHUNK] = at_zero[segment] + slope[segment] * part
    return rho


def hounsfield_remarks(hounsfield: npt.ArrayLike) -> tuple[str, ...]:
    """What a reader must know of CT numbers that the relation was not made for; () where there are none."""
    image = np.asarray(hounsfield)
    rows = load_table("hevesy.materials", TABLE).rows
    first, last = float(rows[0]["up_to_HU"]), float(rows[-1]["up_to_HU"])
    above = int(np.count_nonzero(image > last))
    below = int(np.count_nonzero(image < first))
    remarks = []
    if above:
        remarks.append(
            f"{above} voxels ({above / image.size:.2g} of all) lie above {last:g} HU, where the density "
            "table ends: metal or an artefact. Their density continues the line of bone."
        )
    if below:
        remarks.append(f"{below} voxels ({below / image.size:.2g} of all) lie below {first:g} HU and were taken as air.")
    return tuple(remarks)


@cache
def _segments() -> tuple[Vector, Vector, Vector]:
    """Upper edges between the segments [HU], density at 0 HU [g/ml] and slope [g/ml/HU] of each."""
    rows = load_table("hevesy.materials", TABLE).rows
    edges = np.array([float(row["up_to_HU"]) for row in rows[:-1]])
    at_zero = np.array([float(row["density_at_zero_g_per_ml"]) for row in rows])
    slope = np.array([float(row["slope_g_per_ml_per_HU"]) for row in rows])
    return edges, at_zero, slope
