"""What a recipe says, in lines of 80 characters."""

import re
import textwrap
from collections.abc import Iterable

from hevesy import units as u
from hevesy.model import Measured
from hevesy.protocols.chance import CHOSEN, DECISION, MEDIAN, percent
from hevesy.protocols.facts import Fact
from hevesy.protocols.prescription import Prescription, RegionDose

WIDTH = 80
MARGIN = 12
BOUND = "\x00"  # in place of a space where no line may end
EVIDENT = (DECISION, CHOSEN, "a count")  # reasons for which nobody would look for a u
# Unit in which each kind of figure is printed, and what one of it is inside.
PRINTED = {
    "activity": ("MBq", u.MBq),
    "dose": ("Gy", u.Gy),
    "dose per activity": ("Gy_per_GBq", u.Gy / u.GBq),
    "time": ("h", u.h),
    "volume": ("ml", u.ml),
    "mass": ("kg", u.kg),
    "share": ("percent", 0.01),
    "surface": ("m2", 1.0),
    "number": ("1", 1.0),
}


def in_words(p: Prescription) -> list[str]:
    """The prescription: activity, doses, level, remarks, and the numbers from the literature by source."""
    found = [p.title, *_titled("activity", _activity(p))]
    if p.best is not None:
        said = f"{_said(p.best, 'MBq', u.MBq)} at the best estimate"
        found += _titled("", said + (f" (chance to exceed a limit {percent(MEDIAN)})" if p.exceed is not None else ""))
    found.append("")
    for dose in p.doses:
        found += _hanging(_dose(dose))
    for figure in p.figures:
        found += _hanging(f"{figure.name}: {_said(figure.value, *PRINTED[figure.kind])}")
    found += ["", *_titled("article 56", f"level {p.compliance.level} ({p.compliance.words}): {p.compliance.reason}.")]
    if p.compliance.required:
        found += _titled("", f"asked: {p.compliance.required}.")
    found += [*_titled("method", f"{p.citation}."), ""]
    for text in (*p.remarks, *_without_u(p)):
        found += _hanging(f"remark: {text}")
    if p.unverified:
        found += _hanging(f"UNVERIFIED: {'; '.join(each.name for each in p.unverified)}.")
    return found + ["", *_facts(p.facts)]


def _without_u(p: Prescription) -> list[str]:
    """Each reason why there is no u once, with what it is the reason of."""
    by_reason: dict[str, list[str]] = {}
    for name, value in [*((d.region, d.dose) for d in p.doses), *((f.name, f.value) for f in p.figures)]:
        if value.u is None and value.why_no_u not in EVIDENT:
            by_reason.setdefault(value.why_no_u, []).append(name)
    return [f"no u of {', '.join(names)}: {reason}." for reason, names in by_reason.items()]


def _activity(p: Prescription) -> str:
    text = f"{_said(p.activity, 'MBq', u.MBq).removesuffix(' (no u)')}, ruled by: {p.rule}"
    return text if p.exceed is None else f"{text} (chance to exceed {percent(p.exceed)})"


def _dose(dose: RegionDose) -> str:
    text = f"{dose.region}: {_said(dose.dose, 'Gy', u.Gy)}"
    if dose.weighted is not None and dose.rbe is not None:
        text += f" unweighted; {_said(dose.weighted, 'Gy', u.Gy)} weighted with RBE {dose.rbe:g}"
    if dose.share is not None:
        text += f", {100 * dose.share:.0f} % of the limit of {dose.limit:g} Gy"
        text += "" if dose.exceeds is None else f" (chance to exceed {percent(dose.exceeds)})"
    if dose.goal is not None:
        text += f", goal {dose.goal:g} Gy"
        text += "" if dose.misses is None else f" (chance to miss {percent(dose.misses)})"
    return f"{text}  [{dose.basis}]"


def _facts(facts: Iterable[Fact]) -> list[str]:
    """Each source once, with what was taken from it."""
    by_source: dict[tuple[str, bool], list[str]] = {}
    for each in facts:
        note = f" ({each.note})" if each.note else ""
        by_source.setdefault((each.source, each.verified), []).append(f"{each.name} {each.printed}{note}")
    found = []
    for (source, verified), numbers in by_source.items():
        mark = "" if verified else " UNVERIFIED: the source was not opened."
        found += _hanging(f"fact: {'; '.join(dict.fromkeys(numbers))}. {source}.{mark}")
    return found


def _said(measured: Measured, unit: str, scale: float) -> str:
    value = measured.value / scale
    shown = {"1": "", "percent": " %"}.get(unit, f" {unit.replace('_per_', '/')}")
    plain = f"{value:.0f}" if 1e3 <= abs(value) < 1e7 else f"{value:.4g}"
    if measured.u is None:
        return f"{plain}{shown}" + ("" if measured.why_no_u in EVIDENT else " (no u)")
    if measured.u == 0:
        return f"{plain}{shown}"
    own = measured.u / scale
    digits = max(0, 1 - int(re.sub(r".*e", "", f"{own:.1e}")))
    return f"{value:.{digits}f} ± {own:.{digits}f}{shown}"


def _titled(title: str, text: str) -> list[str]:
    return _wrapped(text, f"{title:<{MARGIN}}", " " * MARGIN)


def _hanging(text: str) -> list[str]:
    return _wrapped(text, "", "    ")


def _wrapped(text: str, first: str, next_: str) -> list[str]:
    """Lines that part no number from its unit."""
    bound = re.sub(r"(?<=\d) (?=(?:%|Gy|MBq|GBq)(?!\w))", BOUND, text)
    found = textwrap.wrap(bound, WIDTH, initial_indent=first, subsequent_indent=next_, break_on_hyphens=False)
    return [line.replace(BOUND, " ") for line in found]
