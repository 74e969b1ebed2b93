"""The limits file: dose, BED or EQD2 by region."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hevesy.app.quantities import Dose, Fraction
from hevesy.errors import InputError
from hevesy.planning import Limit


class LimitSettings(BaseModel):
    """[limits.REGION]"""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quantity: Literal["dose", "BED", "EQD2"] = Field(default="dose", description="What is limited")
    limit: Dose = Field(description='With its unit: "23 Gy"')
    tissue: str = Field(default="", description="Tissue of BED and EQD2, a name of the tissues that Hevesy or the file knows")
    probability: Fraction = Field(default=0.05, description='Chance to exceed the limit: "5 %"')
    source: str = Field(default="", description="Who set it")


def read_limits(path: Path) -> tuple[Limit, ...]:
    """The limits of a TOML file with one table ``[limits.REGION]`` a region.

    Raises
    ------
    InputError
        The file is missing, is no TOML, has an unknown key, or a limit has no unit.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: not a readable limits file: {error}.") from error
    tables = given.get("limits")
    if not isinstance(tables, dict) or not tables or set(given) != {"limits"}:
        raise InputError(f'{path}: expected tables [limits.REGION], for example [limits.Kidneys] with limit = "23 Gy".')
    return limits_of(tables, where=str(path))


def limits_of(tables: dict[str, Any], *, where: str) -> tuple[Limit, ...]:
    """The limits of parsed tables by region; ``where`` names them in messages."""
    found = []
    for region, table in tables.items():
        try:
            each = LimitSettings.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "table"
            raise InputError(f"{where}: limits.{region}.{key}: {first['msg'].removeprefix('Value error, ')}") from error
        found.append(
            Limit(
                region=region,
                quantity=each.quantity,
                value=each.limit,
                tissue=each.tissue,
                probability=each.probability,
                source=each.source,
            )
        )
    return tuple(found)
