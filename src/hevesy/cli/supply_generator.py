"""`hevesy supply generator`: what an elution gives, its carrier, breakthrough, the best times of a day."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals

Parent = Annotated[str, typer.Option("--parent", metavar="NUCLIDE", help="Mo-99, Ge-68, Sr-82 or W-188.")]
Activity = Annotated[str, typer.Option("--activity", help='Of the parent at the last complete elution: "20 GBq", "20 ± 1 GBq".')]
Hours = Annotated[float, typer.Option("--hours", metavar="H", help="From the last complete elution to this one.")]
Efficiency = Annotated[str, typer.Option("--efficiency", help='Share that an elution takes: "90 %", "90 ± 3 %".')]
Elutions = Annotated[str, typer.Option("--elutions", help='Elutions in between: "8 h, 16 h" after the last complete one.')]
Age = Annotated[str, typer.Option("--age", help="From the elution to the use of the eluate.")]
Breakthrough = Annotated[
    list[str] | None,
    typer.Option(
        "--breakthrough", metavar="NUCLIDE=RATIO", help='Measured at the elution: "Mo-99=0.05 kBq/MBq". Again for more.'
    ),
]
Needs = Annotated[
    Path | None,
    typer.Option("--needs", metavar="DAY.csv", help="time,activity: when to elute; --hours is up to the start of work."),
]
Working = Annotated[str, typer.Option("--working", help="Hours of the day in which may be eluted.")]
Most = Annotated[int, typer.Option("--most", help="Largest number of elutions of the day.")]
On = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day whose limits hold (default: today).")]
Table = Annotated[Path | None, typer.Option("--table", metavar="LIMITS.csv", help="Your own limits, laid over ours.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="PLOT.png", help="Write a picture, PNG or SVG.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]


def generator(  # noqa: PLR0913  (its arguments are the options)
    parent: Parent,
    activity: Activity,
    hours: Hours = 24.0,
    efficiency: Efficiency = "100 %",
    elutions: Elutions = "",
    age: Age = "0 h",
    breakthrough: Breakthrough = None,
    needs: Needs = None,
    working: Working = "07:00-17:00",
    most: Most = 3,
    on: On = None,
    table: Table = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """What a generator gives: activity, carrier and mass, breakthrough and its limits, elution times of a day."""
    with refusals():
        from hevesy.app.supply_generator import generator_facts

        facts = generator_facts(
            parent,
            activity,
            hours,
            efficiency=efficiency,
            earlier=elutions,
            age=age,
            breakthrough=breakthrough or (),
            needs=needs,
            working=working,
            most=most,
            on=None if on is None else on.date(),
            table=table,
            picture=output,
        )
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table as Rows

    console = out()
    console.print(f"{facts['parent']}/{facts['daughter']} generator, {facts['hours']:g} h after the last complete elution\n")
    for earlier in facts["earlier_elutions"]:
        console.print(f"at {earlier['hours']:g} h eluted: {earlier['daughter_MBq']:.0f} MBq")
    u = facts["u_daughter_MBq"]
    said = f"{facts['daughter_MBq']:.0f}" if u is None else measured(facts["daughter_MBq"], u)
    console.print(f"[bold]eluted: {said} MBq {facts['daughter']}[/bold]")
    console.print(f"on the column: {facts['parent_MBq']:.0f} MBq {facts['parent']}")
    console.print(f"most of the daughter {facts['t_max_h']:.2f} h after an elution")
    if facts["carrier_fraction"] is not None:
        console.print(
            f"of all technetium atoms {100 * facts['carrier_fraction']:.1f} % are the carrier {facts['carrier']}, "
            f"{100 * facts['daughter_fraction']:.1f} % {facts['daughter']} (F = {facts['daughter_fraction']:.3f})"
        )
        console.print(
            f"mass of all technetium {facts['mass_ug']:.3g} ug, of which {facts['carrier']} {facts['carrier_ug']:.3g} ug "
            f"(all, by the formula of product characteristics: {facts['mass_core_smpc_ug']:.3g} ug)"
        )
    if facts["limits"]:
        rows = Rows("", "rule", "value", "measured", "reached after", "", box=None, pad_edge=False)
        for limit in facts["limits"]:
            ratio, after = limit["measured_kBq_per_MBq"], limit["reached_after_h"]
            rows.add_row(
                limit["contaminant"],
                f"{limit['rule']} ({limit['body']})",
                f"{limit['value']:g} {limit['unit']}",
                "" if ratio is None else f"{ratio:.3g}",
                "[red]now[/red]" if limit.get("exceeded") else "" if after is None else f"{after:.3g} h",
                "[yellow]unverified[/yellow]" if limit["unverified"] else "",
            )
        console.print(rows)
        for source in dict.fromkeys(limit["source"] for limit in facts["limits"]):
            console.print(f"[dim]{escape(source)}[/dim]")
    else:
        console.print(
            f"[yellow]no limit of breakthrough is known here for {facts['parent']}; ask the manufacturer's label[/yellow]"
        )
    if "day" in facts:
        day = facts["day"]
        said = ", ".join(f"[bold]{e['time']}[/bold] ({e['daughter_MBq']:.0f} MBq)" for e in day["elutions"])
        console.print(f"\nelute at {said}" + ("" if day["complete"] else " [red]and not all needs are met[/red]"))
        for need in day["needs"]:
            console.print(f"  {need['time']}  {need['activity_MBq']:.0f} MBq, left for use {need['left_after_MBq']:.0f} MBq")
    for line in facts["assumed"]:
        console.print(f"[dim]assumed: {escape(line)}[/dim]")
    console.print(f"[dim]{escape(facts['source'])}; limits of {facts['date']}[/dim]")
