"""CT and PT series: many files, a slice each, to one scan."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.pixels import rescaled, stored_values
from hevesy.dicom.volume import stack
from hevesy.errors import DataError
from hevesy.model import DecayCorrection, Image, Quantity, Scan

Slices = Sequence[tuple[str, Dataset]]

# (0054,1001) Units: the words of DICOM PS3.3 C.8.9.1.1.3 that are an activity concentration or a number of counts.
PT_UNITS = {"BQML": Quantity.ACTIVITY_CONCENTRATION, "CNTS": Quantity.COUNTS, "CPS": Quantity.COUNTS}


def read_ct(slices: Slices, label: str) -> Scan:
    """A CT series as HU.

    Raises
    ------
    DataError
        Geometry that is not a regular volume, values that are not HU, missing or damaged pixels.
    """
    order, grid, remarks = stack(slices, label)
    values = np.empty(grid.shape, dtype=np.float32)
    for k, i in enumerate(order):
        name, ds = slices[i]
        kind = str(ds.get("RescaleType") or "HU").upper()
        if kind not in ("HU", "US", "HU_MOD"):
            raise DataError(f"{name}: (0028,1054) Rescale Type is {kind}; only HU can be turned into density.")
        if ds.get("RescaleIntercept") in (None, "") and not ds.get("PixelRepresentation"):
            raise DataError(
                f"{name}: (0028,1052) Rescale Intercept is missing and the stored values are unsigned: air at -1000 HU cannot be "
                "among them. Export the CT again, in HU."
            )
        values[k] = rescaled(ds, stored_values(ds, name), name)
    first = slices[order[0]][1]
    remarks += _incomplete(slices, label, "ImagesInAcquisition", "(0020,1002) Images in Acquisition")
    image = Image(values=values, grid=grid, quantity=Quantity.HOUNSFIELD)
    scan = described(first, image, label=label, modality="CT", files=tuple(slices[i][0] for i in order))
    start = _earliest([headers.acquisition_start(ds) for _, ds in slices])
    return replace(scan, start=start, remarks=tuple(remarks))


def read_pt(slices: Slices, label: str) -> Scan:
    """A PT series as activity concentration, or as counts that settings must calibrate.

    Raises
    ------
    DataError
        As for `read_ct`; units that are neither activity nor counts.
    """
    order, grid, remarks = stack(slices, label)
    first_name, first = slices[order[0]]
    unit = _unit(first, first_name)
    values = np.empty(grid.shape, dtype=np.float32)
    for k, i in enumerate(order):
        name, ds = slices[i]
        if _unit(ds, name) != unit:
            raise DataError(f"{name}: (0054,1001) Units differs from {first_name}; one series, one unit.")
        values[k] = rescaled(ds, stored_values(ds, name), name)
    remarks += _incomplete(slices, label, "NumberOfSlices", "(0054,0081) Number of Slices")
    starts = [headers.acquisition_start(ds) for _, ds in slices]
    start = _earliest(starts)
    duration = headers.number(first.get("ActualFrameDuration"))
    seconds = None if duration is None else duration / 1000.0
    if unit == "CPS":
        if not seconds:
            raise DataError(f"{first_name}: (0054,1001) Units is CPS but (0018,1242) Actual Frame Duration is missing.")
        values *= np.float32(seconds)
    given, administration_remarks = headers.administration(first, first_name)
    correction, decay_remarks = decay_correction(first)
    offsets, factor = _beds(slices, order, starts, start)
    image = Image(values=values, grid=grid, quantity=PT_UNITS[unit])
    return replace(
        described(first, image, label=label, modality="PT", files=tuple(slices[i][0] for i in order)),
        start=start,
        duration=seconds,
        correction=correction,
        correction_time=headers.moment(first.get("DecayCorrectionDateTime")),
        decay_factor=factor,
        series_time=headers.moment(first.get("SeriesDate"), first.get("SeriesTime", "")),
        slice_starts=offsets,
        administration=given,
        remarks=(*remarks, *administration_remarks, *decay_remarks),
    )


def described(ds: Dataset, image: Image, *, label: str, modality: str, files: tuple[str, ...]) -> Scan:
    """A scan with what every object says in the same tags."""
    return Scan(
        label=label,
        modality=modality,
        image=image,
        series_uid=str(ds.get("SeriesInstanceUID") or ""),
        study_uid=str(ds.get("StudyInstanceUID") or ""),
        half_life=headers.half_life(ds),
        corrections=headers.words(ds.get("CorrectedImage")),
        manufacturer=" ".join(str(ds.get(k) or "") for k in ("Manufacturer", "ManufacturerModelName")).strip(),
        description=str(ds.get("SeriesDescription") or ""),
        files=files,
    )


def decay_correction(ds: Dataset) -> tuple[DecayCorrection | None, list[str]]:
    """(0054,1102) as it says, None where it says none of its words, and remarks where (0028,0051) contradicts it."""
    word = str(ds.get("DecayCorrection") or "").strip().upper()
    if word not in DecayCorrection.__members__:
        return None, [f"(0054,1102) Decay Correction is {word or 'missing'!r}; allowed are NONE, START, ADMIN."]
    corrected = headers.words(ds.get("CorrectedImage"))
    says_decay = "DECY" in corrected
    if corrected and says_decay != (word != "NONE"):
        listed = "lists" if says_decay else "does not list"
        return DecayCorrection(word), [
            f"(0054,1102) Decay Correction is {word} although (0028,0051) Corrected Image {listed} DECY; the first was followed."
        ]
    return DecayCorrection(word), []


def _unit(ds: Dataset, where: str) -> str:
    unit = str(ds.get("Units") or "").strip().upper()
    if unit not in PT_UNITS:
        raise DataError(
            f"{where}: (0054,1001) Units is {unit or 'missing'!r}, which is neither activity nor counts; allowed are "
            f"{', '.join(PT_UNITS)}. Export the series in BQML."
        )
    return unit


def _earliest(times: Sequence[datetime | None]) -> datetime | None:
    known = [t for t in times if t is not None]
    return min(known) if known else None


def _incomplete(slices: Slices, label: str, keyword: str, tag: str) -> list[str]:
    """A loss at either end leaves no gap: the header's own count tells."""
    stated = {int(n) for n in (headers.number(ds.get(keyword)) for _, ds in slices) if n}
    if len(stated) == 1 and max(stated) > len(slices):
        raise DataError(
            f"{label}: {len(slices)} slices found where {tag} says {max(stated)}; slices are missing. "
            f"First and last found: {slices[0][0]}, {slices[-1][0]}. Export the series again, whole."
        )
    return []


def _beds(
    slices: Slices, order: list[int], starts: Sequence[datetime | None], start: datetime | None
) -> tuple[np.ndarray | None, float | None]:
    """Start of each slice's bed after ``start`` [s], None where all are one; (0054,1321) of the first bed."""
    by_clock = [0.0 if t is None or start is None else (t - start).total_seconds() for t in starts]
    by_frame = [(headers.number(ds.get("FrameReferenceTime")) or 0.0) / 1000.0 for _, ds in slices]
    offsets = by_clock if max(by_clock) > 0 else [t - min(by_frame) for t in by_frame]
    first = slices[int(np.argmin(offsets))][1]
    factor = headers.number(first.get("DecayFactor"))
    return (np.array([offsets[i] for i in order]) if max(offsets) > 0 else None), factor
