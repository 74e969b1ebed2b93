"""The report of a course: plan, delivery and verification, ledger, response, suggestion and the Article 56 record."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hevesy.reports.canvas import drawing
from hevesy.reports.content import CHECK, SYNTHETIC
from hevesy.reports.course_eligibility import eligibility_table
from hevesy.reports.course_plot import lesion_trends, limit_bars
from hevesy.reports.document import pdf_document
from hevesy.reports.figures import Figure
from hevesy.reports.numbers import MISSING, fixed, signed, significant, with_u
from hevesy.reports.page import html_page
from hevesy.reports.sheet import Cell, cell, column, sheet
from hevesy.reports.words import clean

Facts = Mapping[str, Any]
NAMES = ("course.html", "course.pdf")
HEADLINES = {
    "keep": "One more cycle of {activity} GBq holds the limits",
    "reduce": "Reduce the next cycle to at most {activity} GBq",
    "stop": "Stop: no further cycle under these limits",
    "re-image": "Measure again before the next cycle",
    "none": "Without limits, no suggestion",
}
NOT_STATED = "not stated"
SUM_FOOT = (
    "Mean over the voxels of the region, its edge included, where a map holds less than the region received; the ledger has the "
    "mean dose of each result. Read hot spots and overlaps with external beams here, the organ's dose there."
)


def write_course_pages(facts: Facts, folder: Path, pictures: Mapping[str, Path] | None = None) -> tuple[Path, ...]:
    """course.html and course.pdf in ``folder``, both whole or none; ``pictures``: PNG of "eligibility" and "plan", if any."""
    drawn = (*_figures(facts), *_shown(pictures or {}))
    said = course_content(facts, drawn)
    makers: dict[str, Callable[[], bytes]] = {
        "course.html": lambda: html_page(said, drawn),
        "course.pdf": lambda: pdf_document(said, drawn),
    }
    parts = {folder / f".{name}.{os.getpid()}.part": folder / name for name in NAMES}
    try:
        for part, make in zip(parts, makers.values(), strict=True):
            part.write_bytes(make())
        for part, whole in parts.items():
            part.replace(whole)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return tuple(parts.values())


def course_content(facts: Facts, pictures: tuple[Figure, ...]) -> dict[str, Any]:
    """Everything the pages show, as plain data."""
    source = facts["provenance"]
    return {
        "kind": "course report",
        "title": clean(facts["title"]),
        "patient": clean(facts["patient_id"] or "no identifier"),
        "nuclide": ", ".join(facts["nuclides"]),
        "synthetic": SYNTHETIC if facts["synthetic"] else "",
        "hevesy": source["hevesy"],
        "created": source["created"],
        "check": CHECK,
        "facts": _head(facts),
        "boxes": [_suggestion(facts["suggestion"])],
        "warnings": [{"about": "", "text": clean(text)} for text in facts["warnings"]],
        "ill_posed": [f"{name} ({', '.join(row['ill_posed'])})" for name, row in facts["ledger"].items() if row["ill_posed"]],
        "summary_title": "Dose ledger",
        "summary": _ledger(facts),
        "sections": _sections(facts, pictures),
        "assumptions": [{"about": "", "text": clean(text)} for text in _assumed(facts)],
        "notes": [{"about": "", "text": clean(text)} for text in facts["response"]["notes"]],
        "provenance": _provenance(source),
        "signatures": [["medical physics expert", "date", "signature"], ["physician", "date", "signature"]],
    }


def _figures(facts: Facts) -> tuple[Figure, ...]:
    made = []
    with drawing():
        if facts["limits"]:
            caption = (
                "What each cycle used of the limit, with u (k = 1) of the sum; hatched: one more cycle with the intended "
                "activity, like the last. The activity beside it would pass the limit with the probability that the limit allows."
            )
            made.append(
                Figure(name="limits", kind="svg", data=limit_bars(facts), caption=caption, alt="Bars of dose against limits")
            )
        trends = [t for t in facts["response"]["trends"] if t["kind"] == "lesion" and len(t["labels"]) > 1]
        if trends:
            caption = (
                "Each lesion in per cent of its first cycle, with u (k = 1) of each measurement. "
                "Points are shifted sideways to be seen."
            )
            made.append(
                Figure(name="trends", kind="svg", data=lesion_trends(facts), caption=caption, alt="Trends of the lesions")
            )
    return tuple(made)


def _shown(pictures: Mapping[str, Path]) -> tuple[Figure, ...]:
    captions = {
        "eligibility": "Uptake before the therapy: maximum along the ray, with the regions drawn on it.",
        "plan": "The plan of the last cycle: chance to exceed each limit, and dose, against activity; bands of 95 %.",
    }
    return tuple(
        Figure(name=name, kind="png", data=path.read_bytes(), caption=captions[name], alt=captions[name])
        for name, path in pictures.items()
    )


def _head(facts: Facts) -> list[dict[str, str]]:
    cycles = facts["cycles"]
    total = sum(cycle["activity_GBq"] for cycle in cycles)
    given = "; ".join(f"{c['label']} {c['administered'][:10]}, {c['activity_GBq']:.3g} GBq" for c in cycles)
    found = [
        {"label": "Cycles", "text": clean(given)},
        {"label": "Administered", "text": f"{total:.4g} GBq in {len(cycles)} cycle{'' if len(cycles) == 1 else 's'}"},
        {
            "label": "Radiopharmaceutical",
            "text": clean(", ".join(dict.fromkeys(c["radiopharmaceutical"] or NOT_STATED for c in cycles))),
        },
    ]
    for beam in facts["external_beams"]:
        found.append({"label": "External beams", "text": clean(f"{beam['label']}, {beam['fractions']} fractions")})
    return found


def _suggestion(said: Facts) -> dict[str, Any]:
    activity = said["activity_GBq"]
    headline = HEADLINES[said["kind"]].format(activity="" if activity is None else f"{activity:.3g}")
    return {
        "title": "Next cycle: suggestion",
        "lead": headline,
        "entries": [{"about": "", "text": clean(text)} for text in (said["reason"], *said["remarks"])],
        "foot": said["status"],
    }


def _both(facts: Facts, key: str, mark: str = "") -> Cell:
    if facts.get(key) is None:
        return cell(MISSING, mark="quiet")
    text, sub = with_u(facts[key], facts[f"u_{key}"])
    return cell(text, sub, mark=mark)


def _ledger(facts: Facts) -> dict[str, Any]:
    labels = [cycle["label"] for cycle in facts["cycles"]] + [beam["label"] for beam in facts["external_beams"]]
    columns = [column("Region", align="left", share=1.0)]
    columns += [column(clean(label), "Gy") for label in labels]
    columns += [column("Dose, sum", "Gy"), column("G, last"), column("BED, sum", "Gy"), column("EQD2, sum", "Gy")]
    rows = []
    for name, row in facts["ledger"].items():
        tissue = row["tissue"]
        sub = row["kind"] if tissue is None else f"{row['kind']} · α/β {tissue['alpha_beta_Gy']:g} Gy ({tissue['name']})"
        cells = [cell(clean(name), clean(sub), mark="strong")]
        cells += [_both(row["by_part"].get(label, {}), "dose_Gy") for label in labels]
        last = [part["G"] for label, part in row["by_part"].items() if "G" in part and label in labels[: len(facts["cycles"])]]
        cells += [_both(row, "dose_Gy", "strong"), cell(fixed(last[-1], 3) if last else MISSING, mark="" if last else "quiet")]
        cells += [_both(row, "bed_Gy"), _both(row, "eqd2_Gy")]
        rows.append(cells)
    foot = [
        "Mean absorbed dose of each region; both sides: weighted by mass. BED from the mean dose and the region's curve; of "
        "external beams from its voxels. u (k = 1): systematic parts add up over the cycles, random ones in quadrature.",
    ]
    return sheet(columns, rows, foot=foot)


def _sections(facts: Facts, pictures: tuple[Figure, ...]) -> list[dict[str, Any]]:
    def section(key: str, title: str, figure: str = "", table: Any = None) -> dict[str, Any]:
        shown = [{"file": p.file, "caption": p.caption, "alt": p.alt} for p in pictures if figure and p.name == figure]
        return {"key": key, "title": title, "figures": shown, "table": table}

    made = [
        section("eligibility", "Eligibility", "eligibility", eligibility_table(facts.get("eligibility"))),
        section("limits", "What is left under each limit", "limits", _limits(facts["limits"])),
        section("plan", "Plan, delivery, verification", "plan", _delivery(facts["cycles"])),
        section("lesions", "Lesions from cycle to cycle", "trends", _trends(facts["response"]["trends"])),
        section("response", "Response by named criteria", table=_criteria(facts["response"])),
        section("sum", "Sum voxel by voxel", table=_sum(facts.get("sum"))),
        section("placed", "How the dose maps were laid on each other", table=_placed(facts.get("sum"))),
        section("article56", "Record under Article 56 (2013/59/Euratom)", table=_record(facts)),
    ]
    return [part for part in made if part["figures"] or part["table"]]


def _limits(limits: Sequence[Facts]) -> dict[str, Any] | None:
    if not limits:
        return None
    columns = [
        column("Limit", align="left", share=1.0), column("Limit", "Gy"), column("Used", "Gy"), column("Left", "Gy"),
        column("P(passed)", "now"), column("After one more", "Gy"), column("P(passed)", "then"), column("Largest next", "GBq"),
    ]  # fmt: skip
    rows, tones = [], []
    for each in limits:
        now, then = each["exceeded_percent"], each["next_exceeded_percent"]
        allowed = each["probability_percent"]
        largest = each["largest_activity_GBq"]
        rows.append([
            cell(f"{clean(each['region'])}, {each['quantity']}", clean(each["source"] or "source not stated"), mark="strong"),
            cell(f"{each['limit_Gy']:g}", f"passed by at most {allowed:g} %"),
            _both(each, "used_Gy"),
            cell(significant(each["left_Gy"])),
            cell(_chance(now), mark="alarm" if now > allowed else ""),
            _both(each, "next_total_Gy"),
            cell(_chance(then), mark="alarm" if then > allowed else ""),
            cell("no bound found" if largest is None else significant(largest), mark="alarm" if largest == 0 else "strong"),
        ])  # fmt: skip
        tones.append("alarm" if now > allowed else "")
    return sheet(columns, rows, tones=tones)


def _chance(percent: float) -> str:
    return "< 0.1 %" if percent < 0.1 else f"{percent:.1f} %" if percent < 9.95 else f"{percent:.0f} %"


def _delivery(cycles: Sequence[Facts]) -> dict[str, Any]:
    columns = [
        column("Cycle", align="left", share=0.8), column("Planned", align="right"), column("Delivered or measured"),
        column("Deviation", "%"), column("z"), column("Comment", align="left", share=1.2),
    ]  # fmt: skip
    rows = []
    for cycle in cycles:
        planned = cycle["planned_activity_GBq"]
        gap = cycle["days_since_last"]
        when = cycle["administered"][:16].replace("T", " ") + ("" if gap is None else f", {gap:.0f} d after the last")
        rows.append([
            cell(clean(cycle["label"]), when, mark="strong"),
            cell(NOT_STATED if planned is None else f"{planned:.4g} GBq", mark="quiet" if planned is None else ""),
            cell(f"{cycle['activity_GBq']:.4g} GBq", f"{cycle['nuclide']} administered"),
            cell(signed(cycle["deviation_percent"])),
            cell(""),
            cell(clean(cycle["comment"] or MISSING), clean(cycle["aim"])),
        ])  # fmt: skip
        for region in (r for r in cycle["regions"].values() if "planned_dose_Gy" in r):
            text, sub = with_u(region["dose_Gy"], region["u_dose_Gy"])
            rows.append([
                cell("", f"dose to {clean(region['name'])}"),
                cell(f"{region['planned_dose_Gy']:.3g} Gy"),
                cell(f"{text} Gy", sub),
                cell(signed(region["dose_deviation_percent"])),
                cell(signed(region["dose_deviation_z"])),
                cell(""),
            ])  # fmt: skip
    return sheet(columns, rows, foot=["z: deviation by the standard uncertainty of the measured dose."])


def _trends(trends: Sequence[Facts]) -> dict[str, Any] | None:
    shown = [t for t in trends if t["changes"] and t["kind"] == "lesion"]
    shown += [t for t in trends if t["changes"] and t["kind"] == "organ" and t["quantity"] == "effective half-life"]
    if not shown:
        return None
    columns = [
        column("Region", align="left", share=1.0), column("Quantity", align="left"), column("First"), column("Last"),
        column("Change", "%"), column("z"), column("Beyond u?", align="left"),
    ]  # fmt: skip
    rows, before = [], ""
    for trend in shown:
        change = trend["changes"][-1]
        first, last = (with_u(trend["values"][i], trend["u"][i]) for i in (0, -1))
        said = {True: "yes", False: "no", None: "not known"}[change["exceeds_uncertainty"]]
        u = change["u_percent"]
        rows.append([
            cell("" if trend["region"] == before else clean(trend["region"]), mark="strong"),
            cell(trend["quantity"], trend["unit"]),
            cell(*first),
            cell(*last),
            cell(signed(change["change_percent"]), "no u" if u is None else f"± {u:.1f}"),
            cell(signed(change["z"])),
            cell(said, mark="strong" if said == "yes" else "quiet"),
        ])  # fmt: skip
        before = trend["region"]
    return sheet(
        columns,
        rows,
        foot=["Beyond u: |z| above 1.96. What cycles share, such as calibration, is not in u of a change of uptake."],
    )


def _criteria(found: Facts) -> dict[str, Any] | None:
    if not found["criteria"]:
        return None
    columns = [
        column("Criteria", align="left", share=1.0),
        column("Says", align="left"),
        column("Because", align="left", share=1.4),
    ]
    rows = []
    for each in found["criteria"]:
        how = " Thresholds unverified at the source." if each["how"] == "recalled" else ""
        rows.append([
            cell(each["criteria"], each["source"], mark="strong"),
            cell(each["category"] or "cannot be told", mark="strong" if each["category"] else "quiet"),
            cell(clean(each["why"]), f"{each['not_claimed']}{how}"),
        ])  # fmt: skip
    return sheet(columns, rows, foot=["Figures for the reader of the images; no criteria are met by a program."])


def _sum(total: Facts | None) -> dict[str, Any] | None:
    if not total or not total["regions"]:
        return None
    columns = [
        column("Region", align="left", share=1.0), column("Dose", "Gy"), column("BED", "Gy"), column("EQD2", "Gy"),
        column("Dose against ledger", "%"), column("largest part of u of BED", align="left"),
    ]  # fmt: skip
    rows = []
    for name, each in total["regions"].items():
        terms = each["u_bed_terms_percent"]
        worst = max(terms, key=lambda term: terms[term]) if terms else ""
        rows.append([
            cell(clean(name), f"tissue {each['tissue']}", mark="strong"),
            _both(each, "dose_Gy"), _both(each, "bed_Gy", "strong"), _both(each, "eqd2_Gy"),
            cell(signed(total["against_ledger"].get(name))), cell(clean(worst), f"{terms[worst]:.1f} %" if worst else ""),
        ])  # fmt: skip
    return sheet(columns, rows, foot=[SUM_FOOT, *total["notes"]])


def _placed(total: Facts | None) -> dict[str, Any] | None:
    if not total:
        return None
    columns = [
        column("Map", align="left", share=1.0), column("Method", align="left"), column("Moved", "mm"), column("Similarity"),
        column("Residual of centroids", "mm", align="left", share=1.0), column("u of place", "mm"), column("Dose kept", "%"),
    ]  # fmt: skip
    rows = []
    for each in total["maps"]:
        moved = each["translation_mm"]
        residual = "; ".join(f"{name} {value:.1f}" for name, value in each["centroid_residual_mm"].items())
        rows.append([
            cell(clean(each["label"]), mark="strong"),
            cell(each["method"]),
            cell(MISSING if moved is None else " / ".join(fixed(x, 1) for x in moved)),
            cell(fixed(each["similarity"], 3), "" if moved is None else f"before {fixed(each['similarity_before'], 3)}"),
            cell(clean(residual) or MISSING),
            cell(fixed(each["u_place_mm"], 1)),
            cell(fixed(100 * each["dose_kept"], 1), mark="alarm" if each["dose_kept"] < 0.98 else ""),
        ])  # fmt: skip
    return sheet(columns, rows)


def _record(facts: Facts) -> dict[str, Any]:
    record = facts["record"]
    rows = [
        [cell("Indication", mark="strong"), cell(clean(record["indication"] or NOT_STATED))],
        [cell("Justification", mark="strong"), cell(clean(record["justification"] or NOT_STATED))],
        [cell("Individual planning", mark="strong"), cell(clean(record["planning"] or NOT_STATED))],
    ]
    for cycle, facts_of in zip(record["cycles"], facts["cycles"], strict=True):
        planned, given = facts_of["planned_activity_GBq"], facts_of["activity_GBq"]
        plan = "no plan stated" if planned is None else f"planned {planned:.4g} GBq"
        deviation = "" if facts_of["deviation_percent"] is None else f", deviation {signed(facts_of['deviation_percent'])} %"
        verified = f"dose verified in {len(cycle['verified'])} regions" if cycle["verified"] else "dose not verified"
        rows.append([
            cell(clean(cycle["label"]), mark="strong"),
            cell(f"{plan}, given {given:.4g} GBq{deviation}; {verified}", clean(f"Comment: {cycle['comment'] or 'none'}")),
        ])  # fmt: skip
    rows += [
        [cell("Verification", mark="strong"), cell(clean(record["verification"] or NOT_STATED))],
        [cell("Deviations of the course", mark="strong"), cell(clean(record["comment"] or NOT_STATED))],
        [cell("Medical physics expert", mark="strong"), cell("", "name and signature: by hand, below")],
        [cell("Physician", mark="strong"), cell("", "name and signature: by hand, below")],
    ]
    columns = [column("Part", align="left", share=1.0), column("Content", align="left", share=3.0)]
    return sheet(columns, rows, foot=[record["article"]])


def _assumed(facts: Facts) -> list[str]:
    tissues = {row["tissue"]["name"]: row["tissue"] for row in facts["ledger"].values() if row["tissue"]}
    said = [
        f"Tissue {name}: α/β {t['alpha_beta_Gy']:g} Gy, repair {', '.join(f'{T:g}' for T in t['repair_half_times_h'])} h, "
        f"{t['endpoint']} ({t['source']}{'; unverified' if t['how'] == 'recalled' else ''})."
        for name, t in tissues.items()
    ]
    said += facts["assumptions"]
    return [*said, "The dose rate of a region follows its own activity; no repopulation; repair is complete between cycles."]


def _provenance(source: Facts) -> list[dict[str, Any]]:
    files = [{"label": each["file"], "text": each["sha256"] or "not found"} for each in source["inputs"]]
    results = [{"label": clean(r["title"]), "text": f"Hevesy {r['hevesy']}, engine {r['engine']}"} for r in source["results"]]
    return [{"title": "Inputs, SHA-256", "rows": files}, {"title": "Results", "rows": results}]
