"""RTSTRUCT: regions as planar contours."""

import numpy as np
from pydicom.dataset import Dataset

from hevesy.errors import DataError
from hevesy.model import Outline

CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


def read_rtstruct(ds: Dataset, name: str) -> tuple[list[Outline], list[str]]:
    """All regions that have an inside, and remarks that name those which have none.

    Raises
    ------
    DataError
        A contour whose number of coordinates does not fit, or contours of a region without a name.
    """
    rois = {int(roi.ROINumber): roi for roi in ds.get("StructureSetROISequence") or []}
    frames = [str(item.get("FrameOfReferenceUID") or "") for item in ds.get("ReferencedFrameOfReferenceSequence") or []]
    drawn: dict[int, list[np.ndarray]] = {number: [] for number in rois}
    flat: dict[int, int] = dict.fromkeys(rois, 0)
    for item in ds.get("ROIContourSequence") or []:
        number = int(item.ReferencedROINumber)
        if number not in rois:
            raise DataError(f"{name}: (3006,0039) holds contours of region {number}, which (3006,0020) does not name.")
        for contour in item.get("ContourSequence") or []:
            if str(contour.get("ContourGeometricType") or "") not in CLOSED:
                flat[number] += 1
                continue
            points = _points(contour, f"{name}: region {_name(rois[number], number)}")
            if len(points) < 3:
                flat[number] += 1  # a crumb of the drawing program: it has no area
            else:
                drawn[number].append(points)
    outlines, remarks = [], []
    series = _referenced_series(ds)
    for number, roi in rois.items():
        region = _name(roi, number)
        if not drawn[number]:
            what = f"only {flat[number]} points or open lines" if flat[number] else "no contours"
            remarks.append(f"{name}: region {region} has {what}, so no volume; it cannot be dosed.")
            continue
        frame = str(roi.get("ReferencedFrameOfReferenceUID") or "") or next(iter(frames), "")
        outlines.append(
            Outline(
                name=region,
                frame_of_reference=frame,
                contours=tuple(drawn[number]),
                series_uid=series,
                source=f"{name} (RTSTRUCT)",
            )
        )
    return outlines, remarks


def _name(roi: Dataset, number: int) -> str:
    """(3006,0026) as it is; a backslash in it, which DICOM takes for the end of a value, stays a part of it."""
    name = roi.get("ROIName")
    text = str(name or "") if name is None or isinstance(name, str) else "\\".join(str(part) for part in name)
    return text.strip() or f"ROI {number}"


def _points(contour: Dataset, where: str) -> np.ndarray:
    try:
        points = np.array([float(x) for x in contour.get("ContourData") or []]).reshape(-1, 3)
    except ValueError as error:
        raise DataError(f"{where}: (3006,0050) Contour Data is not a list of x, y, z.") from error
    stated = contour.get("NumberOfContourPoints")
    if not len(points) or (stated is not None and int(stated) != len(points)):
        raise DataError(
            f"{where}: (3006,0050) Contour Data holds {len(points)} points, (3006,0046) says {stated}; the file is damaged."
        )
    return points


def _referenced_series(ds: Dataset) -> str:
    for frame in ds.get("ReferencedFrameOfReferenceSequence") or []:
        for study in frame.get("RTReferencedStudySequence") or []:
            for series in study.get("RTReferencedSeriesSequence") or []:
                return str(series.get("SeriesInstanceUID") or "")
    return ""
