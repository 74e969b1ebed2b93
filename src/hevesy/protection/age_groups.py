"""Which tabulated age a coefficient is taken from, and how ages between are treated."""

from collections.abc import Mapping

from hevesy.errors import InputError, ScopeError

GROUPS, LINEAR = "groups", "linear"
AGE_POLICIES = {
    GROUPS: "age groups of ICRP Publication 72: 1 y until 2, 5 y until 7, 10 y until 12, 15 y until 17 years, then adult",
    LINEAR: "linear in age between the tabulated ages 1, 5, 10, 15 years and adult, taken as 18 years",
}
# Last age [years] of each group, in the words of the tables.
UPPER_AGES = (("newborn", 1.0), ("1", 2.0), ("5", 7.0), ("10", 12.0), ("15", 17.0), ("adult", 130.0))
# Age [years] that a tabulated value stands for, where ages between are interpolated.
STANDS_FOR = {"newborn": 0.0, "1": 1.0, "5": 5.0, "10": 10.0, "15": 15.0, "adult": 18.0}


def age_group(age: float) -> str:
    """The tabulated age of ``age`` [years]: "newborn", "1", "5", "10", "15" or "adult".

    Below 1 year it is "newborn". The groups are those of ICRP Publication 72, Ann ICRP 1995;26(1).
    """
    _plausible(age)
    if age < 1.0:
        return "newborn"
    return next(name for name, upper in UPPER_AGES[1:] if age <= upper)


def at_age(values: Mapping[str, float], age: float, policy: str = GROUPS, *, what: str = "coefficient") -> tuple[float, str]:
    """The value for ``age`` [years], and the tabulated age or ages that it comes from.

    Parameters
    ----------
    values : mapping                    By tabulated age; those that the source does not give are left out.
    policy : str                        "groups" or "linear".

    Raises
    ------
    ScopeError
        The source has no value for that age; nothing is extended beyond the ages that it gives.
    """
    _plausible(age)
    if policy not in AGE_POLICIES:
        raise InputError(f"ages: got {policy!r}; allowed are {', '.join(AGE_POLICIES)}.")
    if policy == GROUPS or age >= STANDS_FOR["adult"]:
        group = age_group(age)
        if group not in values:
            raise _missing(values, age, what)
        return values[group], group
    known = sorted((STANDS_FOR[name], name) for name in values)
    below = [item for item in known if item[0] <= age]
    above = [item for item in known if item[0] >= age]
    # Below one year only the newborn and the child of one year may be joined, and only where both are given.
    if not below or not above:
        raise _missing(values, age, what)
    (a, younger), (b, older) = below[-1], above[0]
    if younger == older:
        return values[younger], younger
    part = (age - a) / (b - a)
    return (1 - part) * values[younger] + part * values[older], f"{younger} to {older}"


def _plausible(age: float) -> None:
    if not 0 <= age <= 120:
        raise InputError(f"age: got {age:g} years; 0 to 120 years is allowed. Did you write months or a year of birth?")


def _missing(values: Mapping[str, float], age: float, what: str) -> ScopeError:
    given = ", ".join(name if name in ("adult", "newborn") else f"{name} y" for name in STANDS_FOR if name in values)
    return ScopeError(
        f"{what}, age {age:g} years: the source gives {given}; nothing is extended beyond. "
        "Use a set that has this age, or a computation for this patient."
    )
