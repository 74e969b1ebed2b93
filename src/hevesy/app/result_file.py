"""A dose result that was written earlier, read again for what comes after it: biology, planning, courses."""

import json
import math
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.errors import DataError, InputError
from hevesy.model import Measured

SCHEMA = "hevesy-dose-result/1"
_MBq_h = un.MBq * un.h
# Relative: mean dose and dose by activity are printed from one number.
APART = 1e-3
MOST_U = 100.0  # relative u; above it a percent was taken for a share

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResultRegion:
    """A region of a result.

    Attributes
    ----------
    name, standard_name, kind : str     As drawn; standard organ name or ""; "organ", "lesion", "remainder", "other".
    volume, mass : Measured             [mm3], [kg].
    mean_dose : Measured                [Gy].
    dose_per_activity : Measured        [Gy/Bq].
    time_integrated_activity : Measured [Bq s].
    effective_half_life : Measured      [s].
    amplitudes, rates : ndarray (k,)    Of the fitted curve sum_i a_i exp(-r_i t) [Bq], [1/s].
    dose, volume_share : ndarray (n,)   Cumulative dose-volume histogram [Gy], [1].
    u_random, u_systematic : float or None  Relative u of the mean dose by kind [1].
    terms : dict                        Relative u of the mean dose by term of the budget, with "kind" and "shared".
    well_posed : bool                   Whether the fit's integral may be used.
    warnings : tuple of str
    """

    name: str
    standard_name: str
    kind: str
    volume: Measured
    mass: Measured
    mean_dose: Measured
    dose_per_activity: Measured
    time_integrated_activity: Measured
    effective_half_life: Measured
    amplitudes: Vector
    rates: Vector
    dose: Vector
    volume_share: Vector
    u_random: float | None
    u_systematic: float | None
    terms: dict[str, dict[str, Any]]
    well_posed: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResultFile:
    """A result.json as values of the house; ``folder`` holds its dose map, if it still does."""

    path: Path
    folder: Path
    title: str
    synthetic: bool
    patient: dict[str, Any]
    nuclide: str
    half_life: float
    radiopharmaceutical: str
    administered_activity: float
    administered: datetime
    engine: str
    regions: dict[str, ResultRegion]
    correlation: Vector | None
    warnings: tuple[str, ...]
    provenance: dict[str, Any]

    @property
    def dose_map(self) -> Path | None:
        """The absorbed dose by voxel beside the result, or None where it is not there."""
        path = self.folder / "dose.nii.gz"
        return path if path.is_file() else None


def read_result(path: Path) -> ResultFile:
    """The result that ``hevesy dose`` wrote; ``path`` is the file or its folder.

    Raises
    ------
    InputError
        There is no such file.
    DataError
        It is no dose result, or one of another format version.
    """
    file = path / "result.json" if path.is_dir() else path
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file}: cannot be read ({error}). Give a result.json of `hevesy dose`, or its folder.") from error
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{file}: is no JSON: {error}. Give a result.json of `hevesy dose`.") from error
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise DataError(f"{file}: its schema is {schema!r}; expected {SCHEMA!r}. Give a result.json of `hevesy dose`.")
    try:
        return _result(data, file)
    except (KeyError, TypeError, ValueError, AttributeError, InputError) as error:
        raise DataError(
            f"{file}: is not a whole dose result ({type(error).__name__}: {error}). Run `hevesy dose` again."
        ) from error


def _result(data: dict[str, Any], file: Path) -> ResultFile:
    given, correlation = data["administration"], data.get("correlation")
    activity = given["activity_MBq"]
    if not (math.isfinite(activity) and activity > 0):
        raise ValueError(f"administered activity is {activity:g} MBq; it must be above zero")
    if not all(isinstance(data[key], dict) for key in ("patient", "regions", "provenance")):
        raise ValueError("patient, regions and provenance must be tables")
    regions = {name: _region(name, region) for name, region in data["regions"].items()}
    for region in regions.values():
        _check(region, activity * un.MBq)
    return ResultFile(
        path=file,
        folder=file.parent,
        title=data["title"],
        synthetic=bool(data["synthetic"]),
        patient=data["patient"],
        nuclide=data["nuclide"]["name"],
        half_life=data["nuclide"]["half_life_h"] * un.h,
        radiopharmaceutical=given["radiopharmaceutical"] or "",
        administered_activity=activity * un.MBq,
        # Local time, as everywhere in the house: cycles are compared with each other.
        administered=datetime.fromisoformat(given["time"]).replace(tzinfo=None),
        engine=data["engine"]["name"],
        regions=regions,
        correlation=np.array(correlation["mean_dose"], dtype=float) if correlation else None,
        warnings=tuple(data["warnings"]),
        provenance=data["provenance"],
    )


def _region(name: str, data: dict[str, Any]) -> ResultRegion:
    return ResultRegion(
        name=name,
        standard_name=data["standard_name"] or "",
        kind=data["kind"],
        volume=_measured(data, "volume_ml", un.ml),
        mass=_measured(data, "mass_g", un.g),
        mean_dose=_measured(data, "mean_dose_Gy", un.Gy),
        dose_per_activity=_measured(data, "dose_per_activity_Gy_per_GBq", un.Gy / un.GBq),
        time_integrated_activity=_measured(data, "tia_MBq_h", _MBq_h),
        effective_half_life=_measured(data, "effective_half_life_h", un.h),
        amplitudes=np.array(data["fit"]["amplitudes_MBq"], dtype=float) * un.MBq,
        rates=np.array(data["fit"]["rates_per_h"], dtype=float) / un.h,
        dose=np.array(data["dvh"]["dose_Gy"], dtype=float),
        volume_share=np.array(data["dvh"]["volume_percent"], dtype=float) / 100,
        u_random=_share(data.get("u_random_percent")),
        u_systematic=_share(data.get("u_systematic_percent")),
        terms=data.get("budget", {}),
        well_posed=bool(data["fit"]["well_posed"]),
        warnings=tuple(data["warnings"]),
    )


def _check(region: ResultRegion, activity: float) -> None:
    """Refuse a region whose numbers no dosimetry gives, or that contradict each other: somebody edited the file."""
    name, dose, by_activity = region.name, region.mean_dose.value, region.dose_per_activity.value
    if dose < 0 or region.mass.value <= 0:
        raise ValueError(f"{name}: mean dose is {dose:g} Gy, mass {region.mass.value / un.g:g} g; a dose below zero, or no mass")
    if abs(by_activity * activity - dose) > APART * max(dose, 1e-12):
        raise ValueError(
            f"{name}: mean dose is {dose:g} Gy, but its dose per activity times the administered activity is "
            f"{by_activity * activity:g} Gy"
        )
    if region.amplitudes.shape != region.rates.shape or not (np.isfinite(region.amplitudes).all() and (region.rates > 0).all()):
        raise ValueError(f"{name}: its curve needs as many rates above zero as amplitudes; got {region.rates.tolist()} 1/s")
    if region.dose.shape != region.volume_share.shape or region.dose.size < 2:
        raise ValueError(f"{name}: its histogram holds {region.dose.size} doses and {region.volume_share.size} shares")
    shares = (region.u_random, region.u_systematic)
    if any(share is not None and not 0 <= share <= MOST_U for share in shares):
        raise ValueError(f"{name}: its relative u by kind is {shares}; from 0 to {MOST_U:g} is allowed")
    if not all(isinstance(term, dict) for term in region.terms.values()):
        raise ValueError(f"{name}: its budget is no table of tables")


def _measured(data: dict[str, Any], key: str, unit: float) -> Measured:
    u = data[f"u_{key}"]
    return Measured(
        value=data[key] * unit,
        u=None if u is None else u * unit,
        why_no_u=data.get(f"why_no_u_{key}") or ("" if u is not None else "the result states none"),
    )


def _share(percent: float | None) -> float | None:
    return None if percent is None else percent / 100
