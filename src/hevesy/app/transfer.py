"""Carry the kinetics of a table from the nuclide it was measured with to the one of the therapy."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hevesy import __version__
from hevesy import units as un
from hevesy.app.fit import read_table
from hevesy.app.population import read_model
from hevesy.app.single_time import by_region
from hevesy.errors import InputError
from hevesy.kinetics import AUTO, fit
from hevesy.kinetics.pairs import Pair, pair_of
from hevesy.kinetics.transfer import BiologicalHalfLife, Transfer, transfer, transfer_with_half_life, transfer_with_population
from hevesy.model import Measured, TimeActivityCurve
from hevesy.nuclides import load_nuclide

_MBq_h = un.MBq * un.h
MOST_SHARE = 1.2  # of the administered activity, in one region: 1 and what calibration may be off


def transfer_table(
    path: str | Path,
    *,
    diagnostic: str,
    therapeutic: str,
    model: str = AUTO,
    population: str | Path | None = None,
    half_life: Sequence[str] = (),
    spread: Sequence[str] = (),
    administered: float | None = None,
) -> dict[str, Any]:
    """The integral of each region of a table, had the therapeutic nuclide been given instead.

    Parameters
    ----------
    path : path                     The table of :func:`hevesy.app.fit.fit_table`: region, time_h, activity_MBq, u_MBq.
    diagnostic, therapeutic : str   "I-124", "I-131"; a pair of the table of pairs.
    model : str                     Of the fit, where there is no prior.
    population : path, optional     Model of :func:`hevesy.app.population.population_from_table`, as prior.
    half_life, spread : sequence    Biological half-life [h] and its spread between patients [%], as prior: "70" for all
                                    regions or "Kidney_Left=70".
    administered : float, optional  Of the diagnostic nuclide [MBq]; then coefficients are given too.

    Returns
    -------
    dict                            ``from``, ``to``, ``pair``, ``regions``, ``assumptions``, ``provenance``.

    Raises
    ------
    ScopeError
        The transfer cannot be defended: see :mod:`hevesy.kinetics.transfer`.
    """
    given, wanted = load_nuclide(diagnostic), load_nuclide(therapeutic)
    pair = pair_of(given.name, wanted.name)
    if administered is not None and not (math.isfinite(administered) and administered > 0):
        raise InputError(f"the administered activity is {administered:g} MBq; it must be above zero.")
    if population is not None and (half_life or spread):
        raise InputError("a population model and a biological half-life are two priors. Give one of them.")
    if bool(half_life) != bool(spread):
        raise InputError("a biological half-life needs its spread between patients, and a spread its half-life. Give both.")
    if (population is not None or half_life) and model != AUTO:
        raise InputError(f"model {model} has no meaning with a prior, which brings its own. Leave it out.")
    curves = read_table(Path(path))
    names = [curve.region for curve in curves]
    priors = _half_lives(names, half_life, spread)
    models = read_model(population) if population is not None else {}
    if population is not None and (missing := [name for name in names if name not in models]):
        raise InputError(f"region {', '.join(missing)} is not in the population model; it has {', '.join(models)}. Name alike.")
    decays = {"diagnostic": given.decay_constant, "therapeutic": wanted.decay_constant}
    regions = {}
    for curve in curves:
        if administered is not None:
            _check_share(curve, administered * un.MBq, given.decay_constant)
        if curve.region in models:
            A0 = None if administered is None else administered * un.MBq
            found = transfer_with_population(curve, models[curve.region], pair=pair, administered=A0, **decays)
        elif curve.region in priors:
            found = transfer_with_half_life(curve, priors[curve.region], pair=pair, **decays)
        else:
            found = transfer(fit(curve, decay_constant=given.decay_constant, model=model), curve, pair=pair, **decays)
        regions[curve.region] = _facts(found, curve, administered)
    files = [Path(path), *([Path(population)] if population is not None else [])]
    return {
        "from": given.name,
        "to": wanted.name,
        "half_life_h": {
            given.name: math.log(2) / given.decay_constant / un.h,
            wanted.name: math.log(2) / wanted.decay_constant / un.h,
        },
        "pair": _pair_facts(pair),
        "administered_MBq": administered,
        "regions": regions,
        "assumptions": _assumptions(pair, next(iter(regions.values()))["method"]),
        "provenance": {
            "hevesy": __version__,
            "inputs": [{"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()} for file in files],
        },
    }


def _check_share(curve: TimeActivityCurve, administered: float, decay_constant: float) -> None:
    """Refuse a region that holds more than was given: one of both has another unit."""
    left = administered * np.exp(-decay_constant * curve.t)
    if (worst := float(np.max(curve.A / np.maximum(left, 1e-300)))) > MOST_SHARE:
        raise InputError(
            f"{curve.region}: holds {100 * worst:.3g} % of the {administered / un.MBq:g} MBq given, decay counted; at most "
            f"{100 * MOST_SHARE:g} % is possible. Check the unit of --administered and of activity_MBq."
        )


def _half_lives(names: Sequence[str], half_life: Sequence[str], spread: Sequence[str]) -> dict[str, BiologicalHalfLife]:
    if not half_life:
        return {}
    medians = by_region(half_life, names=names, option="biological-half-life")
    spreads = by_region(spread, names=names, option="biological-spread")
    return {name: BiologicalHalfLife(median=medians[name] * un.h, variation=spreads[name] / 100) for name in names}


def _facts(found: Transfer, curve: TimeActivityCurve, administered: float | None) -> dict[str, Any]:
    tia = found.time_integrated_activity
    facts: dict[str, Any] = {
        "method": found.method,
        "amplitudes_MBq": [a / un.MBq for a in found.amplitudes.tolist()],
        "rates_per_h": [r * un.h for r in found.rates.tolist()],
        **_value("tia_MBq_h", tia, _MBq_h),
        "tia_95_MBq_h": [end / _MBq_h for end in found.interval_95],
        **_value("diagnostic_tia_MBq_h", found.diagnostic_integral, _MBq_h),
        "u_percent": {name: 100 * term for name, term in found.terms.items()},
        "extrapolated_fraction": found.extrapolated,
        "diagnostic_extrapolated_fraction": found.extrapolated_diagnostic,
        "last_scan_h": float(curve.t[-1]) / un.h,
        "last_scan_half_lives": found.window,
        **_value("effective_half_life_h", found.effective_half_life, un.h),
        "warnings": list(found.warnings),
    }
    if administered is not None:
        A0 = administered * un.MBq
        facts |= _value("tiac_h", tia, A0 * un.h) | {"tiac_95_h": [end / A0 / un.h for end in found.interval_95]}
        facts |= _value("diagnostic_tiac_h", found.diagnostic_integral, A0 * un.h)
    return facts


def _value(key: str, value: Measured, unit: float) -> dict[str, Any]:
    return {key: value.value / unit, f"u_{key}": None if value.u is None else value.u / unit}


def _pair_facts(pair: Pair) -> dict[str, Any]:
    return {
        "same": pair.same,
        "u_uptake_percent": 100 * pair.u_uptake,
        "u_how": pair.u_how,
        "source": pair.source,
        "not_claimed": pair.not_claimed,
    }


def _assumptions(pair: Pair, method: str) -> list[str]:
    said = [
        f"{pair.same}: biological rates of {pair.diagnostic} are those of {pair.therapeutic}; uptake may differ by "
        f"{100 * pair.u_uptake:g} % ({'assumed by Hevesy, from no publication' if pair.u_how == 'assumed' else pair.u_how}; "
        f"the pair: {pair.source})",
        f"integrals are for the activity that was given of {pair.diagnostic}; for another activity they are in proportion",
    ]
    if method == "fit":
        said.append(
            "after the last scan biological rates may be anything from none to twice those of the fit, all equally likely"
        )
    return said
