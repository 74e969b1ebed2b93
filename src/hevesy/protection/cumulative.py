"""Sums over the exposures of a patient by weight set and method, and the alerts of a stated policy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from hevesy.errors import DataError, ScopeError
from hevesy.protection.record import Exposure, weight_set
from hevesy.tables.dated import DatedRow, dated_rows, in_force
from hevesy.units import mGy

QUANTITIES = ("effective_dose_mSv", "same_radiopharmaceutical_d", "ctdi_vol_mGy")
METHODS = {"administration": "radiopharmaceutical", "CT": "CT"}
_mSv = 1e-3
_WORDS = re.compile(r"[a-z0-9]{3,}")
_SPELT = {"fdg": "fluorodeoxyglucose"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseSum:
    """Effective doses of one weight set and one method, added.

    Attributes
    ----------
    weights : str                       "ICRP 60", "ICRP 103", "ICRP 26" or "not stated".
    method : str                        "radiopharmaceutical" or "CT".
    authorities : tuple of str          As the objects state them; the sets of coefficients of those that were estimated.
    value : float                       [Sv].
    count : int                         Exposures in it.
    estimated : int                     Those of them that no object states, by coefficients.
    """

    weights: str
    method: str
    authorities: tuple[str, ...]
    value: float
    count: int
    estimated: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A rule of the policy that the record meets, and the row that it comes from."""

    rule: str
    text: str
    value: float
    threshold: float
    unit: str
    day: date | None
    row: DatedRow


def dose_sums(exposures: Sequence[Exposure]) -> tuple[DoseSum, ...]:
    """E = sum of E_i over the exposures of one weight set and one method; an exposure that has none of it adds nothing.

    What the objects state counts before an estimate with the same weights. An exposure with several effective doses of one
    set adds the first: they are readings of one dose, not parts of it.
    """
    out: dict[tuple[str, str], list[tuple[float, str, bool]]] = {}
    for exposure in exposures:
        for weights, (value, authority, made) in doses_of(exposure).items():
            out.setdefault((weights, METHODS[exposure.kind]), []).append((value, authority, made))
    return tuple(
        DoseSum(
            weights=weights,
            method=method,
            authorities=tuple(dict.fromkeys(name for _, name, _ in doses)),
            value=sum(value for value, _, _ in doses),
            count=len(doses),
            estimated=sum(made for _, _, made in doses),
        )
        for (weights, method), doses in sorted(out.items())
    )


def doses_of(exposure: Exposure) -> dict[str, tuple[float, str, bool]]:
    """By weight set: effective dose [Sv], whose it is, and whether it was estimated here."""
    out: dict[str, tuple[float, str, bool]] = {}
    for dose in exposure.effective_doses:
        out.setdefault(weight_set(dose), (dose.value, dose.authority or "not stated", False))
    if exposure.estimate is not None:
        made = exposure.estimate
        out.setdefault(made.weights, (made.value, f"estimated by {made.set_name}", True))
    return out


def whole_sum(exposures: Sequence[Exposure]) -> tuple[float, str]:
    """One number for all exposures that have an effective dose [Sv], and the weight set that all of them have.

    Raises
    ------
    ScopeError
        No set that is stated is common to them: the doses are different quantities.
    """
    every = [found for found in map(doses_of, exposures) if found]
    common = [w for w in ("ICRP 103", "ICRP 60", "ICRP 26") if every and all(w in found for found in every)]
    if common:
        return sum(found[common[0]][0] for found in every), common[0]
    return sum_over_sets(dose_sums(exposures)), ""


def sum_over_sets(sums: Sequence[DoseSum]) -> float:
    """One number over all sets [Sv].

    Raises
    ------
    ScopeError
        The sums are of different weight sets: they are different quantities.
    """
    sets = sorted({s.weights for s in sums})
    if len(sets) > 1 or "not stated" in sets:
        raise ScopeError(
            f"effective doses of the weight sets {', '.join(sets)} are different quantities and are not added. "
            "Read them side by side, or compute them anew with one set."
        )
    return sum(s.value for s in sums)


def alert_policy(on: date, *, overlay: Path | None = None) -> tuple[DatedRow, ...]:
    """The rules in force on a day; ``overlay`` is a hospital's own table of the same form.

    Raises
    ------
    DataError
        A rule asks for a quantity that the record does not have, or its threshold is not above zero.
    """
    rows = dated_rows("hevesy.protection", "exposure_alerts", overlay=overlay, keys=("rule",))
    out: list[DatedRow] = []
    for rule in dict.fromkeys(row["rule"] for row in rows):
        out += in_force([row for row in rows if row["rule"] == rule], on)
    for row in out:
        if row["quantity"] not in QUANTITIES:
            raise DataError(f"rule {row['rule']}: quantity {row['quantity']!r} is unknown; allowed are {', '.join(QUANTITIES)}.")
        if row.number("threshold") <= 0:
            raise DataError(f"rule {row['rule']}: threshold is {row['threshold']}; a number above zero is needed.")
    return tuple(out)


def alerts(exposures: Sequence[Exposure], policy: Sequence[DatedRow]) -> tuple[Alert, ...]:
    """What of the policy a patient's exposures meet; each rule speaks once, of its worst case."""
    rules = {"effective_dose_mSv": _cumulative, "same_radiopharmaceutical_d": _repeated, "ctdi_vol_mGy": _index}
    found = []
    for row in policy:
        found += rules[row["quantity"]](exposures, row)
    return tuple(found)


def _cumulative(exposures: Sequence[Exposure], row: DatedRow) -> list[Alert]:
    """Largest sum of one weight set, all methods together, in any window of that length."""
    days = timedelta(days=row.number("window_d"))
    out = []
    for weights in sorted({s.weights for s in dose_sums(exposures)}):
        worst, last = 0.0, None
        for exposure in exposures:
            if exposure.day is None:
                continue
            inside = [e for e in exposures if e.day is not None and exposure.day - days < e.day <= exposure.day]
            value = sum(s.value for s in dose_sums(inside) if s.weights == weights)
            if value > worst:
                worst, last = value, exposure.day
        if worst >= row.number("threshold") * _mSv:
            text = f"{row['say']} Weights: {weights}."
            out.append(_alert(row, text, worst / _mSv, "mSv", last))
    return out


def _repeated(exposures: Sequence[Exposure], row: DatedRow) -> list[Alert]:
    given = [e for e in exposures if e.kind == "administration" and e.day is not None and e.nuclide]
    worst: tuple[float, Exposure] | None = None
    for i, later in enumerate(given):
        for earlier in given[:i]:
            same = later.nuclide == earlier.nuclide and _alike(later, earlier)
            apart = float((later.day - earlier.day).days) if later.day and earlier.day else float("inf")
            if same and apart <= row.number("threshold") and (worst is None or apart < worst[0]):
                worst = (apart, later)
    if worst is None:
        return []
    return [_alert(row, f"{worst[1].label}: {row['say']}", worst[0], "d", worst[1].day)]


def _alike(a: Exposure, b: Exposure) -> bool:
    """Whether two names may mean one compound: they share a word, or one of them states none."""
    named = [{_SPELT.get(w, w) for w in _WORDS.findall(e.label.casefold().replace(e.nuclide.casefold(), " "))} for e in (a, b)]
    return not all(named) or bool(named[0] & named[1])


def _index(exposures: Sequence[Exposure], row: DatedRow) -> list[Alert]:
    above = [e for e in exposures if e.ctdi_vol is not None and e.ctdi_vol >= row.number("threshold") * mGy]
    if not above:
        return []
    worst = max(above, key=lambda e: e.ctdi_vol or 0.0)
    return [_alert(row, f"{worst.label}: {row['say']}", (worst.ctdi_vol or 0.0) / mGy, "mGy", worst.day)]


def _alert(row: DatedRow, text: str, value: float, unit: str, day: date | None) -> Alert:
    said = text if row.verified else f"{text} (The threshold is unverified.)"
    return Alert(rule=row["rule"], text=said, value=value, threshold=row.number("threshold"), unit=unit, day=day, row=row)
