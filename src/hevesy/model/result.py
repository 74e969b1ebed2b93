"""What comes out of dosimetry: values, uncertainties, remarks, provenance and what is needed to draw them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.model.curve import CurveFit, TimeActivityCurve
from hevesy.model.image import Image
from hevesy.model.measured import Measured
from hevesy.model.study import Administration, Patient

Vector = npt.NDArray[np.float64]


class Level(StrEnum):
    """How much a remark matters."""

    NOTE = "note"
    ASSUMED = "assumed"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A sentence that a clinician must be able to read: an assumption, a warning or a note."""

    level: Level
    text: str
    about: str = ""  # a region or a scan; "" is the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a result came about, so that it can be made again.

    ``tables`` maps each table used to its SHA-256, ``inputs`` each series or file to its UID, ``parameters`` every
    setting with its value and where it came from.
    """

    hevesy: str
    created: str
    python: str
    platform: str
    libraries: dict[str, str]
    inputs: tuple[dict[str, str], ...]
    tables: dict[str, str]
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScanResult:
    """One time point as used.

    Attributes
    ----------
    time : float                        Start of the scan after the administration [s].
    total_activity : float              In view, at that start [Bq].
    total_activity_resampled : float    The same after resampling to the dose grid [Bq].
    stored_to_start : float             Factor from stored values to activity at the start [1].
    correction : str                    What the header said of decay, in words.
    registration : str                  "reference", "CT to CT", "SPECT to SPECT", "frames of reference only".
    translation, rotation : tuple       Found: (x, y, z) [mm], Euler angles about x, y, z [rad].
    similarity : float or None          Normalised mutual information after registration: 0 unrelated, 1 identical.
    similarity_before : float or None   The same from the frames of reference alone.
    """

    label: str
    time: float
    modality: str
    total_activity: float
    total_activity_resampled: float
    stored_to_start: float
    correction: str
    has_ct: bool
    registration: str
    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    similarity: float | None = None
    similarity_before: float | None = None
    duration: float | None = None
    corrections: tuple[str, ...] = ()
    series_uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PointResult:
    """A region at one time point: what was measured, and what resampling did to it.

    Volumes in mm3, activities in Bq. ``outline`` says whether the region was drawn on this scan or carried over.
    ``volume_drawn`` is the volume before, ``volume`` after the mask came to the scan's grid; ``activity`` is measured
    on the scan as it was stored, ``activity_resampled`` on the scan resampled to the dose grid. Both include
    ``resolution_factor`` [1], which is 1 where no partial-volume correction was asked for.
    """

    time: float
    outline: str
    volume_drawn: float
    volume: float
    activity: float
    activity_resampled: float | None
    resolution_factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseVolumeHistogram:
    """Cumulative dose-volume histogram.

    Attributes
    ----------
    dose : ndarray, shape (n,)          Increasing [Gy].
    volume : ndarray, shape (n,)        Fraction of the region that receives at least ``dose`` [1].
    """

    dose: Vector
    volume: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known of a region of a virtual patient: volume [mm3], mass [kg], TIA [Bq s], mean dose [Gy]."""

    volume: float
    mass: float
    time_integrated_activity: float
    mean_dose: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetTerm:
    """One source of uncertainty of a region.

    Attributes
    ----------
    of_tia, of_dose : float     Relative change of the time-integrated activity and of the mean dose when the source lies one
                                standard uncertainty off [1]; the signs tell which go together.
    kind : str                  "random": differs from scan to scan or from region to region; "systematic": would be the same if
                                all were done again.
    shared : bool               Whether it moves all regions of the patient together.
    """

    of_tia: float
    of_dose: float
    kind: str
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NextScan:
    """The scan that would lower the uncertainty of an integral most.

    Attributes
    ----------
    time : float                    After the administration [s].
    u_now, u_then : float           Relative standard uncertainty of the integral by the fit alone, without and with it.
    """

    time: float
    u_now: float
    u_then: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RegionResult:
    """All about one region.

    Attributes
    ----------
    name, standard_name : str           As drawn; the standard organ name, or "" if the name is not known.
    volume, mass : Measured             [mm3], [kg].
    points : tuple of PointResult       One a time point.
    curve, fit                          The activities used and the model fitted to them.
    time_integrated_activity : Measured [Bq s], all terms of u.
    time_integrated_activity_coefficient : Measured  Per administered activity [s].
    time_integrated_activity_voxels : float  Sum over the voxel-wise map, a check on the fit [Bq s].
    mean_dose : Measured                Energy by mass [Gy].
    mean_dose_per_activity : Measured   [Gy/Bq].
    D98, D90, D50, D2 : float           Least dose to the hottest 98, 90, 50, 2 % of the volume [Gy].
    budget : dict                       Relative standard uncertainty of the mean dose by term [1].
    terms : dict of BudgetTerm          The same with sign, kind and what they do to the integral.
    next_scan : NextScan or None        What one more scan would have bought; None where the fit has no covariance.
    recovery : float or None            Estimated share of the region's activity that the image shows inside it [1].
    """

    name: str
    standard_name: str
    kind: str  # "organ", "lesion", "remainder" or "other"
    volume: Measured
    mass: Measured
    points: tuple[PointResult, ...]
    curve: TimeActivityCurve
    fit: CurveFit
    time_integrated_activity: Measured
    time_integrated_activity_coefficient: Measured
    time_integrated_activity_voxels: float
    mean_dose: Measured
    mean_dose_per_activity: Measured
    D98: float
    D90: float
    D50: float
    D2: float
    minimum: float
    maximum: float
    histogram: DoseVolumeHistogram
    budget: dict[str, float] = field(default_factory=dict)
    terms: dict[str, BudgetTerm] = field(default_factory=dict)
    next_scan: NextScan | None = None
    recovery: float | None = None
    remarks: tuple[Remark, ...] = ()
    truth: Truth | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pictures:
    """The arrays a report draws, all on one grid.

    ``masks`` holds the fraction of each voxel that belongs to a region, by name. Where voxels were fitted one by one, ``tia_u``
    is the standard uncertainty of the time-integrated activity and ``voxel_status`` says what stands behind each number.
    """

    dose: Image
    time_integrated_activity: Image
    activity: tuple[Image, ...]  # one a time point, at its start, resampled to the dose grid
    ct: Image | None
    masks: dict[str, npt.NDArray[Any]]
    tia_u: Image | None = None
    voxel_status: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DoseResult:
    """The outcome of a dosimetry: what reports print, all of it."""

    title: str
    patient: Patient
    administration: Administration
    half_life: float  # s
    engine: str
    engine_description: str
    energy_per_decay: float  # MeV, deposited by the engine per decay
    reference_scan: int
    scans: tuple[ScanResult, ...]
    regions: tuple[RegionResult, ...]
    remarks: tuple[Remark, ...]
    provenance: Provenance
    pictures: Pictures
    correlation: Vector | None = None  # of the mean doses of the regions, in their order
    synthetic: bool = False
