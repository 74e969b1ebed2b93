"""Quantities as people write them: a number with its unit, to a float of the house."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

from hevesy import units as un
from hevesy.errors import InputError

UNITS: dict[str, dict[str, float]] = {
    "activity": {"Bq": un.Bq, "kBq": un.kBq, "MBq": un.MBq, "GBq": un.GBq},
    "dose": {"Gy": un.Gy, "mGy": un.mGy, "cGy": 1e-2 * un.Gy},
    "mass": {"kg": un.kg, "g": un.g},
    "volume": {"ml": un.ml, "mL": un.ml, "cm3": un.ml, "L": 1e3 * un.ml, "l": 1e3 * un.ml, "mm3": un.mm3},
    "time": {"s": un.s, "min": un.min_, "h": un.h, "d": un.d, "weeks": 7 * un.d, "week": 7 * un.d},
    "length": {"mm": un.mm, "cm": un.cm, "m": 1e3 * un.mm},
    "fraction": {"%": 0.01},
}

_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)\s*")


def quantity(text: object, kind: str, *, name: str = "value") -> float:
    """``text`` such as "7.4 GBq" in the unit of the house.

    Parameters
    ----------
    text : str                          A number and a unit of ``kind``. A fraction may be a bare number: 0.05 is "5 %".
    kind : str                          "activity", "dose", "mass", "volume", "time", "length" or "fraction".
    name : str                          What is being read, for the message.

    Raises
    ------
    InputError
        There is no unit, it is of another kind, or the number is no number.
    """
    allowed = UNITS[kind]
    if kind == "fraction" and isinstance(text, (int, float)) and not isinstance(text, bool):
        return float(text)
    match = _NUMBER.fullmatch(text) if isinstance(text, str) else None
    unit = match.group(2) if match else ""
    if match is None or (unit not in allowed and not (kind == "fraction" and not unit)):
        example = {"activity": "7.4 GBq", "dose": "23 Gy", "mass": "70 kg", "volume": "5.3 L", "time": "48 h", "length": "10 mm"}
        raise InputError(
            f"{name}: got {text!r}; write a number with its unit, one of {', '.join(allowed)}, "
            f'for example {name} = "{example.get(kind, "5 %")}".'
        )
    return float(match.group(1)) * (allowed[unit] if unit else 1.0)


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
