"""`hevesy protect staff`: what a workload brings to the staff."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals
from hevesy.errors import InputError

COLOURS = {"above": "bold red", "could be above": "yellow", "monitor": "yellow", "below": "green"}


def staff(
    workload: Annotated[
        Path, typer.Argument(metavar="WORKLOAD.csv", help="Columns person, category, nuclide, and what is done.")
    ],
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="Limits of that day; today if left out.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Predict the yearly dose to hands, eyes and body from the workload, against the limits."""
    with refusals():
        from datetime import date

        from hevesy.app.protect_staff import protect_staff

        try:
            day = date.fromisoformat(on) if on else None
        except ValueError as error:
            raise InputError(f"--on: got {on!r}; write a day as 2026-01-31.") from error
        facts = protect_staff(workload, on=day)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    rows = Table("person", "quantity", "mSv a year", "limit", "of it", "verdict", box=None, pad_edge=False)
    for name, person in facts["persons"].items():
        shown = name
        for limit in person["limits"]:
            hands = limit["quantity"] in ("extremities", "skin")
            value = person["hand_mSv"] if hands else person["body_mSv"]
            if hands and not person["handled"]:
                continue
            spread = ""
            if hands and person["hand_most_mSv"] is not None:
                spread = f" ({person['hand_least_mSv']:.3g}-{person['hand_most_mSv']:.3g})"
            colour = COLOURS[limit["verdict"]]
            verdict = f"[{colour}]{limit['verdict']}[/{colour}]"
            share = f"{limit['share_percent']:.0f} %"
            rows.add_row(escape(shown), limit["quantity"], f"{value:.3g}{spread}", f"{limit['limit_mSv']:g}", share, verdict)
            shown = ""
    console.print(rows)
    for remark in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(remark)}")
