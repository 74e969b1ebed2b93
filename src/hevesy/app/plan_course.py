"""From results of dosimetry to what planning needs: a forecast, and the cycles that were delivered."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from hevesy.app.result_file import ResultFile, ResultRegion, read_result
from hevesy.errors import InputError
from hevesy.planning.forecast import (
    CHANGE_LESION,
    CHANGE_ORGAN,
    DeliveredCycle,
    DeliveredDose,
    Forecast,
    RegionForecast,
)


def forecast_of(result: ResultFile, *, change: Mapping[str, float]) -> tuple[Forecast, dict[str, str]]:
    """The dose by activity of cycles to come, as this result measured it, and why a region is not in it.

    Parameters
    ----------
    result : ResultFile
    change : mapping            Relative standard deviation from cycle to cycle by region; "" is for all that are not named [1].
    """
    strange = [name for name in change if name and name not in result.regions]
    if strange:
        raise InputError(f"change of {strange[0]}: no such region; there are {', '.join(result.regions)}.")
    kept, left_out, places = [], {}, []
    for i, region in enumerate(result.regions.values()):
        if region.dose_per_activity.value <= 0:
            left_out[region.name] = "it has no dose"
            continue
        systematic, random = _by_kind(region)
        assumed = CHANGE_LESION if region.kind == "lesion" else CHANGE_ORGAN
        kept.append(
            RegionForecast(
                name=region.name,
                standard_name=region.standard_name,
                kind=region.kind,
                mass=region.mass.value,
                dose_per_activity=region.dose_per_activity.value,
                u_systematic=systematic,
                u_random=random,
                change=change.get(region.name, change.get("", assumed)),
                amplitudes=region.amplitudes,
                rates=region.rates,
                well_posed=region.well_posed,
            )
        )
        places.append(i)
    R = result.correlation
    if R is not None:
        R = R[places][:, places] if R.shape == (len(result.regions),) * 2 else None
    return Forecast(regions=tuple(kept), correlation=R), left_out


def delivered_of(paths: Sequence[Path], result: ResultFile) -> tuple[DeliveredCycle, ...]:
    """The cycles of earlier results; regions go by name, else by the one standard name that both have.

    Raises
    ------
    InputError
        A result belongs to somebody else.
    """
    found = []
    for number, path in enumerate(paths, start=1):
        given = read_result(path)
        label = f"earlier cycle {number} ({given.administered:%Y-%m-%d})"
        here, there = result.patient.get("id"), given.patient.get("id")
        if here and there and here != there:
            raise InputError(f"{label}: its patient ID is not that of the result to plan with. Give results of one patient.")
        found.append(
            DeliveredCycle(
                label=label,
                administered=given.administered,
                doses={name: _delivered(one) for name, one in _matched(result, given).items()},
                is_forecast=sha256_of(given.path) == sha256_of(result.path),
            )
        )
    return tuple(found)


def sha256_of(path: Path) -> str:
    """Of the file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _matched(result: ResultFile, given: ResultFile) -> dict[str, ResultRegion]:
    found = {}
    for name, region in result.regions.items():
        alike = [one for one in given.regions.values() if region.kind == "organ" and one.standard_name == region.standard_name]
        if name in given.regions:
            found[name] = given.regions[name]
        elif len(alike) == 1 and region.standard_name:
            found[name] = alike[0]
    return found


def _delivered(region: ResultRegion) -> DeliveredDose:
    systematic, random = _by_kind(region)
    return DeliveredDose(
        dose=region.mean_dose.value,
        u_systematic=systematic,
        u_random=random,
        amplitudes=region.amplitudes,
        rates=region.rates,
        well_posed=region.well_posed,
    )


def _by_kind(region: ResultRegion) -> tuple[float | None, float]:
    """Relative u of the dose: systematic, random. Where kinds are not told apart all is systematic: the careful side."""
    total = region.mean_dose.relative
    if total is None:
        return None, 0.0
    if region.u_systematic is None or region.u_random is None:
        return total, 0.0
    return region.u_systematic, region.u_random
