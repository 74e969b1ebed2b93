"""`hevesy thyroid`: uptake over time from counts."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals


def thyroid(
    table: Annotated[
        Path, typer.Argument(metavar="COUNTS.csv", help="Columns time_h, neck_counts, thigh_counts, standard_counts and others.")
    ],
    nuclide: Annotated[str, typer.Option("--nuclide", help="For example I-131.")],
    standard: Annotated[
        float, typer.Option("--standard", metavar="PERCENT", help="Activity of the standard by that administered.")
    ] = 100.0,
    u_position: Annotated[
        float, typer.Option("--u-position", metavar="PERCENT", help="Standard uncertainty of a reading by positioning.")
    ] = 0.0,
    model: Annotated[str, typer.Option("--model", metavar="NAME", help="auto, uptake, mono or bi.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Thyroid uptake, its maximum, effective half-life and time-integrated activity coefficient."""
    with refusals():
        from hevesy.app.thyroid import thyroid as compute

        facts = compute(table, nuclide=nuclide, standard_percent=standard, model=model, u_position=u_position / 100)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    table = Table("time / h", "uptake / %", "fitted / %", box=None, pad_edge=False)
    for column in table.columns:
        column.justify = "right"
    for row in facts["points"]:
        uptake = measured(row["uptake_percent"], row["u_uptake_percent"])
        table.add_row(f"{row['time_h']:.4g}", uptake, f"{row['fitted_percent']:.1f}")
    console.print(table)
    mark = "" if facts["well_posed"] else " [bold red]ill-posed[/bold red]"
    largest = measured(facts["maximum_uptake_percent"], facts["u_maximum_uptake_percent"])
    console.print(f"{facts['nuclide']}, model {facts['model']}{mark}")
    console.print(f"largest uptake       {largest} % at {facts['time_of_maximum_h']:.3g} h, corrected for decay")
    console.print(f"effective half-life  {measured(facts['effective_half_life_h'], facts['u_effective_half_life_h'])} h")
    console.print(f"TIAC                 [bold]{measured(facts['tiac_h'], facts['u_tiac_h'])} h[/bold]")
    for text in facts["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(text)}")
