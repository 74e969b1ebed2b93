"""The first page: what was given, and the table that answers the question."""

from typing import Any

from hevesy import units as un
from hevesy.model import DoseResult, Measured
from hevesy.reports.numbers import signed, significant
from hevesy.reports.palette import Marked
from hevesy.reports.record import Gy_per_GBq, MBq_h, standard_score
from hevesy.reports.sheet import Cell, cell, column, name_cell, sheet, value_cell
from hevesy.reports.words import clean

SURPRISING = 3.0  # |z| beyond which a deviation from the truth is marked


def facts(result: DoseResult) -> list[dict[str, str]]:
    """Patient, administration and method, as label and text."""
    given, patient = result.administration, result.patient
    person = [patient.sex, f"{patient.age_years:g} years" if patient.age_years is not None else ""]
    person += [f"{patient.weight:g} kg" if patient.weight is not None else ""]
    person += [f"{patient.height / 1000:.2f} m" if patient.height is not None else ""]
    residual = f", residual {significant(given.residual / un.MBq)} MBq already subtracted" if given.residual else ""
    what = given.radiopharmaceutical or "radiopharmaceutical not stated"
    rows = (
        ("Patient", ", ".join([patient.id or "no identifier", *(p for p in person if p)])),
        ("Given", f"{what}: {significant(given.activity / un.MBq, 4)} MBq{residual}"),
        ("Time of administration", given.time.isoformat(sep=" ", timespec="minutes")),
        ("Read from", given.source),
        ("Nuclide", f"{given.nuclide}, half-life {significant(result.half_life / un.h, 4)} h"),
        ("Scans", f"{len(result.scans)}, at {_times(result)} h after administration"),
        ("Dose engine", f"{result.engine}: {result.engine_description}"),
    )
    return [{"label": label, "text": clean(text)} for label, text in rows]


def _times(result: DoseResult) -> str:
    return ", ".join(significant(scan.time / un.h) for scan in result.scans)


def _row(m: Marked, with_truth: bool) -> list[Cell]:
    r = m.region
    cells = [
        name_cell(m),
        value_cell(r.volume, un.ml),
        value_cell(r.mass, un.g),
        value_cell(r.time_integrated_activity, MBq_h),
        value_cell(r.fit.effective_half_life, un.h),
        value_cell(r.mean_dose, un.Gy, "strong" if r.fit.well_posed else "alarm"),
        value_cell(r.mean_dose_per_activity, Gy_per_GBq),
        *(cell(significant(x / un.Gy)) for x in (r.D98, r.D90, r.D50, r.D2)),
    ]
    if with_truth:
        z = None if r.truth is None else standard_score(r.mean_dose, r.truth.mean_dose)
        cells += [
            cell(significant(None if r.truth is None else r.truth.mean_dose / un.Gy)),
            cell(signed(z), mark="alarm" if z is not None and abs(z) > SURPRISING else ""),
        ]
    return cells


def summary(result: DoseResult, regions: tuple[Marked, ...]) -> dict[str, Any]:
    """One row a region: volume, mass, TIA, effective half-life, doses; the truth where it is known."""
    with_truth = any(m.region.truth is not None for m in regions)
    columns = [
        column("Region", align="left", share=1.0),
        column("Volume", "ml"),
        column("Mass", "g"),
        column("TIA", "MBq h"),
        column("T½ eff", "h"),
        column("Mean dose", "Gy"),
        column("per activity", "Gy/GBq"),
        *(column(name, "Gy") for name in ("D98", "D90", "D50", "D2")),
    ]
    foot = [
        "± is the standard uncertainty, k = 1. TIA: time-integrated activity. T½ eff: effective half-life of "
        "the last phase. Dx: least dose to the hottest x % of the volume, without u: it holds the noise and "
        "the blur of the images."
    ]
    if with_truth:
        columns += [column("Truth", "Gy"), column("z", "1")]
        foot.append("Truth: known mean dose of the virtual patient; z = (ours − truth) / u.")
    if any(not m.region.fit.well_posed for m in regions):
        foot.append("Ill-posed fit: the scans do not settle the integral. Do not decide on such a row alone.")
    rows = [_row(m, with_truth) for m in regions]
    tones = ["" if m.region.fit.well_posed else "alarm" for m in regions]
    return sheet(columns, rows, tones=tones, foot=foot)


def truths(regions: tuple[Marked, ...]) -> dict[str, Any] | None:
    """Ours beside the truth of a virtual patient: deviation in per cent; z of activity and dose."""
    if all(m.region.truth is None for m in regions):
        return None
    columns = [column("Region", align="left", share=1.0)]
    for label, unit in (("Volume", "ml"), ("Mass", "g"), ("TIA", "MBq h"), ("Mean dose", "Gy")):
        columns += [column(label, unit), column("truth", unit), column("off by", "%")]
        columns += [column("z", "1")] if label in ("TIA", "Mean dose") else []
    rows = []
    for m in regions:
        r, true = m.region, m.region.truth
        if true is None:
            continue
        cells = [name_cell(m, brief=True), *_beside(r.volume, true.volume, un.ml)[:3]]
        cells += _beside(r.mass, true.mass, un.g)[:3]
        cells += _beside(r.time_integrated_activity, true.time_integrated_activity, MBq_h)
        rows.append(cells + _beside(r.mean_dose, true.mean_dose, un.Gy))
    return sheet(columns, rows)


def _beside(ours: Measured, truth: float, unit: float) -> list[Cell]:
    off, z = (100 * (ours.value / truth - 1) if truth else None), standard_score(ours, truth)
    return [
        cell(significant(ours.value / unit)),
        cell(significant(truth / unit)),
        cell(signed(off)),
        cell(signed(z), mark="alarm" if z is not None and abs(z) > SURPRISING else ""),
    ]


def flagged(regions: tuple[Marked, ...]) -> list[str]:
    """The names of regions whose fit does not hold."""
    return [f"{m.number} {m.name}" for m in regions if not m.region.fit.well_posed]
