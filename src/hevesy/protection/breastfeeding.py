"""Advice on breast-feeding after a radiopharmaceutical: what each body says, and the one that a stated policy picks."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from hevesy.errors import InputError, ScopeError
from hevesy.protection.tracers import nuclide_of, tracer
from hevesy.tables import DatedRow, dated_rows, in_force
from hevesy.units import h

NONE, INTERRUPT, STOP = "none", "interrupt", "stop"
LONGEST, SHORTEST = "longest", "shortest"
ORDERS = {
    LONGEST: 'stop, then "more than" a time, then times by their upper end, then none: the first of these is taken',
    SHORTEST: "none, then times by their lower end, then stop: the first of these is taken",
}
THERAPY = "therapy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What one body says of one product and procedure.

    Attributes
    ----------
    advice : str                        "none": no interruption; "interrupt"; "stop": not resumed for this child.
    low, high : float                   Interruption from and until [s]; inf where stopped.
    more : bool                         The body says "more than" that time.
    before : bool                       Time without breast-feeding before the treatment, not after.
    """

    product: str
    procedure: str
    given: str
    body: str
    advice: str
    low: float
    high: float
    more: bool
    before: bool
    row: DatedRow

    @property
    def said(self) -> str:
        """The advice in words: "stop", "none", "12 h", "4 to 24 h", "more than 21 d"."""
        if self.advice != INTERRUPT:
            return "stop for this child" if self.advice == STOP else "no interruption"
        scale, unit = (24 * h, "d") if self.low >= 72 * h else (h, "h")
        # Months of a source became days: their decimals are of the conversion.
        low, high = (f"{t / scale:.0f}" if t >= 28 * 24 * h else f"{t / scale:.3g}" for t in (self.low, self.high))
        span = low if low == high else f"{low} to {high}"
        return f"{'more than ' if self.more else ''}{span} {unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """All advice on one product, and what a policy picks of it.

    Attributes
    ----------
    advice : tuple of Advice            After the administration, by procedure and body.
    before : tuple of Advice            Before a treatment.
    policy, rule : str                  As asked, and what it means; "" where none was stated.
    picked : Advice or None             None where no policy was stated.
    """

    product: str
    procedure: str
    therapy: bool
    advice: tuple[Advice, ...]
    before: tuple[Advice, ...]
    policy: str
    rule: str
    picked: Advice | None
    remarks: tuple[str, ...]


def products(own: Path | None = None) -> tuple[str, ...]:
    """Every product of the table; a nuclide alone stands for all agents labelled with it."""
    return tuple(dict.fromkeys(row["product"] for row in _table(own)))


def bodies(own: Path | None = None) -> tuple[str, ...]:
    """The names of all bodies."""
    return tuple(dict.fromkeys(row["body"] for row in _table(own)))


def interruption(
    product: str, *, on: date, procedure: str = "", policy: str = "", therapy: bool = False, own: Path | None = None
) -> Interruption:
    """What the bodies say of a product on a day.

    Parameters
    ----------
    procedure : str                     Words of a procedure, such as "thyroid"; all procedures where empty.
    policy : str                        A body, "longest" or "shortest"; "" picks nothing.
    therapy : bool                      The product is given for treatment.

    Raises
    ------
    InputError
        Unknown product, procedure or body; a body that says different things of several procedures.
    ScopeError
        Every row is superseded on that day, or the body that the policy names says nothing of the product.
    """
    table = _table(own)
    if policy and policy not in (*ORDERS, *bodies(own)):
        raise InputError(f"policy {policy!r}: is not known; there are {', '.join((*ORDERS, *bodies(own)))}. Write one of them.")
    name, rest = _product(product, table)
    therapy = therapy or THERAPY in (procedure or rest).casefold().split()
    rows = [row for row in table if row["product"] in (name, name.partition(" ")[0])]
    every = tuple(_advice(row) for row in _holding(rows, on))
    before = tuple(a for a in every if a.before)
    after, remarks = _of_procedure([a for a in every if not a.before], name, procedure or rest, therapy=therapy)
    picked, rule = _picked(after, policy, name)
    if therapy:
        remarks = (*remarks, *_treatment(name, before))
    elif any(a.advice == STOP for a in after) and not all(a.advice == STOP for a in after):
        remarks = (*remarks, "the bodies disagree on whether to stop: decide before the administration.")
    return Interruption(
        product=name,
        procedure=procedure or rest,
        therapy=therapy,
        advice=after,
        before=before if therapy else (),
        policy=policy,
        rule=rule,
        picked=picked,
        remarks=remarks,
    )


def _table(own: Path | None) -> tuple[DatedRow, ...]:
    return dated_rows("hevesy.protection", "breastfeeding", overlay=own, keys=("product", "procedure", "when", "body"))


def _product(text: str, table: Sequence[DatedRow]) -> tuple[str, str]:
    """The product that a text names, and the words beside it."""
    names = tuple(dict.fromkeys(row["product"] for row in table))
    plain = {name.casefold(): name for name in names}
    if text.strip().casefold() in plain:
        return plain[text.strip().casefold()], ""
    try:
        found = tracer(text)
    except InputError as error:
        near = get_close_matches(text, names, n=4, cutoff=0.4)
        near += [name for name in names if nuclide_of(text) == name.partition(" ")[0] and name not in near]
        if not near:
            raise
        raise InputError(
            f"product {text!r}: is not known; the nearest known are {', '.join(near[:6])}. Write one of them."
        ) from error
    if found.name not in names and found.nuclide not in names:
        near = get_close_matches(found.name, names, n=5, cutoff=0.3)
        raise InputError(
            f"{found.name}: no body here says anything of it; the nearest products that have advice are {', '.join(near)}. "
            "Ask your medical physics expert, or lay your own table over it: --own-table."
        )
    return found.name, found.rest


def _holding(rows: Sequence[DatedRow], on: date) -> Iterator[DatedRow]:
    """Rows in force, body by body: a superseded body is left out where others hold."""
    keys = dict.fromkeys((r["product"], r["procedure"], r["when"], r["body"]) for r in rows)
    grouped = [[r for r in rows if (r["product"], r["procedure"], r["when"], r["body"]) == key] for key in keys]
    holding = [row for group in grouped for row in group if row.holds(on)]
    yield from holding or in_force(rows, on)


def _advice(row: DatedRow) -> Advice:
    stop = row["advice"] == STOP
    return Advice(
        product=row["product"],
        procedure=row["procedure"],
        given=row["given"],
        body=row["body"],
        advice=row["advice"],
        low=math.inf if stop else row.number("low_h") * h,
        high=math.inf if stop else row.number("high_h") * h,
        more=row["more"] == "yes",
        before=row["when"] == "before",
        row=row,
    )


def _of_procedure(
    rows: Sequence[Advice], name: str, procedure: str, *, therapy: bool
) -> tuple[tuple[Advice, ...], tuple[str, ...]]:
    names = tuple(dict.fromkeys(a.procedure for a in rows if a.procedure))
    wanted = frozenset(procedure.casefold().replace(",", " ").split())
    if wanted and names:
        chosen = [n for n in names if wanted <= frozenset(n.casefold().replace(",", " ").split())]
        if not chosen:
            raise InputError(f"{name}, procedure {procedure!r}: is not known; there are {', '.join(names)}. Write one of them.")
    else:
        treating = [n for n in names if THERAPY in n.split()]
        chosen = treating if therapy and treating else [n for n in names if n not in treating] or treating
    taken = tuple(a for a in rows if not a.procedure or a.procedure in chosen)
    remarks = []
    if len(chosen) > 1:
        remarks.append(f"several procedures are listed: {', '.join(chosen)}. Say --procedure to see one.")
    general = tuple(dict.fromkeys(a.body for a in taken if a.product != name))
    if general:
        remarks.append(f"{', '.join(general)} speaks of all agents labelled with {name.partition(' ')[0]}.")
    return taken, tuple(remarks)


def _picked(rows: Sequence[Advice], policy: str, name: str) -> tuple[Advice | None, str]:
    """Of equal advice the verified one."""
    if not policy:
        return None, ""
    if policy == LONGEST:
        return max(rows, key=lambda a: (a.advice == STOP, a.more, a.high, a.row.verified)), ORDERS[LONGEST]
    if policy == SHORTEST:
        return min(rows, key=lambda a: (a.advice == STOP, a.low, a.more, not a.row.verified)), ORDERS[SHORTEST]
    own = [a for a in rows if a.body == policy]
    if not own:
        others = ", ".join(dict.fromkeys(a.body for a in rows))
        raise ScopeError(f"{policy}: says nothing of {name}; there is advice of {others}. Name one of them, or longest.")
    # A body may speak of this product and, elsewhere, of all agents with its nuclide: the closer one counts.
    own = [a for a in own if a.product == name] or own
    if len({(a.advice, a.low, a.high, a.more) for a in own}) > 1:
        said = "; ".join(f"{a.procedure}: {a.said}" for a in own)
        raise InputError(f"{policy}: its advice on {name} depends on the procedure ({said}). Say --procedure.")
    return own[0], f"the advice of {policy}"


def _treatment(name: str, before: Sequence[Advice]) -> tuple[str, ...]:
    said = "; ".join(f"{a.body}: {a.said} before" for a in before)
    return (
        f"{name} is treatment: breast-feeding ends before it"
        + (f" ({said}), so that the breast takes up less." if said else ", so that the breast takes up less.")
        + " After it, milk is not given to this child.",
    )
