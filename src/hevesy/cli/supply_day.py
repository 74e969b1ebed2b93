"""`hevesy supply day`: patients, vials and scanners of a day with the least activity, and again when somebody is late."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def day(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.toml", help="Nuclide, vials, scanners, patients.")],
    late: Annotated[
        list[str] | None, typer.Option("--late", metavar="NAME=TIME", help='Who is late: "P07=25 min". Again for more.')
    ] = None,
    now: Annotated[str, typer.Option("--now", metavar="HH:MM", help="When that is known: what has begun stays.")] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT", help="Folder for plan.json and plan.png.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Plan a day with the least activity ordered; plan it again when somebody is late."""
    with refusals():
        from hevesy.app.supply_day import day_from_file

        facts = day_from_file(plan, late=late or (), now=now, output=output)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    for one in facts["ordered"]:
        console.print(
            f"vial {escape(one['vial'])}: [bold]{one['activity_MBq']:.0f} MBq {facts['nuclide']} at {one['calibration']}[/bold]"
        )
    console.print(
        f"together {facts['ordered_MBq']:.0f} MBq ({facts['status']}); no plan on this grid needs less than "
        f"{facts['bound_MBq']:.0f} MBq\n"
    )
    changed = {one["patient"] for one in facts["changed"] or ()}
    rows = Table("patient", "injection", "scan", "scanner", "vial", "MBq", "", box=None, pad_edge=False)
    for visit in facts["visits"]:
        note = "begun" if visit["past"] else "[yellow]changed[/yellow]" if visit["patient"] in changed else ""
        rows.add_row(
            escape(visit["patient"]), visit["injection"], visit["scan"], escape(visit["scanner"]), escape(visit["vial"]),
            f"{visit['activity_MBq']:.0f}", note,
        )  # fmt: skip
    console.print(rows)
    if facts["refused"]:
        console.print(f"[red]no place within what is allowed: {escape(', '.join(facts['refused']))}[/red]")
    if not facts["repeatable"]:
        console.print("[dim]the search was ended by the clock; a faster machine may find a better plan[/dim]")
