"""The time to which the stored values of a PET series refer, found as the scanner's maker meant it."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from hevesy.errors import DataError
from hevesy.model import DecayCorrection
from hevesy.quantify.decay import PRINTED, in_frame_factor

# Clocks are written in whole seconds: times closer than this are one [s].
SAME = 1.5
# A decay factor tells two reference times apart where it differs by more than its printed digits and the clocks' rounding.
TOLD_APART = 5e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanClock:
    """All that a header says of time, for the bed position that was scanned first.

    Attributes
    ----------
    correction : DecayCorrection or None  (0054,1102).
    correction_time : datetime or None    (0018,9701), which settles it.
    series : datetime or None             (0008,0021) and (0008,0031); post-processing may overwrite them.
    acquired : datetime or None           (0008,0022) and (0008,0032), the earliest of the series.
    private_scan : datetime or None       GE (0009,xx0d), PET scan_datetime.
    frame_reference : float or None       (0054,1300) of the first bed, after the reference time [s].
    duration : float or None              (0018,1242) of a bed [s].
    decay_factor : float or None          (0054,1321) of the first bed.
    """

    correction: DecayCorrection | None
    correction_time: datetime | None = None
    series: datetime | None = None
    acquired: datetime | None = None
    private_scan: datetime | None = None
    frame_reference: float | None = None
    duration: float | None = None
    decay_factor: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceTime:
    """``time`` to which values refer, the rule by which it was found, and what speaks against it."""

    time: datetime
    text: str
    remarks: tuple[str, ...] = ()


def average_count_rate_time(decay_constant: float, duration: float) -> float:
    """When during an acquisition the activity equals its mean over the acquisition [s after its start].

        t = ln(lam T / (1 - exp(-lam T))) / lam

    ``decay_constant`` [1/s], ``duration`` T [s]. Reference: DICOM PS3.3 C.8.9.4.1.5 Frame Reference Time.
    """
    return 0.0 if decay_constant * duration == 0 else math.log(in_frame_factor(decay_constant, duration)) / decay_constant


def reference_time(clock: ScanClock, *, administered: datetime | None, decay_constant: float) -> ReferenceTime:
    """The reference time by the rules of QIBA's vendor-neutral SUV, checked against (0054,1321) Decay Factor.

    ADMIN is the administration. START is the series time; where that lies after the acquisition it was overwritten, and
    GE's own scan time, the time that (0054,1300) Frame Reference Time implies (Siemens), or the earliest acquisition
    time stands in, in this order. Where the decay factor of the first bed contradicts the time found so and fits
    another of them, that one is taken.

    Reference: QIBA, FDG-PET/CT profile, vendor-neutral pseudo-code for SUV calculation.

    Raises
    ------
    DataError
        Values are not corrected to one time, or no tag tells which.
    """
    if clock.correction_time is not None:
        return ReferenceTime(time=clock.correction_time, text="(0018,9701) Decay Correction DateTime")
    if clock.correction is DecayCorrection.ADMIN:
        if administered is None:
            raise DataError(
                "(0054,1102) Decay Correction is ADMIN but the time of the administration is not known. State --administered."
            )
        return _checked_admin(clock, administered, decay_constant)
    if clock.correction is not DecayCorrection.START:
        said = clock.correction or "missing"
        raise DataError(
            f"(0054,1102) Decay Correction is {said}; START or ADMIN is needed for one reference time. State decay_correction "
            "under [[scan]] in the settings."
        )
    found = _candidates(clock, decay_constant)
    if not found:
        raise DataError(
            "neither (0008,0031) Series Time nor (0008,0032) Acquisition Time is there: the start of the scan is not known. "
            "State start under [[scan]] in the settings."
        )
    return _checked(found, clock, decay_constant)


def _candidates(clock: ScanClock, decay_constant: float) -> list[ReferenceTime]:
    """Possible reference times, the one that the rules prefer first."""
    series, acquired = clock.series, clock.acquired
    implied = None
    if acquired is not None and clock.frame_reference and clock.duration:
        offset = average_count_rate_time(decay_constant, clock.duration) - clock.frame_reference
        implied = acquired + timedelta(seconds=offset)
    overwritten = series is not None and acquired is not None and (series - acquired).total_seconds() > SAME
    order = [
        (None if overwritten else series, "START: (0008,0031) Series Time"),
        (clock.private_scan, "START: GE (0009,xx0d) scan time"),
        (implied, "START: time implied by (0054,1300) Frame Reference Time"),
        (acquired, "START: earliest (0008,0032) Acquisition Time"),
    ]
    remark: tuple[str, ...] = ()
    if overwritten and series is not None and acquired is not None:
        late = (series - acquired).total_seconds()
        remark = (f"(0008,0031) Series Time is {late:.0f} s after the first acquisition: it was not taken.",)
    out: list[ReferenceTime] = []
    for at, text in order:
        if at is not None and all(abs((at - other.time).total_seconds()) > SAME for other in out):
            out.append(ReferenceTime(time=at, text=text, remarks=remark))
    return out


def _checked(found: list[ReferenceTime], clock: ScanClock, decay_constant: float) -> ReferenceTime:
    """The preferred time, or another one which alone explains the decay factor."""
    first = found[0]
    if clock.decay_factor is None or clock.acquired is None:
        return first
    misfits = [_misfit(each, clock, decay_constant) for each in found]
    tolerance = TOLD_APART + PRINTED + decay_constant * SAME
    if misfits[0] <= tolerance:
        return first
    best = min(range(len(found)), key=misfits.__getitem__)
    if misfits[best] <= tolerance:
        remark = f"(0054,1321) Decay Factor {clock.decay_factor:g} contradicts {first.text} and fits {found[best].text}."
        return ReferenceTime(time=found[best].time, text=found[best].text, remarks=(*first.remarks, remark))
    remark = (
        f"(0054,1321) Decay Factor {clock.decay_factor:g} fits none of the times in the header (nearest differs by "
        f"{100 * misfits[best]:.1f} %); {first.text} was taken."
    )
    return ReferenceTime(time=first.time, text=first.text, remarks=(*first.remarks, remark))


def _checked_admin(clock: ScanClock, administered: datetime, decay_constant: float) -> ReferenceTime:
    """The administration; where the decay factor of the first bed says that values refer to the scan, a remark."""
    told = ReferenceTime(time=administered, text="(0054,1102) ADMIN: the administration")
    if clock.decay_factor is None or clock.acquired is None:
        return told
    off = _misfit(told, clock, decay_constant)
    if off <= TOLD_APART + PRINTED + decay_constant * SAME:
        return told
    remark = (
        f"(0054,1321) Decay Factor {clock.decay_factor:g} contradicts (0054,1102) ADMIN by {100 * off:.3g} %, by which SUV would "
        "be off if the tag is wrong. Ask the maker of the series, or state decay_correction under [[scan]] in the settings."
    )
    return ReferenceTime(time=told.time, text=told.text, remarks=(remark,))


def _misfit(each: ReferenceTime, clock: ScanClock, decay_constant: float) -> float:
    """Relative difference between the stated decay factor and that of a reference time, with or without in-frame decay."""
    if clock.acquired is None or clock.decay_factor is None:
        return 0.0
    before = math.exp(decay_constant * (clock.acquired - each.time).total_seconds())
    f = in_frame_factor(decay_constant, clock.duration or 0.0)
    return min(abs(clock.decay_factor / (before * x) - 1) for x in (1.0, f))
