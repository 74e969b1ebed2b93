"""What a dosimetry starts from: time points as activity, and the choices that somebody made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model import Administration, Image, Outline, Patient
from hevesy.quantify import ITERATIONS, RecoveryCurve
from hevesy.segmentation import RegionMask


class CountingNoise(Protocol):
    """What a reconstruction knows of its own noise."""

    @property
    def source(self) -> str:
        """Where it comes from, for the report."""
        ...

    def relative_covariance(self, regions: Sequence[RegionMask]) -> npt.NDArray[np.float64]:
        """Covariance of the regions' activities by the product of the two, shape (regions, regions) [1]."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimePoint:
    """One scan, ready for dosimetry.

    Attributes
    ----------
    image : Image                       Activity concentration at the start of the scan [Bq/ml].
    time : float                        That start after the administration [s].
    ct : Image or None                  HU, in the same frame.
    outlines : tuple of Outline         Regions drawn in this frame.
    stored_to_start : float             Factor that brought stored values to ``image`` [1], for the report.
    counting : CountingNoise or None    Of its reconstruction; None: counting noise is part of what differs from scan to scan.
    """

    label: str
    modality: str
    image: Image
    time: float
    ct: Image | None = None
    outlines: tuple[Outline, ...] = ()
    duration: float | None = None
    stored_to_start: float = 1.0
    correction: str = ""
    corrections: tuple[str, ...] = ()
    series_uid: str = ""
    counting: CountingNoise | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """Settings of a dosimetry, with what is assumed where nobody chose (None).

    Attributes
    ----------
    engine : str                        Dose engine.
    uncertainty : float                 Relative statistical u of each region's mean dose, where the engine has chance [1].
    seed : int                          Of the random numbers of such an engine.
    daughters_leaving : float           Fraction of the daughters' decays that happen elsewhere [1].
    registration : str                  "rigid" or "none".
    model : str                         Curve model for all regions: "auto", "mono", "bi", "uptake", "bi-uptake", "tri".
    models : dict                       Curve model by region, before ``model``.
    reference : str                     Label of the reference scan; "" lets the outlines decide.
    voxel_kinetics : str                "weights": a voxel follows its own values between scans, its region's curve outside;
                                        "fits": a curve of its own, drawn to its region's.
    voxel_noise : float or None         Relative u of a voxel's value at the mean of its region [1], for "fits".
    partial_volume : str                "none", "yang", "richardson-lucy" or "recovery-curve".
    iterations : int                    Of richardson-lucy.
    recovery_curve : RecoveryCurve      Of recovery-curve.
    resolution : float or None          FWHM of the reconstructed emission images [mm].
    calibration_u : float or None       Relative u of the calibration, common to all scans [1].
    point_u : float or None             Relative u that differs from scan to scan [1].
    registration_u : float or None      u of a region's place on a scan it was not drawn on [mm].
    boundary_u : float or None          u of the place of a drawn boundary [mm].
    density_u : float or None           Relative u of mass density [1].
    density_without_ct : float or None  Mass density where there is no CT [g/ml].
    """

    engine: str = "montecarlo"
    uncertainty: float = 0.005
    seed: int = 177
    daughters_leaving: float = 0.0
    registration: str = "rigid"
    model: str = "auto"
    models: dict[str, str] = field(default_factory=dict)
    reference: str = ""
    voxel_kinetics: str = "weights"
    voxel_noise: float | None = None
    partial_volume: str = "none"
    iterations: int = ITERATIONS
    recovery_curve: RecoveryCurve | None = None
    resolution: float | None = None
    calibration_u: float | None = None
    point_u: float | None = None
    registration_u: float | None = None
    boundary_u: float | None = None
    density_u: float | None = None
    density_without_ct: float | None = None

    def __post_init__(self) -> None:
        allowed = {
            "registration": ("rigid", "none"),
            "model": ("auto", "mono", "bi", "uptake", "bi-uptake", "tri"),
            "voxel_kinetics": ("weights", "fits"),
            "partial_volume": ("none", "yang", "richardson-lucy", "recovery-curve"),
        }
        for name, words in allowed.items():
            if getattr(self, name) not in words:
                raise InputError(f"{name} is {getattr(self, name)!r}; allowed: {', '.join(words)}.")
        if self.voxel_kinetics == "fits" and self.voxel_noise is None:
            raise InputError(
                'voxel_kinetics = "fits" needs the noise of a voxel. State dosimetry.voxel_noise_percent in the settings: '
                "the spread of the voxels of a uniform phantom or region."
            )
        if self.voxel_kinetics == "fits" and self.partial_volume == "yang":
            raise InputError(
                'voxel_kinetics = "fits" and partial_volume = "yang" exclude each other: yang gives boundary voxels to '
                'regions by their shares. Choose "weights", or another correction.'
            )
        if self.partial_volume in ("yang", "richardson-lucy") and self.resolution is None:
            raise InputError(
                f'partial_volume = "{self.partial_volume}" needs the resolution of the images. '
                "State dosimetry.resolution_mm in the settings."
            )
        if self.partial_volume == "recovery-curve" and self.recovery_curve is None:
            raise InputError(
                'partial_volume = "recovery-curve" needs a curve. Measure spheres and put what `hevesy recovery` prints, '
                "the section [recovery_curve], into the settings."
            )
        for region, model in self.models.items():
            if model not in allowed["model"]:
                raise InputError(f"region {region}: model is {model!r}; allowed: {', '.join(allowed['model'])}.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DosimetryCase:
    """A patient's time points, in time order, with what was given."""

    patient: Patient
    administration: Administration
    points: tuple[TimePoint, ...]
    choices: Choices
    synthetic: bool = False

    def __post_init__(self) -> None:
        if not self.points:
            raise InputError("dosimetry needs at least one scan with activity.")
        times = [point.time for point in self.points]
        if any(b <= a for a, b in zip(times, times[1:], strict=False)):
            raise InputError(f"time points must increase; got {[round(t / 3600, 3) for t in times]} h after administration.")
        if times[0] < 0:
            raise InputError(f"{self.points[0].label} starts {-times[0] / 3600:.3f} h before the administration.")
