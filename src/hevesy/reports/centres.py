"""Where the planes of a report cross, and how far their colours reach."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.model import DoseResult
from hevesy.reports.canvas import drawable
from hevesy.reports.numbers import significant
from hevesy.reports.palette import Marked
from hevesy.reports.views import Window, turned

SHOWN = 99.97  # percentile of the dose at which the colours end where no region says how far they must reach


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Centre:
    """Where planes cross.

    Attributes
    ----------
    title : str                         What lies there, in words.
    voxel : (z, y, x)                   Upright voxel of the drawn part.
    top : float                         Dose at which the colours end [Gy].
    """

    title: str
    voxel: tuple[int, int, int]
    top: float


def _centroid(mask: npt.NDArray[Any]) -> tuple[int, int, int] | None:
    weights = [mask.sum(axis=tuple(a for a in range(3) if a != axis), dtype=float) for axis in range(3)]
    if weights[0].sum() <= 0:
        return None
    z, y, x = (round(float(np.average(np.arange(w.size), weights=w))) for w in weights)
    return z, y, x


def _top(shown: Marked, regions: tuple[Marked, ...]) -> float:
    """The largest D2 [Gy]: of all regions for a lesion, otherwise of all but lesions.

    Lesions often receive many times the dose of organs: in one scale, organs would hardly be painted.
    Regions with an ill-posed fit do not stretch the scale.
    """
    peers = [m.region for m in regions if shown.region.kind == "lesion" or m.region.kind != "lesion"]
    return max([shown.region.D2, *(r.D2 for r in peers if r.fit.well_posed)]) / un.Gy or 1.0


def _hottest(result: DoseResult, regions: tuple[Marked, ...], window: Window, kind: str) -> Centre | None:
    by_dose = sorted(regions, key=lambda m: (m.region.fit.well_posed, m.region.mean_dose.value), reverse=True)
    for m in by_dose:
        mask = result.pictures.masks.get(m.region.name)
        if m.region.kind != kind or mask is None:
            continue
        voxel, top = _centroid(window.cut(turned(mask, window.frame))), _top(m, regions)
        if voxel is not None:
            dose = f"mean {significant(m.region.mean_dose.value / un.Gy)} Gy"
            said = f"{m.number}  {drawable(m.name, 48)}, {dose}; colours end at {significant(top)} Gy"
            return Centre(title=said, voxel=voxel, top=top)
    return None


def centres(result: DoseResult, regions: tuple[Marked, ...], window: Window) -> list[Centre]:
    """The lesion and the organ with the largest mean dose, or else whatever was drawn, or the highest dose.

    A fit that holds goes before one that does not; a remainder is taken where nothing else was drawn.
    """
    found = [c for kind in ("lesion", "organ") if (c := _hottest(result, regions, window, kind))]
    for kind in ("other", "remainder"):
        if not found and (centre := _hottest(result, regions, window, kind)):
            found.append(centre)
    if found:
        return found
    dose = window.cut(turned(result.pictures.dose.values, window.frame)) / un.Gy
    z, y, x = np.unravel_index(int(np.argmax(dose)), dose.shape)
    top = float(np.percentile(dose[dose > 0], SHOWN)) if np.any(dose > 0) else 1.0
    said = f"the highest dose; colours end at {significant(top)} Gy"
    return [Centre(title=said, voxel=(int(z), int(y), int(x)), top=top)]
