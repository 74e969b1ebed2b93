"""What a generator gives, how much of it is carrier, when it may no longer be used, when to elute it for a day."""

import difflib
import math
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hevesy import units as un
from hevesy.app.amounts import amount
from hevesy.app.quantities import quantity, written
from hevesy.app.supply_lists import read_needs, time_of_day
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.nuclides import SOURCE, load_nuclide
from hevesy.supply import elution_times, generator
from hevesy.tables.dated import DatedRow, dated_rows, in_force

RATIOS = {"kBq/MBq": 1e-3, "uCi/mCi": 1e-3, "µCi/mCi": 1e-3, "Bq/MBq": 1e-6, "Bq/Bq": 1.0, "%": 1e-2}
LEAST, MOST = 100 * un.kBq, 20_000 * un.GBq  # of a parent in a generator: beyond it somebody slipped by 1000
CURVE_POINTS = 160
UG = 1e-9  # kg


def generator_facts(  # noqa: PLR0913  (its arguments are the options of the command)
    parent: str,
    activity: str,
    hours: float,
    *,
    efficiency: str = "100 %",
    earlier: str = "",
    age: str = "0 h",
    breakthrough: Sequence[str] = (),
    needs: Path | None = None,
    working: str = "07:00-17:00",
    most: int = 3,
    on: date | None = None,
    table: Path | None = None,
    picture: Path | None = None,
) -> dict[str, Any]:
    """One elution of a generator, and what follows from it.

    Parameters
    ----------
    parent : str                        Mo-99, Ge-68, Sr-82 or W-188.
    activity : str                      Of the parent at the last complete elution, as "20 GBq" or "20 ± 1 GBq".
    hours : float                       From then to the elution [h].
    efficiency : str                    Share that an elution takes, as "90 %" or "90 ± 3 %".
    earlier : str                       Elutions in between, hours after the last complete one: "8 h, 16 h".
    age : str                           From the elution to the use of the eluate.
    breakthrough : sequence of str      What was measured at the elution: "Mo-99=0.05 kBq/MBq" (0.05 uCi/mCi is the same).
    needs : Path                        CSV with time (of day) and activity: when to elute on that day. ``hours`` is then up to
                                        the start of work.
    working : str                       Hours in which may be eluted, each half hour: "07:00-17:00".
    most : int                          Largest number of elutions on that day.
    on : date                           Day for which limits are asked; today if left out.
    table : Path                        The hospital's own table of limits, laid over ours.
    picture : Path                      PNG or SVG to write.

    Returns
    -------
    dict                                ``daughter_MBq``, ``parent_MBq``, ``carrier_fraction``, ``mass_ug``, ``limits``, ...
    """
    parent = _parent(parent)
    daughter = generator.daughter_of(parent)
    A, eff = _amount(activity, "activity", "--activity"), _amount(efficiency, "fraction", "--efficiency")
    if not LEAST <= A.value <= MOST:
        raise InputError(
            f"--activity is {A.value / un.GBq:g} GBq; generators hold {LEAST / un.GBq:g} to {MOST / un.GBq:g} GBq. "
            "Did you mean another unit?"
        )
    times = (*_earlier(earlier, hours), hours * un.h)
    aging = quantity(age, "time", name="--age")
    found = generator.elutions(parent, A.value, times, efficiency=eff.value)
    last = found[-1]
    held = generator.aged(parent, last.atoms, aging)
    now = held.daughter * load_nuclide(daughter).decay_constant
    fraction = generator.daughter_fraction(parent, held)
    limits = _limits(parent, daughter, _rows(table), breakthrough, on or date.today())
    facts: dict[str, Any] = {
        "parent": parent,
        "daughter": daughter,
        "activity_MBq": A.value / un.MBq,
        "u_activity_MBq": None if A.u is None else A.u / un.MBq,
        "hours": hours,
        "efficiency": eff.value,
        "u_efficiency": eff.u,
        "age_h": aging / un.h,
        "daughter_MBq": now / un.MBq,
        **_uncertainty(parent, A, eff, times, now),
        "parent_MBq": last.parent_on_column / un.MBq,
        "daughter_left_on_column_MBq": last.daughter_left / un.MBq,
        "earlier_elutions": [{"hours": e.time / un.h, "daughter_MBq": e.daughter / un.MBq} for e in found[:-1]],
        "t_max_h": generator.time_of_maximum(parent) / un.h,
        "equilibrium_ratio": generator.equilibrium_ratio(parent),
        **_carrier(parent, held, now, fraction),
        "limits": limits,
        "assumed": ["efficiency 100 %: none was given"] if efficiency == "100 %" else [],
        "unverified": sorted({limit["source"] for limit in limits if limit["unverified"]}),
        "date": (on or date.today()).isoformat(),
        "source": f"Bateman equations with the decay data of {SOURCE}",
    }
    if needs is not None:
        facts["day"] = _day(parent, A.value, hours, needs, working=working, most=most, efficiency=eff.value)
    if picture is not None:
        _draw(picture, facts, parent, A.value, times, eff.value)
    return facts


def _rows(table: Path | None) -> tuple[DatedRow, ...]:
    return dated_rows("hevesy.supply", "generator_limits", overlay=table, keys=("parent", "contaminant", "rule", "body"))


def _parent(text: str) -> str:
    name = load_nuclide(text).name if text else ""
    if name not in generator.DAUGHTERS:
        near = difflib.get_close_matches(text, generator.DAUGHTERS, n=1, cutoff=0.4)
        raise InputError(
            f"--parent {text!r}: generators known are {', '.join(f'{p} ({d})' for p, d in generator.DAUGHTERS.items())}."
            + (f" Did you mean {near[0]}?" if near else " Name one of these.")
        )
    return name


def _amount(text: str, kind: str, name: str) -> Measured:
    try:
        return amount(text, kind)
    except ValueError as error:
        raise InputError(f"{name}: {error}.") from error


def _earlier(text: str, hours: float) -> tuple[float, ...]:
    if not (math.isfinite(hours) and hours > 0):
        raise InputError(f"--hours is {hours:g}; it must be above 0. Give the hours since the last complete elution.")
    times = [quantity(part.strip(), "time", name="--elutions") for part in text.split(",") if part.strip()]
    # an elution at time zero is the complete one from which the hours count
    times = [time for time in times if time > 0]
    if times != sorted(set(times)) or any(time >= hours * un.h for time in times):
        raise InputError(f"--elutions {text!r}: they must increase and be before --hours {hours:g}. Correct them.")
    return tuple(times)


def _uncertainty(parent: str, A: Measured, eff: Measured, times: Sequence[float], value: float) -> dict[str, Any]:
    """u of the daughter: of the activity in proportion, of the efficiency by the difference of two elutions."""
    if A.u is None and eff.u is None:
        return {"u_daughter_MBq": None, "why_no_u": "neither activity nor efficiency was given with an uncertainty"}
    of_activity = value * (A.u or 0.0) / A.value
    of_efficiency = 0.0
    if eff.u:
        low, high = max(1e-6, eff.value - eff.u), min(1.0, eff.value + eff.u)
        at = [generator.elutions(parent, A.value, times, efficiency=e)[-1].daughter for e in (low, high)]
        here = generator.elutions(parent, A.value, times, efficiency=eff.value)[-1].daughter
        of_efficiency = value / here * abs(at[1] - at[0]) / (high - low) * eff.u
    return {"u_daughter_MBq": math.hypot(of_activity, of_efficiency) / un.MBq, "why_no_u": None}


def _carrier(parent: str, held: generator.Atoms, now: float, fraction: float | None) -> dict[str, Any]:
    """Share of the carrier, mass of the element, and the same mass by the formula of product characteristics."""
    mass = generator.element_mass(parent, held) / UG
    own = generator.element_mass(parent, generator.Atoms(parent=0.0, daughter=held.daughter, carrier=0.0)) / UG
    if fraction is None:
        return {
            "carrier_fraction": None,
            "daughter_fraction": None,
            "mass_ug": mass,
            "daughter_ug": own,
            "carrier_ug": None,
            "carrier": None,
            "carrier_note": "no other isotope of the daughter's element grows in this generator",
        }
    return {
        "carrier": generator.CARRIERS[parent],
        "carrier_fraction": 1 - fraction,
        "daughter_fraction": fraction,
        "carrier_note": "carrier_fraction: Tc-99 of all technetium atoms; daughter_fraction: Tc-99m of all, the F of product "
        "characteristics; mass_ug: all technetium, of which carrier_ug is Tc-99 and daughter_ug Tc-99m",
        "mass_ug": mass,
        "daughter_ug": own,
        "carrier_ug": mass - own,
        "mass_core_smpc_ug": now * generator.CORE_SMPC_MASS / fraction / UG,
    }


def _limits(parent: str, daughter: str, rows: Sequence[DatedRow], measured: Sequence[str], on: date) -> list[dict[str, Any]]:
    ratios = dict(_ratio(text) for text in measured)
    own = [row for row in rows if row["parent"] == parent]
    known = sorted({row["contaminant"] for row in own if row["unit"] == "kBq/MBq"})
    if unknown := sorted(set(ratios) - set(known)):
        raise InputError(
            f"--breakthrough {unknown[0]}: there is no limit for it in an eluate of {daughter}; "
            f"there is one for {', '.join(known) or 'nothing'}. Give one of these, or your own table."
        )
    found = []
    facts = {(row["contaminant"], row["rule"], row["body"]) for row in own}
    for key in sorted(facts, key=lambda key: [key == (r["contaminant"], r["rule"], r["body"]) for r in own].index(True)):
        same = [row for row in own if (row["contaminant"], row["rule"], row["body"]) == key]
        for row in in_force(same, on):
            found.append(_limit(row, daughter, ratios.get(row["contaminant"])))
    return found


def _limit(row: DatedRow, daughter: str, ratio: float | None) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "contaminant": row["contaminant"],
        "rule": row["rule"],
        "body": row["body"],
        "value": row.number("value"),
        "unit": row["unit"],
        "measured_kBq_per_MBq": None,
        "reached_after_h": None,
        **row.provenance(),
    }
    if ratio is not None and row["unit"] == "kBq/MBq":
        after = generator.time_to_limit(ratio, 1e-3 * row.number("value"), contaminant=row["contaminant"], daughter=daughter)
        entry["measured_kBq_per_MBq"] = ratio * 1e3
        entry["reached_after_h"] = after / un.h if math.isfinite(after) else None
        entry["exceeded"] = after == 0
    return entry


def _ratio(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    found = re.fullmatch(r"\s*([0-9.eE+-]+)\s*(\S+)\s*", value)
    number = written(found[1]) if found else None
    if found is None or number is None or found[2] not in RATIOS or number.value < 0:
        raise InputError(
            f"--breakthrough {text!r}: write NUCLIDE=RATIO with one of {', '.join(RATIOS)}, for example Mo-99=0.05 kBq/MBq."
        )
    return load_nuclide(name.strip()).name, number.value * RATIOS[found[2]]


def _day(
    parent: str, activity: float, hours: float, needs: Path, *, working: str, most: int, efficiency: float
) -> dict[str, Any]:
    start, _, stop = working.partition("-")
    first, last = time_of_day(start, "--working"), time_of_day(stop, "--working")
    wanted = read_needs(needs)
    offset = hours * un.h - first  # from time of day to time after the last complete elution
    grid = [first + k * 0.5 * un.h for k in range(int((last - first) / (0.5 * un.h)) + 1)]
    plan = elution_times.best_elutions(
        parent, activity,
        [elution_times.Need(time=t + offset, activity=A) for t, A in wanted],
        [t + offset for t in grid],
        most=most, handling=elution_times.Handling(efficiency=efficiency),
    )  # fmt: skip
    from hevesy.supply.orders import clock

    ordered = sorted(wanted)
    return {
        "complete": plan.complete,
        "elutions": [{"time": clock(e.time - offset), "daughter_MBq": e.daughter / un.MBq} for e in plan.eluates],
        "needs": [
            {"time": clock(t), "activity_MBq": A / un.MBq, "left_after_MBq": left / un.MBq}
            for (t, A), left in zip(ordered, plan.reserve, strict=True)
        ],
        "shelf_life_h": elution_times.SHELF_LIFE / un.h,
    }


def _draw(path: Path, facts: dict[str, Any], parent: str, activity: float, times: Sequence[float], efficiency: float) -> None:
    from hevesy.app.supply_lists import picture_kind
    from hevesy.reports.supply_plots import GeneratorPicture, generator_plot

    kind = picture_kind(path)
    end = max(times[-1] * 1.35, 1.6 * generator.time_of_maximum(parent))
    curve: list[tuple[float, float]] = []
    parents: list[float] = []
    marks = [e.daughter for e in generator.elutions(parent, activity, times, efficiency=efficiency)]
    own, other = load_nuclide(parent).decay_constant, load_nuclide(facts["daughter"]).decay_constant
    column, before = generator.Atoms(parent=activity / own, daughter=0.0, carrier=0.0), 0.0
    for time in sorted({*(end * k / CURVE_POINTS for k in range(CURVE_POINTS + 1)), *times}):
        column, before = generator.aged(parent, column, time - before), time
        curve.append((time, column.daughter * other))
        parents.append(column.parent * own)
        if time in times:
            share = 1 - efficiency
            column = generator.Atoms(parent=column.parent, daughter=share * column.daughter, carrier=share * column.carrier)
            curve.append((time, column.daughter * other))
            parents.append(column.parent * own)
    made = GeneratorPicture(
        parent=parent, daughter=facts["daughter"], time=tuple(t for t, _ in curve), daughter_activity=tuple(a for _, a in curve),
        parent_activity=tuple(parents), elutions=tuple(zip(times, marks, strict=True)), best=generator.time_of_maximum(parent),
        fraction=facts["daughter_fraction"],
    )  # fmt: skip
    path.write_bytes(generator_plot(made, kind=kind))
