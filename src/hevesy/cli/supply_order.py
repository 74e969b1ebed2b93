"""`hevesy supply order`: what to order for a list of patients, and what each gets if it comes late."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def order(
    patients: Annotated[Path, typer.Argument(metavar="LIST.csv", help="patient, activity, injection, uptake (or scan, uptake).")],
    nuclide: Annotated[str, typer.Option("--nuclide", help="F-18, Tc-99m, ...")],
    calibration: Annotated[
        list[str],
        typer.Option("--calibration", metavar="HH:MM", help="To which the activity of a delivery refers. Again for more."),
    ],
    delivery: Annotated[
        list[str] | None,
        typer.Option("--delivery", metavar="HH:MM", help="From when a delivery can be used; one for each calibration."),
    ] = None,
    extra: Annotated[str, typer.Option("--extra", help="On top, for what stays in vials and syringes.")] = "0 %",
    late: Annotated[str, typer.Option("--late", help='What each gets if deliveries come later: "2 h".')] = "",
    gap: Annotated[str, typer.Option("--gap", help="Between injections of those who had to wait.")] = "10 min",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Activity at calibration for a list of patients."""
    with refusals():
        from hevesy.app.supply_order import order_from_list

        facts = order_from_list(
            patients, nuclide=nuclide, calibration=calibration, delivery=delivery or (), extra=extra, late_by=late, gap=gap
        )
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    for one in facts["orders"]:
        console.print(
            f"delivery {one['delivery']}: order [bold]{one['activity_MBq']:.0f} MBq {facts['nuclide']} at {one['calibration']}"
            f"[/bold] for {one['patients']} patients (usable from {one['usable_from']})"
        )
    rows = Table("patient", "wanted / MBq", "injection", "scan", "at calibration / MBq", box=None, pad_edge=False)
    for p in facts["patients"]:
        rows.add_row(
            escape(p["patient"]), f"{p['activity_MBq']:.0f}", p["injection"], p["scan"], f"{p['at_calibration_MBq']:.0f}"
        )
    console.print(rows)
    if facts["late"]:
        console.print(f"\nif it comes {facts['late']['by_min']:.0f} min late:")
        rows = Table(
            "patient", "injection", "planned volume / MBq", "of wanted", "if drawn in turn / MBq", box=None, pad_edge=False
        )
        for p in facts["late"]["patients"]:
            share, turn = f"{100 * p['same_volume_share']:.0f} %", f"{p['in_turn_MBq']:.0f}"
            rows.add_row(
                escape(p["patient"]),
                p["injection"],
                f"{p['same_volume_MBq']:.0f}",
                share if p["same_volume_within_20_percent"] else f"[yellow]{share}[/yellow]",
                turn if p["in_turn_within_20_percent"] else f"[yellow]{turn}[/yellow]",
            )
        console.print(rows)
        console.print("[dim]yellow: more than 20 % off what is wanted (10 CFR 35.63)[/dim]")
    for line in facts["assumed"]:
        console.print(f"[dim]assumed: {escape(line)}[/dim]")
