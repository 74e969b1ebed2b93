"""Quantities of case files with their standard uncertainty, and the model of keys that hold them."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from hevesy.app.quantities import EXAMPLES, UNITS, units_said, written
from hevesy.model import Measured

NO_U = "none was given"


def amount(text: Any, kind: str) -> Measured:
    """A quantity from text as "2 GBq", "2 ± 0.1 GBq", "2 GBq ± 0.1 GBq" or "2 GBq ± 5 %"; +- may stand for ±.

    In per cent, the uncertainty of a fraction is in points: "5 ± 1 %" is from 4 to 6 %.

    Parameters
    ----------
    text : str                          A bare number only where the quantity has no unit.
    kind : str                          A key of :data:`hevesy.app.quantities.UNITS`.

    Raises
    ------
    ValueError
        No number, no unit or another one; the message says what to write.
    """
    allowed = units_said(kind)
    write = f'Write for example "{EXAMPLES[kind]}" (units: {allowed})'
    if isinstance(text, Measured):
        return text
    found = written(text)
    if found is None:
        raise ValueError(f"{text!r} is no {kind}. {write}")
    # "2 ± 0.1 GBq" has its unit at the end.
    unit = found.unit or ("" if found.unit_u == "%" and "%" not in UNITS[kind] else found.unit_u)
    if unit not in UNITS[kind]:
        said = "has no unit" if not unit else f"has the unit {unit!r}"
        raise ValueError(f"{text!r} {said}; {allowed} are known for this {kind}. {write}")
    value = found.value * UNITS[kind][unit]
    if found.u is None:
        return Measured(value=value, u=None, why_no_u=NO_U)
    return Measured(value=value, u=_uncertainty(found.u, found.unit_u, kind=kind, unit=unit, value=value))


def _uncertainty(number: float, given: str, *, kind: str, unit: str, value: float) -> float:
    if number < 0:
        raise ValueError(f"the uncertainty is {number:g}; it must be 0 or more")
    if given == "%" and kind != "fraction":
        return abs(value) * number / 100
    name = given or unit
    if name not in UNITS[kind]:
        raise ValueError(f"the uncertainty has the unit {name!r}; give it in that of the value, or in %")
    return number * UNITS[kind][name]


def _reader(kind: str) -> Callable[[Any], Measured]:
    def read(text: Any) -> Measured:
        return amount(text, kind)

    return read


Activity = Annotated[Measured, BeforeValidator(_reader("activity"))]
Dose = Annotated[Measured, BeforeValidator(_reader("dose"))]
DosePerActivity = Annotated[Measured, BeforeValidator(_reader("dose per activity"))]
Mass = Annotated[Measured, BeforeValidator(_reader("mass"))]
Length = Annotated[Measured, BeforeValidator(_reader("length"))]
Volume = Annotated[Measured, BeforeValidator(_reader("volume"))]
Time = Annotated[Measured, BeforeValidator(_reader("time"))]
TimePerVolume = Annotated[Measured, BeforeValidator(_reader("time per volume"))]
Concentration = Annotated[Measured, BeforeValidator(_reader("concentration"))]
Fraction = Annotated[Measured, BeforeValidator(_reader("fraction"))]
Number = Annotated[Measured, BeforeValidator(_reader("number"))]

ENDINGS = {unit.replace("/", "_per_"): unit for known in UNITS.values() for unit in known if unit and unit != "%"}


class Amounts(BaseModel):
    """Keys of a case. An unknown key is an error; a unit may stand at the end of a key: ``tumour_mass_kg = 0.2``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _units_of_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        read: dict[str, Any] = {}
        for key, value in data.items():
            name = key if key in cls.model_fields else _named(key, cls)
            if name in read:
                raise ValueError(f"{name} is given twice, once with its unit in the key. Leave one out")
            if name == key:
                read[name] = value
                continue
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise ValueError(f"{key} has its unit in the key and takes a bare number; got {value!r}. Or write {name}")
            read[name] = f"{value} {ENDINGS[key[len(name) + 1 :]]}"
        return read


def _named(key: str, case: type[BaseModel]) -> str:
    """The field that ``key`` means: itself, or what stands before the unit."""
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if key.endswith(f"_{ending}") and key.removesuffix(f"_{ending}") in case.model_fields:
            return key.removesuffix(f"_{ending}")
    return key
