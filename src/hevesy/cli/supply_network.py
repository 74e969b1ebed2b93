"""`hevesy supply network`: what of the world's stock of molybdenum-99 survives an outage of reactors."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def network(
    outage: Annotated[
        list[str] | None, typer.Option("--outage", metavar="NAME", help="Reactor that is out. Again for more; none: compare all.")
    ] = None,
    days: Annotated[float, typer.Option("--days", metavar="D", help="How long.")] = 14.0,
    replan: Annotated[float, typer.Option("--replan", metavar="D", help="Days until the others give what they can.")] = 7.0,
    table: Annotated[Path | None, typer.Option("--table", metavar="ROWS.csv", help="Your own rows, laid over ours.")] = None,
    on: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="Day whose rows hold.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="PLOT.png", help="Write a picture, PNG or SVG.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Share of the world's stock of Mo-99 that survives an outage of reactors."""
    with refusals():
        from hevesy.app.supply_network import network_facts

        facts = network_facts(outage or (), days, table=table, replan=replan, on=None if on is None else on.date(), output=output)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    if facts["outage"]:
        console.print(
            f"{escape(' and '.join(facts['outage']))} out for {facts['days']:g} d: "
            f"[bold]{100 * facts['surviving_share']:.0f} % of the world's stock at the end[/bold], "
            f"least {100 * facts['lowest_share']:.0f} %; {facts['lost_days_of_world_demand']:.1f} days of demand lost\n"
        )
        for maker in facts["makers"]:
            console.print(
                f"  {escape(maker['maker'])}: deliveries down to {100 * maker['least_delivered_share']:.0f} %, "
                f"stock to {100 * maker['lowest_stock_share']:.0f} %"
            )
    rows = Table("each alone", "at the end", "least", "days lost", box=None, pad_edge=False)
    for one in facts["each_reactor"]:
        rows.add_row(
            escape(one["reactor"]),
            f"{100 * one['surviving_share']:.0f} %",
            f"{100 * one['lowest_share']:.0f} %",
            f"{one['lost_days']:.1f}",
        )
    console.print(rows)
    console.print(f"[yellow]unverified or assumed[/yellow]: {len(facts['unverified'])} rows, see --json")
    console.print(f"[dim]{escape(facts['source'])}[/dim]")
