"""From the name in a limit to the regions that it covers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.anatomy.names import standard_name
from hevesy.errors import InputError, ScopeError
from hevesy.planning.forecast import RegionForecast
from hevesy.planning.limits import Limit, means_together
from hevesy.radiobiology import Tissue

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """A region, or several taken together, with the limit that holds for it.

    Attributes
    ----------
    name : str                          As drawn, or what the limit called the regions together.
    covers : tuple of str               Names as drawn.
    weights : tuple of float            Shares of the mass; they add up to 1.
    kind : str                          "organ", "lesion", ...
    limit : Limit or None
    tissue : Tissue or None             Of BED and EQD2.
    """

    name: str
    covers: tuple[str, ...]
    weights: tuple[float, ...]
    kind: str
    limit: Limit | None = None
    tissue: Tissue | None = None


def targets_of(
    limits: Sequence[Limit], regions: Sequence[RegionForecast], *, tissues: Mapping[str, Tissue]
) -> tuple[Target, ...]:
    """A target for each region under each limit.

    A name as drawn is that region. A standard name is each region of that organ: "Kidney" is the left and the right, each under
    the limit. Its plural, "Kidneys", is both together: the mean dose to their joint mass.

    Parameters
    ----------
    limits, regions
    tissues : mapping                   Tissue by the name that limits use.

    Raises
    ------
    InputError
        No region is covered, or a tissue has no parameters.
    ScopeError
        The dose of a covered region is not to be used, or nobody states its uncertainty.
    """
    found: list[Target] = []
    for limit in limits:
        covered, together = _covered(limit.region, regions)
        for region in covered:
            check_usable(region, why="a limit")
        tissue = None
        if limit.quantity != "dose":
            tissue = tissues.get(limit.tissue) or tissues.get(limit.tissue.strip().lower())
            if tissue is None:
                raise InputError(
                    f"limit of {limit.region}: tissue {limit.tissue!r} has no parameters; there are "
                    f"{', '.join(tissues) or 'none'}. "
                    "Choose one of them or describe yours."
                )
        if together and len(covered) > 1:
            found.append(_together(limit, covered, tissue))
        else:
            found += [
                Target(name=r.name, covers=(r.name,), weights=(1.0,), kind=r.kind, limit=limit, tissue=tissue) for r in covered
            ]
    return tuple(found)


def lone(region: RegionForecast) -> Target:
    """A region without a limit."""
    return Target(name=region.name, covers=(region.name,), weights=(1.0,), kind=region.kind)


def check_usable(region: RegionForecast, *, why: str) -> None:
    """Refuse to plan by a dose that is ill-posed or has no uncertainty."""
    if not region.well_posed:
        raise ScopeError(
            f"{region.name}: its curve is ill-posed, so that its integral is not determined; {why} cannot rest on it. "
            "Add a scan, or fit it with a population."
        )
    if region.u_systematic is None:
        raise ScopeError(
            f"{region.name}: its dose has no uncertainty, so that no probability can be kept; {why} cannot rest on it. "
            "Run the dosimetry with uncertainties."
        )


def _covered(name: str, regions: Sequence[RegionForecast]) -> tuple[list[RegionForecast], bool]:
    """The regions, and whether they are meant together."""
    drawn = [region for region in regions if region.name == name]
    if drawn:
        return drawn, False
    wanted = standard_name(name)
    if wanted is not None:
        of_organ = [
            r for r in regions if (own := standard_name(r.standard_name or r.name)) is not None and own.organ == wanted.organ
        ]
        sided = [r for r in of_organ if (own := standard_name(r.standard_name or r.name)) is not None and own.side == wanted.side]
        found = sided if wanted.side else of_organ
        if found:
            return found, means_together(name, wanted)
    raise InputError(
        f"limit of {name}: the dose holds no such region; it holds {', '.join(r.name for r in regions)}. "
        "Name one of them, or a standard organ such as Kidney."
    )


def _together(limit: Limit, regions: Sequence[RegionForecast], tissue: Tissue | None) -> Target:
    mass = np.array([region.mass for region in regions])
    return Target(
        name=limit.region,
        covers=tuple(region.name for region in regions),
        weights=tuple((mass / mass.sum()).tolist()),
        kind=regions[0].kind,
        limit=limit,
        tissue=tissue,
    )
