"""The settings file of a study: what headers do not say, and what somebody chose instead of them."""

import tomllib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, NaiveDatetime, ValidationError, model_validator

from hevesy.errors import InputError
from hevesy.protocols import Choices
from hevesy.quantify import RecoveryCurve
from hevesy.units import ml

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Number = Annotated[str, Field(pattern=r"^[1-9]\d*$")]
Decay = Literal["NONE", "START", "ADMIN"]
Model = Literal["auto", "mono", "bi", "uptake", "bi-uptake", "tri"]


def _whole(value: object) -> object:
    """A date alone would be read as midnight, a number as seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and ":" in value):
        return value
    raise ValueError("Give date and time of day, for example 2024-03-04T09:30:00")


# Scanners write local time without a zone; a zone that was dropped would move the time by hours.
Moment = Annotated[NaiveDatetime, BeforeValidator(_whole)]


class _Strict(BaseModel):
    """An unknown key is an error: a misspelt setting must not be silently without effect."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AdministrationSettings(_Strict):
    """[administration]"""

    activity_MBq: Positive | None = Field(default=None, description="Activity in the syringe before the administration, MBq")
    time: Moment | None = Field(default=None, description="Start of the administration, local time of the scanner")
    residual_MBq: NotNegative | None = Field(default=None, description="Left in syringe and line, MBq; subtracted")
    residual_time: Moment | None = Field(
        default=None, description="When the residual was measured; it is decayed to the administration"
    )
    radiopharmaceutical: str = Field(default="", description="Name for the report")

    @model_validator(mode="after")
    def _residual_is_whole(self) -> Self:
        if self.residual_time is not None and self.residual_MBq is None:
            raise ValueError("residual_time needs residual_MBq; alone it has no effect")
        return self


class CalibrationSettings(_Strict):
    """[calibration]"""

    cps_per_MBq: Positive | None = Field(
        default=None, description="Counts per second of scan time and MBq, all heads; for images in counts"
    )
    u_percent: Percent | None = Field(
        default=None, description="Relative standard uncertainty of the calibration, %, common to all scans"
    )


class DosimetrySettings(_Strict):
    """[dosimetry]"""

    engine: Literal["montecarlo", "kernel", "local"] = Field(default="montecarlo", description="Dose engine")
    uncertainty_percent: float = Field(
        default=0.5, ge=0.01, le=50, description="Statistical u of each region's mean dose at which Monte Carlo stops, %"
    )
    seed: int = Field(default=177, ge=0, lt=2**63, description="Seed of Monte Carlo; one seed, one result")
    daughters_leaving: float = Field(
        default=0.0, ge=0, le=1, description="Fraction of the decays of radioactive daughters that happen elsewhere"
    )
    registration: Literal["rigid", "none"] = Field(default="rigid", description="Registration of the time points")
    model: Model = Field(default="auto", description="Curve model for all regions")
    reference: str = Field(default="", description="Label of the reference scan; empty: the one with most regions drawn on it")
    voxel_kinetics: Literal["weights", "fits"] = Field(
        default="weights",
        description="weights: a voxel follows its own values between scans; fits: a curve of its own, needs voxel_noise_percent",
    )
    voxel_noise_percent: float | None = Field(
        default=None, gt=0, le=500, description="Relative u of a voxel at the mean of its region, %, for voxel_kinetics = fits"
    )
    partial_volume: Literal["none", "yang", "richardson-lucy", "recovery-curve"] = Field(
        default="none",
        description="Correction of the images for their resolution; yang and richardson-lucy need resolution_mm, "
        "recovery-curve needs [recovery_curve]",
    )
    iterations: int = Field(default=10, ge=1, le=200, description="Of richardson-lucy")
    resolution_mm: Positive | None = Field(default=None, description="Resolution (FWHM) of the reconstructed emission images, mm")
    point_u_percent: Percent | None = Field(
        default=None, description="Relative u of an activity that differs from scan to scan, %"
    )
    registration_u_mm: NotNegative | None = Field(
        default=None, description="u of a region's place on a scan it was not drawn on, mm"
    )
    boundary_u_mm: NotNegative | None = Field(default=None, description="u of the place of a drawn boundary, mm")
    density_u_percent: Percent | None = Field(default=None, description="Relative u of mass density, %")
    density_without_ct_g_per_ml: Positive | None = Field(default=None, description="Mass density where there is no CT, g/ml")


class RecoverySettings(_Strict):
    """[recovery_curve]: R = 1 / (1 + (beta / V)^alpha), as `hevesy recovery` prints it"""

    alpha: Positive = Field(description="Exponent")
    beta_ml: Positive = Field(description="Volume of which half is recovered, ml")
    u_log_alpha: NotNegative = Field(description="Standard uncertainty of ln alpha")
    u_log_beta: NotNegative = Field(description="Standard uncertainty of ln beta")
    correlation: float = Field(default=0.0, ge=-1, le=1, description="Between ln alpha and ln beta")
    smallest_ml: Positive = Field(description="Smallest sphere, ml")
    largest_ml: Positive = Field(description="Largest sphere, ml")


class ScanSettings(_Strict):
    """[[scan]]: overrides for the series whose label, series UID or a file name is `match`."""

    match: str = Field(description="Label as `hevesy inspect` prints it, or the series UID")
    use: bool = Field(default=True, description="false leaves the scan out, and the report says so")
    start: Moment | None = Field(default=None, description="Start of the acquisition")
    duration_s: Positive | None = Field(default=None, description="Time the scan took, s")
    decay_correction: Decay | None = Field(default=None, description="To which time stored values are corrected")
    cps_per_MBq: Positive | None = Field(default=None, description="Calibration factor of this scan")
    dead_time_factor: Annotated[float, Field(ge=1, allow_inf_nan=False)] | None = Field(
        default=None, description="True by observed count rate"
    )


class VolumeSettings(_Strict):
    """[[volume]]: a NIfTI file, which does not say what it holds."""

    path: str = Field(description="Relative to the study folder")
    kind: Literal["activity", "counts", "ct", "labels"] = Field(description="What its voxels hold")
    visit: str = Field(description="Volumes of one visit share a frame: activity, CT and labels of it")
    unit: Literal["Bq/ml", "kBq/ml", "MBq/ml"] = Field(default="Bq/ml", description="Of kind activity")
    start: Moment | None = Field(default=None, description="Start of the acquisition; for activity and counts")
    duration_s: Positive | None = Field(default=None, description="Time the scan took, s")
    decay_correction: Decay | None = Field(
        default=None, description="To which time values are corrected; for activity and counts"
    )
    labels: dict[Number, str] = Field(default_factory=dict, description="Region name by label number; for labels")

    @model_validator(mode="after")
    def _no_key_without_effect(self) -> Self:
        acquisition = {"start", "duration_s", "decay_correction"}
        used = {"activity": {"unit", *acquisition}, "counts": acquisition, "ct": set(), "labels": {"labels"}}[self.kind]
        idle = self.model_fields_set - used - {"path", "kind", "visit"}
        if idle:
            raise ValueError(f"{', '.join(sorted(idle))} has no effect on kind {self.kind!r}")
        return self


class RegionSettings(_Strict):
    """[regions."NAME"]"""

    model: Model = Field(default="auto", description="Curve model of this region")


class Settings(_Strict):
    """All of a settings file."""

    nuclide: str | None = Field(default=None, min_length=1, description="Nuclide, e.g. Lu-177")
    administration: AdministrationSettings = AdministrationSettings()
    calibration: CalibrationSettings = CalibrationSettings()
    dosimetry: DosimetrySettings = DosimetrySettings()
    recovery_curve: RecoverySettings | None = None
    scan: tuple[ScanSettings, ...] = ()
    volume: tuple[VolumeSettings, ...] = ()
    regions: dict[str, RegionSettings] = Field(default_factory=dict)


def load_settings(path: Path | None) -> Settings:
    """The settings in ``path``, or none at all.

    Raises
    ------
    InputError
        The file is missing, is not TOML, or a key is unknown or has a value that is not allowed; all of them are named.
    """
    if path is None:
        return Settings()
    try:
        return Settings.model_validate(tomllib.loads(path.read_text("utf-8-sig")))
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: no such settings file. `hevesy inspect STUDY --write-settings {path.name}` writes one."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: not TOML: {error}.") from error
    except ValidationError as error:
        lines = [f"{'.'.join(str(x) for x in e['loc'])}: {e['msg']} (got {e.get('input')!r})" for e in error.errors()]
        raise InputError(
            f"{path.name}: " + "; ".join(lines) + ". Allowed keys are in the documentation, how-to: settings."
        ) from error


def choices(
    settings: Settings,
    *,
    engine: str | None = None,
    registration: str | None = None,
    model: str | None = None,
) -> Choices:
    """Settings as the choices of a dosimetry; what was asked for on the command line comes first."""
    d = settings.dosimetry

    def share(percent: float | None) -> float | None:
        return None if percent is None else percent / 100

    return Choices(
        engine=engine or d.engine,
        uncertainty=d.uncertainty_percent / 100,
        seed=d.seed,
        daughters_leaving=d.daughters_leaving,
        registration=registration or d.registration,
        model=model or d.model,
        models={name: region.model for name, region in settings.regions.items()},
        reference=d.reference,
        voxel_kinetics=d.voxel_kinetics,
        voxel_noise=share(d.voxel_noise_percent),
        partial_volume=d.partial_volume,
        iterations=d.iterations,
        recovery_curve=None if settings.recovery_curve is None else _recovery_curve(settings.recovery_curve),
        resolution=d.resolution_mm,
        calibration_u=share(settings.calibration.u_percent),
        point_u=share(d.point_u_percent),
        registration_u=d.registration_u_mm,
        boundary_u=d.boundary_u_mm,
        density_u=share(d.density_u_percent),
        density_without_ct=d.density_without_ct_g_per_ml,
    )


def _recovery_curve(given: RecoverySettings) -> RecoveryCurve:
    a, b = given.u_log_alpha, given.u_log_beta
    return RecoveryCurve(
        alpha=given.alpha,
        beta=given.beta_ml * ml,
        covariance=np.array([[a * a, given.correlation * a * b], [given.correlation * a * b, b * b]]),
        smallest=given.smallest_ml * ml,
        largest=given.largest_ml * ml,
    )
