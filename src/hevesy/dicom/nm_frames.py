"""Frames of any NM object as they were counted: floods, bars, lines, and the views of a rotation."""

import warnings
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from hevesy.dicom import headers
from hevesy.dicom.pixels import stored_values
from hevesy.errors import DataError, InputError
from hevesy.model.arrays import frozen


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NuclearFrames:
    """Counts by frame.

    Attributes
    ----------
    name : str                          Of the file.
    kind : str                          Value 3 of (0008,0008) Image Type: STATIC, WHOLE BODY, DYNAMIC, TOMO, ...
    counts : ndarray, shape (frames, rows, columns)
    detector, window : ndarray of int, shape (frames,)   From 1.
    angles : ndarray, shape (frames,) or None   Of the head, for views of a rotation [degrees].
    pixel : (rows, columns)             Sides [mm].
    duration : float or None            Of a frame (0018,1242) [s].
    start : datetime or None
    nuclide, camera, collimator : str   "" where the header does not say.
    """

    name: str
    counts: npt.NDArray[np.float64]
    detector: npt.NDArray[np.int_]
    window: npt.NDArray[np.int_]
    angles: npt.NDArray[np.float64] | None
    pixel: tuple[float, float]
    duration: float | None
    start: datetime | None
    nuclide: str
    camera: str
    collimator: str
    kind: str = ""


def read_frames(path: Path) -> NuclearFrames:
    """All frames of an NM object: STATIC, WHOLE BODY, DYNAMIC or TOMO, not reconstructed.

    Angles of a TOMO are those of (0054,0200) Start Angle, (0018,1144) Angular Step and (0018,1140) Rotation Direction of
    its rotation, the start by the detector where (0054,0022) has one; CC counts upwards.

    Raises
    ------
    DataError
        Another object, a damaged one, or a header that does not say pixel sides or which frame is what.
    InputError
        There is no such file.
    """
    ds = _opened(path)
    name, kind = path.name, headers.words(ds.get("ImageType"))
    if str(ds.get("Modality") or "") != "NM" or "RECON TOMO" in kind:
        raise DataError(
            f"{name}: (0008,0060) Modality is {ds.get('Modality')}, (0008,0008) Image Type {'/'.join(kind) or 'missing'}; "
            "counts of an NM camera that are not reconstructed are needed."
        )
    counts = stored_values(ds, name).astype(np.float64)
    counts = counts.reshape(-1, int(ds.Rows), int(ds.Columns))
    spacing = ds.get("PixelSpacing")
    if not spacing:
        raise DataError(f"{name}: (0028,0030) Pixel Spacing is missing; lengths cannot be told. Export it with its header.")
    n = counts.shape[0]
    detector, window = _vector(ds, "DetectorVector", n, name), _vector(ds, "EnergyWindowVector", n, name)
    rotation: Dataset | None = next(iter(ds.get("RotationInformationSequence") or []), None)
    info: Dataset = next(iter(ds.get("RadiopharmaceuticalInformationSequence") or []), Dataset())
    first: Dataset = next(iter(ds.get("DetectorInformationSequence") or []), Dataset())
    milliseconds = headers.number((rotation or ds).get("ActualFrameDuration")) or headers.number(ds.get("ActualFrameDuration"))
    return NuclearFrames(
        name=name,
        counts=frozen(counts),
        detector=frozen(detector, np.int_),
        window=frozen(window, np.int_),
        angles=None if rotation is None or "TOMO" not in kind else frozen(_angles(ds, rotation, detector, name)),
        pixel=(float(spacing[0]), float(spacing[1])),
        duration=None if not milliseconds else milliseconds / 1000.0,
        start=headers.acquisition_start(ds),
        nuclide=headers.radionuclide(info),
        camera=" ".join(str(ds.get(k) or "") for k in ("Manufacturer", "ManufacturerModelName")).strip(),
        collimator=str(first.get("CollimatorGridName") or ""),
        kind=kind[2] if len(kind) > 2 else "",
    )


def _opened(path: Path) -> Dataset:
    if not path.is_file():
        raise InputError(f"{path}: no such file. Give the NM object of the test.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pydicom.dcmread(path)
    except (InvalidDicomError, EOFError):
        raise DataError(f"{path.name}: this is no DICOM file. Give the NM object of the test.") from None
    except PermissionError:
        raise
    except Exception as error:  # a damaged file can make pydicom raise anything
        raise DataError(f"{path.name}: cannot be read as DICOM ({type(error).__name__}); it is damaged.") from error


def _vector(ds: Dataset, keyword: str, frames: int, name: str) -> npt.NDArray[np.int_]:
    value: Any = ds.get(keyword)
    if value is None or value == "":
        stated = int(ds.get("NumberOfDetectors") or 1) if keyword == "DetectorVector" else 1
        if stated == frames > 1:  # a frame a head
            return np.arange(1, frames + 1)
        return np.ones(frames, dtype=np.int_)
    values = [value] if isinstance(value, (int, float, str)) else list(value)
    if len(values) != frames:
        raise DataError(f"{name}: {keyword} has {len(values)} entries for {frames} frames; it does not say what each frame is.")
    return np.array([int(v) for v in values])


def _angles(ds: Dataset, rotation: Dataset, detector: npt.NDArray[np.int_], name: str) -> npt.NDArray[np.float64]:
    step = headers.number(rotation.get("AngularStep"))
    direction = str(rotation.get("RotationDirection") or "").upper()
    if not step or direction not in ("CW", "CC"):
        raise DataError(
            f"{name}: (0018,1144) Angular Step is {step}, (0018,1140) Rotation Direction {direction or 'missing'}; both are "
            "needed to know where the head stood."
        )
    heads = list(ds.get("DetectorInformationSequence") or [])
    out = np.zeros(detector.size)
    value: Any = ds.get("AngularViewVector")
    views = [int(v) for v in value] if value is not None and not isinstance(value, (int, str)) else None
    for head in np.unique(detector):
        mine = np.flatnonzero(detector == head)
        own = headers.number(heads[head - 1].get("StartAngle")) if head <= len(heads) else None
        start = own if own is not None else headers.number(rotation.get("StartAngle")) or 0.0
        order = np.array([views[i] - 1 for i in mine]) if views and len(views) == detector.size else np.arange(mine.size)
        out[mine] = start + order * abs(step) * (1 if direction == "CC" else -1)
    return out
