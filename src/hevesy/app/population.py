"""Population models of kinetics: estimated from a cohort's table, kept in a file, used for new patients."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import __version__
from hevesy import units as un
from hevesy.app.patient_table import read_patients
from hevesy.errors import DataError, HevesyError, InputError
from hevesy.kinetics.bayes import Posterior, coefficients, posterior
from hevesy.kinetics.mixed_effects import AUTO, Estimate, estimate
from hevesy.kinetics.population import PARAMETERS, RegionPopulation, curve_parameters
from hevesy.model import TimeActivityCurve
from hevesy.nuclides import load_nuclide

FORMAT = "hevesy population model 1"
SEED = 4
Progress = Callable[[str, float], None]


def population_from_table(
    path: str | Path, *, nuclide: str, out: str | Path | None = None, model: str = AUTO, progress: Progress | None = None
) -> dict[str, Any]:
    """Estimate the population of each region of a cohort, and write it to a file.

    Parameters
    ----------
    path : path                 CSV with the columns patient, region, time_h, activity_MBq, administered_MBq; activities not
                                corrected for decay. A column u_MBq is read and not used: residual deviations come from the
                                scatter.
    nuclide : str               "Lu-177".
    out : path, optional        JSON to write, whole or not at all.
    model : str                 "auto", "mono", "uptake" or "bi".
    progress : callable, optional

    Returns
    -------
    dict                        What the file holds: by region fixed effects, covariance, residual, uncertainties.

    Raises
    ------
    DataError
        The table is not one, or holds what only a wrong unit explains; the message names the line.
    InputError
        Unknown nuclide or model, or too few patients.
    """
    known = load_nuclide(nuclide)
    table = read_patients(Path(path), administered_needed=True)
    if model not in (AUTO, *PARAMETERS):
        raise InputError(f"no population model of {model!r}; allowed: {AUTO}, {', '.join(PARAMETERS)}.")
    table.check_shares()
    table.check_times(known.decay_constant)
    tell = progress or (lambda text, part: None)
    regions: dict[str, Any] = {}
    for i, region in enumerate(table.regions):
        patients, curves, administered = table.of_region(region)

        def part(text: str, share: float, i: int = i) -> None:
            tell(text, (i + share) / len(table.regions))

        found = estimate(curves, administered, decay_constant=known.decay_constant, model=model, seed=SEED, progress=part)
        regions[region] = _region_facts(found, curves, [table.lines(name, region) for name in patients], model)
        if max(float(np.max(curve.A / given)) for curve, given in zip(curves, administered, strict=True)) < 1e-4:
            regions[region]["warnings"].append(
                "the region never holds 0.01 % of what was administered: check the units of both columns, MBq."
            )
    facts = {
        "format": FORMAT,
        "hevesy": __version__,
        "nuclide": known.name,
        "decay_constant_per_h": known.decay_constant * un.h,
        "input": {"file": Path(path).name, "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest()},
        "seed": SEED,
        "patients": len(table.patients),
        "points": table.points,
        "u_MBq_used": False,
        "regions": regions,
    }
    if out is not None:
        _write(Path(out), facts)
    return facts


def _region_facts(found: Estimate, curves: list[TimeActivityCurve], lines: list[tuple[int, int]], wanted: str) -> dict[str, Any]:
    population = found.population
    names = PARAMETERS[population.model]
    keys = [name if name.startswith("a") else f"{name}_per_h" for name in names]
    shift = np.array([0.0 if name.startswith("a") else math.log(un.h) for name in names])
    deviations, u_mean = np.sqrt(np.diagonal(population.covariance)), np.sqrt(np.diagonal(population.mean_covariance))
    kept = [curve for i, curve in enumerate(curves) if i not in found.left_out]
    warnings = list(found.warnings)
    warnings += [
        f"the patient of lines {lines[i][0]} to {lines[i][1]} does not belong to the others and was left out: check the table."
        for i in found.left_out
    ]
    first = float(min(curve.t[0] for curve in kept))
    before = _before(population, first)
    if before > 0.2:
        warnings.append(
            f"{100 * before:.0f} % of the integral lies before the first scan at {first / un.h:.3g} h, where the model is a "
            "guess: an uptake there is not seen."
        )
    fixed = np.exp(population.mean + shift)
    return {
        "model": population.model,
        "chosen_by": f"AICc of the marginal likelihood, {len(found.aicc)} models" if wanted == AUTO else "asked for",
        "parameters": keys,
        "fixed_effects": dict(zip(keys, fixed.tolist(), strict=True)),
        "u_fixed_effects_percent": dict(zip(keys, (100 * u_mean).tolist(), strict=True)),
        "between_patient_percent": dict(zip(keys, (100 * deviations).tolist(), strict=True)),
        "u_between_patient_percent": dict(zip(keys, (100 * found.u_log_deviations).tolist(), strict=True)),
        "log_mean": (population.mean + shift).tolist(),
        "log_covariance": population.covariance.tolist(),
        "log_mean_covariance": population.mean_covariance.tolist(),
        "log_draws": _written_draws(population, shift),
        "residual_percent": 100 * population.proportional,
        "u_residual_percent": 100 * found.u_proportional,
        "residual_additive_percent_of_administered": 100 * population.additive,
        "u_residual_additive_percent_of_administered": 100 * found.u_additive,
        "effective_half_life_h": _half_life(population),
        "tiac_h": _tiac(population),
        "amplitude_percent_of_administered": 100 * float(sum(fixed[i] for i, name in enumerate(names) if name.startswith("a"))),
        "patients": population.patients,
        "points": population.points,
        "patients_left_out": len(found.left_out),
        "first_time_h": first / un.h,
        "before_first_scan_percent": 100 * before,
        "last_time_h": float(max(curve.t[-1] for curve in kept)) / un.h,
        "log_likelihood": dict(found.log_likelihood),
        "aicc": dict(found.aicc),
        "bic": dict(found.bic),
        "warnings": warnings,
    }


def _before(population: RegionPopulation, t: float) -> float:
    """Share of the mean curve's integral before ``t``."""
    model = population.curve_model
    p = curve_parameters(population, population.mean)
    amplitudes, rates = model.to_amplitudes @ p, model.to_rates @ p
    return 1 - float(np.sum(amplitudes / rates * np.exp(-rates * t)) / np.sum(amplitudes / rates))


def _half_life(population: RegionPopulation) -> dict[str, float]:
    """Median, its u, and half of what lies between 16 % and 84 % of patients, relative to the median."""
    mean, deviation = float(population.mean[1]), math.sqrt(float(population.covariance[1, 1]))

    def at(log_rate: float) -> float:
        return math.log(2) / (population.decay_constant + math.exp(log_rate)) / un.h

    median = at(mean)
    rate = math.exp(mean)
    u = median * rate / (population.decay_constant + rate) * math.sqrt(float(population.mean_covariance[1, 1]))
    return {
        "median": median,
        "u_median": u,
        "between_patient_percent": 50 * (at(mean - deviation) - at(mean + deviation)) / median,
    }


def _tiac(population: RegionPopulation) -> dict[str, float]:
    """Median of the time-integrated activity coefficient and its spread between patients, as of the half-life."""
    from scipy.special import ndtri

    from hevesy.kinetics.marginal_likelihood import quasi_random

    z = ndtri(quasi_random(4096, population.mean.size, seed=SEED, batch=0))
    values, vectors = np.linalg.eigh(population.covariance)
    x = population.mean + z @ (vectors * np.sqrt(np.maximum(values, 0.0))).T
    low, median, high = np.quantile(coefficients(population, x), (0.1587, 0.5, 0.8413)) / un.h
    return {"median": float(median), "between_patient_percent": float(50 * (high - low) / median)}


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    part = path.with_name(f".part-{path.name}")
    try:
        part.write_text(json.dumps(facts, ensure_ascii=False, indent=1, allow_nan=False) + "\n", "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


# --- the model again


def _written_draws(population: RegionPopulation, shift: npt.NDArray[np.float64]) -> list[str]:
    """Populations that the cohort leaves possible, one a line; rates by hour."""
    if population.draws is None:
        return []
    moved = np.array(population.draws)
    moved[:, : shift.size] += shift
    return [" ".join(f"{number:.6g}" for number in row) for row in moved]


def _read_draws(lines: list[str] | None, shift: npt.NDArray[np.float64]) -> npt.NDArray[np.float64] | None:
    """The inverse; None for a model of an earlier version, which has none."""
    if not lines:
        return None
    draws = np.array([[float(word) for word in line.split()] for line in lines])
    draws[:, : shift.size] -= shift
    return draws


def read_model(path: str | Path) -> dict[str, RegionPopulation]:
    """The populations by region of a file that :func:`population_from_table` wrote."""
    return _populations(Path(path).name, _facts_of(Path(path)))


def _facts_of(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise DataError(f"{path}: there is no such file. Make a model with hevesy population.") from error
    except OSError as error:
        raise DataError(f"{path}: it cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise DataError(f"{path.name}: this is no JSON. Give the file that hevesy population wrote.") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        got = facts.get("format") if isinstance(facts, dict) else None
        raise DataError(
            f"{path.name}: no population model: format is {got!r}, not {FORMAT!r}. Give what hevesy population wrote."
        )
    return facts


def _populations(name: str, facts: dict[str, Any]) -> dict[str, RegionPopulation]:
    try:
        made = {}
        for region, one in facts["regions"].items():
            shift = np.array([0.0 if p.startswith("a") else math.log(un.h) for p in PARAMETERS[one["model"]]])
            made[region] = RegionPopulation(
                region=region,
                model=one["model"],
                decay_constant=facts["decay_constant_per_h"] / un.h,
                mean=np.array(one["log_mean"], dtype=float) - shift,
                covariance=np.array(one["log_covariance"], dtype=float),
                mean_covariance=np.array(one["log_mean_covariance"], dtype=float),
                proportional=one["residual_percent"] / 100,
                additive=one["residual_additive_percent_of_administered"] / 100,
                patients=int(one["patients"]),
                points=int(one["points"]),
                draws=_read_draws(one.get("log_draws"), shift),
            )
    except HevesyError as error:
        raise DataError(f"{name}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{name}: not a whole population model ({type(error).__name__}: {error}). Make it again.") from error
    if not made:
        raise DataError(f"{name}: the population model has no region. Make it again with hevesy population.")
    return made


def fit_with_population(
    path: str | Path, *, nuclide: str, model_path: str | Path, administered: float | None = None
) -> dict[str, Any]:
    """Integrals of new patients from their scans and a population model.

    Parameters
    ----------
    path : path                 CSV with the columns region, time_h, activity_MBq; perhaps patient, administered_MBq, u_MBq.
    nuclide : str               Of the new patients; where it is not the model's, biological rates carry over.
    model_path : path           JSON of :func:`population_from_table`.
    administered : float        [MBq], where the table has none; where neither has, amplitudes are unknown.

    Returns
    -------
    dict                        ``nuclide``, ``population`` and, with a column patient, ``patients``: by patient ``regions``;
                                without it ``regions``. The keys are those of :func:`hevesy.app.fit.fit_table`.
    """
    known = load_nuclide(nuclide)
    model = _facts_of(Path(model_path))
    populations = _populations(Path(model_path).name, model)
    if administered is not None and not (math.isfinite(administered) and administered > 0):
        raise InputError(f"the administered activity is {administered:g} MBq; it must be above zero.")
    table = read_patients(Path(path), administered_needed=False)
    table.check_times(known.decay_constant)
    unknown = [region for region in table.regions if region not in populations]
    if unknown:
        raise InputError(
            f"region {', '.join(unknown)} is not in the population model; it has {', '.join(populations)}. "
            "Name regions alike, or fit those without --population."
        )
    remarks = []
    if known.name != model["nuclide"]:
        remarks.append(
            f"the population was measured with {model['nuclide']}: its biological rates are used with the decay of {known.name}."
        )
    patients: dict[str, dict[str, Any]] = {}
    for patient in table.patients:
        for region in table.regions_of(patient):
            curve, given = table.curve(patient, region)
            amount = given if given is not None else None if administered is None else administered * un.MBq
            found = posterior(populations[region], curve, seed=SEED, administered=amount, decay_constant=known.decay_constant)
            limits = (model["regions"][region].get("first_time_h"), model["regions"][region].get("last_time_h"))
            patients.setdefault(patient, {"regions": {}})["regions"][region] = _patient_facts(
                populations[region], curve, found, amount, [*remarks, *_outside(curve, limits)]
            )
    facts: dict[str, Any] = {
        "nuclide": known.name,
        "population": {
            "file": Path(model_path).name,
            "sha256": hashlib.sha256(Path(model_path).read_bytes()).hexdigest(),
            "nuclide": model["nuclide"],
            "hevesy": model.get("hevesy"),
        },
        "central_estimate": "posterior median",
    }
    return facts | ({"patients": patients} if table.has_patients else next(iter(patients.values())))


def _outside(curve: TimeActivityCurve, limits: tuple[Any, Any]) -> list[str]:
    """A warning where scans lie outside the hours that the population was measured in."""
    first, last = limits
    if first is None or last is None or (curve.t[0] / un.h > 0.5 * first and curve.t[-1] / un.h < 1.5 * last):
        return []
    return [f"a scan lies outside the {first:.3g} h to {last:.3g} h in which the population was measured."]


def _patient_facts(
    population: RegionPopulation, curve: TimeActivityCurve, found: Posterior, administered: float | None, remarks: list[str]
) -> dict[str, Any]:
    tia, half_life, unit = found.time_integrated_activity, found.effective_half_life, un.MBq * un.h
    warnings = [*found.warnings, *remarks]
    if administered is None:
        warnings.append(
            "the administered activity is not known: amplitudes were taken as unknown, and only the shape comes from the "
            "population. Give administered_MBq or --administered."
        )
    ill = not found.well_posed
    weak = found.warnings and not ill
    fitted = np.exp(-np.outer(curve.t, found.rates)) @ found.amplitudes
    return {
        "model": found.model,
        "parameters": {
            f"{name}_MBq" if name[0] == "A" else f"{name}_per_h": value / un.MBq if name[0] == "A" else value * un.h
            for name, value in found.parameters.items()
        },
        "tia_MBq_h": tia.value / unit,
        "u_tia_MBq_h": None if tia.u is None else tia.u / unit,
        "tia_95_MBq_h": [end / unit for end in found.tia_95],
        "interval_method": f"posterior with a population of {population.patients} patients",
        "why_no_u": tia.why_no_u,
        "effective_half_life_h": half_life.value / un.h,
        "u_effective_half_life_h": None if half_life.u is None else half_life.u / un.h,
        "extrapolated_fraction": found.extrapolated_fraction,
        "degrees_of_freedom": max(0, curve.t.size - len(found.parameters)),
        "aicc": {},
        "well_posed": found.well_posed,
        "verdict": "ill-posed" if ill else "weakly determined" if weak else "well determined",
        "reasons": list(found.warnings),
        "warnings": warnings,
        "administered_MBq": None if administered is None else administered / un.MBq,
        "chance_in_population": found.chance,
        "learned_from_scans": found.learned,
        "points": [
            {
                "time_h": float(t) / un.h,
                "activity_MBq": float(A) / un.MBq,
                "u_MBq": None if curve.u is None else float(curve.u[i]) / un.MBq,
                "fitted_MBq": float(fitted[i]) / un.MBq,
            }
            for i, (t, A) in enumerate(zip(curve.t, curve.A, strict=True))
        ],
    }
