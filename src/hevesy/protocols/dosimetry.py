"""The recipe: time points of quantitative images to absorbed dose by region and voxel."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError
from hevesy.model import DoseResult, Image, Pictures, Provenance
from hevesy.nuclides import Nuclide, load_nuclide
from hevesy.protocols import counting, maps, regions, remarks, terms, voxel_map
from hevesy.protocols.alignment import AlignedPoint, align, reference_index
from hevesy.protocols.case import DosimetryCase
from hevesy.protocols.figures import region_result
from hevesy.protocols.regions import OutlinedRegion, Region
from hevesy.protocols.voxel_map import Shares

Progress = Callable[[str, float], None]


def _quiet(_: str, __: float) -> None:
    pass


class _Clock:
    """Wall time by stage, for those who ask where it goes."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self._since = time.perf_counter()

    def done(self, name: str) -> None:
        now = time.perf_counter()
        self.stages[name] = self.stages.get(name, 0.0) + now - self._since
        self._since = now


def run(
    case: DosimetryCase,
    *,
    provenance: Provenance,
    title: str,
    progress: Progress = _quiet,
    timings: dict[str, float] | None = None,
) -> DoseResult:
    """Absorbed dose of every region and voxel, with uncertainty, remarks and provenance.

    register -> masks -> activities -> curves -> time-integrated activity by voxel -> dose -> figures by region

    Parameters
    ----------
    case : DosimetryCase                Time points as activity at their start, regions, choices.
    provenance : Provenance             Of the inputs; printed as it is.
    timings : dict or None              Receives wall time by stage [s].

    Raises
    ------
    DataError
        No region was drawn on any scan, or the settings name a region that is not there.
    """
    clock = _Clock()
    nuclide = load_nuclide(case.administration.nuclide)
    chosen = maps.dose_engine(case.choices, threads=os.cpu_count() or 1, progress=progress)
    reference = reference_index(case)
    names = _names(case)
    aligned = align(case, reference, progress=progress)
    clock.done("registration")
    density = maps.density_map(aligned[reference], case.choices)
    clock.done("density")
    progress("outlining regions", 0.0)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        outlines = tuple(pool.map(lambda name: regions.outlined(name, aligned, reference), names))
    shares = voxel_map.shares(outlines, aligned[reference].activity.values.shape)
    clock.done("masks")
    progress("correcting for resolution", 0.0)
    activity = maps.activity_maps(aligned, outlines, shares, density, case.choices)
    clock.done("partial volume")
    noise = counting.relative(outlines, aligned, progress=progress)
    found = tuple(_curve(o, aligned, activity, shares, case, nuclide, noise[:, k, k]) for k, o in enumerate(outlines))
    clock.done("activities and curves")
    progress("computing dose", 0.0)
    times = np.array([point.time for point in case.points])
    made = maps.dose_maps(activity, times, found, shares, density, nuclide=nuclide, choices=case.choices, chosen=chosen)
    clock.done("dose")
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = tuple(pool.map(lambda r: region_result(r, aligned, reference, case, made), found))
    clock.done("figures by region")
    if timings is not None:
        timings.update(clock.stages)
    return DoseResult(
        title=title,
        patient=case.patient,
        administration=case.administration,
        half_life=nuclide.half_life,
        engine=chosen.name,
        engine_description=chosen.description,
        energy_per_decay=chosen.energy_per_decay(nuclide),
        reference_scan=reference,
        scans=tuple(remarks.scan_result(each) for each in aligned),
        regions=results,
        remarks=(
            *remarks.assumptions(case, has_ct=density.ct is not None),
            *density.remarks,
            *made.remarks,
            *counting.remarks(case),
            *remarks.about_scans(case, aligned, results),
        ),
        provenance=provenance,
        pictures=_pictures(activity.images, made, outlines),
        correlation=terms.correlation(results, counting.between(found, noise)),
        synthetic=case.synthetic,
    )


def _curve(
    outline: OutlinedRegion,
    aligned: tuple[AlignedPoint, ...],
    activity: maps.Activity,
    shares: Shares,
    case: DosimetryCase,
    nuclide: Nuclide,
    variance: npt.NDArray[np.float64],
) -> Region:
    own = maps.own_activity(activity, outline, shares)
    return regions.region(
        outline, aligned, own, choices=case.choices, decay_constant=nuclide.decay_constant, counting=np.sqrt(variance)
    )  # fmt: skip


def _names(case: DosimetryCase) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(outline.name for point in case.points for outline in point.outlines))
    if not names:
        raise DataError(
            "no region is drawn on any scan: organs and lesions must come as RTSTRUCT, SEG or label map. Hevesy does not outline "
            "by itself; draw them, or run a segmentation program and put its output into the folder."
        )
    unknown = set(case.choices.models) - set(names)
    if unknown:
        raise DataError(
            f"the settings choose a model for {', '.join(sorted(unknown))}, which is not drawn; there are {', '.join(names)}."
        )
    return names


def _pictures(activity: tuple[Image, ...], made: maps.Maps, outlines: tuple[OutlinedRegion, ...]) -> Pictures:
    masks: dict[str, Any] = {}
    for outline in outlines:
        full = np.zeros(made.dose.grid.shape, dtype=np.float16)
        full[outline.mask.box] = outline.mask.fraction
        masks[outline.name] = full
    return Pictures(
        dose=made.dose,
        time_integrated_activity=made.tia,
        activity=activity,
        ct=made.density.ct,
        masks=masks,
        tia_u=made.tia_u,
        voxel_status=made.voxel_status,
    )
