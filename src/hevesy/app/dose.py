"""Use case: the main job, from a folder of scans to a dose report."""

import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.app.counting_noise import with_noise
from hevesy.app.inspect import Inspection, inspect
from hevesy.app.provenance import provenance
from hevesy.app.settings import Settings, choices
from hevesy.errors import DataError, InputError
from hevesy.model import DoseResult, Image, Remark, Truth
from hevesy.model.result import Level
from hevesy.protocols import Choices, DosimetryCase
from hevesy.protocols import run as run_protocol

Progress = Callable[[str, float], None]

OUTPUTS = {"doses.csv", "report.html", "report.pdf", "dose.dcm", "dose.nii.gz", "tia.nii.gz", "voxel_fit.nii.gz"}
RESULT = "result.json"  # last to be put in place: where it stands, all the others are whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseOutcome:
    """A result, the files that hold it, and where the time went [s]."""

    result: DoseResult
    files: tuple[Path, ...]
    timings: dict[str, float]


def _quiet(_: str, __: float) -> None:
    pass


def run(
    study: Path,
    out: Path,
    *,
    settings_path: Path | None = None,
    engine: str | None = None,
    registration: str | None = None,
    model: str | None = None,
    truths: dict[str, Truth] | None = None,
    remarks: tuple[str, ...] = (),
    progress: Progress = _quiet,
) -> DoseOutcome:
    """Read ``study``, compute, and write report, tables and dose map to ``out``.

    Nothing is written unless all was computed, and files appear in ``out`` only when all of them are whole.

    Parameters
    ----------
    truths : dict or None               Known truth by region, for a virtual patient; set beside each result.
    remarks : tuple of str              More notes for the report: what its files do not say of the images.

    Raises
    ------
    DataError
        The study cannot be used; the message lists every problem and everything that is missing.
    InputError
        The output folder is the study itself, or a file.
    """
    _check_out(study, out)
    timings: dict[str, float] = {}
    since = time.perf_counter()
    found = inspect(study, settings_path=settings_path, progress=progress)
    timings["reading"] = time.perf_counter() - since
    _require(found)
    chosen = choices(found.settings, engine=engine, registration=registration, model=model)
    case = with_noise(_case(found, chosen, synthetic=truths is not None), found.study.scans, study)
    nuclide = found.known.nuclide
    if nuclide is None:  # _require has seen to it
        raise DataError("the nuclide is not known. State nuclide in the settings.")
    result = run_protocol(
        case,
        provenance=provenance(found.study, nuclide, _parameters(found.settings, chosen, settings_path)),
        title=f"{nuclide.name} dosimetry",
        progress=progress,
        timings=timings,
    )
    result = _with_remarks(result, found, remarks)
    if truths:
        result = _with_truth(result, truths)
    since = time.perf_counter()
    files = _write(result, found, study, out, progress)
    timings["report and files"] = time.perf_counter() - since
    return DoseOutcome(result=result, files=files, timings=timings)


def _check_out(study: Path, out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file; the output needs a folder.")
    if study.resolve() == out.resolve():
        raise InputError(f"{out}: is the study folder itself; give another one, so that results are not read as scans.")


def _require(found: Inspection) -> None:
    """Everything that stops dosimetry, at once."""
    lines = [p.text if not p.where or p.where in p.text else f"{p.where}: {p.text}" for p in found.problems]
    lines += [f"missing: {m['what']}; {m['do']}." for m in found.missing if m["needed"]]
    if lines:
        raise DataError("\n".join(dict.fromkeys(lines)))


def _case(found: Inspection, chosen: Choices, *, synthetic: bool) -> DosimetryCase:
    points = tuple(r.point for r in found.readings if r.point is not None)
    if found.known.administration is None:  # _require has seen to it
        raise DataError("the administration is not known. State [administration] in the settings.")
    points = tuple(sorted(points, key=lambda point: point.time))
    return DosimetryCase(
        patient=found.study.patient,
        administration=found.known.administration,
        points=points,
        choices=chosen,
        synthetic=synthetic,
    )


def _parameters(settings: Settings, chosen: Choices, path: Path | None) -> dict[str, str]:
    """Every setting with its value; settings that were stated say so."""
    out = {"settings file": path.name if path is not None else "none"}
    for name in Choices.__dataclass_fields__:
        value = getattr(chosen, name)
        out[name] = "not stated" if value is None or value in ("", {}) else str(value)
    for key, value in settings.model_dump(exclude_unset=True, mode="json").items():
        out[f"settings: {key}"] = str(value)
    return out


def _with_remarks(result: DoseResult, found: Inspection, more: tuple[str, ...]) -> DoseResult:
    """What reading had to say, and what is missing with its consequence."""
    remarks = [Remark(level=Level.WARNING, text=f"missing: {m['what']}. Consequence: {m['consequence']}.") for m in found.missing]
    texts = (
        *more,
        *found.study.remarks,
        *found.known.remarks,
        *(text for r in found.readings for text in r.remarks),
    )
    remarks += [Remark(level=Level.NOTE, text=text) for text in dict.fromkeys(texts)]
    remarks += [Remark(level=Level.NOTE, text=f"not used: {line}") for line in found.study.other]
    if _reference_file(result, found, Path(found.study.folder)) is None:
        text = (
            "no dose.dcm: the reference scan has no (0020,0052) Frame of Reference UID (NIfTI has none); dose.nii.gz has the map."
        )
        remarks.append(Remark(level=Level.NOTE, text=text))
    return replace(result, remarks=(*result.remarks, *remarks))


def _with_truth(result: DoseResult, truths: dict[str, Truth]) -> DoseResult:
    return replace(result, regions=tuple(replace(r, truth=truths.get(r.name)) for r in result.regions))


def _write(result: DoseResult, found: Inspection, study: Path, out: Path, progress: Progress) -> tuple[Path, ...]:
    """All files to a folder beside the final ones, then into place, `result.json` last."""
    from hevesy.dicom.nifti import write_nifti
    from hevesy.dicom.write_rtdose import DoseHeader, write_rtdose
    from hevesy.reports import write_reports

    out.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=out))
    try:
        progress("writing dose map", 0.0)
        write_nifti(part / "dose.nii.gz", result.pictures.dose)
        write_nifti(part / "tia.nii.gz", result.pictures.time_integrated_activity, u=result.pictures.tia_u)
        if result.pictures.voxel_status is not None:
            said = "Hevesy: 1 fitted 2 held at decay 3 region's shape 4 no activity 5 failed 0 none"
            write_nifti(part / "voxel_fit.nii.gz", result.pictures.voxel_status, holds=said)
        template = _reference_file(result, found, study)
        if template is not None:
            header = DoseHeader(
                created=datetime.now(),
                comment=f"Hevesy {result.provenance.hevesy}, engine {result.engine}",
                description=f"{result.title}, absorbed dose",
                density_from_image=result.pictures.ct is not None,
            )
            write_rtdose(part / "dose.dcm", _not_negative(result.pictures.dose), reference_file=template, header=header)
        write_reports(result, part, progress=lambda text: progress(text, 0.5))
        (out / RESULT).unlink(missing_ok=True)
        made = sorted(path for path in part.iterdir() if path.name != RESULT)
        for stale in OUTPUTS - {path.name for path in made}:
            (out / stale).unlink(missing_ok=True)
        for path in (*made, part / RESULT):
            path.replace(out / path.name)
        return tuple(out / path.name for path in (part / RESULT, *made))
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _not_negative(dose: Image) -> Image:
    """RTDOSE holds no negative values: noise below zero is zero there, and stays in dose.nii.gz."""
    if float(dose.values.min()) >= 0:
        return dose
    return Image(values=np.maximum(dose.values, 0), grid=dose.grid, quantity=dose.quantity)


def _reference_file(result: DoseResult, found: Inspection, study: Path) -> Path | None:
    """A DICOM file of the visit on which the dose map lies: its CT, else its emission scan; None where none tells a frame."""
    label = result.scans[result.reference_scan].label
    reading = next(r for r in found.readings if r.scan.label == label)
    for scan in (reading.ct, reading.scan):
        if scan is not None and scan.modality in ("CT", "PT", "NM") and scan.files and scan.image.grid.frame_of_reference:
            return study / scan.files[0]
    return None


def as_dict(outcome: DoseOutcome) -> dict[str, Any]:
    """The result, JSON-ready, with files and timings."""
    from hevesy.reports import result_as_dict

    return {
        **result_as_dict(outcome.result),
        "files": [str(path) for path in outcome.files],
        "timings_s": {name: round(seconds, 3) for name, seconds in outcome.timings.items()},
    }
