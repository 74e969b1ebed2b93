"""Effective dose of a diagnostic administration from published coefficients, its CT kept apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from hevesy.errors import InputError, ScopeError
from hevesy.protection.activity import least_minimum
from hevesy.protection.age_groups import GROUPS, age_group, at_age
from hevesy.protection.tracers import Tracer, nuclide_of
from hevesy.tables import DatedRow, dated_rows, in_force
from hevesy.units import MBq, cm, mGy

DEFAULT_SET = "icrp-128"
SEXES = ("", "male", "female")
OTHER_SEX = {"male": ("ovaries", "uterus"), "female": ("testes",)}
NO_U = (
    "the source gives no uncertainty: the coefficient belongs to a reference person and a reference course of the tracer, "
    "not to this patient"
)
# No diagnostic examination of nuclear medicine comes near; more is a slip of the unit.
SLIP = 0.1
# Iodide in the thyroid is the exception: a few MBq of I-131 are enough.
THYROID_NUCLIDES = ("I-131",)
mSv = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveDose:
    """Effective dose of one administration.

    Attributes
    ----------
    value : float                       E [Sv].
    coefficient : float                 E/A0 [Sv/Bq].
    weights, phantom : str              Tissue weights, "icrp-60", "icrp-103" or "not stated"; phantoms of the source.
    ages : str                          The tabulated age or ages it comes from.
    sex : str                           "both" (one coefficient), "mean" (of the sexes), "male", "female".
    organs : dict of float              Absorbed dose by organ [Gy], where the set has them.
    """

    value: float
    coefficient: float
    set_name: str
    weights: str
    phantom: str
    tracer: str
    condition: str
    ages: str
    sex: str
    organs: dict[str, float]
    rows: tuple[DatedRow, ...]
    organ_rows: tuple[DatedRow, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CtDose:
    """Effective dose of a CT from its dose-length product.

    Attributes
    ----------
    value : float                       E [Sv].
    k : float                           E/DLP [Sv/(Gy mm)].
    phantom_cm : int                    Diameter of the CTDI phantom that the dose-length product must refer to, 16 or 32 [cm].
    """

    value: float
    k: float
    set_name: str
    weights: str
    region: str
    ages: str
    phantom_cm: int
    rows: tuple[DatedRow, ...]


def sets(own: Path | None = None) -> tuple[str, ...]:
    """The names of all sets of coefficients."""
    return tuple(dict.fromkeys(row["set"] for row in _table(own)))


def weights_of(set_name: str, own: Path | None = None) -> str:
    """Tissue weights of the first coefficient of a set: "icrp-60", "icrp-103" or "not stated"."""
    return next((row["weights"] for row in _table(own) if row["set"] == set_name), "not stated")


def has_coefficient(tracer: Tracer, set_name: str, on: date, own: Path | None = None) -> bool:
    """Whether a set has the tracer on a day, whatever its condition and age."""
    return any(row["set"] == set_name and row["tracer"] == tracer.name and row.holds(on) for row in _table(own))


def ct_regions() -> tuple[str, ...]:
    """The regions of the coefficients of CT."""
    return tuple(dict.fromkeys(row["region"] for row in dated_rows("hevesy.protection", "ct_effective_dose")))


def refuse_therapy(text: str, activity: float) -> None:
    """Refuse effective dose where what is given is therapy.

    Effective dose weighs organ doses for the risk of late effects in a population at low dose. It says nothing of tissue
    reactions, which decide in therapy, and the coefficients are made for diagnostic use (ICRP Publication 128, abstract).
    """
    nuclide = nuclide_of(text)
    for row in dated_rows("hevesy.protection", "therapy_nuclides"):
        if row["nuclide"] == nuclide and activity > row.number("above_MBq") * MBq:
            limit = row.number("above_MBq")
            why = f"{nuclide} above {limit:g} MBq is therapy" if limit else f"{nuclide} is given for therapy"
            raise ScopeError(
                f"effective dose of {activity / MBq:g} MBq {text}: {why} ({row.citation}). "
                "Effective dose stands for late effects in a population at low dose, not for tissue reactions "
                "of one patient. Compute absorbed doses of organs and lesions instead: hevesy dose, hevesy plan."
            )


def effective_dose(
    tracer: Tracer,
    activity: float,
    age: float,
    *,
    on: date,
    set_name: str = DEFAULT_SET,
    sex: str = "",
    condition: str = "",
    ages: str = GROUPS,
    own: Path | None = None,
) -> EffectiveDose:
    """Effective dose of a diagnostic administration.

        E = A0 (E/A0)(tracer, age, sex)

    Parameters
    ----------
    activity, age : float               A0 [Bq], age [years].
    on : date                           Day that decides which edition holds.
    sex : str                           "male", "female", or "" for the mean of the sexes.
    condition : str                     Where the source distinguishes: "rest", "thyroid blocked or absent".
    ages : str                          "groups" or "linear": see :data:`hevesy.protection.age_groups.AGE_POLICIES`.

    Raises
    ------
    InputError, ScopeError
        Unknown set, tracer or condition; therapy; an age that the source does not have; a superseded coefficient.
    """
    if sex not in SEXES:
        raise InputError(f"sex: got {sex!r}; allowed are male and female, or leave it out.")
    refuse_therapy(tracer.name, activity)
    _plausible_activity(tracer, activity)
    editions = _of_condition(_of_set(_table(own), tracer, set_name, on), tracer, condition or tracer.rest)
    rows, remarks = _of_sex(in_force(editions, on), sex)
    values = {row["age"]: row.number("coefficient_mSv_per_MBq") * mSv / MBq for row in rows}
    coefficient, taken = at_age(values, age, ages, what=f"{tracer.name}, set {set_name}")
    used = tuple(row for row in rows if row["age"] in taken.split(" to "))
    value = activity * coefficient
    if value > SLIP and tracer.nuclide not in THYROID_NUCLIDES:
        raise InputError(
            f"administered activity: {activity / MBq:g} MBq {tracer.name} would be {value / mSv:.3g} mSv, "
            f"above {SLIP / mSv:g} mSv, which no diagnostic examination is. Check the unit, or compute organ doses."
        )
    organs, organ_rows = _organ_doses(rows[0], activity, age, on)
    organs = {name: D for name, D in organs.items() if name not in OTHER_SEX.get(sex, ())}
    if value > SLIP:
        remarks = (
            *remarks,
            f"above {SLIP / mSv:g} mSv, nearly all from the thyroid: its absorbed dose is the quantity to look at.",
        )
    return EffectiveDose(
        value=value,
        coefficient=coefficient,
        set_name=set_name,
        weights=used[0]["weights"],
        phantom=used[0]["phantom"],
        tracer=tracer.name,
        condition=used[0]["condition"],
        ages=taken,
        sex=used[0]["sex"],
        organs=organs,
        rows=used,
        organ_rows=organ_rows,
        remarks=(*remarks, *dict.fromkeys(row["remark"] for row in used if row["remark"])),
    )


def ct_dose(
    dlp: float,
    region: str,
    age: float,
    *,
    on: date,
    weights: str,
    set_name: str = "",
    ages: str = GROUPS,
    phantom_cm: int = 0,
) -> CtDose:
    """Effective dose of a CT from its dose-length product.

        E = k(region, age) DLP

    One exposure has about half the dose-length product in the phantom of 32 cm that it has in the one of 16 cm; a
    coefficient belongs to one of them.

    Parameters
    ----------
    dlp : float                         Dose-length product [Gy mm].
    weights : str                       Tissue weights of the nuclear medicine part; they choose the set where none is named.
    phantom_cm : int                    Phantom that ``dlp`` refers to, 16 or 32 [cm]; 0 where it is not known.

    Raises
    ------
    InputError, ScopeError
        An implausible dose-length product; an unknown set or region; an age that the set does not have; another phantom than
        the coefficient is for.
    """
    if not 0 < dlp <= 10_000 * mGy * cm:
        raise InputError(
            f"dose-length product: got {dlp / (mGy * cm):g} mGy cm; up to 10 000 mGy cm is plausible. Check the unit."
        )
    table = dated_rows("hevesy.protection", "ct_effective_dose")
    names = tuple(dict.fromkeys(row["set"] for row in table))
    chosen = set_name or next((row["set"] for row in table if row["weights"] == weights), "")
    if chosen not in names:
        raise InputError(
            f"CT set {set_name or 'for weights ' + weights!r}: is not known; there are {', '.join(names)}. Name one."
        )
    regions = tuple(dict.fromkeys(row["region"] for row in table if row["set"] == chosen))
    if region not in regions:
        raise InputError(f"CT region {region!r}: is not known; set {chosen} has {', '.join(regions)}. Write one of them.")
    rows = in_force([row for row in table if row["set"] == chosen and row["region"] == region], on)
    values = {row["age"]: row.number("k_mSv_per_mGy_cm") * mSv / (mGy * cm) for row in rows}
    k, taken = at_age(values, age, ages, what=f"CT of the {region}, set {chosen}")
    used = tuple(row for row in rows if row["age"] in taken.split(" to "))
    wanted = _phantom(used, region, phantom_cm)
    return CtDose(
        value=k * dlp,
        k=k,
        set_name=chosen,
        weights=used[0]["weights"],
        region=region,
        ages=taken,
        phantom_cm=wanted,
        rows=used,
    )


def _phantom(rows: Sequence[DatedRow], region: str, given: int) -> int:
    """The phantom that the coefficients are for; one of another phantom is refused, and so is a mean across two."""
    phantoms = sorted({int(row.number("phantom_cm")) for row in rows})
    ages = " and ".join(row["age"] for row in rows)
    if len(phantoms) > 1:
        raise ScopeError(
            f"CT of the {region}, ages {ages}: their coefficients are for different phantoms, "
            f"{' and '.join(str(p) for p in phantoms)} cm; nothing lies between. Take --ages groups."
        )
    if given not in (0, 16, 32):
        raise InputError(f"CT phantom: got {given} cm; 16 (head) and 32 (body) are allowed. Look at the dose report.")
    if given and given != phantoms[0]:
        raise ScopeError(
            f"CT of the {region}, age {ages}: the coefficient is for a dose-length product of the {phantoms[0]} cm phantom; this "
            f"one is of the {given} cm phantom, which differs about twofold. Convert it by the factor of your scanner first."
        )
    return phantoms[0]


def summed(parts: Sequence[EffectiveDose | CtDose], *, mix_weights: bool = False) -> tuple[float, str]:
    """Sum of effective doses [Sv], and what has to be said of it.

    Doses with different tissue weights, or with weights that the source does not state, are added only where asked for.
    """
    names = sorted({part.weights for part in parts})
    alike = len(names) == 1 and names[0] != "not stated"
    if not alike and not mix_weights:
        raise InputError(
            f"sum of effective doses: the weights are {', '.join(names)}; only the same ones add up. "
            "Choose sets with the same weights, or say --mix-weights."
        )
    total = sum(part.value for part in parts)
    return total, "" if alike else f"the sum mixes tissue weights: {', '.join(names)}"


def _plausible_activity(tracer: Tracer, activity: float) -> None:
    """A slip of a thousand is asked back: a tenth of the least minimum of any card is as little as is ever given."""
    least = max(0.01 * MBq, 0.1 * (least_minimum(tracer) or 0.0))
    if not least <= activity <= 5000 * MBq:
        raise InputError(
            f"administered activity: got {activity / MBq:g} MBq {tracer.name}; {least / MBq:g} to 5000 MBq is plausible for a "
            "diagnostic one. Check the unit."
        )


def _table(own: Path | None) -> tuple[DatedRow, ...]:
    return dated_rows("hevesy.protection", "effective_dose", overlay=own, keys=("set", "tracer", "condition", "age", "sex"))


def _of_set(table: Sequence[DatedRow], tracer: Tracer, set_name: str, on: date) -> list[DatedRow]:
    names = tuple(dict.fromkeys(row["set"] for row in table))
    if set_name not in names:
        raise InputError(f"set {set_name!r}: is not known; there are {', '.join(names)}. Write one of them.")
    rows = [row for row in table if row["set"] == set_name and row["tracer"] == tracer.name]
    if rows:
        return rows
    elsewhere = sorted({row["set"] for row in table if row["tracer"] == tracer.name and row.holds(on)})
    have = sorted({row["tracer"] for row in table if row["set"] == set_name})
    near = get_close_matches(tracer.name, have, n=4, cutoff=0.4) or have[:6]
    raise InputError(
        f"{tracer.name}: set {set_name} has no coefficient; the nearest that it has are {', '.join(near)}. "
        + (f"These sets have it: {', '.join(elsewhere)}." if elsewhere else "Lay your own table over it: --own-table.")
    )


def _of_condition(rows: list[DatedRow], tracer: Tracer, condition: str) -> list[DatedRow]:
    names = tuple(dict.fromkeys(row["condition"] for row in rows))
    wanted = frozenset(condition.casefold().split())
    exact = [name for name in names if wanted == frozenset(name.casefold().split())]
    chosen = exact or [name for name in names if wanted <= frozenset(name.casefold().split())]
    if len(chosen) == 1:
        return [row for row in rows if row["condition"] == chosen[0]]
    options = ", ".join(repr(name) for name in names)
    what = f"condition {condition!r} is not known; " if condition and not chosen else ""
    raise InputError(
        f'{tracer.name}: {what}the coefficient depends on it, and there are {options}. Say --condition "{names[0]}".'
    )


def _of_sex(rows: Sequence[DatedRow], sex: str) -> tuple[tuple[DatedRow, ...], tuple[str, ...]]:
    given = {row["sex"] for row in rows}
    if "both" in given:
        said = f"the set has one coefficient for both sexes; it is not one for a {sex} patient." if sex else ""
        return tuple(rows), (said,) if said else ()
    if sex in given:
        return tuple(row for row in rows if row["sex"] == sex), ()
    said = "sex is not stated: the mean of the sexes is taken." if not sex else f"the set has no {sex} value: the mean is taken."
    return tuple(row for row in rows if row["sex"] == "mean"), (said,)


def _organ_doses(row: DatedRow, activity: float, age: float, on: date) -> tuple[dict[str, float], tuple[DatedRow, ...]]:
    """Doses of organs where the set has them at that age; none is interpolated."""
    same = [
        r
        for r in dated_rows("hevesy.protection", "organ_dose")
        if all(r[c] == row[c] for c in ("set", "tracer", "condition")) and r["age"] == age_group(age)
    ]
    found = in_force(same, on)
    return {r["organ"]: activity * r.number("coefficient_mGy_per_MBq") * mGy / MBq for r in found}, found
