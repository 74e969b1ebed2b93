"""Contours as an RT Structure Set."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pydicom.uid import RTStructureSetStorage

from hevesy.dicom import visit as common
from hevesy.errors import InputError
from hevesy.model import Outline

# Distinct on a grey CT; in the order of the regions.
COLOURS = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178), (213, 94, 0),
    (204, 121, 167), (153, 153, 255), (255, 153, 153), (153, 255, 153),
)  # fmt: skip
CONTOUR_DATA = Tag("ContourData")
DETACHED_STUDY = "1.2.840.10008.3.1.2.3.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slice:
    z: float
    sop_class: str
    instance: str


def write_rtstruct(
    path: Path,
    outlines: Sequence[Outline],
    *,
    visit: common.Visit,
    series: common.Series,
    slices: Sequence[Path],
) -> Path:
    """Write outlines drawn on the axial slices of one image series.

    Contours of a region with holes are CLOSEDPLANAR_XOR, those of others CLOSED_PLANAR (PS3.3, C.8.8.6).

    Parameters
    ----------
    slices : sequence of Path           Files of the series on which the regions were drawn.

    Raises
    ------
    InputError
        An outline without contours, or no slices.
    """
    if not slices or any(not outline.contours for outline in outlines):
        raise InputError("an RTSTRUCT needs the files of the slices, and outlines that hold contours; masks go into a SEG.")
    path.parent.mkdir(parents=True, exist_ok=True)
    first, images = _images(slices)
    ds = common.new_dataset(RTStructureSetStorage, common.instance_uid(series, 0))
    common.put_visit(ds, visit)
    common.put_series(ds, series, "RTSTRUCT")
    common.put_equipment(ds)
    ds.OperatorsName = ""
    ds.InstanceNumber = 1
    ds.StructureSetLabel = series.description[:16]
    ds.StructureSetDate, ds.StructureSetTime = common.day(series.start), common.clock(series.start)
    ds.ApprovalStatus = "UNAPPROVED"
    ds.ReferencedFrameOfReferenceSequence = [_referenced_frame(first, images)]
    ds.StructureSetROISequence, ds.ROIContourSequence, ds.RTROIObservationsSequence = [], [], []
    for number, outline in enumerate(outlines, start=1):
        roi, observation = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number, outline.name
        roi.ReferencedFrameOfReferenceUID = visit.frame_of_reference
        roi.ROIGenerationAlgorithm = "MANUAL"
        observation.ObservationNumber = observation.ReferencedROINumber = number
        observation.RTROIInterpretedType, observation.ROIInterpreter = "ORGAN", ""
        ds.StructureSetROISequence.append(roi)
        ds.RTROIObservationsSequence.append(observation)
        ds.ROIContourSequence.append(_contours(outline, number, images))
    return common.save(ds, path)


def _images(slices: Sequence[Path]) -> tuple[Dataset, list[_Slice]]:
    tags = ["SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "ImagePositionPatient",
            "FrameOfReferenceUID"]  # fmt: skip
    headers = [pydicom.dcmread(p, specific_tags=tags, stop_before_pixels=True) for p in slices]
    images = [_Slice(z=float(h.ImagePositionPatient[2]), sop_class=h.SOPClassUID, instance=h.SOPInstanceUID) for h in headers]
    return headers[0], sorted(images, key=lambda s: s.z)


def _reference(image: _Slice) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = image.sop_class, image.instance
    return item


def _referenced_frame(first: Dataset, images: list[_Slice]) -> Dataset:
    series, study, frame = Dataset(), Dataset(), Dataset()
    series.SeriesInstanceUID = first.SeriesInstanceUID
    series.ContourImageSequence = [_reference(image) for image in images]
    study.ReferencedSOPClassUID, study.ReferencedSOPInstanceUID = DETACHED_STUDY, first.StudyInstanceUID
    study.RTReferencedSeriesSequence = [series]
    frame.FrameOfReferenceUID = first.FrameOfReferenceUID
    frame.RTReferencedStudySequence = [study]
    return frame


def _contours(outline: Outline, number: int, images: list[_Slice]) -> Dataset:
    item = Dataset()
    item.ReferencedROINumber = number
    item.ROIDisplayColor = list(COLOURS[(number - 1) % len(COLOURS)])
    heights = np.array([image.z for image in images])
    kind = "CLOSEDPLANAR_XOR" if has_holes(outline.contours) else "CLOSED_PLANAR"
    item.ContourSequence = []
    for points in outline.contours:
        contour = Dataset()
        nearest = int(np.argmin(np.abs(heights - points[:, 2].mean())))
        contour.ContourImageSequence = [_reference(images[nearest])]
        contour.ContourGeometricType = kind
        contour.NumberOfContourPoints = len(points)
        contour[CONTOUR_DATA] = _numbers(points)
        item.ContourSequence.append(contour)
    return item


def _numbers(points: npt.NDArray[np.float64]) -> RawDataElement:
    # Already encoded: pydicom would check each of some hundred thousand numbers by a regular expression.
    text = ("\\".join(["%.3f"] * points.size) % tuple(points.ravel())).encode("ascii")
    text += b" " * (len(text) % 2)
    return RawDataElement(CONTOUR_DATA, "DS", len(text), text, 0, False, True)


def has_holes(contours: Sequence[npt.NDArray[np.float64]]) -> bool:
    """Whether a contour begins inside another of its plane."""
    planes: dict[float, list[npt.NDArray[np.float64]]] = {}
    for points in contours:
        planes.setdefault(round(float(points[0, 2]), 3), []).append(points[:, :2])
    return any(_inside(a[0], b) for rings in planes.values() if len(rings) > 1 for a in rings for b in rings if a is not b)


def _inside(point: npt.NDArray[np.float64], ring: npt.NDArray[np.float64]) -> bool:
    x, y = ring.T
    x2, y2 = np.roll(x, -1), np.roll(y, -1)
    crosses = (y > point[1]) != (y2 > point[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x + (point[1] - y) / (y2 - y) * (x2 - x)
    return bool(np.count_nonzero(crosses & (at > point[0])) % 2)
