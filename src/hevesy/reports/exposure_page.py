"""The page of a patient's exposure record."""

from collections.abc import Mapping, Sequence
from typing import Any

from hevesy.reports.content import CHECK
from hevesy.reports.exposure_plot import exposure_timeline
from hevesy.reports.figures import Figure
from hevesy.reports.numbers import significant
from hevesy.reports.page import html_page
from hevesy.reports.sheet import Cell, cell, column, sheet
from hevesy.reports.words import clean

Facts = Mapping[str, Any]
NONE = "–"


def exposure_page(record: Facts, facts: Facts) -> bytes:
    """The HTML page of one patient of `facts`, which are those of ``hevesy protect record``."""
    drawn = _figures(record)
    return html_page(exposure_content(record, facts, drawn), drawn)


def exposure_content(record: Facts, facts: Facts, pictures: Sequence[Figure]) -> dict[str, Any]:
    """Everything that the page shows, as plain data."""
    return {
        "kind": "exposure record",
        "title": "Exposures of a patient",
        "patient": clean(", ".join(i for i in record["patient_ids"] if i) or "no identifier"),
        "nuclide": clean(", ".join(record["nuclides"]) or "no radionuclide"),
        "synthetic": "",
        "hevesy": facts["hevesy"],
        "created": facts["created"],
        "check": CHECK,
        "facts": _head(record),
        "boxes": [],
        "warnings": _warnings(record, facts),
        "ill_posed": [],
        "summary_title": "Effective dose by weight set and method",
        "summary": _sums(record),
        "sections": _sections(record, pictures),
        "assumptions": [{"about": "", "text": clean(text)} for text in facts["assumptions"]],
        "notes": _notes(record),
        "provenance": [_policy(facts)],
        "signatures": [["medical physics expert", "date", "signature"]],
    }


def _notes(record: Facts) -> list[dict[str, str]]:
    out = []
    for e in record["exposures"]:
        texts = list(e["remarks"])
        made = e.get("estimate")
        if made:
            mark = " (unverified)" if made["unverified"] else ""
            texts.append(f"estimated by {made['set']}, {made['coefficient_of']}, age {made['age_taken']}: {made['source']}{mark}")
            texts += made["remarks"]
        if e.get("why_no_estimate") and not e["effective_doses"]:
            texts.append(f"no effective dose was estimated: {e['why_no_estimate']}")
        out += [{"about": clean(e["label"]), "text": clean(text)} for text in texts]
    return out


def _figures(record: Facts) -> tuple[Figure, ...]:
    if not any(e["day"] for e in record["exposures"]):
        return ()
    caption = (
        "Effective dose of each exposure that states one or of which one was estimated. Different weight sets are different "
        "quantities and are not added."
    )
    data = exposure_timeline(record["exposures"])
    return (Figure(name="timeline", kind="svg", data=data, caption=caption, alt="Effective doses over time"),)


def _head(record: Facts) -> list[dict[str, str]]:
    days = [e["day"] for e in record["exposures"] if e["day"]]
    count = len(record["exposures"])
    return [
        {"label": "Exposures", "text": f"{count}, {days[0]} to {days[-1]}" if days else str(count)},
        {"label": "Without effective dose", "text": str(record["without_effective_dose"])},
        {
            "label": "Sex, age",
            "text": f"{record['sex'] or NONE}, {NONE if record['age_years'] is None else format(record['age_years'], '.3g')}",
        },
    ]


def _warnings(record: Facts, facts: Facts) -> list[dict[str, str]]:
    out = [{"about": "alert", "text": clean(a["text"])} for a in record["alerts"]]
    out += [{"about": clean(e["label"]), "text": clean(t)} for e in record["exposures"] for t in e["disagreements"]]
    out += [
        {"about": "", "text": clean(text)} for text in (*record["remarks"], *_unverified(record), record["why_no_sum"]) if text
    ]
    return out + [{"about": p["where"], "text": clean(p["text"])} for p in facts["problems"]]


def _unverified(record: Facts) -> list[str]:
    """Coefficients that an estimate rests on and that nobody has verified."""
    made = [e["estimate"] for e in record["exposures"] if e.get("estimate")]
    named = dict.fromkeys(f"{m['set']}, {m['coefficient_of']}" for m in made if m["unverified"])
    return [f"estimates rest on unverified coefficients: {'; '.join(named)}."] if named else []


def _sums(record: Facts) -> dict[str, Any] | None:
    rows: list[list[Cell]] = [
        [
            cell(clean(s["weights"]), clean(", ".join(s["authorities"])), mark="strong"),
            cell(s["method"]),
            cell(str(s["exposures"]), f"{s['estimated']} estimated" if s.get("estimated") else ""),
            cell(f"{s['effective_dose_mSv']:.4g}", mark="strong"),
        ]
        for s in record["effective_dose_sums"]
    ]
    columns = [
        column("Weights", align="left", share=1.0), column("Method", align="left"), column("Exposures"), column("Sum", "mSv"),
    ]  # fmt: skip
    foot = ["A lower bound: there are exposures without an effective dose."] if record["without_effective_dose"] else []
    if record.get("sum_weights") and len(rows) > 1:
        foot.append(f"Together {record['sum_over_sets_mSv']:.4g} mSv, weights {clean(record['sum_weights'])}.")
    return sheet(columns, rows, foot=foot) if rows else None


def _lengths(sums: Sequence[Facts]) -> dict[str, Any] | None:
    """Sums of DLP: of each phantom its own, for they are different quantities."""
    rows = [
        [
            cell(clean(s["phantom"] or "not stated"), mark="strong"),
            cell(str(s["events"])),
            cell(f"{s['dlp_mGy_cm']:.5g}", mark="strong"),
        ]
        for s in sums
    ]
    columns = [column("Phantom", align="left", share=1.0), column("Events"), column("Sum", "mGy cm")]
    return sheet(columns, rows) if rows else None


def _sections(record: Facts, pictures: Sequence[Figure]) -> list[dict[str, Any]]:
    shown = [{"file": p.file, "caption": p.caption, "alt": p.alt} for p in pictures]
    made: list[dict[str, Any]] = [
        {"key": "timeline", "title": "Over time", "figures": shown, "table": None},
        {"key": "lengths", "title": "Dose-length product by phantom", "figures": [], "table": _lengths(record["dlp_sums"])},
        {"key": "exposures", "title": "Exposures", "figures": [], "table": _exposures(record["exposures"])},
        {"key": "organs", "title": "Organ doses", "figures": [], "table": _organs(record["exposures"])},
    ]
    return [part for part in made if part["figures"] or part["table"]]


def _exposures(exposures: Sequence[Facts]) -> dict[str, Any]:
    columns = [
        column("Day", align="left"), column("Exposure", align="left", share=1.0), column("Activity", "MBq"),
        column("CTDIvol", "mGy"), column("DLP", "mGy cm"), column("E", "mSv"), column("Told by", align="left"),
    ]  # fmt: skip
    rows = []
    for e in exposures:
        dose = e["effective_doses"][0] if e["effective_doses"] else e.get("estimate")
        rows.append(
            [
                cell(e["day"] or "not known", (e["start"] or "")[11:19]),
                cell(clean(e["label"]), clean(e["phantom"] and f"{e['phantom']} phantom"), mark="strong"),
                cell(_number(e["activity_MBq"])),
                cell(_number(e["ctdi_vol_mGy"])),
                cell(_number(e["dlp_mGy_cm"])),
                cell(_number(dose and dose["effective_dose_mSv"], 4), _weights(e)),
                cell(", ".join(e["sources"]), f"{len(e['files'])} object{'' if len(e['files']) == 1 else 's'}"),
            ]
        )
    return sheet(columns, rows, tones=["alarm" if e["disagreements"] else "" for e in exposures])


def _weights(exposure: Facts) -> str:
    """Whose the effective dose of a line is."""
    if exposure["effective_doses"]:
        return str(clean(exposure["effective_doses"][0]["weights"]))
    made = exposure.get("estimate")
    return "" if made is None else str(clean(f"{made['weights']}, estimated by {made['set']}"))


def _organs(exposures: Sequence[Facts]) -> dict[str, Any] | None:
    rows = [
        [
            cell(clean(e["label"]), e["day"] or ""),
            cell(clean(" ".join(w for w in (o["laterality"], o["organ"]) if w))),
            cell(_number(o["absorbed_dose_mGy"], 4)),
            cell(clean(o["authority"] or "not stated")),
        ]
        for e in exposures
        for o in e["organ_doses"]
    ]
    columns = [
        column("Exposure", align="left"),
        column("Organ", align="left", share=1.0),
        column("Dose", "mGy"),
        column("Authority"),
    ]
    return sheet(columns, rows) if rows else None


def _number(value: float | None, digits: int = 3) -> str:
    return NONE if value is None else significant(value, digits)


def _policy(facts: Facts) -> dict[str, Any]:
    rows = [
        {"label": rule["rule"], "text": clean(f"{rule['threshold']:g} {rule['unit']}; {rule['source']}; {rule['how']}")}
        for rule in facts["policy"]
    ]
    return {"title": "Policy of the alerts", "rows": rows}
