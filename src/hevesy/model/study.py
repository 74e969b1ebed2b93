"""What a folder of scans holds, before anything is computed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model.image import Grid, Image


class DecayCorrection(StrEnum):
    """To which time stored values are decay-corrected: DICOM (0054,1102) and its words."""

    NONE = "NONE"
    START = "START"
    ADMIN = "ADMIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """Who was scanned, without a name: names stay in the files."""

    id: str
    sex: str = ""
    age_years: float | None = None
    weight: float | None = None  # kg
    height: float | None = None  # mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Administration:
    """A radiopharmaceutical given to the patient.

    Attributes
    ----------
    nuclide : str                       As in ICRP 107: "Lu-177".
    activity : float                    Administered: what was in the syringe less the residual [Bq].
    time : datetime                     Start of the administration; time zero of everything.
    residual : float                    Left in syringe and line, already subtracted [Bq]; 0 where none was stated.
    source : str                        Where this was read: "header", "settings", or which of both for what.
    """

    nuclide: str
    activity: float
    time: datetime
    radiopharmaceutical: str = ""
    residual: float = 0.0
    source: str = "header"

    def __post_init__(self) -> None:
        if not 1e4 <= self.activity <= 1e12:
            raise InputError(
                f"administered activity is {self.activity:g} Bq; plausible is 10 kBq to 1 TBq. "
                "Check its unit: PET headers and settings differ from NM headers, which hold MBq."
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scan:
    """One image series as it was stored: emission (PT, NM, NIfTI) or CT.

    Attributes
    ----------
    label : str                         Name in messages: folder or series description, never a patient's name.
    modality : str                      "PT", "NM" or "CT".
    image : Image                       Values as stored, rescaled to their unit: Bq/ml, counts or HU.
    start : datetime or None            Start of the acquisition; None where no header says.
    duration : float or None            Length of the acquisition of a bed position [s].
    correction : DecayCorrection or None  To which time the values are corrected; None where no header says.
    correction_time : datetime or None  The reference time where the header states one (0018,9701) or implies one.
    decay_factor : float or None        (0054,1321) of the first slice in time.
    series_time : datetime or None      (0008,0021) and (0008,0031), to which PET times are offsets.
    slice_starts : ndarray (z,) or None Start of each slice's bed position after ``start`` [s]; None: all together.
    administration : Administration     As this series' header states it; None where it states none.
    half_life : float or None           (0018,1075) as stated [s].
    dead_time_factor, calibration_factor  For images in counts, from the settings [1], [1/(s MBq)].
    corrections : tuple of str          (0028,0051), e.g. ATTN, SCAT, DECY.
    files : tuple of str                File names, relative to the study folder.
    first_file : str                    The first of them as messages may name it: without a patient's name.
    """

    label: str
    modality: str
    image: Image
    series_uid: str
    study_uid: str = ""
    start: datetime | None = None
    duration: float | None = None
    correction: DecayCorrection | None = None
    correction_time: datetime | None = None
    decay_factor: float | None = None
    series_time: datetime | None = None
    slice_starts: npt.NDArray[np.float64] | None = None
    corrections: tuple[str, ...] = ()
    administration: Administration | None = None
    half_life: float | None = None
    dead_time_factor: float = 1.0
    calibration_factor: float | None = None
    manufacturer: str = ""
    description: str = ""
    files: tuple[str, ...] = ()
    first_file: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """A region as somebody drew it: planar contours (RTSTRUCT) or a mask (SEG, label map).

    Attributes
    ----------
    name : str                          As drawn.
    frame_of_reference : str            In which its mm are meant.
    contours : tuple of ndarray (n, 3)  Closed planar polygons, LPS [mm]; empty where there is a mask. Polygons of one
                                        plane combine by exclusive or: what lies inside an even number is a hole.
    mask : ndarray (z, y, x) or None    Fraction of each voxel that belongs to the region, with ``grid``.
    series_uid : str                    Series it was drawn on, if stated.
    source : str                        File name and kind, for messages.
    """

    name: str
    frame_of_reference: str
    contours: tuple[npt.NDArray[np.float64], ...] = ()
    mask: npt.NDArray[Any] | None = None
    grid: Grid | None = None
    series_uid: str = ""
    source: str = ""
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if bool(self.contours) == (self.mask is not None):
            raise InputError(f"region {self.name}: give contours or a mask, one of both.")
        if self.mask is not None and (self.grid is None or self.mask.shape != self.grid.shape):
            raise InputError(f"region {self.name}: a mask needs a grid of its shape.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that stops dosimetry until it is mended; ``where`` names file and tag."""

    text: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Study:
    """All that was found in a folder.

    ``scans`` are emission scans in time order, ``cts`` CT series. ``problems`` stop dosimetry, ``remarks`` do not.
    """

    folder: str
    patient: Patient
    administrations: tuple[Administration, ...]
    scans: tuple[Scan, ...]
    cts: tuple[Scan, ...]
    outlines: tuple[Outline, ...]
    remarks: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    other: tuple[str, ...] = ()
