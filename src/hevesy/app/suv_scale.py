"""From stored values to SUV by what headers, settings and a person say; every step is put into words."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.app.points import readings
from hevesy.app.settings import Settings
from hevesy.app.study import given
from hevesy.dicom.suv_factors import STORED_SUV, SuvFacts
from hevesy.errors import DataError, InputError
from hevesy.model import DecayCorrection, Patient, Quantity, Scan, Study
from hevesy.nuclides import load_nuclide
from hevesy.quantify import to_scan_start
from hevesy.quantify.body_size import BodySize, Normalisation, body_size
from hevesy.quantify.suv import ScaleUncertainty, decayed_activity, suv_factor
from hevesy.quantify.suv_reference import ScanClock, reference_time
from hevesy.quantify.uptake import Noise
from hevesy.units import MBq, h, kg

Volume = npt.NDArray[Any]

# (0054,1006) SUV Type of stored SUV, and the normalisation it means; LBM is James in its first form.
SUV_TYPES = {
    "": Normalisation.BW,
    "BW": Normalisation.BW,
    "LBMJAMES128": Normalisation.LBM_JAMES,
    "LBMJANMA": Normalisation.LBM_JANMA,
    "BSA": Normalisation.BSA,
}
SAME_TIME = 60.0  # s: clocks of one administration differ by less
HALF_LIFE_OFF = 0.05  # relative; scanners round, and Ga-68 is stated from 4057 to 4080 s
WHOLE_DAY = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What somebody said instead of the headers; SI. ``u_...`` are relative (k = 1), lengths in mm."""

    weight: float | None = None
    height: float | None = None
    sex: str = ""
    activity: float | None = None
    administered: datetime | None = None
    scan: str = ""
    normalisation: Normalisation = Normalisation.BW
    scale: ScaleUncertainty = ScaleUncertainty()
    noise: Noise = Noise()
    boundary_u: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scaled:
    """Stored values times ``factor`` are SUV in ``unit``; ``size`` is None where none was needed."""

    values: Volume
    factor: npt.NDArray[Any]
    unit: str
    size: BodySize | None
    corrections: list[str]
    warnings: list[str]


def scaled_to_suv(scan: Scan, facts: SuvFacts | None, study: Study, settings: Settings, stated: Stated) -> Scaled:
    patient = facts.patient if facts else study.patient
    if scan.image.quantity is Quantity.FRACTION and facts is not None:
        return _from_stored_suv(scan, facts, patient, stated)
    if facts is not None and scan.modality == "PT":
        if scan.image.quantity is Quantity.COUNTS:
            return _from_philips(scan, facts, settings, stated)
        return _from_activity(scan, facts, settings, stated, said="units: (0054,1001) BQML, values are Bq/ml")
    return _from_reading(scan, study, settings, stated, patient)


def scale_uncertainty(stated: Stated, settings: Settings) -> ScaleUncertainty:
    percent = settings.calibration.u_percent
    if stated.scale.calibration is not None or percent is None:
        return stated.scale
    return replace(stated.scale, calibration=percent / 100)


def _size(stated: Stated, patient: Patient, normalisation: Normalisation | None = None) -> BodySize:
    weight = stated.weight if stated.weight is not None else patient.weight
    if weight is None:
        raise InputError('(0010,1030) Patient\'s Weight is missing. State it: --weight "70 kg".')
    height = stated.height if stated.height is not None else patient.height
    return body_size(normalisation or stated.normalisation, weight=weight, height=height, sex=stated.sex or patient.sex)


def _size_words(size: BodySize, stated: Stated, patient: Patient) -> str:
    weight = stated.weight if stated.weight is not None else patient.weight
    where = "stated" if stated.weight is not None else "(0010,1030)"
    number = f"{size.value / 1000:.2f} kg" if size.unit == "g/ml" else f"{size.value / 1e4:.3f} m2"
    own = "" if size.normalisation is Normalisation.BW else f" from weight {(weight or 0) / kg:g} kg"
    return f"normalisation: {size.text} {number}{own} ({where}); {size.source}"


def _from_stored_suv(scan: Scan, facts: SuvFacts, patient: Patient, stated: Stated) -> Scaled:
    """Units GML or CM2ML: the scanner made SUV of it; another normalisation is a ratio of body sizes."""
    word = facts.suv_type or ("BSA" if facts.unit == "CM2ML" else "")
    if word not in SUV_TYPES:
        raise DataError(
            f"{scan.label}: (0054,1006) SUV Type is {word}; allowed are {', '.join(k for k in SUV_TYPES if k)}. "
            "Export the series in BQML."
        )
    own = SUV_TYPES[word]
    corrections = [f"units: (0054,1001) {facts.unit}, values are SUV normalised to {own.value} as the scanner made them"]
    warnings = (
        [] if facts.suv_type else [f"(0054,1006) SUV Type is missing: {facts.unit} was taken as normalised to {own.value}."]
    )
    if own is stated.normalisation:
        known = stated.weight is not None or patient.weight is not None
        size = _size(stated, patient) if known else None
        unit = STORED_SUV[facts.unit]
        return Scaled(
            values=scan.image.values, factor=np.ones(()), unit=unit, size=size, corrections=corrections, warnings=warnings
        )
    wanted, had = _size(stated, patient), _size(stated, patient, own)
    ratio = wanted.value / had.value
    corrections += [_size_words(wanted, stated, patient), f"normalisation changed from {own.value}: factor {ratio:.6g}"]
    return Scaled(
        values=scan.image.values,
        factor=np.asarray(ratio),
        unit=wanted.unit,
        size=wanted,
        corrections=corrections,
        warnings=warnings,
    )


def _from_philips(scan: Scan, facts: SuvFacts, settings: Settings, stated: Stated) -> Scaled:
    """Units CNTS: Philips tells in private tags how rescaled values become SUV or Bq/ml."""
    if facts.philips_suv is not None:
        own = _size(stated, facts.patient, Normalisation.BW) if stated.normalisation is not Normalisation.BW else None
        wanted = _size(stated, facts.patient) if own or facts.patient.weight or stated.weight else None
        ratio = wanted.value / own.value if own and wanted else 1.0
        corrections = [
            f"units: (0054,1001) {facts.unit} with Philips (7053,xx00) SUV scale factor {facts.philips_suv:.6g}: "
            "rescaled values times it are SUV by body weight"
        ]
        if own and wanted:
            corrections += [_size_words(wanted, stated, facts.patient), f"normalisation changed from bw: factor {ratio:.6g}"]
        changed = stated.weight is not None or stated.activity is not None or stated.administered is not None
        return Scaled(
            values=scan.image.values,
            factor=np.asarray(facts.philips_suv * ratio),
            unit=wanted.unit if wanted else "g/ml",
            size=wanted,
            corrections=corrections,
            warnings=["the Philips factor holds weight, activity and time; what was stated does not change it."]
            if changed
            else [],
        )
    if facts.philips_activity is not None:
        said = (
            f"units: (0054,1001) {facts.unit} with Philips (7053,xx09) activity concentration scale factor "
            f"{facts.philips_activity:.6g}: rescaled values times it are Bq/ml"
        )
        return _from_activity(scan, facts, settings, stated, said=said, factor=facts.philips_activity)
    raise DataError(
        f"{scan.label}: (0054,1001) Units is {facts.unit}, and neither Philips (7053,xx00) SUV scale factor nor (7053,xx09) "
        "activity concentration scale factor is there. Export the series in BQML."
    )


def _from_activity(scan: Scan, facts: SuvFacts, settings: Settings, stated: Stated, *, said: str, factor: float = 1.0) -> Scaled:
    """Bq/ml at one reference time, divided by the administered activity at that time."""
    if facts.corrected and "ATTN" not in facts.corrected:
        raise DataError(
            f"{scan.label}: (0028,0051) Corrected Image lists {', '.join(facts.corrected)} but not ATTN: without attenuation "
            "correction there is no SUV. Choose the corrected series by --scan."
        )
    half_life, said_of_half_life = _half_life(facts, settings)
    lam = math.log(2) / half_life
    administered, moved = _administered(facts, settings, stated, scan, half_life)
    corrections, warnings = [said], list(moved)
    if scan.correction is DecayCorrection.NONE and scan.correction_time is None:
        step = to_scan_start(scan, administered=administered, decay_constant=lam)
        along, at, words = step.factor, scan.start, step.text
        warnings += step.remarks
        if at is None:
            raise DataError(f"{scan.label}: (0008,0022) Acquisition Date and (0008,0032) Acquisition Time are missing.")
    else:
        found = reference_time(_clock(scan, facts), administered=administered, decay_constant=lam)
        along, at, words = np.ones(()), found.time, found.text
        warnings += found.remarks
    elapsed = (at - administered).total_seconds()
    activity, said_of_activity = _activity(facts, settings, stated, lam, administered)
    left = decayed_activity(activity, elapsed, decay_constant=lam)
    size = _size(stated, facts.patient)
    corrections += [
        f"decay: {words}; values refer to {at:%Y-%m-%d %H:%M:%S}",
        f"decay: {said_of_activity}, decayed over {elapsed / h:.4f} h to {left / MBq:.3f} MBq (factor {left / activity:.6f}, "
        f"half-life {half_life:g} s {said_of_half_life})",
        _size_words(size, stated, facts.patient),
    ]
    per = suv_factor(activity=left, size=size).value * factor
    along = along if along.ndim == 0 else along[:, None, None]
    return Scaled(
        values=scan.image.values,
        factor=np.asarray(along * per),
        unit=size.unit,
        size=size,
        corrections=corrections,
        warnings=warnings,
    )


def _clock(scan: Scan, facts: SuvFacts) -> ScanClock:
    return ScanClock(
        correction=scan.correction,
        correction_time=scan.correction_time,
        series=facts.series_time,
        acquired=scan.start,
        private_scan=facts.ge_scan_time,
        frame_reference=facts.frame_reference,
        duration=scan.duration,
        decay_factor=scan.decay_factor,
    )


def _half_life(facts: SuvFacts, settings: Settings) -> tuple[float, str]:
    """The header's: with it the scanner brought the image to its reference time; else that of the nuclide stated."""
    if settings.nuclide:
        return load_nuclide(settings.nuclide).half_life, "of ICRP 107"
    if facts.half_life:
        known = load_nuclide(facts.nuclide).half_life if facts.nuclide else None
        if facts.half_life < 0 or (known is not None and abs(facts.half_life / known - 1) > HALF_LIFE_OFF):
            of = "" if known is None else f"; {facts.nuclide} has {known:g} s"
            raise DataError(
                f"(0018,1075) Radionuclide Half Life is {facts.half_life:g} s{of}. State nuclide in a settings file, for example "
                'nuclide = "F-18", and give it by --settings.'
            )
        return facts.half_life, "of (0018,1075)"
    raise InputError(
        "(0018,1075) Radionuclide Half Life is missing. State nuclide in a settings file, for example "
        'nuclide = "F-18", and give it by --settings.'
    )


def _activity(facts: SuvFacts, settings: Settings, stated: Stated, lam: float, at: datetime) -> tuple[float, str]:
    """Administered activity [Bq] and where it was found; a residual of the settings is subtracted."""
    s = settings.administration
    if stated.activity is not None:
        return stated.activity, f"activity {stated.activity / MBq:g} MBq as stated"
    activity = s.activity_MBq * MBq if s.activity_MBq is not None else facts.activity
    if activity is None:
        raise InputError('(0018,1074) Radionuclide Total Dose is missing. State the administered activity: --activity "350 MBq".')
    where = "of the settings" if s.activity_MBq is not None else "of (0018,1074)"
    if not s.residual_MBq:
        return activity, f"activity {activity / MBq:.3f} MBq {where}"
    after = 0.0 if s.residual_time is None else (s.residual_time.replace(tzinfo=None) - at).total_seconds()
    residual = s.residual_MBq * MBq * math.exp(lam * after)
    if residual >= activity:
        raise InputError(f"residual {residual / MBq:g} MBq is not below the activity {activity / MBq:g} MBq. Check both units.")
    return activity - residual, f"activity {activity / MBq:.3f} MBq {where} less a residual of {residual / MBq:.3f} MBq"


def _administered(
    facts: SuvFacts, settings: Settings, stated: Stated, scan: Scan, half_life: float
) -> tuple[datetime, list[str]]:
    """Time of the administration; where the date of (0018,1078) cannot be right, the time of day of (0018,1072)."""
    if stated.administered is not None:
        return stated.administered, []
    if settings.administration.time is not None:
        return settings.administration.time.replace(tzinfo=None), []
    start, at, clock = facts.series_time or scan.start, facts.given_at, facts.given_by_clock
    if at is None:
        raise InputError(
            "(0018,1078) Radiopharmaceutical Start DateTime is missing, and (0018,1072) gives no usable time of day. "
            "State the time of the administration: --administered 2024-03-04T09:30:00."
        )
    if start is None or clock is None or 0 <= (start - at).total_seconds() <= 20 * half_life:
        return at, []
    if clock > start:
        clock -= timedelta(seconds=WHOLE_DAY)
    if (start - clock).total_seconds() > 20 * half_life:
        return at, []
    return clock, [
        f"(0018,1078) Radiopharmaceutical Start DateTime {at:%Y-%m-%d %H:%M:%S} cannot belong to a scan at "
        f"{start:%Y-%m-%d %H:%M:%S}: (0018,1072) on the day of the scan, {clock:%Y-%m-%d %H:%M:%S}, was taken."
    ]


def _from_reading(scan: Scan, study: Study, settings: Settings, stated: Stated, patient: Patient) -> Scaled:
    """SPECT and NIfTI: as for dosimetry, activity concentration at the start of the scan."""
    s = settings.administration
    changes: dict[str, object] = {}
    if stated.activity is not None:
        changes["activity_MBq"] = stated.activity / MBq
    if stated.administered is not None:
        changes["time"] = stated.administered
    told = settings.model_copy(update={"administration": s.model_copy(update=changes)})
    known = given(study, told)
    if known.problems:
        raise DataError("\n".join(f"{p.where}: {p.text}" for p in known.problems))
    a = known.administration
    if a is None or known.nuclide is None:
        options = {"activity": "--activity", "time": "--administered", "nuclide": "nuclide in a settings file"}
        listed = ", ".join(f"{what} (state {options[what]})" for what in known.missing)
        raise InputError(f"{scan.label}: the header does not say all of the administration; missing: {listed}.")
    reading = next(r for r in readings(study, known, told) if r.scan.series_uid == scan.series_uid and r.scan.label == scan.label)
    if reading.activity is None or reading.time is None or reading.step is None:
        raise DataError("\n".join(p.text for p in reading.problems) or f"{scan.label}: cannot be quantified.")
    left = decayed_activity(a.activity, reading.time, decay_constant=known.nuclide.decay_constant)
    size = _size(stated, patient)
    corrections = [
        f"units: {scan.image.quantity.value}"
        + (", calibrated by the settings" if scan.image.quantity is Quantity.COUNTS else ", values are Bq/ml"),
        f"decay: {reading.step.text}",
        f"decay: activity {a.activity / MBq:.3f} MBq ({a.source}), decayed over {reading.time / h:.4f} h to {left / MBq:.3f} MBq",
        _size_words(size, stated, patient),
    ]
    return Scaled(
        values=reading.activity.values,
        factor=np.asarray(suv_factor(activity=left, size=size).value),
        unit=size.unit,
        size=size,
        corrections=corrections,
        warnings=[*known.remarks, *reading.remarks],
    )


def private_remarks(facts: SuvFacts | None, stated: Stated) -> list[str]:
    """What GE's private tags say besides: named, and left to a person."""
    if facts is None:
        return []
    out = []
    private, public = facts.ge_administered, stated.administered or facts.given_at
    if private is not None and public is not None and abs((private - public).total_seconds()) > SAME_TIME:
        out.append(
            f"GE (0009,xx3b) says the administration was at {private:%Y-%m-%d %H:%M:%S}; {public:%Y-%m-%d %H:%M:%S} was taken. "
            "State --administered to decide."
        )
    if facts.ge_left_over and stated.activity is None:
        out.append(
            f"GE (0009,xx3c) says that {facts.ge_left_over / MBq:.2f} MBq stayed in the syringe; (0018,1074) may or may not "
            "be without it. State the net activity by --activity to decide."
        )
    return out


def stated(
    *, normalisation: str, u_calibration: float | None, u_activity: float | None, u_size: float | None, noise: float | None,
    resolution: float | None, **more: Any,
) -> Stated:  # fmt: skip
    """What the command line says as one value; the words and numbers are checked here."""
    for name, value in (("noise", noise), ("resolution", resolution), ("boundary", more.get("boundary_u"))):
        if value is not None and not 0 < value < 1000:
            raise InputError(f"uncertainty: {name} is {value:g}; a positive number is allowed.")
    return Stated(
        normalisation=Normalisation(normalisation),
        scale=ScaleUncertainty(calibration=u_calibration, activity=u_activity, size=u_size),
        noise=Noise(voxel=noise, resolution=resolution),
        **more,
    )
