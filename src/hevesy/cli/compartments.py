"""`hevesy compartments`: a compartment model from a table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals

MOST_TIMES = 5  # columns that fit into 80


def compartments(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", help="CSV with from, to and per_day or half_time_d and so on, or TOML with [[transfer]]."
        ),
    ],
    nuclide: Annotated[str | None, typer.Option("--nuclide", help="Parent, for example I-131.")] = None,
    hours: Annotated[
        str | None, typer.Option("--hours", metavar="1,24,96", help="Times to print; integrals also run to the last.")
    ] = None,
    into: Annotated[
        list[str] | None,
        typer.Option("--into", metavar="NAME[=SHARE]", help="Compartment that the activity enters; may be given several times."),
    ] = None,
    alone: Annotated[bool, typer.Option("--alone", help="Leave the daughters out.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Activity and time-integrated activity coefficients of a compartment model, daughters that move included."""
    times = None if hours is None else [_number(part, "--hours", "1,24,96") for part in hours.split(",")]
    shares = dict(_share(text) for text in into or ())
    with refusals():
        from hevesy.app.compartments import HOURS
        from hevesy.app.compartments import compartments as solve

        facts = solve(model, nuclide=nuclide, hours=HOURS if times is None else times, into=shares, alone=alone)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _share(text: str) -> tuple[str, float]:
    name, mark, share = text.rpartition("=")
    return (name.strip(), _number(share, "--into", "Blood=0.7")) if mark else (text.strip(), 1.0)


def _number(text: str, option: str, example: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"got {text!r}; numbers are allowed: {example}.", param_hint=option) from None


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    entered = ", ".join(f"{share:.4g} into {escape(name)}" for name, share in facts["input"].items())
    console.print(f"[bold]{facts['nuclide']}[/bold], {entered}; half-life {facts['half_life_h']:.5g} h")
    hours = facts["hours"]
    shown = range(len(hours))[-MOST_TIMES:]
    table = Table("compartment", "nuclide", "TIAC / h", *(f"{hours[i]:g} h" for i in shown), box=None, pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[2:]:
        column.justify = "right"
    most = max(row["tiac_h"] for members in facts["compartments"].values() for row in members.values())
    for place, members in facts["compartments"].items():
        for member, row in members.items():
            if row["tiac_h"] >= 1e-6 * most:
                values = (f"{row['activity_per_administered'][i]:.3g}" for i in shown)
                table.add_row(escape(place[:20]), member, f"{row['tiac_h']:.4g}", *values)
    console.print(table)
    console.print("[dim]TIAC: time-integrated activity coefficient to infinity; then activity per administered activity[/dim]")
    for text in (*facts["remarks"], facts["why_no_u"]):
        console.print(f"[dim]{escape(text)}[/dim]")
