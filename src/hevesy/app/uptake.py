"""A folder with a PET or quantitative SPECT as an SUV image with its regions: every correction named."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.settings import load_settings
from hevesy.app.study import belongs, ct_of, load
from hevesy.app.suv_scale import Stated, private_remarks, scale_uncertainty, scaled_to_suv
from hevesy.dicom.suv_factors import STORED_SUV, SuvFacts, read_stored_suv, read_suv_facts
from hevesy.errors import DataError, HevesyError, InputError
from hevesy.model import Grid, Scan, Study
from hevesy.segmentation.centres import CentreMask, voxels_by_centre
from hevesy.units import ml

# Of the administered activity in the image: less in a field of view that is but a part of the body; more is a wrong unit.
LEAST_HELD, SURE_HELD, MOST_HELD = 0.01, 1.2, 2.0

Progress = Callable[[str, float], None]
Volume = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Uptake:
    """An SUV image and its regions.

    Attributes
    ----------
    values : ndarray, shape (z, y, x)   SUV in ``unit``.
    per_ml : float or None              Share of the administered activity in a ml where SUV is 1 [1/ml].
    scale_u : float or None             Relative standard uncertainty that all voxels share.
    regions : dict                      Voxels by name as drawn; ``not_measured`` says why others have none.
    corrections, warnings : tuple of str
    """

    scan: Scan
    values: Volume
    grid: Grid
    unit: str
    normalisation: str
    per_ml: float | None
    scale_u: float | None
    radiopharmaceutical: str
    regions: dict[str, CentreMask]
    not_measured: dict[str, str]
    corrections: tuple[str, ...]
    warnings: tuple[str, ...]


def load_uptake(
    folder: Path, *, stated: Stated | None = None, settings_path: Path | None = None, progress: Progress | None = None
) -> Uptake:
    """Read ``folder``, choose its scan and scale it to SUV.

    Raises
    ------
    InputError
        No scan or several, or what SUV needs is neither in the headers nor stated: the message names tag and option.
    DataError
        Headers that contradict themselves, or an image that is not quantitative.
    """
    stated = stated or Stated()
    settings = load_settings(settings_path)
    study = load(folder, settings, progress=progress)
    others = frozenset(file for ct in study.cts for file in ct.files)
    facts = {each.series_uid: each for each in read_suv_facts(folder, skip=others)}
    stored = [read_stored_suv(folder, each) for each in facts.values() if each.unit in STORED_SUV]
    study = replace(study, scans=(*study.scans, *stored))
    ignored = _refuse_problems(study, facts)
    scan = _chosen(study, stated.scan)
    own = facts.get(scan.series_uid)
    scaled = scaled_to_suv(scan, own, study, settings, stated)
    regions, not_measured = _regions(study, scan)
    remarks = (*scaled.warnings, *scan.remarks, *(own.remarks if own else ()), *private_remarks(own, stated), *ignored)
    values = np.asarray(scaled.values, dtype=np.float32) * scaled.factor.astype(np.float32)
    per_ml = None if scaled.size is None else 1.0 / scaled.size.value
    held, doubt = _held(values, scan.image.grid, per_ml)
    return Uptake(
        scan=scan,
        values=values,
        grid=scan.image.grid,
        unit=scaled.unit,
        normalisation=scaled.size.normalisation.value if scaled.size else stated.normalisation.value,
        per_ml=per_ml,
        scale_u=scale_uncertainty(stated, settings).relative,
        radiopharmaceutical=(own.radiopharmaceutical if own else "") or _pharmaceutical(study),
        regions=regions,
        not_measured=not_measured,
        corrections=(*scaled.corrections, *held),
        warnings=tuple(dict.fromkeys([*doubt, *remarks])),
    )


def _held(values: Volume, grid: Grid, per_ml: float | None) -> tuple[list[str], list[str]]:
    """What share of the administered activity the image holds: it catches a wrong unit of activity, half-life or time.

    Raises
    ------
    DataError
        More than was given.
    """
    if per_ml is None:
        return [], []
    share = float(values.sum(dtype=np.float64)) * per_ml * grid.voxel_volume / ml
    said = f"the image holds {100 * share:.3g} % of the administered activity, decay counted"
    if not share <= MOST_HELD:
        raise DataError(
            f"{said}; that cannot be. Check (0018,1074) Radionuclide Total Dose, (0018,1075) Radionuclide Half Life and the "
            "times of administration and scan; state what is wrong by --activity or --administered."
        )
    if LEAST_HELD <= share <= SURE_HELD:
        return [f"check: {said}"], []
    return [], [f"{said}: check the units of activity and half-life, and the times of administration and scan."]


def _pharmaceutical(study: Study) -> str:
    return study.administrations[0].radiopharmaceutical if study.administrations else ""


def _refuse_problems(study: Study, facts: dict[str, SuvFacts]) -> list[str]:
    """Raise DataError with every problem but those of PET series whose unit is not read elsewhere: these are remarks."""
    units = {file for each in facts.values() for file in each.files if each.unit not in ("BQML", "CNTS", "CPS")}
    readable = {file for each in facts.values() for file in each.files if each.unit in STORED_SUV}
    aside = units if study.scans else readable  # without any scan the reason is what a person needs
    left = [p for p in study.problems if p.where not in aside and not (p.where == "" and study.scans)]
    if left:
        raise DataError("\n".join(p.text if p.where and p.where in p.text else f"{p.where}: {p.text}".strip(": ") for p in left))
    return [f"left aside: {p.text}" for p in study.problems if p.where in units - readable]


def _chosen(study: Study, label: str) -> Scan:
    there = ", ".join(scan.label for scan in study.scans)
    if not study.scans:
        raise InputError(
            "no quantitative PET or SPECT in the folder. Add PT slices, NM RECON TOMO, or NIfTI named in the settings."
        )
    if label:
        hits = [scan for scan in study.scans if label in (scan.label, scan.series_uid)]
        if len(hits) != 1:
            raise InputError(f"--scan {label!r} meets {len(hits)} scans; one is allowed. There are: {there}.")
        return hits[0]
    drawn = [s for s in study.scans if any(belongs(o, s, ct_of(s, study.cts)[0]) for o in study.outlines)]
    candidates = drawn if len(drawn) == 1 else list(study.scans)
    if len(candidates) > 1:
        raise InputError(f"{len(candidates)} scans in the folder: {there}. Choose one by --scan LABEL.")
    return candidates[0]


def _regions(study: Study, scan: Scan) -> tuple[dict[str, CentreMask], dict[str, str]]:
    regions: dict[str, CentreMask] = {}
    failed: dict[str, str] = {}
    ct = ct_of(scan, study.cts)[0]
    for outline in study.outlines:
        if not belongs(outline, scan, ct):
            failed[outline.name] = f"drawn on another scan ({outline.source})"
            continue
        name, number = outline.name, 1
        while name in regions:
            number += 1
            name = f"{outline.name} ({number})"
        try:
            regions[name] = voxels_by_centre(outline, scan.image.grid)
        except HevesyError as error:
            failed[name] = str(error)
    return regions, {name: why for name, why in failed.items() if name not in regions}
