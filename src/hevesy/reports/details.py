"""The tables behind the first one: scans, fits, uncertainty budget, measurements, provenance."""

import math
from typing import Any

from hevesy import units as un
from hevesy.model import DoseResult, PointResult, RegionResult, ScanResult
from hevesy.reports.numbers import MISSING, fixed, percent, signed, significant, with_u
from hevesy.reports.palette import Marked
from hevesy.reports.record import MBq_h, relative_u_then
from hevesy.reports.sheet import Cell, cell, column, name_cell, sheet, value_cell
from hevesy.reports.words import clean

TELLING = 0.02  # relative change by resampling beyond which it is marked
SMALLEST_TERM = 1e-3  # relative u that is worth writing
FIT_MODELS = {
    "mono": "mono: A exp(−λt)",
    "bi": "bi: two phases of wash-out",
    "uptake": "uptake: A (exp(−λ₁t) − exp(−λ₂t))",
    "bi-uptake": "bi-uptake: two phases of wash-out after uptake",
    "tri": "tri: three phases of wash-out",
}


def change(before: float, after: float | None) -> Cell:
    """What resampling did, in per cent; marked where it is more than 2 %."""
    if after is None or before == 0:
        return cell(MISSING, mark="quiet")
    relative = after / before - 1
    return cell(signed(100 * relative), mark="alarm" if abs(relative) > TELLING else "")


def _scan_row(number: int, scan: ScanResult) -> list[Cell]:
    moved = "reference" if scan.registration == "reference" else scan.registration
    shift = " / ".join(fixed(x / un.mm, 1) for x in scan.translation)
    turn = " / ".join(fixed(math.degrees(x), 1) for x in scan.rotation)
    corrected = ", ".join(scan.corrections) or "no corrections stated"
    length = "" if scan.duration is None else f"{significant(scan.duration / un.min_)} min, "
    alike = fixed(scan.similarity, 3)
    if scan.similarity_before is not None:
        alike = f"{fixed(scan.similarity_before, 3)} → {alike}"
    return [
        cell(
            f"{number}  {clean(scan.label)}",
            f"{scan.modality}, {length}{'with' if scan.has_ct else 'no'} CT",
            mark="strong",
        ),
        cell(fixed(scan.time / un.h, 2)),
        cell(significant(scan.total_activity / un.MBq, 5)),
        cell(significant(scan.total_activity_resampled / un.MBq, 5)),
        change(scan.total_activity, scan.total_activity_resampled),
        cell(
            clean(scan.correction),
            f"factor to start {fixed(scan.stored_to_start, 5)}; {corrected}",
        ),
        cell(moved, "" if moved == "reference" else f"{shift} mm; {turn}°"),
        cell(MISSING if moved == "reference" else alike),
    ]


def scans(result: DoseResult) -> dict[str, Any]:
    """One row a time point."""
    columns = [
        column("Scan", align="left", share=1.0),
        column("Start", "h"),
        column("In view", "MBq"),
        column("resampled", "MBq"),
        column("change", "%"),
        column("Decay correction", align="left", share=1.6),
        column("Registration", align="left", share=1.25),
        column("Similarity", "1"),
    ]
    foot = [
        "Activity at the start of the scan, before and after resampling to the dose grid; nothing is "
        "renormalised. Registration: shift along x / y / z and turn about x / y / z. Similarity: normalised "
        "mutual information, before → after registration; 0 unrelated, 1 identical."
    ]
    return sheet(columns, [_scan_row(i + 1, scan) for i, scan in enumerate(result.scans)], foot=foot)


def fits(regions: tuple[Marked, ...]) -> dict[str, Any]:
    """One row a region: model, quality, share that was not measured, cross-check by voxels."""
    columns = [
        column("Region", align="left", share=1.0),
        column("Model", align="left", share=1.0),
        column("Phases", "MBq, h", align="left", share=0.9),
        column("χ²/ν"),
        column("AICc"),
        column("After last scan", "%"),
        column("TIA", "MBq h"),
        column("by voxels", "MBq h"),
        column("differ", "%"),
        column("Recovery", "1"),
    ]
    rows = []
    for m in regions:
        r, fit = m.region, m.region.fit
        phases = [
            f"{significant(a / un.MBq)} · {significant(math.log(2) / rate / un.h)}"
            if rate > 0
            else f"{significant(a / un.MBq)} · ∞"
            for a, rate in zip(fit.amplitudes, fit.rates, strict=True)
        ]
        far = fit.extrapolated_fraction
        quality = MISSING
        if r.curve.u is not None and fit.degrees_of_freedom > 0:
            quality = significant(fit.chi2 / fit.degrees_of_freedom, 2)
        rows.append([
            name_cell(m, brief=True),
            cell(FIT_MODELS.get(fit.model, fit.model)),
            cell("; ".join(phases)),
            cell(quality, f"ν = {fit.degrees_of_freedom}"),
            cell(significant(fit.scores.get(fit.model), 3)),
            cell(fixed(100 * far, 0), mark="alarm" if far > 0.5 else ""),
            value_cell(r.time_integrated_activity, MBq_h),
            cell(significant(r.time_integrated_activity_voxels / MBq_h)),
            change(r.time_integrated_activity.value, r.time_integrated_activity_voxels) | {"mark": ""},
            cell(fixed(r.recovery, 2)),
        ])  # fmt: skip
    foot = [
        "Phases: amplitude at time zero · half-life. χ²/ν only where the points carry u; ν: degrees "
        "of freedom. AICc: of the chosen model. After last scan: share of the integral beyond the last scan, "
        "red above 50 %. By voxels: sum of the voxel-wise map, a check. Recovery: estimated share of the "
        "region's activity that the image shows inside it."
    ]
    return sheet(columns, rows, tones=["" if m.region.fit.well_posed else "alarm" for m in regions], foot=foot)


def budget(regions: tuple[Marked, ...]) -> dict[str, Any] | None:
    """Relative standard uncertainty of the mean dose by term and by kind, and what one more scan would buy."""
    if not any(m.region.budget for m in regions):
        return None
    columns = [
        column("Region", align="left", share=0.6),
        column("By term, the largest first", align="left", share=1.0),
        column("Random"),
        column("Systematic"),
        column("Mean dose, all"),
        column("One more scan at"),
    ]
    rows = []
    for m in regions:
        r = m.region
        variance = sum(x * x for x in r.budget.values())
        said = ", ".join(
            f"{clean(name)} {percent(x)}" for name, x in sorted(r.budget.items(), key=lambda t: -t[1]) if x >= SMALLEST_TERM
        )
        kinds = [math.hypot(*(t.of_dose for t in r.terms.values() if t.kind == kind)) for kind in ("random", "systematic")]
        shares = [cell(percent(x), tint=x * x / variance if variance else 0.0) if r.terms else cell("") for x in kinds]
        total = r.mean_dose.relative
        whole = cell("no u" if total is None else percent(total), mark="strong")
        rows.append([name_cell(m, brief=True), cell(said), *shares, whole, _one_more(r)])
    foot = [
        "Relative standard uncertainty of the mean dose, k = 1; terms below 0.1 % are not written. Shaded by share of the "
        "variance. Last column: the time at which one more scan would have lowered u most, and the u of the mean dose then."
    ]
    return sheet(columns, rows, foot=foot)


def _one_more(region: RegionResult) -> Cell:
    found, then = region.next_scan, relative_u_then(region)
    if found is None or then is None:
        return cell("")
    return cell(f"{significant(found.time / un.h, 2)} h", percent(then))


def _point_row(m: Marked, point: PointResult, u: float | None, first: bool) -> list[Cell]:
    text, sub = with_u(point.activity / un.MBq, None if u is None else u / un.MBq)
    after = point.activity_resampled
    return [
        name_cell(m, brief=True) | {"tag": ""} if first else cell(""),
        cell(fixed(point.time / un.h, 2)),
        cell(clean(point.outline)),
        cell(significant(point.volume_drawn / un.ml, 4)),
        cell(significant(point.volume / un.ml, 4)),
        change(point.volume_drawn, point.volume),
        cell(f"{text} {sub}"),
        cell(significant(None if after is None else after / un.MBq, 4)),
        change(point.activity, after),
    ]


def points(regions: tuple[Marked, ...]) -> dict[str, Any]:
    """One row a region and time point: what was measured, before and after each resampling."""
    columns = [
        column("Region", align="left", share=1.0),
        column("Start", "h"),
        column("Outline", align="left", share=1.5),
        column("Drawn", "ml"),
        column("on the scan", "ml"),
        column("change", "%"),
        column("Activity on the scan", "MBq"),
        column("resampled", "MBq"),
        column("change", "%"),
    ]
    rows = []
    for m in regions:
        curve = m.region.curve
        known = {} if curve.u is None else dict(zip(curve.t.tolist(), curve.u.tolist(), strict=True))
        for i, point in enumerate(m.region.points):
            rows.append(_point_row(m, point, known.get(point.time), i == 0))
    foot = [
        "Drawn: volume as drawn; on the scan: after the outline came to the grid of the scan. Resampled: on "
        "the dose grid. Changes above 2 % are red. u: what differs from scan to scan."
    ]
    return sheet(columns, rows, foot=foot)


def provenance(result: DoseResult) -> list[dict[str, Any]]:
    """Versions, parameters, inputs and tables: each a title and its rows of label and text."""
    p = result.provenance
    program = {
        "hevesy": p.hevesy,
        "made": p.created,
        "Python": p.python,
        "platform": p.platform,
        **p.libraries,
    }
    energy = f"{significant(result.energy_per_decay / un.keV, 5)} keV, deposited by the engine"
    settings = {"engine": result.engine, **p.parameters, "energy per decay": energy}
    inputs = [
        (next(iter(entry.values()), ""), ", ".join(f"{k} {v}" for k, v in list(entry.items())[1:] if v)) for entry in p.inputs
    ]
    groups = (
        ("Program", list(program.items())),
        ("Parameters", list(settings.items())),
        ("Inputs", inputs),
        ("Tables (SHA-256)", list(p.tables.items())),
    )
    return [
        {"title": title, "rows": [{"label": clean(str(a)), "text": clean(str(b))} for a, b in rows]}
        for title, rows in groups
        if rows
    ]
