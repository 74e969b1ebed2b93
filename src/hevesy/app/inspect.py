"""Use case: say what a folder holds and what dosimetry would still need."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hevesy import __version__
from hevesy.anatomy import standard_name
from hevesy.app.points import Reading, decay_words, doubled, readings, unplaced
from hevesy.app.settings import Settings, load_settings
from hevesy.app.study import Given, given, load
from hevesy.errors import InputError
from hevesy.model import Outline, Problem, Study
from hevesy.quantify import total_activity
from hevesy.units import MBq, h, kg

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """A study, read and judged."""

    study: Study
    known: Given
    readings: tuple[Reading, ...]
    problems: tuple[Problem, ...]
    missing: tuple[dict[str, Any], ...]
    settings: Settings


def inspect(folder: Path, *, settings_path: Path | None = None, progress: Progress | None = None) -> Inspection:
    """Read ``folder``; nothing is written."""
    settings = load_settings(settings_path)
    study = load(folder, settings, progress=progress)
    known = given(study, settings)
    made = readings(study, known, settings)
    problems = (*study.problems, *known.problems, *(p for r in made for p in r.problems), *unplaced(study), *doubled(study))
    return Inspection(
        study=study,
        known=known,
        readings=made,
        problems=problems,
        missing=tuple(_missing(study, known, made)),
        settings=settings,
    )


def _missing(study: Study, known: Given, made: tuple[Reading, ...]) -> list[dict[str, Any]]:
    """What dosimetry needs or would be better with, the consequence, and what to do."""
    out: list[dict[str, Any]] = []

    def lacks(what: str, consequence: str, do: str, *, needed: bool) -> None:
        out.append({"what": what, "consequence": consequence, "do": do, "needed": needed})

    if not study.scans:
        lacks(
            "quantitative emission scans",
            "no dosimetry",
            "add PT slices, NM RECON TOMO or NIfTI volumes",
            needed=True,
        )
    for what in known.missing:
        key = {
            "activity": "administration.activity_MBq",
            "time": "administration.time",
            "nuclide": "nuclide",
        }[what]
        lacks(f"{what} of the administration", "no dosimetry", f"state {key} in the settings", needed=True)
    if not study.outlines:
        lacks("regions", "no dosimetry", "add organs and lesions as RTSTRUCT, SEG or label map", needed=True)
    if study.scans and not study.cts:
        lacks(
            "CT",
            "mass density is assumed to be 1.04 g/ml everywhere",
            "add the CT of the SPECT/CT or PET/CT",
            needed=False,
        )
    elif any(r.ct is None for r in made):
        without = ", ".join(r.scan.label for r in made if r.ct is None)
        lacks(f"CT of {without}", "registered by its emission image", "add the CT of that visit", needed=False)
    for tag, name in (("ATTN", "attenuation"), ("SCAT", "scatter")):
        labels = [s.label for s in study.scans if s.corrections and tag not in s.corrections]
        if labels:
            where = ", ".join(labels)
            lacks(f"{name} correction of {where}", "activities are not quantitative", "reconstruct with it", needed=False)
    times = sorted(r.time for r in made if r.time is not None and r.time >= 0)
    if study.scans and len(times) < 3:
        lacks(
            f"time points: {len(times)} of at least 3",
            "a curve through so few points cannot be checked, and its integral rests on the model",
            "add the later scans",
            needed=False,
        )
    elif times and known.nuclide is not None and times[-1] < 0.5 * known.nuclide.half_life:
        lacks(
            f"a late time point: the last scan is at {times[-1] / h:.0f} h",
            "much of the integral is extrapolated",
            f"scan later than {0.5 * known.nuclide.half_life / h:.0f} h (half of the physical half-life)",
            needed=False,
        )
    return out


def as_dict(found: Inspection) -> dict[str, Any]:
    """The inspection, JSON-ready; units in the keys."""
    study, known = found.study, found.known
    a = known.administration
    return {
        "schema": "hevesy-inspection/1",
        "hevesy": __version__,
        "folder": study.folder,
        "patient": {
            "id": study.patient.id,
            "sex": study.patient.sex,
            "age_years": study.patient.age_years,
            "weight_kg": None if study.patient.weight is None else study.patient.weight / kg,
            "height_m": None if study.patient.height is None else study.patient.height / 1000.0,
        },
        "nuclide": None if known.nuclide is None else {"name": known.nuclide.name, "half_life_h": known.nuclide.half_life / h},
        "administration": None
        if a is None
        else {
            "nuclide": a.nuclide,
            "activity_MBq": a.activity / MBq,
            "time": a.time.isoformat(),
            "residual_MBq": a.residual / MBq,
            "radiopharmaceutical": a.radiopharmaceutical,
            "source": a.source,
        },
        "administrations": [
            {
                "nuclide": x.nuclide,
                "activity_MBq": x.activity / MBq,
                "time": x.time.isoformat(),
                "source": x.source,
            }
            for x in study.administrations
        ],
        "scans": [_scan(r, study) for r in found.readings],
        "cts": [{"label": ct.label, "start": ct.start.isoformat() if ct.start else None, **_grid(ct.image)} for ct in study.cts],
        "regions": [_region(o) for o in study.outlines],
        "missing": list(found.missing),
        "problems": [{"where": p.where, "text": p.text} for p in found.problems],
        "remarks": [*study.remarks, *known.remarks, *(text for r in found.readings for text in r.remarks)],
        "other": list(study.other),
        "ready_for_dosimetry": not found.problems and not any(m["needed"] for m in found.missing),
    }


def _scan(reading: Reading, study: Study) -> dict[str, Any]:
    scan = reading.scan
    return {
        "label": scan.label,
        "modality": scan.modality,
        "time_h": None if reading.time is None else reading.time / h,
        "total_activity_MBq": None if reading.activity is None else total_activity(reading.activity) / MBq,
        "start": scan.start.isoformat() if scan.start else None,
        "duration_s": scan.duration,
        "stored_as": scan.image.quantity.value,
        "decay_correction": decay_words(scan),
        "decay_to_start": None if reading.step is None else reading.step.text,
        "corrections": list(scan.corrections),
        "ct": None if reading.ct is None else reading.ct.label,
        "regions": [] if reading.point is None else [o.name for o in reading.point.outlines],
        "manufacturer": scan.manufacturer,
        "description": scan.description,
        "series_uid": scan.series_uid,
        "files": len(scan.files),
        **_grid(scan.image),
    }


def _grid(image: Any) -> dict[str, Any]:
    return {"shape_zyx": list(image.grid.shape), "spacing_mm": [round(x, 5) for x in image.grid.spacing]}


def _region(outline: Outline) -> dict[str, Any]:
    known = standard_name(outline.name)
    return {
        "name": outline.name,
        "standard_name": "" if known is None else known.name,
        "kind": "other" if known is None else known.kind,
        "drawn_as": "contours" if outline.contours else "mask",
        "source": outline.source,
    }


def settings_text(found: Inspection) -> str:
    """A settings file in TOML: what was found filled in, what is missing marked MISSING, what is optional commented out."""
    a, known = found.known.administration, found.known
    header = found.study.administrations[0] if found.study.administrations else None
    lines = [
        "# Settings for `hevesy dose STUDY --settings FILE`. What stands here wins over the headers, and the report says so.",
        "# Lines that begin with # are not in force. MISSING marks what dosimetry needs and no header says.",
        "",
        _line("nuclide", known.nuclide.name if known.nuclide else None, "for example Lu-177", needed=True),
        "",
        "[administration]",
        _line(
            "activity_MBq",
            a.activity / MBq if a else (header.activity / MBq if header else None),
            "in the syringe",
            needed=True,
        ),
        _line(
            "time",
            a.time if a else (header.time if header else None),
            "start, local time of the scanner",
            needed=True,
        ),
        _line("residual_MBq", None, "left in syringe and line; subtracted"),
        _line("residual_time", None, "when the residual was measured"),
        "",
        "[calibration]",
        _line(
            "cps_per_MBq",
            None,
            "for images in counts",
            needed=any(r.scan.image.quantity.value == "counts" for r in found.readings),
        ),
        _line("u_percent", None, "relative standard uncertainty, common to all scans; 5 is assumed"),
        "",
        "[dosimetry]",
        _line("engine", "montecarlo", "or kernel, local"),
        _line("uncertainty_percent", 0.5, "statistical u of each region's mean dose at which Monte Carlo stops"),
        _line("registration", "rigid", "or none"),
        _line("model", "auto", "or mono, bi, uptake, bi-uptake, tri"),
        _line("reference", None, "label of the reference scan"),
        _line(
            "partial_volume",
            "none",
            "or yang: correct the images for their resolution, which needs resolution_mm",
        ),
        _line("resolution_mm", None, "FWHM of the emission images; 10 is assumed"),
        _line("point_u_percent", None, "u that differs from scan to scan; 3 is assumed"),
        _line("registration_u_mm", None, "u of a region's place on a scan it was not drawn on; 2 is assumed"),
        _line("boundary_u_mm", None, "u of the place of a drawn boundary; computed from voxel size"),
        _line("density_u_percent", None, "u of mass density; 2 with CT, 5 without is assumed"),
        _line("density_without_ct_g_per_ml", None, "1.04 is assumed", needed=False),
    ]
    for reading in found.readings:
        lines += _scan_lines(reading)
    for name in dict.fromkeys(o.name for o in found.study.outlines):
        lines += ["", f"[regions.{_quoted(name)}]", _line("model", "auto", "or mono, bi, uptake, bi-uptake, tri")]
    return "\n".join(lines) + "\n"


def save_settings(found: Inspection, path: Path, *, overwrite: bool = False) -> Path:
    """Write `settings_text` to ``path``, whole or not at all.

    Raises
    ------
    InputError
        The file exists and is not to be overwritten: somebody may have worked on it.
    """
    if path.exists() and not overwrite:
        raise InputError(f"{path}: exists; it may hold somebody's work. Give another name, or --force.")
    part = path.with_name(f".part-{path.name}")
    try:
        part.write_text(settings_text(found), "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _scan_lines(reading: Reading) -> list[str]:
    scan = reading.scan
    total = "" if reading.activity is None else f"; {total_activity(reading.activity) / MBq:.2f} MBq in view at its start"
    when = "" if reading.time is None else f", {reading.time / h:.4f} h after the administration"
    return [
        "",
        f"[[scan]]  # {scan.modality}{when}{total}",
        _line("match", scan.series_uid or scan.label, scan.label),
        _line("use", True, "false leaves it out"),
        _line("start", scan.start, "of the acquisition", needed=True),
        _line("duration_s", scan.duration, "time the scan took"),
        _line(
            "decay_correction",
            scan.correction.value if scan.correction else None,
            "START, ADMIN or NONE",
            needed=True,
        )
        if scan.correction is None
        else f"# decay_correction = {_quoted(scan.correction.value)}  # as the header says: START, ADMIN or NONE",
        _line("cps_per_MBq", None, "calibration factor of this scan"),
        _line("dead_time_factor", None, "true by observed count rate"),
    ]


def _quoted(text: str) -> str:
    """``text`` as a basic string of TOML, which escapes as JSON does, and the delete character too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _line(key: str, value: object, comment: str, *, needed: bool = False) -> str:
    comment = "".join(c if c.isprintable() else " " for c in comment)
    if value is None:
        return f"# {key} =   # {'MISSING: ' if needed else ''}{comment}"
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float):
        text = repr(round(value, 9))
    elif isinstance(value, str):
        text = _quoted(value)
    else:
        text = value.isoformat()  # type: ignore[attr-defined]
    return f"{key} = {text}  # {comment}"
