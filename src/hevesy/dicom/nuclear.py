"""NM objects: reconstructed tomograms in one multi-frame file."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.pixels import rescaled, stored_values
from hevesy.dicom.slices import decay_correction, described
from hevesy.dicom.volume import affine_from, plane, vector
from hevesy.errors import DataError
from hevesy.model import DecayCorrection, Grid, Image, Quantity, Scan

# UCUM codes of an activity concentration, and the factor to Bq/ml.
ACTIVITY_CODES = {"BQ/ML": 1.0, "KBQ/ML": 1e3, "MBQ/ML": 1e6, "BQ/CM3": 1.0, "BQ/L": 1e-3, "KBQ/L": 1.0}
COUNT_CODES = ("{COUNTS}", "COUNTS", "{COUNT}", "1", "CNTS")


def is_tomogram(ds: Dataset) -> bool:
    """Whether an NM object holds reconstructed slices: RECON TOMO in (0008,0008), value 3."""
    return "RECON TOMO" in headers.words(ds.get("ImageType"))


def read_nm(ds: Dataset, name: str, label: str) -> Scan:
    """A RECON TOMO as activity concentration (real-world value map, or Units BQML), else as counts.

    Raises
    ------
    DataError
        Frames that are not one slice each, missing geometry, units that are neither activity nor counts, values that
        are decay-corrected to a time which the header does not tell.
    """
    frames = int(ds.get("NumberOfFrames") or 1)
    windows = {int(w) for w in _many(ds.get("EnergyWindowVector"))}
    if len(windows) > 1:
        raise DataError(f"{name}: (0054,0010) holds {len(windows)} energy windows; one reconstruction a file is allowed.")
    stated = int(ds.get("NumberOfSlices") or frames)
    if stated != frames:
        raise DataError(
            f"{name}: (0028,0008) Number of Frames is {frames} but (0054,0081) Number of Slices {stated}: slices are "
            "missing, or the object is gated or dynamic, which cannot be used here."
        )
    stored = stored_values(ds, name).reshape(frames, int(ds.Rows), int(ds.Columns))
    values, quantity, remarks = _values(ds, stored, name)
    start = headers.acquisition_start(ds)
    given, administration_remarks = headers.administration(ds, name)
    correction, at, decay_remarks = _decay(ds, start)
    image = Image(values=values, grid=_grid(ds, frames, name, remarks), quantity=quantity)
    return replace(
        described(ds, image, label=label, modality="NM", files=(name,)),
        start=start,
        duration=_duration(ds, remarks),
        correction=correction,
        correction_time=at,
        decay_factor=headers.number(ds.get("DecayFactor")),
        administration=given,
        remarks=(*remarks, *administration_remarks, *decay_remarks),
    )


def _many(value: object) -> list[Any]:
    if value is None or value == "":
        return []
    return [value] if isinstance(value, (int, float, str)) else list(value)  # type: ignore[call-overload]


def _grid(ds: Dataset, frames: int, name: str, remarks: list[str]) -> Grid:
    """Geometry lies in the first item of (0054,0022) Detector Information Sequence (DICOM PS3.3 C.8.4.11)."""
    detectors = ds.get("DetectorInformationSequence") or []
    holder = Dataset()
    for source in (ds, *detectors[:1]):
        for keyword in ("ImageOrientationPatient", "ImagePositionPatient"):
            if source.get(keyword):
                setattr(holder, keyword, source.get(keyword))
    holder.PixelSpacing = ds.get("PixelSpacing")
    cosines, spacing = plane(holder, name)
    first = vector(holder, "ImagePositionPatient", "(0020,0032) Image Position (Patient)", 3, name)
    between = headers.number(ds.get("SpacingBetweenSlices"))
    if not between:
        between = headers.number(ds.get("SliceThickness"))
        if not between:
            raise DataError(f"{name}: (0018,0088) Spacing Between Slices and (0018,0050) Slice Thickness are missing.")
        remarks.append("(0018,0088) Spacing Between Slices is missing; (0018,0050) Slice Thickness was taken.")
    # In NM, and only there, a negative spacing means that slices follow each other against the normal.
    step = np.cross(cosines[0], cosines[1]) * between
    affine = affine_from(cosines, spacing, first, step)
    shape = (frames, int(ds.Rows), int(ds.Columns))
    return Grid(shape=shape, affine=affine, frame_of_reference=str(ds.get("FrameOfReferenceUID") or ""))


def _duration(ds: Dataset, remarks: list[str]) -> float | None:
    """Time a rotation took [s]: (0018,1242) in ms times the angular views of a detector."""
    rotations = ds.get("RotationInformationSequence") or []
    if len(rotations) > 1:
        remarks.append(f"(0054,0052) lists {len(rotations)} rotations; the duration of the first was taken.")
    source = rotations[0] if rotations else ds
    frame = headers.number(source.get("ActualFrameDuration"))
    views = headers.number(source.get("NumberOfFramesInRotation")) or 1.0
    return None if frame is None else frame * views / 1000.0


def _values(ds: Dataset, stored: npt.NDArray[Any], name: str) -> tuple[npt.NDArray[np.float32], Quantity, list[str]]:
    mappings = ds.get("RealWorldValueMappingSequence") or []
    units = [_unit_code(item) for item in mappings]
    for item, unit in zip(mappings, units, strict=True):
        if unit.upper() in ACTIVITY_CODES:
            return (
                _mapped(item, stored, ACTIVITY_CODES[unit.upper()], name),
                Quantity.ACTIVITY_CONCENTRATION,
                [],
            )
    if mappings and not any(unit.upper() in COUNT_CODES for unit in units):
        raise DataError(
            f"{name}: (0040,9096) Real World Value Mapping is in {', '.join(units)}, which is neither activity nor counts; "
            f"allowed are {', '.join(code.title() for code in ACTIVITY_CODES)} and counts."
        )
    word = str(ds.get("Units") or "").strip().upper()
    if word == "BQML":
        return (
            rescaled(ds, stored, name),
            Quantity.ACTIVITY_CONCENTRATION,
            ["(0054,1001) Units BQML in an NM object was followed."],
        )
    if word not in ("", "CNTS"):
        raise DataError(f"{name}: (0054,1001) Units is {word!r}, which is neither activity nor counts.")
    return rescaled(ds, stored, name), Quantity.COUNTS, []


def _unit_code(item: Dataset) -> str:
    codes = item.get("MeasurementUnitsCodeSequence") or []
    return str(codes[0].get("CodeValue") or "") if codes else ""


def _mapped(item: Dataset, stored: npt.NDArray[Any], factor: float, name: str) -> npt.NDArray[np.float32]:
    table = item.get("RealWorldValueLUTData")
    slope = headers.number(item.get("RealWorldValueSlope"))
    if slope is None or table is not None:
        raise DataError(
            f"{name}: (0040,9096) Real World Value Mapping has no (0040,9225) slope; a table of values is not supported."
        )
    intercept = headers.number(item.get("RealWorldValueIntercept")) or 0.0
    low, high = (headers.number(item.get(f"RealWorldValue{end}ValueMapped")) for end in ("First", "Last"))
    outside = (low is not None and stored.min() < low) or (high is not None and stored.max() > high)
    if outside:
        raise DataError(
            f"{name}: stored values {stored.min()} to {stored.max()} leave the range {low:g} to {high:g} that "
            "(0040,9096) Real World Value Mapping covers."
        )
    out = stored.astype(np.float32)
    out *= np.float32(slope * factor)
    out += np.float32(intercept * factor)
    return out


def _decay(ds: Dataset, start: datetime | None) -> tuple[DecayCorrection | None, datetime | None, list[str]]:
    """NM has no decay tag of its own: (0054,1102) where a vendor wrote it, else DECY in (0028,0051)."""
    at = headers.moment(ds.get("DecayCorrectionDateTime"))
    if ds.get("DecayCorrection"):
        correction, remarks = decay_correction(ds)
        return correction, at, remarks
    if "DECY" not in headers.words(ds.get("CorrectedImage")):
        listed = bool(ds.get("CorrectedImage"))
        remarks = [] if listed else ["no tag speaks of decay correction: values are taken as not decay-corrected."]
        return DecayCorrection.NONE, None, remarks
    if at is None:
        return None, None, []
    if start is not None and abs(at - start) < timedelta(seconds=2):
        return DecayCorrection.START, at, []
    return DecayCorrection.START, at, [f"values are decay-corrected to {at:%Y-%m-%d %H:%M:%S}, (0018,9701)."]
