"""Counting noise of regions where a reconstruction knows it: of each scan, and between regions of the integrals."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import numpy.typing as npt

from hevesy.kinetics.sensitivity import integral_sensitivity
from hevesy.model import Remark
from hevesy.model.result import Level
from hevesy.protocols.alignment import AlignedPoint
from hevesy.protocols.case import DosimetryCase
from hevesy.protocols.regions import OutlinedRegion, Region

Array = npt.NDArray[np.float64]


def relative(
    outlines: tuple[OutlinedRegion, ...], aligned: tuple[AlignedPoint, ...], *, progress: Callable[[str, float], None]
) -> Array:
    """Covariance of the regions' activities on each scan by their product, shape (scans, regions, regions) [1].

    Zero for scans whose reconstruction left nothing of its noise.  Scans are independent of each other.
    """
    found = np.zeros((len(aligned), len(outlines), len(outlines)))
    known = [i for i, each in enumerate(aligned) if each.point.counting is not None]

    def one(i: int) -> Array | None:
        counting = aligned[i].point.counting
        return None if counting is None else counting.relative_covariance([o.on_scans[i] for o in outlines])

    if known:
        progress("noise of the counts", 0.0)
        with ThreadPoolExecutor(max_workers=2) as pool:
            for done, (i, C) in enumerate(zip(known, pool.map(one, known), strict=True)):
                found[i] = 0.0 if C is None else C
                progress("noise of the counts", (done + 1) / len(known))
    return found


def between(regions: tuple[Region, ...], noise: Array) -> Array:
    """Covariance of the integrals by counting noise, relative to their product, shape (regions, regions) [1].

        c_ab = sum_i s_ai A_ai s_bi A_bi rho_i,ab / (A_tilde_a A_tilde_b)

    with s the derivative of the integral by the activity on scan i and rho the relative covariance on that scan.
    """
    shares = np.zeros((len(noise), len(regions)))
    for k, region in enumerate(regions):
        s = integral_sensitivity(region.fit, region.curve)
        if s is not None:
            shares[:, k] = s * region.curve.A / region.fit.time_integrated_activity.value
    return np.asarray(np.einsum("ia,iab,ib->ab", shares, noise, shares))


def remarks(case: DosimetryCase) -> tuple[Remark, ...]:
    """Which scans have a counting term, where it comes from, and what is counted twice."""
    sources = [f"{point.label} ({point.counting.source})" for point in case.points if point.counting is not None]
    if not sources:
        return ()
    without = [point.label for point in case.points if point.counting is None]
    text = f"counting noise is a term of its own, from the reconstruction of {'; '.join(sources)}."
    if without:
        text += f" Of {', '.join(without)} it is part of what differs from scan to scan."
    if case.choices.point_u is not None:
        text += " If dosimetry.point_u_percent was measured on repeated scans, it holds this noise already: then it counts twice."
    return (Remark(level=Level.NOTE, text=text),)
