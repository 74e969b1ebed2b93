"""Projections as one multi-frame NM object, TOMO or GATED TOMO, with energy windows, detectors and rotations."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import NuclearMedicineImageStorage

from hevesy.dicom import visit as common
from hevesy.dicom.nuclide_codes import nm_radiopharmaceutical
from hevesy.dicom.tomo_orbit import SAME_TIME, Sweep, sweeps
from hevesy.errors import DataError, InputError
from hevesy.model import Administration, Projections

MOST_COUNTS = 65535
# Frame increment pointers of PS3.3, C.8.4.8.
TOMO = (0x00540010, 0x00540020, 0x00540050, 0x00540090)
GATED_TOMO = (0x00540010, 0x00540020, 0x00540050, 0x00540060, 0x00540070, 0x00540090)


def write_tomo(
    path: Path,
    projections: Projections | Sequence[Projections],
    *,
    visit: common.Visit,
    series: common.Series,
    given: Administration | None = None,
    half_life: float | None = None,
    focal_length: float = 0.0,
) -> Path:
    """Write the counts of one bed position; several values are its gates, in order.

    Frames follow each other by energy window, detector, rotation, time slot and view.  Row and column directions and the
    place of the first pixel stand for each detector at its start angle, at the face of its collimator.  Where the views do
    not follow each other without a pause, the pause stands in (0054,0038) beside the rotation.  ``focal_length`` [mm] is that
    of a pinhole from its hole to the detector; 0 is parallel holes.

    Raises
    ------
    DataError
        Counts that are not whole numbers from 0 to 65535.
    InputError
        Views that DICOM cannot hold: unequal steps or durations, gates of different geometry.
    """
    gates = (projections,) if isinstance(projections, Projections) else tuple(projections)
    first = _checked(gates, path.name)
    orbit = sweeps(first)
    ds = common.new_dataset(NuclearMedicineImageStorage, common.instance_uid(series, 0))
    common.put_visit(ds, visit)
    if first.frame_of_reference and first.frame_of_reference != visit.frame_of_reference:
        raise InputError(f"{path.name}: projections and visit have different frames of reference; they must be one.")
    common.put_series(ds, series, "NM")
    common.put_acquisition(ds, series)
    common.put_equipment(ds)
    if first.camera:
        ds.ManufacturerModelName = first.camera[:64]
    common.put_supine_head_first(ds)
    ds.InstanceNumber, ds.AcquisitionNumber = 1, first.bed
    ds.ImageType = ["ORIGINAL", "PRIMARY", "GATED TOMO" if len(gates) > 1 else "TOMO", "EMISSION"]
    ds.AcquisitionTerminationCondition = "TIME"
    counts = np.concatenate([_frames(gates, orbit, w) for w in range(len(first.windows))])
    ds.CountsAccumulated = _fitting(counts.sum(dtype=np.int64))
    if first.start is not None:
        begun = first.start + timedelta(seconds=float(first.starts.min()))
        ds.AcquisitionDate, ds.AcquisitionTime = common.day(begun), common.clock(begun)
    _put_windows(ds, first)
    ds.RadiopharmaceuticalInformationSequence = [nm_radiopharmaceutical(first.nuclide, half_life=half_life, given=given)]
    _put_detectors(ds, first, orbit, focal_length)
    _put_rotations(ds, first, orbit, lasting=sum(float(gate.durations[0]) for gate in gates))
    if len(gates) > 1:
        _put_gates(ds, gates)
    _put_vectors(ds, first, orbit, len(gates))
    common.put_pixel_format(ds, *first.counts.shape[2:])
    ds.PixelSpacing = common.decimals(first.pixel)
    ds.NumberOfFrames = counts.shape[0]
    ds.PixelData = counts.astype("<u2").tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    return common.save(ds, path)


def _fitting(total: np.int64) -> int | None:
    """(0018,0070) is an IS: it ends at 2^31 - 1."""
    return int(total) if total < 2**31 else None


def _checked(gates: tuple[Projections, ...], name: str) -> Projections:
    if not gates:
        raise InputError(f"{name}: there are no projections to write.")
    first = gates[0]
    if np.any(first.shifts != 0):
        raise InputError(
            f"{name}: the views lie beside the axis (columns that swivel), for which DICOM's NM images have no tag. "
            "Write them by hevesy.dicom.projections_hdf5."
        )
    for gate in gates:
        low, high = float(gate.counts.min(initial=0)), float(gate.counts.max(initial=0))
        if low < 0 or high > MOST_COUNTS or not np.all(np.isfinite([low, high])) or np.any(gate.counts != np.rint(gate.counts)):
            raise DataError(
                f"{name}: counts from {low:g} to {high:g}; a file holds whole numbers from 0 to {MOST_COUNTS}. Draw counts from "
                "expected values first, or shorten the views."
            )
        same = gate.counts.shape == first.counts.shape and gate.windows == first.windows and gate.pixel == first.pixel
        if not same or not all(np.array_equal(getattr(gate, k), getattr(first, k)) for k in ("angles", "radii", "starts")):
            raise InputError(f"{name}: gates of one bed position must have the same windows, views and pixels.")
        if abs(float(gate.durations[0] - first.durations[0])) > SAME_TIME:
            raise InputError(
                f"{name}: gates last {first.durations[0]:g} and {gate.durations[0]:g} s a view; a file holds equal ones."
            )
        if float(np.ptp(gate.durations)) > SAME_TIME:
            raise InputError(
                f"{name}: views last {gate.durations.min():g} to {gate.durations.max():g} s; DICOM holds one duration."
            )
    return first


def _frames(gates: tuple[Projections, ...], orbit: tuple[Sweep, ...], window: int) -> npt.NDArray[np.uint16]:
    parts = [gate.counts[window][sweep.views] for sweep in orbit for gate in gates]
    return np.concatenate(parts).astype(np.uint16)


def _put_windows(ds: Dataset, first: Projections) -> None:
    items = []
    for window in first.windows:
        item, span = Dataset(), Dataset()
        item.EnergyWindowName = window.name[:16]
        span.EnergyWindowLowerLimit, span.EnergyWindowUpperLimit = common.decimals([window.lower, window.upper])
        item.EnergyWindowRangeSequence = [span]
        items.append(item)
    ds.NumberOfEnergyWindows, ds.EnergyWindowInformationSequence = len(items), items


def _put_detectors(ds: Dataset, first: Projections, orbit: tuple[Sweep, ...], focal_length: float) -> None:
    items = []
    for sweep in (s for s in orbit if s.rotation == 1):
        item = Dataset()
        item.CollimatorGridName, item.CollimatorType = first.collimator[:16], "PINH" if focal_length else "PARA"
        item.FocalDistance = str(round(focal_length))
        item.StartAngle = common.decimal(round(sweep.start_angle, 6))
        item.ZoomFactor = ["1", "1"]
        across, corner = first_pixel(first, int(sweep.views[0]))
        item.ImageOrientationPatient = common.decimals(np.round([*across, 0.0, 0.0, -1.0], 12))
        item.ImagePositionPatient = common.decimals(np.round(corner, 6))
        items.append(item)
    ds.NumberOfDetectors, ds.DetectorInformationSequence = len(items), items


def first_pixel(projections: Projections, view: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Direction of the columns of a view (3,), and centre of its first pixel on the face of the collimator (3,) [mm]."""
    angle = np.deg2rad(projections.angles[view])
    across = np.array([-np.cos(angle), np.sin(angle), 0.0])
    outward = np.array([np.sin(angle), np.cos(angle), 0.0])
    rows, columns = projections.counts.shape[2:]
    dy, dx = projections.pixel
    corner = np.array(projections.centre) + projections.radii[view] * outward
    corner = corner - across * dx * (columns - 1) / 2
    corner[2] += dy * (rows - 1) / 2
    return across, corner


def _put_rotations(ds: Dataset, first: Projections, orbit: tuple[Sweep, ...], *, lasting: float) -> None:
    """NM Tomo Acquisition module; ``lasting`` is the time of a view, all gates together [s]."""
    detectors = max(s.detector for s in orbit)
    items = []
    for sweep in (s for s in orbit if s.detector == 1):
        item = Dataset()
        n = sweep.views.size
        item.StartAngle, item.AngularStep = common.decimal(round(sweep.start_angle, 6)), common.decimal(round(sweep.step, 9))
        item.RotationDirection, item.ScanArc = sweep.direction, common.decimal(round(sweep.step * n, 6))
        item.ActualFrameDuration = round(lasting * 1000)
        item.NumberOfFramesInRotation = n
        radii = np.concatenate([first.radii[s.views] for s in orbit if s.rotation == sweep.rotation])
        item.RadialPosition = common.decimals(np.round(radii[:1] if np.ptp(radii) == 0 else radii, 6))
        item.PauseBetweenFrames = _pause(first, sweep, lasting)
        items.append(item)
    if detectors > 1:
        for detector, target in enumerate(ds.DetectorInformationSequence, start=1):
            mine = np.concatenate([first.radii[s.views] for s in orbit if s.detector == detector])
            target.RadialPosition = common.decimals(np.round(mine, 6))
    ds.NumberOfRotations, ds.RotationInformationSequence = len(items), items
    ds.TypeOfDetectorMotion = "STEP AND SHOOT"


def _pause(first: Projections, sweep: Sweep, lasting: float) -> int:
    """Between the views of a rotation [ms]."""
    starts = first.starts[sweep.views]
    if starts.size < 2:
        return 0
    gaps = np.diff(starts) - lasting
    if float(np.ptp(gaps)) > 2 * SAME_TIME or gaps.min() < -SAME_TIME:
        raise InputError("pauses between the views are unequal or negative; DICOM holds one pause a rotation.")
    return round(float(gaps.mean()) * 1000)


def _put_gates(ds: Dataset, gates: tuple[Projections, ...]) -> None:
    """NM Multi-gated Acquisition module: all time slots take the same share of the time of a view."""
    gated, data = Dataset(), Dataset()
    data.FrameTime = common.decimal(round(1000 * float(gates[0].durations[0]), 6))
    gated.DataInformationSequence = [data]
    ds.GatedInformationSequence = [gated]
    ds.NumberOfRRIntervals, ds.NumberOfTimeSlots = 1, len(gates)


def _put_vectors(ds: Dataset, first: Projections, orbit: tuple[Sweep, ...], gates: int) -> None:
    rows = [
        (w + 1, sweep.detector, sweep.rotation, gate + 1, k + 1)
        for w in range(len(first.windows))
        for sweep in orbit
        for gate in range(gates)
        for k in range(sweep.views.size)
    ]
    window, detector, rotation, slot, view = (list(column) for column in zip(*rows, strict=True))
    ds.FrameIncrementPointer = list(GATED_TOMO if gates > 1 else TOMO)
    ds.EnergyWindowVector, ds.DetectorVector, ds.RotationVector = window, detector, rotation
    if gates > 1:
        ds.RRIntervalVector, ds.TimeSlotVector = [1] * len(rows), slot
    ds.AngularViewVector = view
