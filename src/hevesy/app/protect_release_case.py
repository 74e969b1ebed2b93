"""The case of a release: patient, dose rate, people around the patient, country."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hevesy import units as un
from hevesy.app.columns import read_columns
from hevesy.app.quantities import Activity, Fraction, Length, Time
from hevesy.errors import DataError, InputError
from hevesy.model import TimeActivityCurve
from hevesy.protection.distance import METRE, DistanceLaw, relative_dose_rate
from hevesy.protection.dose_rate import FITTED, USV_PER_H

RATE = "dose_rate_uSv_per_h"
# uSv/h beside a patient: outside, a unit was mistaken.
LEAST, MOST = 1e-3, 1e5


class Phase(BaseModel):
    """[[phase]]"""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fraction: Fraction = Field(description="Of the administered activity")
    half_life: Time = Field(description="Effective half-life")


class OwnContact(BaseModel):
    """[[person.contact]]"""

    model_config = ConfigDict(extra="forbid", frozen=True)
    start_h: float = Field(ge=0, lt=24, description="Hour of the day; of a pattern that happens once: after the restriction")
    hours: float = Field(gt=0, le=24)
    distance_m: float = Field(gt=0, le=20)


class OwnPerson(BaseModel):
    """[[person]]"""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    kind: str = "adult"
    pattern: str = Field(default="", description="Of the table of contact patterns, or contacts of one's own")
    contact: tuple[OwnContact, ...] = ()
    once: bool = False
    constraint_mSv: float | None = Field(default=None, gt=0, description="That of the country if left out")


class ReleaseCase(BaseModel):
    """What a release needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    patient: str = Field(default="", description="A code, never a name")
    nuclide: str
    activity: Activity | None = None
    u_activity: Fraction = 0.0
    administered: datetime = Field(description="Local time")
    country: str = "EU"
    on: date | None = Field(default=None, description="Day whose rules hold; that of the administration if left out")
    law: str = "power-1.5"
    height: Length = 1.7 * METRE
    clearance: str = Field(default="", description="Therapy of the table of retention")
    phase: tuple[Phase, ...] = ()
    constant_uSv_m2_per_MBq_h: float | None = Field(default=None, gt=0)
    u_constant: Fraction = 0.0
    measurements: Path | None = None
    model: str = "auto"
    u_meter: Fraction = 0.0
    discharge: Time = 0.0
    treatments_per_year: int = Field(default=1, ge=1, le=52)
    person: tuple[OwnPerson, ...] = ()
    patterns: Path | None = None
    rules: Path | None = None
    constraints: Path | None = None

    @property
    def day(self) -> date:
        """The day whose tables hold."""
        return self.on or self.administered.date()

    @property
    def distance_law(self) -> DistanceLaw:
        """The law of distance."""
        return DistanceLaw(name=self.law, height=self.height)


def read_case(path: Path | None, options: Mapping[str, Any]) -> ReleaseCase:
    """The case of a TOML file with what was said beside it; options go before the file.

    Paths in the file are beside the file.
    """
    content: dict[str, Any] = {}
    if path is not None:
        try:
            content = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError as error:
            raise InputError(f"{path}: there is no such file. Give the TOML of a case, or options alone.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DataError(f"{path.name}: {error}. Correct the file.") from error
        for key in ("measurements", "patterns", "rules", "constraints"):
            if isinstance(content.get(key), str):
                content[key] = path.parent / content[key]
    content |= {key: value for key, value in options.items() if value not in (None, "", ())}
    try:
        return ReleaseCase(**content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "case"
        raise InputError(
            f"{path.name if path else 'release'}: {place}: {first['msg'].removeprefix('Value error, ')}. "
            "Needed are nuclide, administered, and an activity or measurements."
        ) from error


def measured_curve(path: Path, law: DistanceLaw) -> TimeActivityCurve:
    """Dose rates of a table, brought to 1 m by the law [nSv/h].

    Columns time_h, dose_rate_uSv_per_h, distance_m and, if known, u_uSv_per_h (k = 1).
    """
    table = read_columns(path, needed=("time_h", RATE, "distance_m"), known=("u_uSv_per_h",))
    rates, times = np.array(table.filled(RATE)), np.array(table.filled("time_h"))
    for row, value in enumerate(rates.tolist()):
        if not LEAST <= value <= MOST:
            raise InputError(
                f"{table.where(row, RATE)}: {value:g} uSv/h; between {LEAST:g} and {MOST:g} is plausible beside a patient. "
                "Is the unit uSv/h?"
            )
    to_metre = np.array([1 / relative_dose_rate(d * METRE, law) for d in table.filled("distance_m")])
    u = None
    if "u_uSv_per_h" in table.numbers and any(value is not None for value in table.numbers["u_uSv_per_h"]):
        u = np.array(table.filled("u_uSv_per_h")) * to_metre * USV_PER_H / FITTED
    order = np.argsort(times, kind="stable")
    return TimeActivityCurve(
        region="dose rate",
        t=times[order] * un.h,
        A=(rates * to_metre * USV_PER_H / FITTED)[order],
        u=None if u is None else u[order],
    )
