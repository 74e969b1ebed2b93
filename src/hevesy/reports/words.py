"""What a result says in sentences: warnings, assumptions, notes, each once and with all it is about."""

import unicodedata

from hevesy.model import DoseResult, Measured, RegionResult, Remark
from hevesy.model.result import Level


def clean(text: str) -> str:
    """``text`` without control characters, which no page can show."""
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)


def region_remarks(region: RegionResult) -> tuple[Remark, ...]:
    """Remarks of a region: its own, its fit's warnings, and why a value has no u.  Each once."""
    found = list(region.remarks)
    known = {remark.text for remark in found}
    for text in region.fit.warnings:
        if text not in known:
            found.append(Remark(level=Level.WARNING, text=text, about=region.name))
            known.add(text)
    for why, labels in without_u(region).items():
        text = f"No standard uncertainty for {', '.join(labels)}: {why}"
        found.append(Remark(level=Level.WARNING, text=text, about=region.name))
    if not region.fit.well_posed and not any(remark.level is Level.WARNING for remark in found):
        text = "The fit is ill-posed: its integral and the absorbed dose must not be used without thinking."
        found.insert(0, Remark(level=Level.WARNING, text=text, about=region.name))
    return tuple(dict.fromkeys(found))


def without_u(region: RegionResult) -> dict[str, list[str]]:
    """The values of a region that carry no uncertainty, in words, by the reason that is given."""
    values: tuple[tuple[str, Measured], ...] = (
        ("the volume", region.volume),
        ("the mass", region.mass),
        ("the effective half-life", region.fit.effective_half_life),
        ("the time-integrated activity", region.time_integrated_activity),
        ("the time-integrated activity coefficient", region.time_integrated_activity_coefficient),
        ("the mean absorbed dose", region.mean_dose),
        ("the mean absorbed dose per activity", region.mean_dose_per_activity),
    )
    reasons: dict[str, list[str]] = {}
    for label, value in values:
        if value.u is None:
            reasons.setdefault(value.why_no_u, []).append(label)
    return reasons


def texts(remarks: tuple[Remark, ...], level: Level) -> list[str]:
    """The sentences of one level, each once."""
    return list(dict.fromkeys(clean(remark.text) for remark in remarks if remark.level is level))


def gathered(result: DoseResult, level: Level) -> list[dict[str, str]]:
    """All sentences of one level: first about the whole, then by subject; equal sentences joined."""
    subjects: dict[str, list[str]] = {}
    whole = [(remark.about, remark) for remark in result.remarks]
    parts = [(remark.about or r.name, remark) for r in result.regions for remark in region_remarks(r)]
    for about, remark in sorted(whole, key=lambda pair: bool(pair[0])) + parts:
        if remark.level is level:
            named = subjects.setdefault(clean(remark.text), [])
            if clean(about) not in named:
                named.append(clean(about))
    everyone = {clean(region.name) for region in result.regions}
    return [{"about": _subject([n for n in names if n], everyone), "text": text} for text, names in subjects.items()]


def _subject(names: list[str], everyone: set[str]) -> str:
    return "all regions" if len(names) > 2 and set(names) == everyone else ", ".join(names)
