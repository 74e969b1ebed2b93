"""NM objects of planar views: whole-body sweeps and static images, front and back."""

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
from hevesy.units import keV

ANTERIOR, POSTERIOR = "anterior", "posterior"
FRONT, BACK = ("ANT", "VENTRAL", "FRONT"), ("POST", "DORSAL", "BACK")
# A point passes under a detector of that length along the table; other figures mean that the header counts otherwise [mm].
FIELD_LENGTHS = (200.0, 700.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanarViews:
    """Two opposite views, every pixel of the posterior one at the place of its anterior partner.

    Attributes
    ----------
    counts : ndarray, shape (2, windows, rows, columns)
                                        Anterior, posterior. Rows from head to feet, columns from the patient's right to
                                        the left: the posterior view is mirrored onto the anterior one.
    windows : ((lower, upper), ...)     Energy windows [MeV]; empty where the header names none.
    spacing : (rows, columns)           Pixel sides [mm].
    duration : float or None            (0018,1242) [s].
    exposure : float or None            Time for which each point was seen [s]; of a sweep, that of its passage.
    administered_activity : float or None   (0018,1074) [Bq].
    missing : tuple of str              What the header does not say, with its tag.
    """

    name: str
    counts: npt.NDArray[np.float64]
    windows: tuple[tuple[float, float], ...]
    spacing: tuple[float, float] | None
    start: datetime | None
    duration: float | None
    exposure: float | None
    velocity: float | None
    scan_length: float | None
    whole_body: bool
    nuclide: str
    radiopharmaceutical: str
    administered_activity: float | None
    manufacturer: str
    remarks: tuple[str, ...]
    missing: tuple[str, ...]


def read_planar(path: Path, *, views: tuple[str, str] | None = None) -> PlanarViews:
    """A whole-body or static NM object of two views, with all its energy windows.

    A view is known by its direction, (0020,0037) in (0054,0022), else by the words of (0054,0220); ``views`` states which
    detectors they are where the header does not. Directions also tell which way a view is mirrored; without them the
    posterior view is taken as seen from behind, which is how cameras store it.

    Raises
    ------
    DataError
        Not such an object, damaged, views that are not one anterior and one posterior.
    InputError
        There is no such file.
    """
    ds = _opened(path)
    kind = headers.words(ds.get("ImageType"))
    name = path.name
    if str(ds.get("Modality") or "") != "NM" or not {"WHOLE BODY", "STATIC"} & set(kind):
        raise DataError(
            f"{name}: (0008,0008) Image Type is {'/'.join(kind) or 'missing'}, (0008,0060) Modality {ds.get('Modality')}; "
            "a planar NM object, WHOLE BODY or STATIC, is needed."
        )
    stored = stored_values(ds, name)
    frames = stored.reshape(-1, int(ds.Rows), int(ds.Columns)).astype(np.float64)
    remarks: list[str] = []
    named, upright = _views(ds, frames.shape[0], name, views, remarks)
    windows = _windows(ds, name)
    counts = _sorted(ds, frames, named, upright, max(1, len(windows)), name)
    duration = headers.number(ds.get("ActualFrameDuration"))
    seconds = None if not duration else duration / 1000.0
    whole = "WHOLE BODY" in kind
    velocity, length = headers.number(ds.get("ScanVelocity")), headers.number(ds.get("ScanLength"))
    info: Dataset = next(iter(ds.get("RadiopharmaceuticalInformationSequence") or []), Dataset())
    activity, unit_remarks = headers.administered_activity(info, "NM")
    spacing = ds.get("PixelSpacing")
    views_read = PlanarViews(
        name=name,
        counts=frozen(counts),
        windows=windows,
        spacing=(float(spacing[0]), float(spacing[1])) if spacing else None,
        start=headers.acquisition_start(ds),
        duration=seconds,
        exposure=_exposure(seconds, velocity, length, remarks) if whole else seconds,
        velocity=velocity,
        scan_length=length,
        whole_body=whole,
        nuclide=headers.radionuclide(info),
        radiopharmaceutical=str(info.get("Radiopharmaceutical") or ""),
        administered_activity=activity,
        manufacturer=" ".join(str(ds.get(k) or "") for k in ("Manufacturer", "ManufacturerModelName")).strip(),
        remarks=(*remarks, *unit_remarks),
        missing=_missing(ds, info, whole=whole),
    )
    if headers.number(ds.get("RescaleSlope")) not in (None, 1.0):
        raise DataError(f"{name}: (0028,1053) Rescale Slope is {ds.RescaleSlope}; planar counts are stored as they are.")
    return views_read


def _opened(path: Path) -> Dataset:
    if not path.is_file():
        raise InputError(f"{path}: no such file. Give the NM object with the anterior and posterior view.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pydicom.dcmread(path)
    except (InvalidDicomError, EOFError):
        raise DataError(f"{path.name}: this is no DICOM file. Give the NM object of the planar scan.") from None
    except Exception as error:  # a damaged file can make pydicom raise anything
        raise DataError(f"{path.name}: cannot be read as DICOM ({type(error).__name__}); it is damaged.") from error


def _views(
    ds: Dataset, frames: int, name: str, stated: tuple[str, str] | None, remarks: list[str]
) -> tuple[dict[int, str], dict[int, tuple[bool, bool]]]:
    """By detector: the view it saw, and whether its rows and columns must be turned to head-first, right-first."""
    detectors = list(ds.get("DetectorInformationSequence") or [])
    numbers = sorted(set(_vector(ds, "DetectorVector", frames)))
    named: dict[int, str] = {}
    turned: dict[int, tuple[bool, bool]] = {}
    for at, number in enumerate(numbers):
        item = detectors[number - 1] if number <= len(detectors) else Dataset()
        by_words, by_direction, turn = _words_of(item), "", (False, False)
        cosines = np.array(
            [headers.number(x) or 0.0 for x in item.get("ImageOrientationPatient") or ds.get("ImageOrientationPatient") or []]
        )
        if cosines.size == 6 and abs(cosines[0]) > 0.7 and abs(cosines[5]) > 0.7:
            # Rows run down and columns across: their normal points into the picture.
            by_direction = ANTERIOR if -cosines[0] * cosines[5] > 0 else POSTERIOR
            turn = (bool(cosines[5] > 0), bool(cosines[0] < 0))
        said = stated[at] if stated and at < len(stated) else by_direction or by_words
        if not by_direction:
            turn = (False, said == POSTERIOR)
            remarks.append(
                f"detector {number}: no direction in (0020,0037); the {said or 'unknown'} view is taken as seen from its side."
            )
        if by_words and by_direction and by_words != by_direction:
            remarks.append(
                f"detector {number}: (0054,0220) says {by_words}, (0020,0037) {by_direction}; the direction was followed."
            )
        named[number], turned[number] = said, turn
    if sorted(named.values()) != [ANTERIOR, POSTERIOR]:
        found = ", ".join(f"detector {n}: {v or 'unknown'}" for n, v in named.items())
        raise DataError(
            f"{name}: one anterior and one posterior view are needed; found {found} by (0020,0037) Image Orientation "
            "and (0054,0220) View Code Sequence. State them by --views anterior,posterior in the order of the detectors."
        )
    return named, turned


def _words_of(item: Dataset) -> str:
    text = " ".join(str(code.get("CodeMeaning") or "") for code in item.get("ViewCodeSequence") or []).upper()
    front, back = (any(word.startswith(words) for word in text.split()) for words in (FRONT, BACK))
    return "" if front == back else ANTERIOR if front else POSTERIOR


def _vector(ds: Dataset, keyword: str, frames: int) -> list[int]:
    """A frame vector; without one, two frames are two detectors and all else is the first of its kind."""
    value: Any = ds.get(keyword)
    if value is None or value == "":
        return [1, 2] if keyword == "DetectorVector" and frames == 2 else [1] * frames
    return [int(value)] if isinstance(value, (int, float, str)) else [int(v) for v in value]


def _windows(ds: Dataset, name: str) -> tuple[tuple[float, float], ...]:
    found = []
    for item in ds.get("EnergyWindowInformationSequence") or []:
        ranges = list(item.get("EnergyWindowRangeSequence") or [])
        low, high = ([headers.number(r.get(f"EnergyWindow{end}Limit")) for r in ranges] for end in ("Lower", "Upper"))
        if len(ranges) != 1 or low[0] is None or high[0] is None:
            raise DataError(f"{name}: (0054,0013) an energy window has {len(ranges)} ranges; one with both limits is needed.")
        found.append((low[0] * keV, high[0] * keV))
    return tuple(found)


def _sorted(
    ds: Dataset,
    frames: npt.NDArray[np.float64],
    named: dict[int, str],
    turned: dict[int, tuple[bool, bool]],
    windows: int,
    name: str,
) -> npt.NDArray[np.float64]:
    """Frames by view and window, all the same way up."""
    out = np.full((2, windows, *frames.shape[1:]), np.nan)
    by_detector, by_window = _vector(ds, "DetectorVector", len(frames)), _vector(ds, "EnergyWindowVector", len(frames))
    if not len(by_detector) == len(by_window) == len(frames) or max(by_window) > windows:
        raise DataError(
            f"{name}: {len(frames)} frames, but (0054,0010) Energy Window Vector has {len(by_window)} entries up to "
            f"{max(by_window)} and (0054,0020) Detector Vector {len(by_detector)}; the header does not say what each frame is."
        )
    for frame, detector, window in zip(frames, by_detector, by_window, strict=True):
        view = 0 if named[detector] == ANTERIOR else 1
        if not np.isnan(out[view, window - 1, 0, 0]):
            raise DataError(f"{name}: two frames for the {named[detector]} view in window {window}; a single sweep is needed.")
        rows, columns = turned[detector]
        out[view, window - 1] = frame[:: -1 if rows else 1, :: -1 if columns else 1]
    if np.any(np.isnan(out[:, :, 0, 0])):
        raise DataError(f"{name}: not every energy window has an anterior and a posterior frame; export all of them.")
    return out


def _exposure(duration: float | None, velocity: float | None, length: float | None, remarks: list[str]) -> float | None:
    """Time for which a point lies under the detector: that of the whole sweep less that of the scan length."""
    if duration is None or not velocity or not length:
        return None
    seen = duration - length / velocity
    if not FIELD_LENGTHS[0] <= seen * velocity <= FIELD_LENGTHS[1]:
        remarks.append(
            f"(0018,1242) {duration:g} s, (0018,1302) {length:g} mm and (0018,1300) {velocity:g} mm/s leave {seen:.1f} s for "
            "the passage of a point, which is no camera's field. State the exposure."
        )
        return None
    remarks.append(
        f"exposure of a point {seen:.1f} s: {duration:g} s of the sweep less {length:g} mm at {velocity:.2f} mm/s; a detector of "
        f"{seen * velocity:.0f} mm passes in that time."
    )
    return seen


def _missing(ds: Dataset, info: Dataset, *, whole: bool) -> tuple[str, ...]:
    given = info.get("RadiopharmaceuticalStartDateTime") or info.get("RadiopharmaceuticalStartTime")
    wanted = [
        ("(0018,1242) Actual Frame Duration", ds.get("ActualFrameDuration")),
        ("(0028,0030) Pixel Spacing", ds.get("PixelSpacing")),
        ("(0008,0032) Acquisition Time", ds.get("AcquisitionTime")),
        ("(0054,0012) Energy Window Information Sequence", ds.get("EnergyWindowInformationSequence")),
        ("(0054,0300) Radionuclide Code Sequence", headers.radionuclide(info)),
        ("(0018,1074) Radionuclide Total Dose", info.get("RadionuclideTotalDose")),
        ("(0018,1078) Radiopharmaceutical Start DateTime", given),
        ("(0010,1030) Patient's Weight", ds.get("PatientWeight")),
    ]  # fmt: skip
    if whole:
        wanted += [("(0018,1300) Scan Velocity", ds.get("ScanVelocity")), ("(0018,1302) Scan Length", ds.get("ScanLength"))]
    return tuple(tag for tag, value in wanted if value in (None, ""))
