"""Where the axis of rotation lies in the patient, and which way rows and columns run, as a TOMO header states it."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from hevesy.dicom import headers
from hevesy.dicom.tomo_angles import START, Swept
from hevesy.dicom.tomo_stated import Stated
from hevesy.errors import DataError

POSITION, ORIENTATION = "(0020,0032) Image Position (Patient)", "(0020,0037) Image Orientation (Patient)"
ALONG = 0.99  # cosine: eight degrees; heads are set to better than one
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Place:
    """Where the acquisition lies.

    Attributes
    ----------
    centre : (x, y, z)                  Axis of rotation in the middle row, LPS [mm]; 0 where it is not known.
    known : bool                        Whether the header states it so that a CT can be laid over it.
    flipped : frozenset of int          Detectors whose rows run from the feet to the head.
    mirrored : frozenset of int         Detectors whose columns run the other way than one sees from the detector.
    """

    centre: tuple[float, float, float]
    known: bool
    flipped: frozenset[int] = frozenset()
    mirrored: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Plane:
    """Directions along rows and columns and first pixel of a detector's image."""

    detector: int
    angle: float
    radius: float
    across: Vector
    down: Vector
    corner: Vector


def place(
    ds: Dataset,
    orbit: tuple[Swept, ...],
    shape: tuple[int, int],
    pixel: tuple[float, float],
    *,
    name: str,
    stated: Stated,
    remarks: list[str],
) -> Place:
    """The place by the items of (0054,0022); what the header does not state is said in a remark and not assumed.

    A detector's image plane is taken as the standard means it: through the face of the collimator at its start angle.
    Siemens writes slices there instead: the first voxel of the volume that the detector turns around, nearest the head.
    Others write 0, 0 and the height of the first row; where the axis lies is then not known.

    Raises
    ------
    DataError
        Columns run the other way than the start angle says.
    """
    planes = _planes(ds, orbit)
    views = [p for p in planes if abs(p.down[2]) > ALONG and abs(p.across[2]) < 1 - ALONG]
    if views:
        return _by_views(views, shape, pixel, name=name, stated=stated, remarks=remarks)
    said = _orientation_words(ds)
    if said:
        remarks.append(
            f"the patient lay {said}, and {ORIENTATION} does not say how the views lie in the patient: rows are taken from "
            "the head "
            "to the feet, angles as those of the patient. Where they are those of the gantry, state lying under [acquisition]."
        )
    slices = [p for p in planes if abs(p.across[2]) < 1 - ALONG and abs(p.down[2]) < 1 - ALONG]
    siemens = "SIEMENS" in str(ds.get("Manufacturer") or "").upper()
    if slices and siemens and np.any(slices[0].corner[:2] != 0) and not said:
        p, (rows, columns), (dy, dx) = slices[0], shape, pixel
        middle = p.corner + (p.across + p.down) * dx * (columns - 1) / 2
        remarks.append(
            f"{POSITION} and {ORIENTATION} of the detector are those of slices, as Siemens writes them: taken as the first "
            "voxel of "
            "the volume, nearest the head. Look whether CT and image lie on each other."
        )
        return Place(centre=(float(middle[0]), float(middle[1]), float(middle[2] - dy * (rows - 1) / 2)), known=True)
    if not planes:
        why = f"{POSITION} or {ORIENTATION} is missing in (0054,0022)"
    elif slices and not np.any(slices[0].corner[:2] != 0):
        why = f"{POSITION} is 0, 0 and a height"
    else:
        why = f"{POSITION} and {ORIENTATION} are not those of a view"
    remarks.append(f"{why}: where the axis of rotation lies in the patient is not known; the image is centred at 0, 0, 0.")
    return Place(centre=(0.0, 0.0, 0.0), known=False)


def _planes(ds: Dataset, orbit: tuple[Swept, ...]) -> list[_Plane]:
    items = list(ds.get("DetectorInformationSequence") or [])
    found = []
    for sweep in (s for s in orbit if s.rotation == 1):
        item = items[sweep.detector - 1] if sweep.detector <= len(items) else Dataset()
        numbers = [
            [headers.number(v) for v in item.get(keyword) or ds.get(keyword) or []]
            for keyword in ("ImageOrientationPatient", "ImagePositionPatient")
        ]
        if len(numbers[0]) != 6 or len(numbers[1]) != 3 or None in numbers[0] or None in numbers[1]:
            continue
        cosines, corner = (np.array(values, dtype=np.float64) for values in numbers)
        across, down = cosines[:3], cosines[3:]
        if abs(float(np.linalg.norm(across)) - 1) > 0.01 or abs(float(np.linalg.norm(down)) - 1) > 0.01:
            continue
        found.append(
            _Plane(
                detector=sweep.detector, angle=float(np.deg2rad(sweep.angles[0])), radius=float(sweep.radii[0]), across=across,
                down=down, corner=corner,
            )
        )  # fmt: skip
    return found


def _by_views(
    planes: list[_Plane], shape: tuple[int, int], pixel: tuple[float, float], *, name: str, stated: Stated, remarks: list[str]
) -> Place:
    """Rows and columns by their directions, the axis by where the planes of the detectors lie."""
    agree = {p.detector: float(p.across[:2] @ (-np.cos(p.angle), np.sin(p.angle))) for p in planes}
    along = [p for p in planes if agree[p.detector] > ALONG]
    copies = len(planes) > 1 and all(np.allclose(p.across, planes[0].across, atol=1e-3) for p in planes)
    flipped = frozenset(p.detector for p in planes if p.down[2] > 0)
    if flipped:
        remarks.append(
            f"rows of detector {_list(flipped)} run from the feet to the head by {ORIENTATION}; they were turned round."
        )
    mirrored: frozenset[int] = frozenset()
    if copies and len(along) < len(planes):
        remarks.append(f"{ORIENTATION} is the same for all detectors although {START} differs: followed where it fits the angle.")
    else:
        mirrored = frozenset(p.detector for p in planes if agree[p.detector] < -ALONG)
        if mirrored and "mirrored" not in stated.accept:
            said = next(p for p in planes if p.detector in mirrored)
            raise DataError(
                f"{name}: {START} of detector {said.detector} is {np.rad2deg(said.angle):g}, but its columns run, by "
                f"{ORIENTATION}, as "
                "those of a detector on the other side: the angle is wrong by half a turn, or the columns are mirrored. State "
                'start_angle_deg under [acquisition], or accept = ["mirrored"].'
            )
        if mirrored:
            remarks.append(f"columns of detector {_list(mirrored)} run the other way than seen from it; they were mirrored.")
    used = along + [p for p in planes if p.detector in mirrored]
    if not used:
        angles = ", ".join(f"{np.rad2deg(np.arctan2(p.across[1], -p.across[0])) % 360:.0f}" for p in planes)
        remarks.append(
            f"{START} and {ORIENTATION} contradict each other (the latter means {angles} degrees); the former was followed, "
            "and where "
            "the axis of rotation lies is not known."
        )
        return Place(centre=(0.0, 0.0, 0.0), known=False, flipped=flipped)
    centre, spread = _axis(used, shape, pixel)
    if spread > max(pixel):
        remarks.append(
            f"{POSITION} of the detectors place the axis of rotation {spread:.1f} mm apart; where it lies is not known, the "
            "image is "
            "centred at 0, 0, 0."
        )
        return Place(centre=(0.0, 0.0, 0.0), known=False, flipped=flipped, mirrored=mirrored)
    return Place(centre=centre, known=True, flipped=flipped, mirrored=mirrored)


def _axis(planes: list[_Plane], shape: tuple[int, int], pixel: tuple[float, float]) -> tuple[tuple[float, float, float], float]:
    """Mean of where each plane, less its radius, puts the axis; and the largest distance from it [mm]."""
    (rows, columns), (dy, dx) = shape, pixel
    places = []
    for p in planes:
        middle = p.corner + p.across * dx * (columns - 1) / 2 + p.down * dy * (rows - 1) / 2
        places.append(middle - p.radius * np.array([np.sin(p.angle), np.cos(p.angle), 0.0]))
    mean = np.mean(places, axis=0)
    spread = max(float(np.linalg.norm(each - mean)) for each in places)
    return (float(mean[0]), float(mean[1]), float(mean[2])), spread


def _list(numbers: frozenset[int]) -> str:
    return ", ".join(str(n) for n in sorted(numbers))


def _orientation_words(ds: Dataset) -> str:
    """How the patient lay where it was not on the back with the head first, else ""."""
    position, words = str(ds.get("PatientPosition") or "").strip().upper(), []
    for item in ds.get("PatientGantryRelationshipCodeSequence") or []:
        words.append(str(item.get("CodeMeaning") or ""))
    for item in ds.get("PatientOrientationCodeSequence") or []:
        for modifier in item.get("PatientOrientationModifierCodeSequence") or []:
            words.append(str(modifier.get("CodeMeaning") or ""))
    text = " ".join(words).upper().replace("-", "").replace(" ", "")
    marks = (("FEETFIRST", "feet first"), ("FF", "feet first"), ("PRONE", "prone"), ("DECUBITUS", "on the side"))
    odd = [said for mark, said in marks if (mark in text if len(mark) > 2 else position.startswith(mark))]
    odd += ["prone"] if position[2:] == "P" else []
    odd += ["on the side"] if position[2:] in ("DL", "DR") else []
    return " and ".join(dict.fromkeys(odd))


def turned_round(orbit: tuple[Swept, ...], lying: str, remarks: list[str]) -> tuple[tuple[Swept, ...], Place]:
    """Angles and views of the gantry as those of a patient who lay otherwise than on the back with the head first.

    Half a turn about z (HFP), y (FFS) or x (FFP) takes the gantry's axes to the patient's:

        a -> a + 180,    a -> -a,    a -> 180 - a

    and where the feet went first, rows and columns both run the other way.  Where the axis lies is not known then.
    """
    sign, more = {"HFP": (1.0, 180.0), "FFS": (-1.0, 0.0), "FFP": (-1.0, 180.0)}[lying]
    made = tuple(replace(s, angles=(sign * s.angles + more) % 360.0) for s in orbit)
    round_ = frozenset(s.detector for s in orbit) if lying != "HFP" else frozenset()
    remarks.append(f"angles and views were turned from the gantry to a patient who lay {lying}, as stated.")
    return made, Place(centre=(0.0, 0.0, 0.0), known=False, flipped=round_, mirrored=round_)
