"""Which window, detector, rotation, gate and view each frame of a tomographic NM object is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.errors import DataError

VECTORS = {
    "window": ("EnergyWindowVector", "(0054,0010) Energy Window Vector", "NumberOfEnergyWindows"),
    "detector": ("DetectorVector", "(0054,0020) Detector Vector", "NumberOfDetectors"),
    "rotation": ("RotationVector", "(0054,0050) Rotation Vector", "NumberOfRotations"),
    "interval": ("RRIntervalVector", "(0054,0060) R-R Interval Vector", "NumberOfRRIntervals"),
    "slot": ("TimeSlotVector", "(0054,0070) Time Slot Vector", "NumberOfTimeSlots"),
}
ANGULAR = "(0054,0090) Angular View Vector"
Index = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frames:
    """Numbers of each frame, from 1; ``gate`` counts time slots through all R-R intervals.

    Attributes
    ----------
    window, detector, rotation, gate, view : ndarray of int (frames,)
    by_detector : bool                  Whether the items of (0054,0052) are one a detector, not one a rotation.
    """

    window: Index
    detector: Index
    rotation: Index
    gate: Index
    view: Index
    by_detector: bool = False

    def of(self, *, detector: int, rotation: int, gate: int, window: int) -> Index:
        """Places of the frames of one sweep in one window and gate, in the order of their views."""
        mine = (self.detector == detector) & (self.rotation == rotation) & (self.gate == gate) & (self.window == window)
        places = np.flatnonzero(mine)
        return places[np.argsort(self.view[places], kind="stable")]


def frames_of(ds: Dataset, count: int, name: str, remarks: list[str]) -> Frames:
    """The frame vectors, checked: every sweep is there in every window and gate with the same views, once.

    Raises
    ------
    DataError
        A vector is missing where there is more than one of its kind, is of another length, or views are missing or double.
    """
    by_detector = _items_by_detector(ds)
    if by_detector:
        remarks.append(
            "(0054,0052) Rotation Information Sequence has one item a detector, where the standard has one a rotation: read as "
            "one rotation of all detectors, each with its own item."
        )
    kinds = {kind: each for kind, each in VECTORS.items() if not (by_detector and kind == "rotation")}
    found = {kind: _vector(ds, count, *each, name, remarks) for kind, each in kinds.items()}
    found.setdefault("rotation", np.ones(count, dtype=np.intp))
    slots = int(found["slot"].max())
    gate = (found["interval"] - 1) * slots + found["slot"]
    if int(found["interval"].max()) > 1:
        remarks.append(
            f"(0054,0060) {int(found['interval'].max())} R-R intervals: their time slots were counted as gates, in order."
        )
    stated = _numbers(ds.get("AngularViewVector"))
    sweep = np.stack([found["window"], found["detector"], found["rotation"], gate])
    view = _counted(sweep)
    if stated is None:
        remarks.append(f"{ANGULAR} is missing; the views were taken in the order in which they are stored.")
    elif stated.size != count:
        raise DataError(f"{name}: {ANGULAR} has {stated.size} entries for {count} frames. Export the file again.")
    else:
        view = _from_one(stated, found["detector"], found["rotation"], remarks)
    frames = Frames(
        window=found["window"],
        detector=found["detector"],
        rotation=found["rotation"],
        gate=gate,
        view=view,
        by_detector=by_detector,
    )
    _check_complete(frames, name)
    return frames


def _items_by_detector(ds: Dataset) -> bool:
    """Whether there are as many items of (0054,0052) as detectors, while the frames know one rotation or call it the detector."""
    items, detector = len(ds.get("RotationInformationSequence") or []), _numbers(ds.get("DetectorVector"))
    rotation = _numbers(ds.get("RotationVector"))
    if detector is None or items < 2 or items != np.unique(detector).size:
        return False
    if rotation is None:
        return (headers.number(ds.get("NumberOfRotations")) or 1) == 1
    return bool(np.all(rotation == 1) or np.array_equal(rotation, detector))


def _from_one(views: Index, detector: Index, rotation: Index, remarks: list[str]) -> Index:
    """Numbers that start at 1 in each sweep, from ones that start at 0 or go on through all detectors and rotations."""
    out, before, on = views.copy(), 0, True
    for r, d in np.unique(np.stack([rotation, detector], axis=1), axis=0):
        mine = (detector == d) & (rotation == r)
        on = on and int(views[mine].min()) == before + 1
        out[mine] = views[mine] - before
        before = int(views[mine].max())
    if on and not np.array_equal(out, views):
        remarks.append(f"{ANGULAR} counts on from detector to detector; each detector's views were numbered from 1.")
        return out
    if int(views.min()) == 0:
        remarks.append(f"{ANGULAR} starts at 0; 1 was added.")
        return views + 1
    return views


def _numbers(value: Any) -> Index | None:
    if value is None or value == "":
        return None
    return np.atleast_1d(np.asarray(value, dtype=np.intp))


def _vector(ds: Dataset, count: int, keyword: str, tag: str, number: str, name: str, remarks: list[str]) -> Index:
    values = _numbers(ds.get(keyword))
    stated = headers.number(ds.get(number)) or 1
    if values is None:
        if stated > 1:
            raise DataError(
                f"{name}: {tag} is missing although the header counts {stated:g} of them; it does not say what each frame is. "
                "Export the file again."
            )
        return np.ones(count, dtype=np.intp)
    if values.size != count:
        raise DataError(f"{name}: {tag} has {values.size} entries for {count} frames. Export the file again.")
    if values.min(initial=1) == 0 and int(values.max()) + 1 == stated:
        remarks.append(f"{tag} starts at 0; 1 was added.")
        values = values + 1
    if values.min(initial=1) < 1:
        raise DataError(f"{name}: {tag} holds {values.min()}; numbers start at 1. Export the file again.")
    if keyword != "RRIntervalVector" and int(values.max(initial=1)) < stated:
        raise DataError(f"{name}: {tag} ends at {values.max()} where the header counts {stated:g}; frames are missing.")
    return values


def _counted(sweep: Index) -> Index:
    """Number of each frame within its sweep, window and gate."""
    seen: dict[tuple[int, ...], int] = {}
    out = np.empty(sweep.shape[1], dtype=np.intp)
    for i, key in enumerate(map(tuple, sweep.T.tolist())):
        out[i] = seen[key] = seen.get(key, 0) + 1
    return out


def _check_complete(frames: Frames, name: str) -> None:
    windows, gates = np.unique(frames.window), np.unique(frames.gate)
    for detector, rotation in np.unique(np.stack([frames.detector, frames.rotation], axis=1), axis=0):
        whole: Index | None = None
        for window in windows:
            for gate in gates:
                places = frames.of(detector=detector, rotation=rotation, gate=gate, window=window)
                views = frames.view[places]
                if np.any(np.diff(views) == 0):
                    twice = int(views[np.flatnonzero(np.diff(views) == 0)[0]])
                    raise DataError(
                        f"{name}: view {twice} of detector {detector} in energy window {window} is there twice ({ANGULAR}). "
                        "Export the file again, or split it."
                    )
                whole = views if whole is None else whole
                if not np.array_equal(views, whole):
                    raise DataError(
                        f"{name}: detector {detector} has {whole.size} views in one energy window or gate and {views.size} in "
                        f"window {window}, gate {gate}; frames are missing. Export the file again, whole."
                    )
        if whole is not None and (whole[0] != 1 or np.any(np.diff(whole) != 1)):
            raise DataError(
                f"{name}: {ANGULAR} of detector {detector} has gaps; views are missing. Export the file again, whole."
            )
