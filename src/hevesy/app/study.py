"""A study as somebody wants it seen: what the folder holds, with the settings laid over it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np

from hevesy.app.noise_file import noise_files
from hevesy.app.settings import ScanSettings, Settings, VolumeSettings
from hevesy.dicom import read_study
from hevesy.dicom.nifti import read_nifti
from hevesy.dicom.volume import cropped
from hevesy.errors import DataError, HevesyError, InputError
from hevesy.model import Administration, DecayCorrection, Grid, Image, Outline, Problem, Quantity, Scan, Study
from hevesy.model.nuclide_name import nuclide_name
from hevesy.nuclides import Nuclide, load_nuclide
from hevesy.units import MBq

Progress = Callable[[str, float], None]

# A header's half-life that is further from ICRP 107 than this is another nuclide's, or garbage.
HALF_LIFE_TOLERANCE = 0.02
UNITS = {"Bq/ml": 1.0, "kBq/ml": 1e3, "MBq/ml": 1e6}
# A CT in another frame of reference belongs to a scan of the same study within this time [s].
SAME_VISIT = 3 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Given:
    """What was given, as far as headers and settings tell, and what is wrong or missing."""

    administration: Administration | None
    nuclide: Nuclide | None
    remarks: tuple[str, ...]
    problems: tuple[Problem, ...]
    missing: tuple[str, ...]


def load(folder: Path, settings: Settings, *, progress: Progress | None = None) -> Study:
    """Read the folder and the volumes that the settings describe, and apply the settings of single scans.

    Raises
    ------
    InputError
        The folder is missing, a `match` meets no scan or several, or a volume lacks what its kind needs.
    """
    volumes = [_volume(folder, volume) for volume in settings.volume]
    noise = {path.relative_to(folder).as_posix() for path in noise_files(folder)}  # not images: counting noise beside one
    study = read_study(folder, progress=progress, ignore=frozenset({v.path for v in settings.volume} | noise))
    scans = [*study.scans, *(v for v in volumes if isinstance(v, Scan) and v.image.quantity is not Quantity.HOUNSFIELD)]
    cts = (*study.cts, *(v for v in volumes if isinstance(v, Scan) and v.image.quantity is Quantity.HOUNSFIELD))
    outlines = (*study.outlines, *(o for v in volumes if isinstance(v, list) for o in v))
    remarks = list(study.remarks)
    for override in settings.scan:
        place = _matching(override, scans)
        if override.use:
            scans[place], said = _overridden(scans[place], override)
            remarks += said
        else:
            remarks.append(f"{scans[place].label}: left out by the settings.")
            del scans[place]
    scans.sort(key=lambda scan: (scan.start is None, scan.start or datetime.max, scan.label))
    problems = study.problems
    if not scans and not problems:
        problems = (
            Problem(text="no quantitative PET or SPECT volume found: PT slices, NM RECON TOMO, or NIfTI named in the settings."),
        )
    return replace(
        study,
        scans=tuple(_labelled(scans)),
        cts=cts,
        outlines=outlines,
        remarks=tuple(remarks),
        problems=problems,
    )


def _labelled(scans: list[Scan]) -> list[Scan]:
    """Two scans of one label get numbers, so that a label names one scan."""
    labels = [scan.label for scan in scans]
    return [
        replace(scan, label=f"{scan.label} ({labels[: i + 1].count(scan.label)})") if labels.count(scan.label) > 1 else scan
        for i, scan in enumerate(scans)
    ]


def _matching(override: ScanSettings, scans: list[Scan]) -> int:
    hits = [i for i, s in enumerate(scans) if override.match in (s.label, s.series_uid) or override.match in s.files]
    if len(hits) != 1:
        there = ", ".join(scan.label for scan in scans) or "none"
        raise InputError(
            f"settings, scan.match = {override.match!r} meets {len(hits)} scans; one is allowed. There are: {there}."
        )
    return hits[0]


def _overridden(scan: Scan, given: ScanSettings) -> tuple[Scan, list[str]]:
    said = []
    changes: dict[str, object] = {}
    if given.start is not None and given.start.replace(tzinfo=None) != scan.start:
        changes["start"] = given.start.replace(tzinfo=None)
        said.append(
            f"start from the settings, {given.start:%Y-%m-%d %H:%M:%S}"
            + (f"; the header says {scan.start:%Y-%m-%d %H:%M:%S}" if scan.start else "")
        )
    if given.duration_s is not None and given.duration_s != scan.duration:
        changes["duration"] = given.duration_s
        said.append(
            f"duration from the settings, {given.duration_s:g} s"
            + (f"; the header says {scan.duration:g} s" if scan.duration else "")
        )
    if given.decay_correction is not None and given.decay_correction != scan.correction:
        changes |= {
            "correction": DecayCorrection(given.decay_correction),
            "correction_time": None,
            "decay_factor": None,
        }
        said.append(
            f"decay correction from the settings, {given.decay_correction}; the header says {scan.correction or 'nothing'}"
        )
    if given.cps_per_MBq is not None:
        changes["calibration_factor"] = given.cps_per_MBq
        said.append(f"calibration factor from the settings, {given.cps_per_MBq:g} cps/MBq")
    if given.dead_time_factor is not None:
        changes["dead_time_factor"] = given.dead_time_factor
        said.append(f"dead-time factor from the settings, {given.dead_time_factor:g}")
    return replace(scan, **changes), [f"{scan.label}: {text}." for text in said]  # type: ignore[arg-type]


def _volume(folder: Path, given: VolumeSettings) -> Scan | list[Outline]:
    """A NIfTI file as what the settings say it is."""
    path = folder / given.path
    if not path.is_file():
        raise InputError(f"settings, volume.path = {given.path!r}: no such file in the study folder.")
    values, grid = read_nifti(path, frame_of_reference=f"visit:{given.visit}")
    if given.kind == "labels":
        return _label_outlines(values, given, grid.affine)
    if given.kind == "ct":
        return Scan(
            label=given.path,
            modality="NIfTI CT",
            image=Image(values=values, grid=grid, quantity=Quantity.HOUNSFIELD),
            series_uid=given.path,
            files=(given.path,),
            first_file=given.path,
        )
    if given.start is None or given.decay_correction is None:
        raise InputError(
            f"settings, volume {given.path}: kind {given.kind!r} needs start and decay_correction; NIfTI does not hold them."
        )
    quantity = Quantity.ACTIVITY_CONCENTRATION if given.kind == "activity" else Quantity.COUNTS
    if given.kind == "activity" and given.unit != "Bq/ml":
        values = values * np.float32(UNITS[given.unit])
    return Scan(
        label=given.path,
        modality="NIfTI",
        image=Image(values=values, grid=grid, quantity=quantity),
        series_uid=given.path,
        start=given.start.replace(tzinfo=None),
        duration=given.duration_s,
        correction=DecayCorrection(given.decay_correction),
        files=(given.path,),
        first_file=given.path,
    )


def _label_outlines(values: np.ndarray, given: VolumeSettings, affine: np.ndarray) -> list[Outline]:
    numbers = np.unique(values)
    if np.any(numbers != np.round(numbers)):
        raise DataError(f"{given.path}: a label map holds whole numbers; got {numbers[numbers != np.round(numbers)][0]:g}.")
    frame = f"visit:{given.visit}"
    outlines = []
    for number in (int(n) for n in numbers if n != 0):
        name = given.labels.get(str(number), f"label {number}")
        mask, grid = cropped(values == number, Grid(shape=values.shape, affine=affine, frame_of_reference=frame))
        outlines.append(Outline(name=name, frame_of_reference=frame, mask=mask, grid=grid, source=f"{given.path} (label map)"))
    absent = sorted(set(given.labels) - {str(int(n)) for n in numbers})
    if absent:
        raise InputError(f"settings, volume {given.path}: label {', '.join(absent)} is named but not in the file.")
    return outlines


def given(study: Study, settings: Settings) -> Given:
    """Administration and nuclide: the settings win over the header, and a remark says so."""
    remarks: list[str] = []
    problems: list[Problem] = []
    header = study.administrations[0] if study.administrations else None
    wanted = settings.administration
    complete = wanted.activity_MBq is not None and wanted.time is not None
    if len(study.administrations) > 1 and not complete:
        listed = "; ".join(f"{a.nuclide} {a.activity / MBq:.1f} MBq at {a.time:%Y-%m-%d %H:%M}" for a in study.administrations)
        problems.append(
            Problem(
                text=f"(0054,0016) Radiopharmaceutical Information: the scans name {len(study.administrations)} "
                f"administrations ({listed}). "
                "State [administration] activity_MBq and time in the settings, and leave scans of another one out.",
                where=_first_files(study),
            )
        )
    names = {a.nuclide for a in study.administrations}
    if len(names) > 1 and settings.nuclide is None:
        problems.append(
            Problem(
                text=f"(0054,0300) Radionuclide Code: contradictory nuclides {', '.join(sorted(names))} in one "
                "study. State nuclide in the settings.",
                where=_first_files(study),
            )
        )
    name = nuclide_name(settings.nuclide) if settings.nuclide else (header.nuclide if header else None)
    if settings.nuclide and header and name != header.nuclide:
        remarks.append(f"nuclide from the settings, {name}; the header says {header.nuclide}.")
    nuclide = None
    try:
        nuclide = None if name is None else load_nuclide(name)
    except HevesyError as error:
        problems.append(Problem(text=str(error), where=_first_files(study)))
    if nuclide is not None:
        problems += _half_lives(study, nuclide)
    administration, missing = _merged(header, settings, name, nuclide, remarks)
    return Given(
        administration=administration,
        nuclide=nuclide,
        remarks=tuple(remarks),
        problems=tuple(problems),
        missing=tuple(missing),
    )


def _first_files(study: Study) -> str:
    return ", ".join(dict.fromkeys(scan.first_file for scan in study.scans if scan.first_file))


def _half_lives(study: Study, nuclide: Nuclide) -> list[Problem]:
    return [
        Problem(
            text=f"(0018,1075) Radionuclide Half Life is {scan.half_life:g} s, {nuclide.name} has "
            f"{nuclide.half_life:g} s: contradictory "
            "nuclides. Correct the header, or leave the scan out in the settings.",
            where=scan.first_file or scan.label,
        )
        for scan in study.scans
        if scan.half_life and abs(scan.half_life / nuclide.half_life - 1) > HALF_LIFE_TOLERANCE
    ]


def _merged(
    header: Administration | None,
    settings: Settings,
    name: str | None,
    nuclide: Nuclide | None,
    remarks: list[str],
) -> tuple[Administration | None, list[str]]:
    s = settings.administration
    activity = s.activity_MBq * MBq if s.activity_MBq is not None else (header.activity if header else None)
    time = s.time.replace(tzinfo=None) if s.time is not None else (header.time if header else None)
    parts = {
        "activity": (s.activity_MBq, activity),
        "time": (s.time, time),
        "nuclide": (settings.nuclide, name),
    }
    missing = [what for what, (_, value) in parts.items() if value is None]
    if header and s.activity_MBq is not None and abs(s.activity_MBq * MBq / header.activity - 1) > 1e-6:
        remarks.append(
            f"administered activity from the settings, {s.activity_MBq:g} MBq; the header says {header.activity / MBq:.2f} MBq."
        )
    if header and time is not None and s.time is not None and abs((time - header.time).total_seconds()) > 0.5:
        remarks.append(
            f"time of administration from the settings, {time:%Y-%m-%d %H:%M:%S}; the header says "
            f"{header.time:%Y-%m-%d %H:%M:%S}."
        )
    if missing or activity is None or time is None or name is None:
        return None, missing
    residual = (s.residual_MBq or 0.0) * MBq
    if residual and s.residual_time is not None and nuclide is not None:
        elapsed = (s.residual_time.replace(tzinfo=None) - time).total_seconds()
        residual *= float(np.exp(nuclide.decay_constant * elapsed))
    if residual:
        remarks.append(
            f"residual of {residual / MBq:.2f} MBq (at the administration) from the settings is subtracted from "
            f"{activity / MBq:.2f} MBq."
        )
    if residual >= activity:
        raise InputError(f"residual {residual / MBq:g} MBq is not below the activity {activity / MBq:g} MBq. Check both units.")
    same = {
        "activity": header and abs(activity / header.activity - 1) < 1e-6,
        "time": header and time == header.time,
        "nuclide": header and name == header.nuclide,
    }
    from_settings = [what for what, (stated, _) in parts.items() if stated is not None and not same[what]]
    source = (
        "header"
        if not from_settings
        else ("settings" if len(from_settings) == 3 else f"header; {', '.join(from_settings)} from settings")
    )
    if residual:
        source += "; residual from settings" if source != "settings" else ""
    return Administration(
        nuclide=name,
        activity=activity - residual,
        time=time,
        radiopharmaceutical=s.radiopharmaceutical or (header.radiopharmaceutical if header else ""),
        residual=residual,
        source=source,
    ), []


def ct_of(scan: Scan, cts: tuple[Scan, ...]) -> tuple[Scan | None, str]:
    """The CT of a scan's visit, and a remark where its frame of reference is another one."""
    frame = scan.image.grid.frame_of_reference
    same = [ct for ct in cts if frame and ct.image.grid.frame_of_reference == frame]
    if same:
        return max(same, key=lambda ct: ct.image.values.size), ""
    near = [
        ct
        for ct in cts
        if scan.study_uid and ct.study_uid == scan.study_uid and scan.start and ct.start
        and abs((ct.start - scan.start).total_seconds()) < SAME_VISIT
    ]  # fmt: skip
    if len(near) == 1:
        return (
            near[0],
            f"{scan.label}: its CT {near[0].label} has another (0020,0052) Frame of Reference UID; taken as "
            "aligned, as both are of one visit.",
        )
    return None, ""


def belongs(outline: Outline, scan: Scan, ct: Scan | None) -> bool:
    """Whether a region was drawn on this scan or its CT."""
    frames = {each.image.grid.frame_of_reference for each in (scan, ct) if each is not None} - {""}
    series = {each.series_uid for each in (scan, ct) if each is not None} - {""}
    return outline.frame_of_reference in frames or (bool(outline.series_uid) and outline.series_uid in series)
