"""Quantities as people write them: a number, its unit, perhaps its standard uncertainty, into the units of the house."""

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from hevesy import units as un
from hevesy.errors import InputError

# What one of each unit is inside. Concentrations are by ml, as in images and in the formulas of blood.
UNITS: dict[str, dict[str, float]] = {
    "activity": {"Bq": un.Bq, "kBq": un.kBq, "MBq": un.MBq, "GBq": un.GBq, "uCi": un.uCi, "mCi": un.mCi, "Ci": un.Ci},
    "dose": {"Gy": un.Gy, "cGy": 1e-2 * un.Gy, "mGy": un.mGy},
    "dose per activity": {
        "Gy/GBq": un.Gy / un.GBq,
        "mGy/MBq": un.mGy / un.MBq,
        "Gy/MBq": un.Gy / un.MBq,
        "mGy/GBq": un.mGy / un.GBq,
    },
    "mass": {"kg": un.kg, "g": un.g},
    "volume": {"ml": un.ml, "mL": un.ml, "cm3": un.ml, "l": 1e3 * un.ml, "L": 1e3 * un.ml, "mm3": un.mm3},
    "time": {"s": un.s, "min": un.min_, "h": un.h, "d": un.d, "week": 7 * un.d, "weeks": 7 * un.d},
    "time per volume": {"h/ml": un.h, "h/l": un.h / 1e3, "s/ml": un.s},
    "concentration": {"kBq/ml": un.kBq, "MBq/ml": un.MBq},
    "length": {"mm": un.mm, "cm": un.cm, "m": 1e3 * un.mm},
    "energy": {"keV": un.keV, "MeV": un.MeV},
    "fraction": {"%": 0.01, "percent": 0.01},
    "number": {"": 1.0},
}
EXAMPLES = {
    "activity": "7.4 GBq",
    "dose": "23 Gy",
    "dose per activity": "0.6 Gy/GBq",
    "mass": "70 kg",
    "volume": "5.3 L",
    "time": "48 h",
    "time per volume": "0.0006 h/ml",
    "concentration": "1100 kBq/ml",
    "length": "10 mm",
    "energy": "208 keV",
    "fraction": "5 %",
    "number": "3.5",
}

_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_UNIT = r"[A-Za-z%][A-Za-z0-9/%]*"
_TEXT = re.compile(
    rf"\s*(?P<value>{_NUMBER})\s*(?P<unit>{_UNIT})?\s*(?:(?:±|\+/-|\+-)\s*(?P<u>{_NUMBER})\s*(?P<unit_u>{_UNIT})?\s*)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a text says: number and unit, and the same of the uncertainty; ``u`` is None and units are "" where none stands."""

    value: float
    unit: str
    u: float | None
    unit_u: str


def written(text: object) -> Written | None:
    """The parts of "2 GBq", "2 ± 0.1 GBq" or "2 GBq ± 5 %", or of a number; None where it is none of them."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    found = _TEXT.fullmatch(str(text))
    if found is None or not all(math.isfinite(float(found[name] or 0)) for name in ("value", "u")):
        return None
    own = None if found["u"] is None else float(found["u"])
    return Written(value=float(found["value"]), unit=found["unit"] or "", u=own, unit_u=found["unit_u"] or "")


def units_said(kind: str) -> str:
    """The units of a kind, for a message."""
    return ", ".join(name or "none" for name in UNITS[kind])


def quantity(text: object, kind: str, *, name: str = "value") -> float:
    """``text`` such as "7.4 GBq" in the unit of the house.

    Parameters
    ----------
    text : str                          A number and a unit of ``kind``. A fraction may be a bare number: 0.05 is "5 %".
    kind : str                          A key of :data:`UNITS`.
    name : str                          What is being read, for the message.

    Raises
    ------
    InputError
        There is no unit, it is of another kind, the number is no number, or an uncertainty stands where none has a meaning.
    """
    found = written(text)
    if found is not None and found.u is not None:
        raise InputError(f"{name}: got {text!r}; this is taken as exact. Leave its uncertainty out.")
    if found is not None and kind == "fraction" and not found.unit:
        return found.value
    if found is None or found.unit not in UNITS[kind]:
        raise InputError(
            f"{name}: got {text!r}; write a number with its unit, one of {units_said(kind)}, "
            f'for example {name} = "{EXAMPLES[kind]}".'
        )
    return found.value * UNITS[kind][found.unit]


def _reader(kind: str) -> BeforeValidator:
    def read(value: Any) -> float:
        try:
            return quantity(value, kind)
        except InputError as error:
            raise ValueError(str(error).removeprefix("value: ")) from error

    return BeforeValidator(read)


# For pydantic models of files: the field holds a float of the house, the file a text with its unit.
Activity = Annotated[float, _reader("activity")]
Dose = Annotated[float, _reader("dose")]
Mass = Annotated[float, _reader("mass")]
Volume = Annotated[float, _reader("volume")]
Time = Annotated[float, _reader("time")]
Length = Annotated[float, _reader("length")]
Fraction = Annotated[float, _reader("fraction")]
