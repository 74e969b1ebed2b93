"""Decay between the time to which stored values refer and the start of the scan."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError
from hevesy.model import DecayCorrection, Scan
from hevesy.units import h

# A decay factor printed with five or six digits cannot tell apart what differs by less than this.
PRINTED = 2e-5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecayStep:
    """What brings stored values to the start of the scan.

    Attributes
    ----------
    factor : ndarray, shape () or (z,)  Multiplies stored values; one a slice where beds were scanned at other times.
    text : str                          The same in words, for the report.
    remarks : tuple of str              Contradictions and what was not known.
    """

    factor: npt.NDArray[Any]
    text: str
    remarks: tuple[str, ...] = ()


def in_frame_factor(decay_constant: float, duration: float) -> float:
    """Activity at the start of an acquisition by its mean over the acquisition.

        f = lam T / (1 - exp(-lam T))

    ``decay_constant`` [1/s], ``duration`` T [s]. Neglected: biological change during the acquisition.
    """
    x = decay_constant * duration
    return 1.0 if x == 0 else x / -math.expm1(-x)


def to_scan_start(scan: Scan, *, administered: datetime | None, decay_constant: float) -> DecayStep:
    """Follow (0054,1102) Decay Correction: START, ADMIN or NONE, with its factor and reference time.

        A(start) = stored · exp(-lam (t_start - t_ref)) · f_in-frame

    For START the reference is the start of the acquisition, or (0008,0031) Series Time where (0054,1321) Decay Factor
    says so; for ADMIN the administration; (0018,9701) Decay Correction DateTime, where present, is the reference
    whatever the word. For NONE values are the mean over the acquisition, and each bed is brought to the common start.
    Decay during the acquisition is corrected for NONE, and for START and ADMIN where the decay factor tells that it
    was left out.

    Raises
    ------
    DataError
        The reference is needed and not known.
    """
    if scan.correction is None:
        raise DataError(
            f"{scan.label}: no tag says to which time values are decay-corrected: (0054,1102) Decay Correction and (0018,9701) "
            'Decay Correction DateTime are missing. State decay_correction = "START", "ADMIN" or "NONE" for it in the settings.'
        )
    if scan.correction is DecayCorrection.NONE and scan.correction_time is None:
        return _uncorrected(scan, decay_constant)
    reference, word, remarks = _reference(scan, administered, decay_constant)
    if scan.start is None:
        raise DataError(f"{scan.label}: (0008,0022) Acquisition Date and (0008,0032) Acquisition Time are missing.")
    elapsed = (scan.start - reference).total_seconds()
    factor = math.exp(-decay_constant * elapsed)
    text = f"{word}: values refer to {reference:%Y-%m-%d %H:%M:%S}, {elapsed / h:.4f} h before the scan; factor {factor:.6f}"
    in_frame, in_frame_text, in_frame_remarks = _left_out(scan, elapsed, decay_constant)
    return DecayStep(factor=np.asarray(factor * in_frame), text=text + in_frame_text, remarks=(*remarks, *in_frame_remarks))


def _uncorrected(scan: Scan, decay_constant: float) -> DecayStep:
    """Values are means over the acquisition of each bed."""
    beds = np.zeros(()) if scan.slice_starts is None else scan.slice_starts
    factor = np.exp(decay_constant * beds)
    text = "NONE: values are the mean during the acquisition"
    if scan.slice_starts is not None:
        text += f"; beds up to {scan.slice_starts.max() / 60:.1f} min after the start brought to it"
    if scan.duration is None:
        return DecayStep(
            factor=np.asarray(factor),
            text=text,
            remarks=("the duration of the acquisition is not stated, so decay during it is not corrected.",),
        )
    f = in_frame_factor(decay_constant, scan.duration)
    text += f"; decay during {scan.duration / 60:.1f} min corrected by {f:.6f}"
    return DecayStep(factor=np.asarray(factor * f), text=text)


def _reference(scan: Scan, administered: datetime | None, decay_constant: float) -> tuple[datetime, str, list[str]]:
    if scan.correction_time is not None:
        return scan.correction_time, "(0018,9701)", []
    if scan.correction is DecayCorrection.ADMIN:
        if administered is None:
            raise DataError(
                f"{scan.label}: (0054,1102) Decay Correction is ADMIN but the time of the administration is not known. "
                "State administration.time in the settings."
            )
        return administered, "ADMIN", []
    if scan.start is None:
        raise DataError(f"{scan.label}: (0008,0022) Acquisition Date and (0008,0032) Acquisition Time are missing.")
    series = scan.series_time
    if series is None or scan.decay_factor is None or series >= scan.start:
        return scan.start, "START", []
    # A series that was split keeps the reference of the whole: only its decay factor tells.
    since_series = math.exp(decay_constant * (scan.start - series).total_seconds())
    f = in_frame_factor(decay_constant, scan.duration or 0.0)
    far = min(abs(scan.decay_factor / (since_series * x) - 1) for x in (1.0, f))
    near = min(abs(scan.decay_factor / x - 1) for x in (1.0, f))
    if far < near:
        return (
            series,
            "START",
            ["(0054,1321) Decay Factor shows that values refer to (0008,0031) Series Time."],
        )
    return scan.start, "START", []


def _left_out(scan: Scan, elapsed: float, decay_constant: float) -> tuple[float, str, list[str]]:
    """Whether decay during the acquisition is in (0054,1321), and the factor if it is not."""
    if scan.duration is None:
        return 1.0, "", []
    f = in_frame_factor(decay_constant, scan.duration)
    if f - 1 < PRINTED:
        return 1.0, "", []
    size = f"{100 * (f - 1):.2f} %"
    if scan.decay_factor is None:
        return 1.0, "", [
            f"no (0054,1321) Decay Factor: decay during the {scan.duration / 60:.1f} min of the acquisition ({size}) is "
            "taken as corrected together with the rest."
        ]  # fmt: skip
    without = math.exp(decay_constant * elapsed)
    off_without, off_with = abs(scan.decay_factor / without - 1), abs(scan.decay_factor / (without * f) - 1)
    if min(off_without, off_with) > 0.3 * (f - 1) + PRINTED:
        return 1.0, "", [
            f"(0054,1321) Decay Factor {scan.decay_factor:g} is not that of (0054,1102) {scan.correction}, which is "
            f"{without:.5f}; the word was followed. It does not tell whether decay during the acquisition ({size}) "
            "is corrected; taken as corrected."
        ]  # fmt: skip
    if off_without < off_with:
        return f, f"; decay during {scan.duration / 60:.1f} min, not in (0054,1321), corrected by {f:.6f}", []
    return 1.0, "; decay during the acquisition is in (0054,1321)", []
