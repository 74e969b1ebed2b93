"""The part of a course's report that says on what the patient was found eligible."""

from collections.abc import Mapping
from typing import Any

from hevesy.reports.numbers import MISSING, significant
from hevesy.reports.sheet import cell, column, sheet
from hevesy.reports.words import clean

Facts = Mapping[str, Any]


def eligibility_table(found: Facts | None) -> dict[str, Any] | None:
    """Lesions with their uptake and scores; the verdict, its rules and sources below."""
    if not found:
        return None
    organs = list(dict.fromkeys(organ for lesion in found["lesions"].values() for organ in lesion["ratios"]))
    scores = found["scores"]
    columns = [
        column("Lesion", align="left", share=1.0),
        column("SUVmax"),
        column("SUVmean"),
        column("SUVpeak"),
        column("Volume", "ml"),
    ]
    columns += [column("max / mean", clean(organ)) for organ in organs]
    columns += [column("Score", f"{i + 1})" if len(scores) > 1 else "") for i in range(len(scores))]
    rows = []
    for name, lesion in found["lesions"].items():
        cells = [cell(clean(name), mark="strong"), *_figures(lesion)]
        cells += [cell(significant(lesion["ratios"][organ]) if organ in lesion["ratios"] else MISSING) for organ in organs]
        cells += [cell(MISSING if score.get(name) is None else str(score[name]), mark="strong") for score in scores.values()]
        rows.append(cells)
    rows.append([cell("whole tumour", mark="quiet"), *_figures(found["tumour"]), *[cell("") for _ in (*organs, *scores)]])
    return sheet(columns, rows, foot=_foot(found))


def _figures(facts: Facts) -> list[Any]:
    keys = ("suv_max", "suv_mean", "suv_peak", "volume_ml")
    return [cell(MISSING if facts[key] is None else significant(facts[key])) for key in keys]


def _foot(found: Facts) -> list[str]:
    scan = f"{clean(found['radiopharmaceutical'])}, scan {clean(found['scan'])}."
    said = [f"{scan} {found['title']} ({found['source']}): {found['verdict']}."]
    for rule in found["rules"]:
        numbers = "" if rule["got"] is None else f": {rule['got']:.3g}, needed {rule['threshold']:.3g}"
        lacks = f"; missing: {', '.join(rule['missing'])}" if rule["missing"] else ""
        said.append(f"{rule['verdict']}: {clean(rule['text'])}{numbers}{lacks}.")
    if len(found["scores"]) > 1:
        said.append("Scores: " + "; ".join(f"{i + 1}) {title}" for i, title in enumerate(found["scores"])) + ".")
    said += [f"Unverified at the source: {clean(text)}." for text in found["unverified"]]
    return [*said, found["decision"]]
