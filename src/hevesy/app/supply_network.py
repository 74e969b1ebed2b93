"""What of the world's stock of molybdenum-99 survives an outage of reactors."""

import difflib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from hevesy import units as un
from hevesy.app.supply_lists import picture_kind
from hevesy.errors import DataError, InputError
from hevesy.supply.network import SIX_DAY_CI_PER_WEEK, Link, Network, Outage, Response, Site, outage, usual_flows
from hevesy.tables.dated import DatedRow, dated_rows, in_force


def network_facts(
    names: Sequence[str] = (),
    days: float = 14.0,
    *,
    table: Path | None = None,
    replan: float = 7.0,
    on: date | None = None,
    output: Path | None = None,
) -> dict[str, Any]:
    """The course of an outage, and what the outage of each reactor alone would do.

    Parameters
    ----------
    names : sequence of str             Reactors that are out; none: only the comparison of all.
    days : float                        Of the outage [d].
    table : Path                        The user's own rows, laid over ours (columns of ours; kind, name and to say which).
    replan : float                      Days until the others give what they can.
    on : date                           Day for which rows must hold; today if left out.
    output : Path                       PNG or SVG to write.

    Returns
    -------
    dict                                ``surviving_share`` at the end, ``lowest_share``, ``course``, ``each_reactor``, ``sites``.
    """
    when = on or date.today()
    rows = dated_rows("hevesy.supply", "mo99_network", overlay=table, keys=("kind", "name", "to"))
    facts = {(row["kind"], row["name"], row["to"]) for row in rows}
    held = [
        row
        for key in sorted(facts)
        for row in in_force([row for row in rows if (row["kind"], row["name"], row["to"]) == key], when)
    ]
    network = network_of(held)
    reactors = [site.name for site in network.of("reactor")]
    chosen = [_reactor(name, reactors) for name in names]
    response = Response(replan=replan * un.d)
    flows = usual_flows(network)
    each = {name: outage(network, [name], days * un.d, response=response, usual=flows) for name in reactors}
    course = outage(network, chosen, days * un.d, response=response, usual=flows) if chosen else None
    found: dict[str, Any] = {
        "outage": chosen,
        "days": days,
        "surviving_share": None if course is None else course.at_end,
        "lowest_share": None if course is None else course.lowest,
        "lost_days_of_world_demand": None if course is None else course.lost,
        "makers": None if course is None else _makers(course),
        "course": None if course is None else {"days": (course.time / un.d).tolist(), "stock_share": course.stock.tolist()},
        "each_reactor": [
            {
                "reactor": name,
                "surviving_share": each[name].at_end,
                "lowest_share": each[name].lowest,
                "lost_days": each[name].lost,
            }
            for name in sorted(reactors, key=lambda name: each[name].lowest)
        ],
        "response": {
            "lag_d": response.lag / un.d,
            "replan_d": response.replan / un.d,
            "restart_d": response.restart / un.d,
            "how": "assumed",
        },
        "usual_six_day_Ci_per_week": {f"{a} to {b}": flow / SIX_DAY_CI_PER_WEEK for (a, b), flow in flows.items()},
        "sites": [_row_facts(row) for row in held if row["kind"] != "link"],
        "unverified": sorted({f"{row['kind']} {row['name']}: {row['basis']}" for row in held if not row.verified}),
        "date": when.isoformat(),
        "source": "; ".join(dict.fromkeys(row.citation for row in held)),
    }
    if output is not None:
        _draw(output, course, each, chosen, days)
    return found


def network_of(rows: Sequence[DatedRow]) -> Network:
    """The network of the rows: capacities as means over the year."""
    sites, links = [], []
    for row in rows:
        if row["kind"] == "link":
            links.append(Link(start=row["name"], end=row["to"], time=row.number("extra_hours") * un.h))
        else:
            weeks = row.number("weeks_per_year")
            if not 0 < weeks <= 52:
                raise DataError(f"{row['name']}: {weeks:g} weeks a year; allowed are above 0 up to 52. Correct the row.")
            capacity = row.number("six_day_Ci_per_week") * weeks / 52 * SIX_DAY_CI_PER_WEEK
            sites.append(Site(kind=row["kind"], name=row["name"], capacity=capacity))
    return Network(sites=tuple(sites), links=tuple(links))


def _reactor(text: str, known: Sequence[str]) -> str:
    found = [name for name in known if name.casefold() == text.casefold()]
    if found:
        return found[0]
    near = difflib.get_close_matches(text.upper(), known, n=1, cutoff=0.4)
    said = f" Did you mean {near[0]}?" if near else " Name one of these, or give your own table."
    raise InputError(f"--outage {text!r}: reactors of the network are {', '.join(known)}.{said}")


def _makers(course: Outage) -> list[dict[str, Any]]:
    return [
        {
            "maker": name,
            "least_delivered_share": float(course.delivered[k].min()),
            "lowest_stock_share": float(course.stock_makers[k].min()),
        }
        for k, name in enumerate(course.makers)
    ]  # fmt: skip


def _row_facts(row: DatedRow) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "name": row["name"],
        "six_day_Ci_per_week": row.number("six_day_Ci_per_week"),
        "weeks_per_year": row.number("weeks_per_year"),
        "basis": row["basis"],
        **row.provenance(),
    }


def _draw(path: Path, course: Outage | None, each: dict[str, Outage], chosen: Sequence[str], days: float) -> None:
    from hevesy.reports.supply_plots import NetworkPicture, network_plot

    shown = course if course is not None else min(each.values(), key=lambda one: one.lowest)
    names = tuple(chosen) or tuple(name for name, one in each.items() if one is shown)
    made = NetworkPicture(
        names=names,
        duration=days * un.d,
        time=shown.time,
        stock=shown.stock,
        makers=shown.makers,
        delivered=shown.delivered,
        each=tuple((name, one.at_end, one.lowest) for name, one in each.items()),
    )
    path.write_bytes(network_plot(made, kind=picture_kind(path)))
