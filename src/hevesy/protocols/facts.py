"""Thresholds, limits and coefficients of the recipes, each with its source."""

from dataclasses import dataclass
from functools import cache

from hevesy import units as u
from hevesy.errors import DataError
from hevesy.model import Measured
from hevesy.tables import load_table

TABLE = ("hevesy.protocols", "recipes")
RECALLED = "recalled"
WEEK = 7 * u.d

# What one of each unit of the table is inside.
UNITS = {
    "1": 1.0,
    "%": 0.01,
    "Gy": u.Gy,
    "GBq": u.GBq,
    "MBq/kg": u.MBq,
    "kBq/kg": u.kBq,
    "kBq/ml": u.kBq,
    "kg": u.kg,
    "h": u.h,
    "m2": 1.0,
    "J/GBq": 1 / u.GBq,
    "Gy/GBq": u.Gy / u.GBq,
    "Gy/MBq": u.Gy / u.MBq,
    "Gy/(MBq h)": u.Gy / (u.MBq * u.h),
    "Gy g/(MBq d)": u.Gy * u.g / (u.MBq * u.d),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A number that a recipe takes from the literature.

    Attributes
    ----------
    recipe, name : str
    value : float                       In the house's unit: Bq, Gy, kg, s, and their quotients.
    upper : float or None               Upper end where the source gives a range.
    spread : float or None              Standard deviation among patients.
    printed : str                       Value and unit as the source has them.
    source, how, valid_from, note : str ``how``: read, secondary, derived or recalled.
    """

    recipe: str
    name: str
    value: float
    upper: float | None
    spread: float | None
    printed: str
    source: str
    how: str
    valid_from: str
    note: str

    @property
    def verified(self) -> bool:
        """Whether the number was seen in the source or in a transcription of it."""
        return self.how != RECALLED

    @property
    def measured(self) -> Measured:
        """The value, with the spread among patients as its u where that is known."""
        if self.spread is None:
            return Measured(value=self.value, u=None, why_no_u=f"{self.source} gives none")
        return Measured(value=self.value, u=self.spread)

    @property
    def said(self) -> str:
        """A line for the report."""
        mark = "" if self.verified else " UNVERIFIED: the source was not opened."
        note = f" ({self.note})" if self.note else ""
        return f"{self.name}: {self.printed}{note}, {self.source}.{mark}"


@cache
def facts_of(recipe: str) -> dict[str, Fact]:
    """All facts of a recipe by name.

    Raises
    ------
    DataError
        The table has none of that recipe.
    """
    found = {row["name"]: _fact(row) for row in load_table(*TABLE).rows if row["recipe"] == recipe}
    if not found:
        raise DataError(f"{'/'.join(TABLE)}: no facts of recipe {recipe!r}. Rebuild it with its script.")
    return found


def fact(recipe: str, name: str) -> Fact:
    """One fact.

    Raises
    ------
    DataError
        There is none of that name; a threshold is never guessed.
    """
    known = facts_of(recipe)
    if name not in known:
        raise DataError(f"{recipe}: no fact {name!r}; there are {', '.join(known)}.")
    return known[name]


def _fact(row: dict[str, str]) -> Fact:
    scale = UNITS[row["unit"]]
    upper = f" to {row['upper']}" if row["upper"] else ""
    spread = f" ± {row['spread']}" if row["spread"] else ""
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    return Fact(
        recipe=row["recipe"],
        name=row["name"],
        value=float(row["value"]) * scale,
        upper=float(row["upper"]) * scale if row["upper"] else None,
        spread=float(row["spread"]) * scale if row["spread"] else None,
        printed=f"{row['value']}{upper}{spread}{unit}",
        source=row["source"],
        how=row["how"],
        valid_from=row["valid_from"],
        note=row["note"],
    )
