"""Scans of a study as time points: calibrated, brought to their start, with the CT and the regions of their visit."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from hevesy.app.settings import Settings
from hevesy.app.study import Given, belongs, ct_of
from hevesy.errors import DataError, HevesyError
from hevesy.model import DecayCorrection, Image, Problem, Quantity, Scan, Study
from hevesy.protocols import TimePoint
from hevesy.quantify import DecayStep, activity_from_counts, to_scan_start, total_activity
from hevesy.units import h


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A scan with what could be made of it; ``point`` is None where a problem says why."""

    scan: Scan
    ct: Scan | None
    time: float | None
    activity: Image | None
    step: DecayStep | None
    point: TimePoint | None
    remarks: tuple[str, ...]
    problems: tuple[Problem, ...]


def readings(study: Study, known: Given, settings: Settings) -> tuple[Reading, ...]:
    """Every scan of the study, as far as it can be taken."""
    return tuple(_reading(scan, study, known, settings) for scan in study.scans)


def unplaced(study: Study) -> tuple[Problem, ...]:
    """Regions that belong to no scan: they would be dropped, so they are a problem."""
    pairs = [(scan, ct_of(scan, study.cts)[0]) for scan in study.scans]
    homeless: dict[str, list[str]] = {}
    for outline in study.outlines:
        if not any(belongs(outline, scan, ct) for scan, ct in pairs):
            homeless.setdefault(outline.source, []).append(outline.name)
    return tuple(
        Problem(
            text=f"region{'s' if len(names) > 1 else ''} {', '.join(names)}: drawn in a (0020,0052) Frame of Reference that no "
            "scan and no CT of a scan has. Export the series it was drawn on too, or the regions on a scan of this folder.",
            where=source,
        )
        for source, names in homeless.items()
    )


def doubled(study: Study) -> tuple[Problem, ...]:
    """Scans that start together: reconstructions of one acquisition, which must not count as two measurements."""
    starts: dict[datetime, list[Scan]] = {}
    for scan in study.scans:
        if scan.start is not None:
            starts.setdefault(scan.start.replace(microsecond=0), []).append(scan)
    return tuple(
        Problem(
            text=f"{', '.join(scan.label for scan in same)}: {len(same)} scans start together, at (0008,0032) Acquisition Time "
            f"{start:%Y-%m-%d %H:%M:%S}. Two reconstructions of one acquisition are one measurement: leave all but one out with "
            "use = false under [[scan]] in the settings.",
            where=same[0].first_file or same[0].label,
        )
        for start, same in starts.items()
        if len(same) > 1
    )


def _reading(scan: Scan, study: Study, known: Given, settings: Settings) -> Reading:
    ct, ct_remark = ct_of(scan, study.cts)
    remarks = [ct_remark] if ct_remark else []
    administered = known.administration.time if known.administration else None
    where = scan.first_file or scan.label
    time, problem = _time(scan, administered)
    problems = [Problem(text=problem, where=where)] if problem else []
    activity, step, point = None, None, None
    if known.nuclide is not None and scan.start is not None:
        try:
            calibrated = _calibrated(scan, settings, remarks)
            step = to_scan_start(scan, administered=administered, decay_constant=known.nuclide.decay_constant)
            activity = _at_start(calibrated, step)
            remarks += [f"{scan.label}: {text}" for text in step.remarks]
            if total_activity(activity) <= 0:
                raise DataError(
                    f"{scan.label}: holds no activity at all. Export it again, or leave it out by use = false in the settings."
                )
        except HevesyError as error:
            problems.append(Problem(text=str(error), where=where))
    if activity is not None and step is not None and time is not None and not problems:
        point = _point(scan, activity, step, time, ct=ct, study=study)
    return Reading(
        scan=scan, ct=ct, time=time, activity=activity, step=step, point=point, remarks=tuple(remarks), problems=tuple(problems)
    )


def _time(scan: Scan, administered: datetime | None) -> tuple[float | None, str]:
    """Start of the scan after the administration [s], and what is wrong with it."""
    if scan.start is None:
        return None, f"{scan.label}: (0008,0032) Acquisition Time is missing. State start for it in the settings."
    if administered is None:
        return None, ""
    time = (scan.start - administered).total_seconds()
    if time >= 0:
        return time, ""
    return time, (
        f"{scan.label}: starts {-time / h:.3f} h before the administration ((0008,0032) Acquisition Time "
        f"{scan.start:%Y-%m-%d %H:%M:%S}, (0018,1078) Radiopharmaceutical Start {administered:%Y-%m-%d %H:%M:%S}). "
        "Correct the times in the settings, or leave the scan out."
    )


def _point(scan: Scan, activity: Image, step: DecayStep, time: float, *, ct: Scan | None, study: Study) -> TimePoint:
    return TimePoint(
        label=scan.label,
        modality=scan.modality,
        image=activity,
        time=time,
        ct=None if ct is None else ct.image,
        outlines=tuple(o for o in study.outlines if belongs(o, scan, ct)),
        duration=scan.duration,
        stored_to_start=float(np.mean(step.factor)),
        correction=step.text,
        corrections=scan.corrections,
        series_uid=scan.series_uid,
    )


def _calibrated(scan: Scan, settings: Settings, remarks: list[str]) -> Image:
    """Bq/ml as stored, or made from counts by the factor of the settings."""
    if scan.image.quantity is Quantity.ACTIVITY_CONCENTRATION:
        if scan.calibration_factor is not None or scan.dead_time_factor != 1.0:
            remarks.append(f"{scan.label}: cps_per_MBq and dead_time_factor have no effect, since it is stored in Bq/ml.")
        return scan.image
    factor = scan.calibration_factor or settings.calibration.cps_per_MBq
    if factor is None:
        raise DataError(
            f"{scan.label}: holds counts (no (0040,9096) Real World Value Mapping, (0054,1001) Units not BQML). State "
            "[calibration] cps_per_MBq in the settings."
        )
    if scan.duration is None:
        raise DataError(f"{scan.label}: (0018,1242) Actual Frame Duration is missing. State duration_s for it in the settings.")
    text = f"counts turned into activity with {factor:g} cps/MBq over {scan.duration:g} s"
    if scan.dead_time_factor != 1.0:
        text += f" and a dead-time factor of {scan.dead_time_factor:g}"
    remarks.append(f"{scan.label}: {text} (settings).")
    return activity_from_counts(
        scan.image, calibration_factor=factor, duration=scan.duration, dead_time_factor=scan.dead_time_factor
    )


def _at_start(image: Image, step: DecayStep) -> Image:
    factor = step.factor.astype(np.float32)
    if factor.ndim == 0 and float(step.factor) == 1.0:
        return image
    values = image.values * (factor if factor.ndim == 0 else factor[:, None, None])
    return Image(values=values, grid=image.grid, quantity=image.quantity)


def decay_words(scan: Scan) -> str:
    """(0054,1102) for a table."""
    if scan.correction is None:
        return "unknown"
    return scan.correction.value if scan.correction is not DecayCorrection.NONE or scan.correction_time is None else "(0018,9701)"
