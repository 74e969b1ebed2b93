"""BED voxel by voxel, each region with the G of its own curve."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.radiobiology.effect import bed


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What turns the absorbed dose of a region's voxels into BED: G [1], alpha/beta [Gy], RBE_max [1], number of cycles."""

    G: float
    alpha_beta: float
    rbe: float = 1.0
    cycles: int = 1


def bed_map(
    dose: npt.NDArray[np.floating], labels: npt.NDArray[np.integer], responses: Mapping[int, Response]
) -> npt.NDArray[np.float32]:
    """BED of each labelled voxel; zero where the label has no response.

        BED = n D (RBE + G D / (alpha/beta))

    Parameters
    ----------
    dose : array                        Absorbed dose of a cycle [Gy].
    labels : array of int               Region of each voxel, same shape; 0 is none.
    responses : mapping                 Label to :class:`Response`.

    Returns
    -------
    array                               Same shape [Gy].

    Neglected: within a region, a voxel whose dose rate falls faster or slower than that of the region.
    """
    if dose.shape != labels.shape:
        raise InputError(f"the dose map has the shape {dose.shape}, the labels {labels.shape}; both must be one grid.")
    found = np.zeros(dose.shape, dtype=np.float32)
    for label, response in responses.items():
        inside = labels == label
        values = np.maximum(dose[inside].astype(np.float64), 0.0)
        found[inside] = response.cycles * bed(values, response.G, response.alpha_beta, rbe=response.rbe)
    return found
