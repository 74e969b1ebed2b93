"""Decay store and tanks: which bag may leave when."""

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hevesy import __version__
from hevesy import units as un
from hevesy.app.columns import Columns, read_columns
from hevesy.app.quantities import Activity, Time
from hevesy.errors import DataError, InputError
from hevesy.nuclides import load_nuclide
from hevesy.protection.waste import (
    EXEMPTION,
    STORABLE,
    Content,
    activity_at,
    exemption,
    fraction,
    free_after,
    level_of,
    level_or_none,
    outliving,
    short_lived,
    tank_plan,
    with_contaminant,
)
from hevesy.tables.dated import DatedRow

NEEDED = ("bag", "nuclide", "activity_MBq", "mass_kg", "closed")
KNOWN = ("u_percent", "contaminant", "ratio_percent", "left")
TEXTS = ("bag", "nuclide", "closed", "contaminant", "left")
PER_M3 = {"Bq/m3": 1.0, "kBq/m3": 1e3}
SUSPECT = 1e6  # MBq in one bag: a unit was mistaken
# What a nuclide may hold by the way it was made; nobody sees it on the label.
MAY_HOLD = {
    "Lu-177": (("Lu-177m",), "if it was made from Lu-176"),
    "Tc-99m": (("Mo-99",), "the breakthrough of its column"),
    "Ga-68": (("Ge-68",), "the breakthrough of its column"),
    "Rb-82": (("Sr-82", "Sr-85"), "the breakthrough of its column"),
    "Re-188": (("W-188",), "the breakthrough of its column"),
    "Sm-153": (("Eu-154",), "from europium in the target"),
    "Ho-166": (("Ho-166m",), "from the reactor"),
    "Ac-225": (("Ac-227",), "if it was made by spallation of thorium"),
}


def protect_waste(path: Path, *, scheme: str = "annex-vii", on: date | None = None, levels: Path | None = None) -> dict[str, Any]:
    """What of a ledger may leave on a day, and when the rest may; or how tanks run, if a TOML is given.

    Parameters
    ----------
    path : path                         CSV with the columns bag, nuclide, activity_MBq, mass_kg, closed (a day), and perhaps
                                        u_percent, contaminant, ratio_percent, left (the day it left). Or TOML with [[tank]].
    scheme : str                        "annex-vii" or "rp-122": the clearance levels.
    on : date, optional                 Today if left out.
    levels : path, optional             Own table of levels, laid over ours.
    """
    day = on or datetime.now().astimezone().date()
    if path.suffix.lower() == ".toml":
        return _tanks(path, day, levels)
    table = read_columns(path, needed=NEEDED, known=KNOWN, texts=TEXTS)
    bags: dict[str, list[int]] = {}
    for row, name in enumerate(table.words["bag"]):
        bags.setdefault(name, []).append(row)
    made = {name: _bag(table, name, rows, scheme=scheme, day=day, levels=levels) for name, rows in bags.items()}
    held = [bag for bag in made.values() if bag["left"] is None]
    unverified = sorted(
        {level["source"] for bag in made.values() for level in bag["levels"] if level["unverified"]}
        | {s for bag in made.values() if (x := bag["exemption"]) and x["unverified"] for s in x["sources"]}
    )
    return {
        "schema": "hevesy-waste/1",
        "on": day.isoformat(),
        "scheme": scheme,
        "bags": made,
        "may_leave_now": [name for name, bag in made.items() if bag["may_leave"]],
        "held": len(held),
        "activity_held_MBq": sum(bag["activity_now_MBq"] for bag in held),
        "remarks": [*_remarks(made), *(f"unverified at the source: {text}." for text in unverified)],
        "hevesy": __version__,
    }


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"{where}: {text!r} is no day. Write it as 2026-01-31.") from error


def _bag(table: Columns, name: str, rows: list[int], *, scheme: str, day: date, levels: Path | None) -> dict[str, Any]:
    masses, contents = table.filled("mass_kg"), []
    days = {_day(table.words["closed"][row], table.where(row, "closed")) for row in rows}
    if len(days) > 1 or len({masses[row] for row in rows}) > 1:
        raise DataError(
            f"{table.where(rows[0], 'bag')}: bag {name} has several days or masses. A bag is closed once and weighed once."
        )
    for row in rows:
        contents += _contents(table, row)
    closed, mass = days.pop(), masses[rows[0]]
    if closed > day:
        raise InputError(f"bag {name}: it was closed on {closed}, after {day}. Ask for a later day.")
    stated = tuple(contents)
    named, limits = _with_daughters(contents, scheme=scheme, day=day, levels=levels)
    values = [row.number("value") for row in limits]
    best, safe = (free_after(contents, values, mass=mass, safe=each) for each in (False, True))
    t = (day - closed).total_seconds()
    left = table.words["left"][rows[0]] if "left" in table.words else ""
    # A whole day later than the moment, because the ledger counts days.
    leaves = closed + timedelta(days=-(-safe // un.d))
    slowest = max(load_nuclide(c.nuclide).half_life for c in stated)
    return {
        "nuclides": [c.nuclide for c in stated],
        "closed": closed.isoformat(),
        "mass_kg": mass,
        "activity_closed_MBq": sum(c.activity for c in stated) / un.MBq,
        "activity_now_MBq": activity_at(stated, t) / un.MBq,
        "fraction_now": fraction(contents, values, mass=mass, t=t),
        "free_after_d": best / un.d,
        "free_after_95_d": safe / un.d,
        "leaves_on": leaves.isoformat(),
        "may_leave": not left and leaves <= day,
        "left": left or None,
        "left_too_early": bool(left) and _day(left, f"bag {name}, column left") < leaves,
        "longest_half_life_d": slowest / un.d,
        "us_decay_in_storage": slowest <= STORABLE,
        "exemption": _exemption(contents, mass=mass, t=t, day=day, levels=levels),
        "daughters": {c.nuclide: list(short) for c in stated if (short := short_lived(c.nuclide))},
        "daughters_that_stay": [c.nuclide for c in contents[len(stated) :]],
        "daughters_without_level": [{"nuclide": c.nuclide, "of": of, "leaving_Bq": activity_at((c,), safe)} for of, c in named],
        "levels": [
            {"nuclide": c.nuclide, "Bq_per_g": value} | row.provenance()
            for c, value, row in zip(contents, values, limits, strict=True)
        ],
    }


def _with_daughters(
    contents: list[Content], *, scheme: str, day: date, levels: Path | None
) -> tuple[list[tuple[str, Content]], list[DatedRow]]:
    """The levels of the contents; daughters that outlive them join the contents, or are named where they have no level."""
    limits: list[DatedRow] = [level_of(c.nuclide, "clearance", scheme=scheme, on=day, overlay=levels) for c in contents]
    named = []
    for content in tuple(contents):
        for daughter in outliving(content.nuclide):
            row = level_or_none(daughter.nuclide, scheme=scheme, on=day, overlay=levels)
            left = Content(nuclide=daughter.nuclide, activity=content.activity * daughter.share, u=content.u)
            if row is None:
                named.append((content.nuclide, left))
            else:
                contents.append(left)
                limits.append(row)
    return named, limits


def _exemption(contents: list[Content], *, mass: float, t: float, day: date, levels: Path | None) -> dict[str, Any] | None:
    found = exemption(contents, mass=mass, t=t, on=day, overlay=levels)
    if found is None:
        return None
    return {
        "exempt_now": found.exempt,
        "activity_fraction": found.activity,
        "concentration_fraction": found.concentration,
        "scheme": EXEMPTION,
        "sources": sorted({row.citation for row in found.rows}),
        "unverified": not all(row.verified for row in found.rows),
    }


def _contents(table: Columns, row: int) -> list[Content]:
    activity = table.filled("activity_MBq")[row]
    if activity > SUSPECT:
        raise InputError(f"{table.where(row, 'activity_MBq')}: {activity:g} MBq in one bag. Is the unit MBq?")
    shares = table.numbers.get("u_percent", (None,) * len(table.lines))
    main = Content(
        nuclide=load_nuclide(table.words["nuclide"][row]).name, activity=activity * un.MBq, u=(shares[row] or 0.0) / 100
    )
    other = table.words["contaminant"][row] if "contaminant" in table.words else ""
    if not other:
        return [main]
    ratio = table.numbers.get("ratio_percent", (None,) * len(table.lines))[row]
    if ratio is None:
        raise DataError(
            f"{table.where(row, 'contaminant')}: {other} has no ratio_percent. State its activity by that of the nuclide."
        )
    return list(with_contaminant(main, load_nuclide(other).name, ratio / 100))


def _remarks(bags: dict[str, dict[str, Any]]) -> list[str]:
    made = []
    for name, bag in bags.items():
        if bag["left_too_early"]:
            made.append(f"bag {name} left on {bag['left']}, before {bag['leaves_on']}. Look at it now.")
        for one in bag["daughters_without_level"]:
            made.append(
                f"bag {name}: {one['of']} leaves {one['nuclide']}, {one['leaving_Bq']:.2g} Bq on the day it leaves, which is "
                "not in the sum: the scheme has no level for it."
            )
    for nuclide, (others, why) in MAY_HOLD.items():
        held = [n for n, bag in bags.items() if nuclide in bag["nuclides"] and not set(others) & set(bag["nuclides"])]
        if held:
            made.append(
                f"bag {', '.join(held)}: {nuclide} holds {' and '.join(others)}, {why}: state contaminant and ratio_percent."
            )
    made.append("a day is when the computed sum of fractions is at most 1 with 95 % probability: measure before it leaves.")
    made.append(
        "clearance decides what leaves; exemption only says whether so little needs no notice, by bag and not for the store."
    )
    return made


class _Tank(BaseModel):
    """[[tank]]"""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    nuclide: str
    patients_per_week: float = Field(gt=0)
    activity: Activity = Field(description="That each patient leaves in the tank")
    litres_per_day: float = Field(gt=0)
    volume_m3: float = Field(gt=0)
    limit_Bq_per_m3: float | None = Field(default=None, gt=0, description="Of the authority of the site")
    limit_from: str = Field(default="", description="Or a scheme of the table with levels for the sewer: strlschv")
    longest: Time | None = Field(default=None, description="That the plant can hold a tank")


class _Plant(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    tank: tuple[_Tank, ...] = Field(min_length=1)


def _discharge(tank: _Tank, nuclide: str, day: date, levels: Path | None) -> tuple[float, DatedRow | None]:
    """The limit of discharge [Bq/m3], and the row it comes from if it is one of the table."""
    if (tank.limit_Bq_per_m3 is None) == (not tank.limit_from):
        raise InputError(f"tank {tank.name}: give limit_Bq_per_m3 or limit_from, one of the two.")
    if tank.limit_Bq_per_m3 is not None:
        return tank.limit_Bq_per_m3, None
    row = level_of(nuclide, "sewer", scheme=tank.limit_from, on=day, overlay=levels)
    return row.number("value") * PER_M3[row["unit"]], row


def _tanks(path: Path, day: date, levels: Path | None) -> dict[str, Any]:
    try:
        plant = _Plant(**tomllib.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file. Give a ledger as CSV, or tanks as TOML.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{path.name}: {error}. Correct the file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{path.name}: {where}: {first['msg']}. A [[tank]] needs {', '.join(_Tank.model_fields)}.") from error
    made, remarks = {}, ["the limit of discharge is set by the authority of the site."]
    for tank in plant.tank:
        nuclide = load_nuclide(tank.nuclide).name
        limit, row = _discharge(tank, nuclide, day, levels)
        plan = tank_plan(
            nuclide,
            inflow=tank.patients_per_week * tank.activity / (7 * un.d),
            flow=tank.litres_per_day / 1e3 / un.d,
            volume=tank.volume_m3,
            limit=limit,
        )
        if row is not None and not row.verified:
            remarks.append(f"unverified at the source: {row.citation}.")
        made[tank.name] = {
            "limit_Bq_per_m3": limit,
            "limit_source": {"source": "stated in the file", "unverified": False} if row is None else row.provenance(),
            "filling_d": plan.filling / un.d,
            "activity_full_MBq": plan.activity / un.MBq,
            "concentration_full_Bq_per_m3": plan.concentration,
            "decay_d": plan.decay / un.d,
            "tanks_needed": plan.tanks,
            "activity_discharged_MBq": plan.discharged / un.MBq,
        }
        if tank.longest is not None and plan.decay > tank.longest:
            remarks.append(
                f"{tank.name}: must be held {plan.decay / un.d:.0f} d; the plant can hold {tank.longest / un.d:.0f} d."
            )
    return {"schema": "hevesy-tanks/1", "on": day.isoformat(), "tanks": made, "remarks": remarks, "hevesy": __version__}
