"""A dose result as plain data for programs: the content of result.json."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from hevesy import units as un
from hevesy.model import CurveFit, DoseResult, Measured, PointResult, RegionResult, ScanResult
from hevesy.model.result import Level
from hevesy.reports.words import gathered, region_remarks, texts

SCHEMA = "hevesy-dose-result/1"
MBq_h = un.MBq * un.h
Gy_per_GBq = un.Gy / un.GBq


def finite(x: float | None) -> float | None:
    """``x``, or None where it is not a finite number: JSON has no word for those."""
    return float(x) if x is not None and math.isfinite(x) else None


def over(x: float | None, unit: float) -> float | None:
    """``x`` in ``unit``, or None where it is not known."""
    return None if x is None else finite(x / unit)


def measured(key: str, value: Measured, unit: float) -> dict[str, Any]:
    """``key``, ``u_key`` and, where there is no u, ``why_no_u_key``."""
    fields: dict[str, Any] = {key: over(value.value, unit), f"u_{key}": over(value.u, unit)}
    if value.u is None:
        fields[f"why_no_u_{key}"] = value.why_no_u
    return fields


def rounded(values: Iterable[float], unit: float) -> list[float | None]:
    """Numbers of a plotted line: six digits are enough, and the file stays small."""
    return [finite(float(f"{value / unit:.6g}")) for value in values]


def standard_score(ours: Measured, truth: float) -> float | None:
    """(ours - truth) / u, or None where there is no u."""
    return finite((ours.value - truth) / ours.u) if ours.u else None


def unique_names(regions: tuple[RegionResult, ...]) -> list[str]:
    """Region names as keys: a name that comes twice gets a number, so that no region is dropped."""
    taken: list[str] = []
    for region in regions:
        name, n = region.name, 1
        while name in taken:
            n += 1
            name = f"{region.name} ({n})"
        taken.append(name)
    return taken


def _patient(result: DoseResult) -> dict[str, Any]:
    patient = result.patient
    return {
        "id": patient.id,
        "sex": patient.sex or None,
        "age_years": finite(patient.age_years),
        "weight_kg": over(patient.weight, un.kg),
        "height_m": over(patient.height, 1000 * un.mm),
    }


def _scan(scan: ScanResult) -> dict[str, Any]:
    return {
        "label": scan.label,
        "time_h": over(scan.time, un.h),
        "modality": scan.modality,
        "total_activity_MBq": over(scan.total_activity, un.MBq),
        "total_activity_resampled_MBq": over(scan.total_activity_resampled, un.MBq),
        "stored_to_start_factor": finite(scan.stored_to_start),
        "decay_correction": scan.correction,
        "corrections": list(scan.corrections),
        "duration_s": finite(scan.duration),
        "has_ct": scan.has_ct,
        "registration": {
            "method": scan.registration,
            "translation_mm": [finite(x) for x in scan.translation],
            "rotation_deg": [finite(math.degrees(x)) for x in scan.rotation],
            "similarity": finite(scan.similarity),
            "similarity_before": finite(scan.similarity_before),
        },
        "series_uid": scan.series_uid,
    }


def parameters(fit: CurveFit) -> dict[str, float | None]:
    """The model's parameters, unit in the name, each with its u: amplitudes in MBq, rates in 1/h."""
    fields: dict[str, float | None] = {}
    by_rate = np.asarray(fit.rates_jacobian)
    for k, (name, value) in enumerate(fit.parameters.items()):
        is_rate = by_rate.ndim == 2 and k < by_rate.shape[1] and bool(np.any(by_rate[:, k] != 0))
        is_rate = is_rate or name.lower().startswith(("l", "rate", "k"))
        key, unit = (f"{name}_per_h", 1 / un.h) if is_rate else (f"{name}_MBq", un.MBq)
        fields[key] = over(value, unit)
        variance = None if fit.covariance is None else float(fit.covariance[k, k])
        fields[f"u_{key}"] = None if variance is None else over(math.sqrt(max(variance, 0.0)), unit)
    return fields


def _fit(region: RegionResult) -> dict[str, Any]:
    fit, weighted = region.fit, region.curve.u is not None
    return {
        "amplitudes_MBq": [over(a, un.MBq) for a in fit.amplitudes],
        "rates_per_h": [over(r, 1 / un.h) for r in fit.rates],
        "chi2": finite(fit.chi2) if weighted else None,
        "sum_of_squares_MBq2": None if weighted else over(fit.chi2, un.MBq**2),
        "degrees_of_freedom": int(fit.degrees_of_freedom),
        "aicc": finite(fit.scores.get(fit.model)),
        "aicc_by_model": {model: finite(score) for model, score in fit.scores.items()},
        "extrapolated_fraction": finite(fit.extrapolated_fraction),
        "well_posed": bool(fit.well_posed),
        **measured("tia_fit_only_MBq_h", fit.time_integrated_activity, MBq_h),
    }


def _points(region: RegionResult) -> list[dict[str, Any]]:
    by_time = {} if region.curve.u is None else dict(zip(region.curve.t, region.curve.u, strict=True))

    def one(point: PointResult) -> dict[str, Any]:
        return {
            "time_h": over(point.time, un.h),
            "activity_MBq": over(point.activity, un.MBq),
            "u_activity_MBq": over(by_time.get(point.time), un.MBq),
            "activity_resampled_MBq": over(point.activity_resampled, un.MBq),
            "volume_drawn_ml": over(point.volume_drawn, un.ml),
            "volume_ml": over(point.volume, un.ml),
            "outline": point.outline,
        }

    return [one(point) for point in region.points]


def _truth(region: RegionResult) -> dict[str, float | None] | None:
    truth = region.truth
    if truth is None:
        return None
    return {
        "volume_ml": over(truth.volume, un.ml),
        "mass_g": over(truth.mass, un.g),
        "tia_MBq_h": over(truth.time_integrated_activity, MBq_h),
        "mean_dose_Gy": over(truth.mean_dose, un.Gy),
        "z_mean_dose": standard_score(region.mean_dose, truth.mean_dose),
        "z_tia": standard_score(region.time_integrated_activity, truth.time_integrated_activity),
    }


def _region(region: RegionResult) -> dict[str, Any]:
    histogram = region.histogram
    quantiles = {"D98": region.D98, "D90": region.D90, "D50": region.D50, "D2": region.D2}
    return {
        "standard_name": region.standard_name or None,
        "kind": region.kind,
        **measured("volume_ml", region.volume, un.ml),
        **measured("mass_g", region.mass, un.g),
        "model": region.fit.model,
        "parameters": parameters(region.fit),
        **measured("effective_half_life_h", region.fit.effective_half_life, un.h),
        **measured("tia_MBq_h", region.time_integrated_activity, MBq_h),
        **measured("tiac_h", region.time_integrated_activity_coefficient, un.h),
        "tia_voxels_MBq_h": over(region.time_integrated_activity_voxels, MBq_h),
        **measured("mean_dose_Gy", region.mean_dose, un.Gy),
        **measured("dose_per_activity_Gy_per_GBq", region.mean_dose_per_activity, Gy_per_GBq),
        "D98_Gy": over(region.D98, un.Gy),
        "D90_Gy": over(region.D90, un.Gy),
        "D50_Gy": over(region.D50, un.Gy),
        "D2_Gy": over(region.D2, un.Gy),
        "min_Gy": over(region.minimum, un.Gy),
        "max_Gy": over(region.maximum, un.Gy),
        "recovery": finite(region.recovery),
        **{f"u_{key}_Gy": _with_dose(region, dose) for key, dose in quantiles.items()},
        "budget_percent": {term: finite(100 * share) for term, share in region.budget.items()},
        "budget": {
            name: {
                "u_tia_percent": finite(100 * abs(term.of_tia)),
                "u_dose_percent": finite(100 * abs(term.of_dose)),
                "kind": term.kind,
                "shared": term.shared,
            }
            for name, term in region.terms.items()
        },
        "u_random_percent": _by_kind(region, "random"),
        "u_systematic_percent": _by_kind(region, "systematic"),
        "next_scan": _next_scan(region),
        "points": _points(region),
        "dvh": {"dose_Gy": rounded(histogram.dose, un.Gy), "volume_percent": rounded(histogram.volume, 0.01)},
        "fit": _fit(region),
        "warnings": texts(region_remarks(region), Level.WARNING),
        "assumptions": texts(region_remarks(region), Level.ASSUMED),
        "notes": texts(region_remarks(region), Level.NOTE),
        "truth": _truth(region),
    }


def _with_dose(region: RegionResult, dose: float) -> float | None:
    """u of a point of the histogram [Gy]: as a share of the dose that of the mean."""
    relative = region.mean_dose.relative
    return None if relative is None else over(relative * dose, un.Gy)


def _by_kind(region: RegionResult, kind: str) -> float | None:
    """Relative u of the mean dose by the terms of a kind, in quadrature [%]."""
    parts = [term.of_dose for term in region.terms.values() if term.kind == kind]
    return finite(100 * math.hypot(*parts)) if region.terms else None


def relative_u_then(region: RegionResult) -> float | None:
    """Relative u of the mean dose with one more scan [1]: its fit's part exchanged; None where there is no u or no such scan."""
    found, now = region.next_scan, region.mean_dose.relative
    return None if found is None or now is None else math.sqrt(max(now**2 - found.u_now**2 + found.u_then**2, 0.0))


def _next_scan(region: RegionResult) -> dict[str, float | None] | None:
    found, relative, then = region.next_scan, region.mean_dose.relative, relative_u_then(region)
    if found is None or relative is None or then is None:
        return None
    return {
        "time_h": over(found.time, un.h),
        "u_fit_now_percent": finite(100 * found.u_now),
        "u_fit_then_percent": finite(100 * found.u_then),
        "u_dose_now_percent": finite(100 * relative),
        "u_dose_then_percent": finite(100 * then),
    }


def _correlation(result: DoseResult) -> dict[str, Any] | None:
    if result.correlation is None:
        return None
    rows = [[finite(round(float(x), 4)) for x in row] for row in result.correlation]
    return {"regions": unique_names(result.regions), "mean_dose": rows}


def _provenance(result: DoseResult) -> dict[str, Any]:
    p = result.provenance
    return {
        "hevesy": p.hevesy,
        "created": p.created,
        "python": p.python,
        "platform": p.platform,
        "libraries": dict(p.libraries),
        "inputs": [dict(entry) for entry in p.inputs],
        "tables_sha256": dict(p.tables),
        "parameters": dict(p.parameters),
    }


def _said(result: DoseResult, level: Level) -> list[str]:
    joined = ((entry["about"], entry["text"]) for entry in gathered(result, level))
    return [f"{about}: {text}" if about else text for about, text in joined]


def result_as_dict(result: DoseResult) -> dict[str, Any]:
    """``result`` as data that JSON can hold: units in the names, every number finite or null.

    The fields are described by :func:`hevesy.reports.result_schema`.  Images are not in it.
    """
    given = result.administration
    return {
        "schema": SCHEMA,
        "hevesy": result.provenance.hevesy,
        "title": result.title,
        "synthetic": result.synthetic,
        "patient": _patient(result),
        "nuclide": {"name": given.nuclide, "half_life_h": over(result.half_life, un.h)},
        "administration": {
            "activity_MBq": over(given.activity, un.MBq),
            "time": given.time.isoformat(),
            "residual_MBq": over(given.residual, un.MBq),
            "source": given.source,
            "radiopharmaceutical": given.radiopharmaceutical or None,
        },
        "engine": {
            "name": result.engine,
            "description": result.engine_description,
            "energy_per_decay_keV": over(result.energy_per_decay, un.keV),
        },
        "reference_scan": result.reference_scan,
        "scans": [_scan(scan) for scan in result.scans],
        "regions": {n: _region(r) for n, r in zip(unique_names(result.regions), result.regions, strict=True)},
        "correlation": _correlation(result),
        "assumptions": _said(result, Level.ASSUMED),
        "warnings": _said(result, Level.WARNING),
        "notes": _said(result, Level.NOTE),
        "provenance": _provenance(result),
    }
