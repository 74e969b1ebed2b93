"""Scores of uptake and criteria of trials as data, each with its source."""

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

from hevesy.errors import DataError, InputError

HOW = ("read", "secondary", "derived", "recalled")
FIGURES = ("suv_max", "suv_mean", "suv_peak", "volume_ml")
RELATIONS = (">", ">=", "<", "<=")
OVER = ("any", "every", "discordant", "tumour")
REFERENCES = ("liver", "spleen", "kidneys", "blood pool", "parotid gland")
SITES = ("node", "organ", "bone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One step of a score: reached where the lesion's figure stands in ``relation`` to ``factor`` times the reference.

    The lowest level has no reference: it holds where no other does. ``instead`` names a reference that may stand in.
    """

    score: int
    text: str
    reference: str = ""
    instead: str = ""
    relation: str = ">"
    factor: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score of uptake, lowest level first; ``liver_dominant`` replaces liver for ligands that the liver excretes."""

    name: str
    title: str
    lesion_figure: str
    reference_figure: str
    levels: tuple[Level, ...]
    source: str
    doi: str
    page: str
    how: str
    valid_from: str
    operational: str = ""
    liver_dominant: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a criterion.

    Attributes
    ----------
    over : str                          "any" or "every" lesion, the whole "tumour", or "discordant" with FDG.
    figure, relation : str              What of the lesion, and how it must stand to the threshold.
    reference : str                     Organ whose SUVmean is the threshold; "" where ``threshold`` is a number.
    least_axis_mm : dict                Lesions with a smaller short axis are exempt: by site, or "any" [mm].
    complete : bool                     Also speaks of lesions that nobody drew.
    how, page, operational : str        How the rule is known, where it stands, and how it is put into numbers here.
    """

    text: str
    over: str
    figure: str
    relation: str
    reference: str = ""
    threshold: float | None = None
    least_axis_mm: dict[str, float]
    complete: bool = False
    page: str
    how: str
    operational: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """Rules of one trial or publication; ``kind`` is "eligibility" or "prognostic"."""

    name: str
    title: str
    kind: str
    tracer: str
    scores: tuple[str, ...]
    rules: tuple[Rule, ...]
    source: str
    doi: str
    valid_from: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracer:
    """A ligand told by a word of its name, and by which organ it is excreted."""

    name: str
    words: tuple[str, ...]
    excretion: str
    source: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """All of them by name."""

    scores: dict[str, Score]
    criteria: dict[str, Criterion]
    tracers: tuple[Tracer, ...]


@cache
def load_criteria() -> Criteria:
    """The table ``data/criteria.toml``, checked once.

    Raises
    ------
    DataError
        The table is missing, or a row is not what this file knows to decide.
    """
    try:
        found = tomllib.loads(files("hevesy.planning").joinpath("data", "criteria.toml").read_text("utf-8"))
        return criteria_of(found)
    except (FileNotFoundError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"planning/data/criteria.toml: {error}. Reinstall hevesy.") from error


def criteria_of(found: dict[str, Any]) -> Criteria:
    """A table as criteria; every row is checked.

    Raises
    ------
    DataError
        A key is missing or unknown, or a word is not known.
    """
    scores = tuple(_score(row) for row in found.get("score", []))
    criteria = tuple(_criterion(row) for row in found.get("criterion", []))
    tracers = tuple(_made(Tracer, {**row, "words": tuple(row.get("words", ()))}) for row in found.get("tracer", []))
    by_name = {score.name: score for score in scores}
    for criterion in criteria:
        unknown = [name for name in criterion.scores if name not in by_name]
        if unknown:
            raise DataError(f"criterion {criterion.name}: there is no score {', '.join(unknown)}; add it or leave it out.")
    return Criteria(scores=by_name, criteria={c.name: c for c in criteria}, tracers=tracers)


def find(name: str) -> Criterion | Score:
    """The criterion or score of that name.

    Raises
    ------
    InputError
        There is none.
    """
    known = load_criteria()
    found = known.criteria.get(name.lower()) or known.scores.get(name.lower())
    if found is None:
        raise InputError(f"--criteria {name!r} is unknown; there are {', '.join([*known.criteria, *known.scores])}.")
    return found


def liver_excreted(radiopharmaceutical: str) -> Tracer | None:
    """The ligand excreted by the liver that the name of a radiopharmaceutical tells, or None."""
    known = (t for t in load_criteria().tracers if t.excretion == "liver")
    return next((t for t in known if any(word.lower() in radiopharmaceutical.lower() for word in t.words)), None)


def _made(kind: Any, row: dict[str, Any]) -> Any:
    names = {each.name for each in fields(kind)}
    if set(row) - names:
        raise DataError(
            f"criteria, {row.get('name') or row.get('text')}: unknown key {', '.join(sorted(set(row) - names))}; "
            f"allowed are {', '.join(sorted(names))}."
        )
    try:
        return kind(**row)
    except TypeError as error:
        raise DataError(f"criteria, {row.get('name') or row.get('text')}: {error}. Complete the row.") from error


def _one_of(value: str, allowed: tuple[str, ...], where: str) -> None:
    if value not in allowed:
        raise DataError(f"criteria, {where} is {value!r}; allowed are {', '.join(allowed)}.")


def _score(row: dict[str, Any]) -> Score:
    levels = tuple(_made(Level, each) for each in row.get("level", []))
    score: Score = _made(Score, {**{k: v for k, v in row.items() if k != "level"}, "levels": levels})
    _one_of(score.how, HOW, f"{score.name}: how")
    _one_of(score.lesion_figure, FIGURES, f"{score.name}: lesion_figure")
    _one_of(score.reference_figure, FIGURES, f"{score.name}: reference_figure")
    numbers = [level.score for level in levels]
    if len(levels) < 2 or numbers != sorted(set(numbers)) or levels[0].reference or not all(x.reference for x in levels[1:]):
        raise DataError(f"criteria, {score.name}: levels must rise from one without a reference; got {numbers}.")
    for level in levels[1:]:
        _one_of(level.reference, REFERENCES, f"{score.name}: reference")
        _one_of(level.relation, (">", ">="), f"{score.name}: relation")
    return score


def _criterion(row: dict[str, Any]) -> Criterion:
    rules = tuple(_rule(each, row) for each in row.get("rule", []))
    rest = {k: v for k, v in row.items() if k != "rule"}
    made: Criterion = _made(Criterion, {**rest, "scores": tuple(row.get("scores", ())), "rules": rules})
    _one_of(made.kind, ("eligibility", "prognostic"), f"{made.name}: kind")
    if not rules:
        raise DataError(f"criteria, {made.name}: has no rule.")
    return made


def _rule(row: dict[str, Any], owner: dict[str, Any]) -> Rule:
    where = f"{owner.get('name')}: rule"
    made: Rule = _made(Rule, {**row, "least_axis_mm": dict(row.get("least_axis_mm", {}))})
    _one_of(made.how, HOW, f"{where} how")
    _one_of(made.over, OVER, f"{where} over")
    _one_of(made.figure, FIGURES, f"{where} figure")
    _one_of(made.relation, RELATIONS, f"{where} relation")
    if bool(made.reference) == (made.threshold is not None):
        raise DataError(f"criteria, {where} needs a reference or a threshold, one of both.")
    if made.reference:
        _one_of(made.reference, REFERENCES, f"{where} reference")
    for site in made.least_axis_mm:
        _one_of(site, (*SITES, "any"), f"{where} site")
    return made
