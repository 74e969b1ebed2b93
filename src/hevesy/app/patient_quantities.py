"""Weight, age and day as people write them at the patient: a bare number is kilograms or years."""

import re
from datetime import UTC, date, datetime

from hevesy import units as un
from hevesy.app.quantities import written
from hevesy.errors import InputError

# International avoirdupois pound.
POUND = 0.45359237 * un.kg
WEIGHTS = {"": un.kg, "kg": un.kg, "g": 1e-3 * un.kg, "lb": POUND, "lbs": POUND}
YEARS = {"": 1.0, "y": 1.0, "yr": 1.0, "a": 1.0, "year": 1.0, "years": 1.0, "month": 1 / 12, "months": 1 / 12, "mo": 1 / 12,
         "week": 7 / 365.25, "weeks": 7 / 365.25, "d": 1 / 365.25, "days": 1 / 365.25}  # fmt: skip
_DLP = re.compile(r"\s*([0-9.eE+]+)\s*(mgy|gy)[\s.*·x×]*cm\s*", re.IGNORECASE)


def weight_of(text: object) -> float:
    """Body weight [kg] of "20", "20 kg" or "44 lb"."""
    return _number(text, WEIGHTS, "weight", "20 kg")


def age_of(text: object) -> float:
    """Age [years] of "40", "40 y" or "6 months"."""
    return _number(text, YEARS, "age", "6 months")


def day_of(text: str) -> date:
    """The day of "2026-01-31"; today where the text is empty."""
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"day: got {text!r}; write it as 2026-01-31.") from error


def dose_length_product_of(text: str) -> float:
    """Dose-length product [Gy mm] of "800 mGy cm"."""
    found = _DLP.fullmatch(text)
    try:
        value = float(found[1]) if found else float("nan")
    except ValueError:
        value = float("nan")
    if found is None or not value > 0:
        raise InputError(f'dose-length product: got {text!r}; write a number with its unit, for example "800 mGy cm".')
    return value * (un.mGy if found[2].lower() == "mgy" else 1.0) * un.cm


def _number(text: object, allowed: dict[str, float], name: str, example: str) -> float:
    found = written(text)
    if found is None or found.u is not None or found.unit not in allowed or not found.value >= 0:
        units = ", ".join(unit for unit in allowed if unit)
        raise InputError(f'{name}: got {text!r}; write a number with its unit, one of {units}, for example {name} = "{example}".')
    return found.value * allowed[found.unit]
