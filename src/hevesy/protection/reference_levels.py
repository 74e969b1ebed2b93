"""Diagnostic reference levels as rules by country and date, and a hospital's sample against one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from hevesy.errors import DataError, InputError
from hevesy.protection.sample_median import SampleMedian, sample_median
from hevesy.tables import DatedRow, dated_rows, in_force
from hevesy.units import MBq, kg

PEOPLE = ("adults", "children")
ADULT_FROM = 18.0
FIXED, PER_KG, LINEAR, WEIGHTS, AGES = "fixed", "per_kg", "linear", "weights", "ages"
RULES = {
    FIXED: "one activity for all",
    PER_KG: "activity in proportion to weight",
    LINEAR: "activity linear in weight: level + slope (weight - reference weight)",
    WEIGHTS: "a level at each of several weights: a patient is compared with the nearest one, the lower one of two equally near",
    AGES: "a level at each of several ages: a patient is compared with the nearest one, the lower one of two equally near",
}
TOO_FEW, ABOVE, NOT_ABOVE = "too few", "above", "not above"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One patient of a sample: ``activity`` [Bq], ``weight`` [kg] and ``age`` [years], None where they are not known."""

    activity: float
    weight: float | None = None
    age: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A reference level.

    Attributes
    ----------
    country, procedure, people : str    "DE", "bone", "adults" or "children".
    rule : str                          One of :data:`RULES`.
    minimum : int or None               Patients that the country asks for; None where the source states no number.
    rows : tuple of DatedRow            One row, or one for each weight or age.
    """

    country: str
    procedure: str
    people: str
    rule: str
    minimum: int | None
    rows: tuple[DatedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A sample against a level.

    Attributes
    ----------
    ratios : tuple of float or None     A/level(patient) in the order of the sample; None for who was left out.
    levels : tuple of float or None     Level of each patient [Bq].
    left_out : tuple of str             Why each was left out; "" for who was not.
    ratio : SampleMedian                Median of the ratios, with its interval.
    activity : SampleMedian             Median of the activities [Bq].
    per_weight : SampleMedian or None   Median of A/weight [Bq/kg], for levels per weight.
    verdict : str                       "too few", "above" or "not above", by the median alone.
    near : bool or None                 Whether the interval holds the level; None where there is no interval.
    """

    level: Level
    ratios: tuple[float | None, ...]
    levels: tuple[float | None, ...]
    left_out: tuple[str, ...]
    ratio: SampleMedian
    activity: SampleMedian
    per_weight: SampleMedian | None
    verdict: str
    near: bool | None


def listed_levels(own: Path | None = None) -> tuple[DatedRow, ...]:
    """One row of every level of the table, of all countries and dates."""
    rows = _table(own)
    return tuple({(r["country"], r["procedure"], r["people"], r.edition): r for r in rows}.values())


def level(country: str, procedure: str, *, on: date, people: str = "adults", own: Path | None = None) -> Level:
    """The level of a country for a procedure on a day.

    Raises
    ------
    InputError
        Unknown country, procedure or people.
    ScopeError
        It is superseded on that day, or does not hold yet; a superseded one is never applied.
    DataError
        A row of the user's own table has an unknown rule, test or number.
    """
    if people not in PEOPLE:
        raise InputError(f"people: got {people!r}; allowed are {', '.join(PEOPLE)}. Write one of them.")
    table = _table(own)
    countries = tuple(dict.fromkeys(row["country"] for row in table))
    if country.upper() not in countries:
        raise InputError(
            f"country {country!r}: no reference level of it is here; there are {', '.join(countries)}. "
            "Lay your country's table over it: --own-table."
        )
    rows = [row for row in table if row["country"] == country.upper() and row["people"] == people]
    name = _procedure(procedure, tuple(dict.fromkeys(row["procedure"] for row in rows)), f"{country.upper()}, {people}")
    held = in_force([row for row in rows if row["procedure"] == name], on)
    return _checked(held, name, people)


def compared(sample: Sequence[Patient], against: Level) -> Compared:
    """The median of a sample against a level, each patient's activity divided by the level for that patient.

        r = median_i A_i / DRL(m_i, a_i),    above where r > 1

    Not each patient but the median is compared (ICRP Publication 135). The verdict follows the median alone; where the
    interval of the median holds the level, ``near`` says so.
    """
    if not sample:
        raise InputError("sample: it is empty; write a line for each patient. Check the file.")
    why = tuple(_why_left_out(each, against) for each in sample)
    levels = tuple(None if said else _level_of(each, against) for each, said in zip(sample, why, strict=True))
    ratios = tuple(None if L is None else each.activity / L for each, L in zip(sample, levels, strict=True))
    used = [each for each, said in zip(sample, why, strict=True) if not said]
    if not used:
        raise InputError(f"sample: every patient was left out, the first one because {why[0]}. Complete the columns.")
    middle = sample_median([r for r in ratios if r is not None])
    weights = [each.activity / each.weight for each in used if each.weight]
    above = middle.value > 1
    return Compared(
        level=against,
        ratios=ratios,
        levels=levels,
        left_out=why,
        ratio=middle,
        activity=sample_median([each.activity for each in used]),
        per_weight=sample_median(weights) if against.rule == PER_KG else None,
        verdict=TOO_FEW if len(used) < (against.minimum or 1) else ABOVE if above else NOT_ABOVE,
        near=None if middle.low is None or middle.high is None else middle.low <= 1 <= middle.high,
    )


def _table(own: Path | None) -> tuple[DatedRow, ...]:
    keys = ("country", "procedure", "people", "weight_kg", "age_years")
    return dated_rows("hevesy.protection", "reference_levels", overlay=own, keys=keys)


def _procedure(text: str, names: Sequence[str], where: str) -> str:
    wanted = frozenset(text.casefold().replace(",", " ").split())
    split = {name: frozenset(name.casefold().replace(",", " ").split()) for name in names}
    found = [name for name in names if split[name] == wanted] or [name for name in names if wanted and wanted <= split[name]]
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"procedure {text!r}: {where} has several, {', '.join(found)}. Write one of them.")
    near = get_close_matches(text, names, n=4, cutoff=0.4)
    raise InputError(
        f"procedure {text!r}: {where} has no level of it; "
        + (f"the nearest are {', '.join(near)}. " if near else f"there are {', '.join(names) or 'none'}. ")
        + "Write one of them, or lay your own table over it: --own-table."
    )


def _checked(rows: tuple[DatedRow, ...], name: str, people: str) -> Level:
    rules = {row["rule"] for row in rows}
    first = rows[0]
    if len(rules) != 1 or not rules <= set(RULES):
        raise DataError(
            f"{first['country']}, {name}: rules {', '.join(sorted(rules))}; one of {', '.join(RULES)} is needed. Correct it."
        )
    if wrong := [row["test"] for row in rows if row["test"] != "median"]:
        raise DataError(f"{first['country']}, {name}: test {wrong[0]!r}; only median is known. Correct the table.")
    rule = first["rule"]
    if rule not in (WEIGHTS, AGES) and len(rows) > 1:
        raise DataError(f"{first['country']}, {name}: {len(rows)} rows hold on that day for rule {rule}; one is needed.")
    column = "level_MBq_per_kg" if rule == PER_KG else "level_MBq"
    for row in rows:
        if not row.number(column) > 0:
            raise DataError(f"{first['country']}, {name}: {column} is {row[column]}; it must be positive. Correct the table.")
    number = first.number_or_none("minimum_number")
    return Level(
        country=first["country"],
        procedure=name,
        people=people,
        rule=rule,
        minimum=None if number is None else int(number),
        rows=rows,
    )


def _why_left_out(patient: Patient, against: Level) -> str:
    if patient.age is not None and (patient.age >= ADULT_FROM) != (against.people == "adults"):
        return f"age {patient.age:g} years is not of {against.people}"
    if against.rule in (PER_KG, LINEAR, WEIGHTS) and patient.weight is None:
        return "the weight is missing"
    if against.rule == AGES and patient.age is None:
        return "the age is missing"
    if against.rule in (WEIGHTS, AGES) and not _in_span(patient, against):
        return "it lies outside the rows of the level"
    if against.rule == LINEAR and _level_of(patient, against) <= 0:
        return "the linear rule gives no positive level at this weight"
    return ""


def _grid(patient: Patient, against: Level) -> tuple[float, Callable[[DatedRow], float]]:
    column = "weight_kg" if against.rule == WEIGHTS else "age_years"
    at = patient.weight if against.rule == WEIGHTS else patient.age
    return at or 0.0, lambda row: row.number(column)


def _in_span(patient: Patient, against: Level) -> bool:
    """Within half a step of the outermost rows."""
    at, where = _grid(patient, against)
    edges = sorted(where(row) for row in against.rows)
    if len(edges) == 1:
        return at == edges[0]
    return edges[0] - (edges[1] - edges[0]) / 2 <= at <= edges[-1] + (edges[-1] - edges[-2]) / 2


def _level_of(patient: Patient, against: Level) -> float:
    row = against.rows[0]
    weight = patient.weight or 0.0
    if against.rule == FIXED:
        return row.number("level_MBq") * MBq
    if against.rule == PER_KG:
        return row.number("level_MBq_per_kg") * MBq / kg * weight
    if against.rule == LINEAR:
        slope = row.number("slope_MBq_per_kg") * MBq / kg
        return row.number("level_MBq") * MBq + slope * (weight - row.number("weight_kg") * kg)
    at, where = _grid(patient, against)
    nearest = min(sorted(against.rows, key=where), key=lambda each: abs(where(each) - at))
    return nearest.number("level_MBq") * MBq
