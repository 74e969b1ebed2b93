"""Activity for a child from a published card: one row of the card, its minimum, its maximum and nothing between rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from hevesy.errors import InputError, ScopeError
from hevesy.protection.tracers import Tracer
from hevesy.tables import DatedRow, dated_rows, in_force
from hevesy.units import MBq, kg

DEFAULT_CARD = "eanm-2016"
ADULT_CARD = "eanm-fdg-2015"
# The multiples belong to the EANM card; other cards that name a class use them as well.
MULTIPLES_CARD = "eanm-2016"
LOWER, NEAREST = "lower", "nearest"
ROW_POLICIES = {
    LOWER: "the card gives rows and no rule between them: the last row that is not above the weight is taken",
    NEAREST: "the card gives rows and no rule between them: the nearest row is taken, the lower one of two equally near",
}
RANGE_POLICY = "the card gives a range by weight: its lower end is taken"
ROUNDING = "not rounded; the card's own examples are rounded to 1 MBq"
NEAR_WEIGHT = 0.5 * kg, 250 * kg


@dataclass(frozen=True, slots=True, kw_only=True)
class CardActivity:
    """What a card gives for one tracer, procedure and weight.

    Attributes
    ----------
    activity : float                    Recommended activity; the lower end where the card gives a range [Bq].
    highest : float                     Upper end of the range; ``activity`` where there is none [Bq].
    before_limits : float               By weight alone, before minimum and maximum; nan where weight plays no part [Bq].
    minimum, maximum : float or None    Limits that the card states [Bq].
    limited : str                       "minimum" or "maximum" where one decided; "" where none did.
    multiple, baseline : float or None  Factors of a card with classes: [1], [Bq].
    row : tuple of float or None        Weights from and until of the row that was taken [kg].
    next_row : float or None            Activity of the next higher row, where the weight lies between two [Bq].
    """

    card: str
    tracer: str
    procedure: str
    dosage_class: str
    activity: float
    highest: float
    before_limits: float
    minimum: float | None
    maximum: float | None
    limited: str
    multiple: float | None
    baseline: float | None
    row: tuple[float, float] | None
    next_row: float | None
    policy: str
    rows: tuple[DatedRow, ...]
    remarks: tuple[str, ...]


def cards(own: Path | None = None) -> tuple[str, ...]:
    """The names of all cards for children."""
    return tuple(dict.fromkeys(row["card"] for row in _activities(own)))


def listed(card: str, own: Path | None = None) -> tuple[tuple[str, str], ...]:
    """Tracer and procedure of every row of ``card``."""
    return tuple(dict.fromkeys((row["tracer"], row["procedure"]) for row in _activities(own) if row["card"] == card))


def least_minimum(tracer: Tracer) -> float | None:
    """The smallest minimum of any card and procedure for a tracer [Bq]; None where no card has one."""
    known = [_MBq(row, "minimum_MBq") for row in _activities(None) if row["tracer"] == tracer.name]
    return min((value for value in known if value is not None), default=None)


def card_activity(
    tracer: Tracer,
    weight: float,
    *,
    on: date,
    card: str = DEFAULT_CARD,
    procedure: str = "",
    between: str = LOWER,
    own: Path | None = None,
) -> CardActivity:
    """The activity that a card gives for a child.

        A = max(A_min, A_base M(class, m))                       (EANM dosage card)
        A = min(A_max, max(A_min, a m))                          (North American consensus, a in MBq/kg)

    The minimum is applied after the multiplication. Nothing is interpolated and nothing is extended beyond the card.

    Parameters
    ----------
    weight : float                      Body weight m [kg].
    on : date                           Day of the examination; decides which edition holds.
    between : str                       "lower" or "nearest": which row is taken for a weight between two rows.
    own : Path                          A table of the same form as ours, laid over it.

    Raises
    ------
    InputError, ScopeError
        Unknown card, tracer, procedure; a weight that the card does not cover.

    References
    ----------
    M. Lassmann, S. T. Treves, Eur J Nucl Med Mol Imaging 2014;41:1036-1041, and the card's version 5.7.2016.
    """
    low, high = NEAR_WEIGHT
    if not low <= weight <= high:
        raise InputError(
            f"weight: got {weight / kg:g} kg; {low / kg:g} to {high / kg:g} kg is plausible. Did you write grams or pounds as kg?"
        )
    if between not in ROW_POLICIES:
        raise InputError(f"between rows: got {between!r}; allowed are {', '.join(ROW_POLICIES)}.")
    row, remarks = _edition(_rows_of(tracer, card, procedure, own), on)
    if row["remark"]:
        remarks = (*remarks, row["remark"])
    if row["class"]:
        return _by_class(row, weight, on=on, between=between, remarks=remarks)
    return _by_weight(row, weight, remarks)


def _activities(own: Path | None) -> tuple[DatedRow, ...]:
    return dated_rows("hevesy.protection", "card_activities", overlay=own, keys=("card", "tracer", "procedure"))


def _rows_of(tracer: Tracer, card: str, procedure: str, own: Path | None) -> list[DatedRow]:
    """All editions of the one row that is meant."""
    table = _activities(own)
    names = tuple(dict.fromkeys(row["card"] for row in table))
    if card not in names:
        close = get_close_matches(card, names, n=2, cutoff=0.3)
        raise InputError(
            f"card {card!r}: is not known; there are {', '.join((*names, ADULT_CARD))}."
            + (f" The nearest is {close[0]}." if close else "")
        )
    of_card = [row for row in table if row["card"] == card]
    found = [row for row in of_card if row["tracer"] == tracer.name]
    if not found:
        have = tuple(dict.fromkeys(row["tracer"] for row in of_card))
        near = get_close_matches(tracer.name, have, n=4, cutoff=0.4) or have[:6]
        elsewhere = sorted({row["card"] for row in table if row["tracer"] == tracer.name})
        raise InputError(
            f"{tracer.name}: card {card} has no row for it; the nearest that it has are {', '.join(near)}. "
            + (
                f"These cards have it: {', '.join(elsewhere)}."
                if elsewhere
                else "Use your own table, or ask your medical physicist."
            )
        )
    return _of_procedure(found, tracer, procedure or tracer.rest, card)


def _of_procedure(rows: list[DatedRow], tracer: Tracer, procedure: str, card: str) -> list[DatedRow]:
    names = tuple(dict.fromkeys(row["procedure"] for row in rows))
    wanted = _words(procedure)
    if not wanted:
        chosen = list(names)
    else:
        chosen = [n for n in names if _words(n) == wanted] or [n for n in names if wanted <= _words(n)]
    if len(chosen) == 1:
        return [row for row in rows if row["procedure"] == chosen[0]]
    options = ", ".join(repr(name) if name else "none" for name in (chosen or names))
    if not wanted:
        raise InputError(f'{tracer.name}: card {card} has rows for {options}. Say which: --procedure "{names[0]}".')
    what = "fits several" if chosen else "is not known"
    raise InputError(f"{tracer.name}, procedure {procedure!r}: {what}; card {card} has {options}. Write one of them.")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().replace(",", " ").split())


def _edition(rows: Sequence[DatedRow], on: date) -> tuple[DatedRow, tuple[str, ...]]:
    """The row in force; a superseded card that was asked for by its name is used and said to be superseded."""
    try:
        return in_force(rows, on)[0], ()
    except ScopeError as error:
        ended = [row for row in rows if row.valid_until is not None and row.valid_until < on]
        if not ended:
            raise
        last = max(ended, key=lambda row: row.valid_until or date.min)
        return last, (str(error),)


def _by_class(row: DatedRow, weight: float, *, on: date, between: str, remarks: tuple[str, ...]) -> CardActivity:
    name = row["class"]
    multiples = [
        r
        for r in in_force(dated_rows("hevesy.protection", "card_multiples"), on)
        if r["card"] == MULTIPLES_CARD and r["class"] == name
    ]
    if not multiples:
        raise InputError(f"class {name!r} of card {row['card']}: is not known; allowed are A, B, C. Correct your own table.")
    multiples.sort(key=lambda r: r.number("weight_from_kg"))
    k = _row_for(multiples, weight, between, row["card"])
    baseline, minimum, maximum = (_MBq(row, column) for column in ("baseline_MBq", "minimum_MBq", "maximum_MBq"))
    if baseline is None:
        raise InputError(f"card {row['card']}, {row['tracer']}: has a class and no baseline_MBq. Complete your own table.")
    chosen = multiples[k]
    raw = baseline * chosen.number("multiple")
    activity, limited = _limited(raw, minimum, maximum)
    edges = chosen.number("weight_from_kg") * kg, chosen.number("weight_until_kg") * kg
    following = None
    if weight > edges[1] and k + 1 < len(multiples):
        following = _limited(baseline * multiples[k + 1].number("multiple"), minimum, maximum)[0]
    return CardActivity(
        card=row["card"],
        tracer=row["tracer"],
        procedure=row["procedure"],
        dosage_class=name,
        activity=activity,
        highest=activity,
        before_limits=raw,
        minimum=minimum,
        maximum=maximum,
        limited=limited,
        multiple=chosen.number("multiple"),
        baseline=baseline,
        row=edges,
        next_row=following,
        policy=ROW_POLICIES[between],
        rows=(row, chosen),
        remarks=(*remarks, *_said(limited, raw, minimum, maximum)),
    )


def _row_for(rows: Sequence[DatedRow], weight: float, between: str, card: str) -> int:
    first, last = rows[0].number("weight_from_kg") * kg, rows[-1].number("weight_until_kg") * kg
    if weight < first:
        raise ScopeError(
            f"weight {weight / kg:g} kg: card {card} begins at {first / kg:g} kg and is not extended below. Decide the "
            "activity for this child alone, with the referrer and the medical physicist; the minimum of the card is a starting "
            "point, not an answer."
        )
    if weight > last:
        raise ScopeError(
            f"weight {weight / kg:g} kg: card {card} ends at {last / kg:g} kg and is not extended above. "
            f"Use the activity for adults under your diagnostic reference level; for FDG, --card {ADULT_CARD} has the "
            "formulas by weight."
        )
    below = max(k for k, row in enumerate(rows) if row.number("weight_from_kg") * kg <= weight)
    if between == LOWER or below + 1 == len(rows):
        return below
    to_lower = max(0.0, weight - rows[below].number("weight_until_kg") * kg)
    to_upper = rows[below + 1].number("weight_from_kg") * kg - weight
    return below if to_lower <= to_upper else below + 1


def _by_weight(row: DatedRow, weight: float, remarks: tuple[str, ...]) -> CardActivity:
    low, high = row.number_or_none("low_MBq_per_kg"), row.number_or_none("high_MBq_per_kg")
    minimum, maximum = _MBq(row, "minimum_MBq"), _MBq(row, "maximum_MBq")
    if low is None or high is None:
        return _fixed(row, minimum, maximum, remarks)
    raw = low * MBq / kg * weight
    activity, limited = _limited(raw, minimum, maximum)
    highest = _limited(high * MBq / kg * weight, minimum, maximum)[0]
    said = [*remarks, *_said(limited, raw, minimum, maximum)]
    if maximum is None:
        said.append("the card states no maximum; compare with your diagnostic reference level.")
    return CardActivity(
        card=row["card"],
        tracer=row["tracer"],
        procedure=row["procedure"],
        dosage_class="",
        activity=activity,
        highest=highest,
        before_limits=raw,
        minimum=minimum,
        maximum=maximum,
        limited=limited,
        multiple=None,
        baseline=None,
        row=None,
        next_row=None,
        policy=RANGE_POLICY if high > low else "the card gives one activity by weight",
        rows=(row,),
        remarks=tuple(said),
    )


def _fixed(row: DatedRow, minimum: float | None, maximum: float | None, remarks: tuple[str, ...]) -> CardActivity:
    what = f"{row['tracer']}, {row['procedure']}: card {row['card']}"
    if minimum is None or maximum is None:
        limit = "no limits" if maximum is None else f"only the upper limit of {maximum / MBq:g} MBq"
        raise ScopeError(f"{what} gives {limit}. {row['remark']} Choose the activity by your own protocol, under that limit.")
    return CardActivity(
        card=row["card"],
        tracer=row["tracer"],
        procedure=row["procedure"],
        dosage_class="",
        activity=minimum,
        highest=maximum,
        before_limits=float("nan"),
        minimum=minimum,
        maximum=maximum,
        limited="",
        multiple=None,
        baseline=None,
        row=None,
        next_row=None,
        policy="the card gives a range for all weights: its lower end is taken",
        rows=(row,),
        remarks=remarks,
    )


def _MBq(row: DatedRow, column: str) -> float | None:
    value = row.number_or_none(column)
    return None if value is None else value * MBq


def _limited(raw: float, minimum: float | None, maximum: float | None) -> tuple[float, str]:
    """Minimum first, then maximum: a maximum that the card states is never passed."""
    activity, limited = raw, ""
    if minimum is not None and activity < minimum:
        activity, limited = minimum, "minimum"
    if maximum is not None and activity > maximum:
        activity, limited = maximum, "maximum"
    return activity, limited


def _said(limited: str, raw: float, minimum: float | None, maximum: float | None) -> list[str]:
    limit = {"minimum": minimum, "maximum": maximum}.get(limited)
    if limit is None:
        return []
    side = "below" if limited == "minimum" else "above"
    return [f"by weight alone it would be {raw / MBq:.4g} MBq, {side} the {limited} of {limit / MBq:g} MBq, which is taken."]
