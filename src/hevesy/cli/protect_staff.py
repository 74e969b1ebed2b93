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
            years = "" if limit["years"] == 1 else f" in {limit['years']:g} years"
            rows.add_row(
                escape(shown), limit["quantity"], f"{value:.3g}{spread}", f"{limit['limit_mSv']:g}{years}", share, verdict
            )
            shown = ""
        if own := person["constraint"]:
            share = "" if own["share_percent"] is None else f"{own['share_percent']:.0f} %"
            value = f"{person['body_mSv']:.3g}"
            verdict = f"[{COLOURS[own['verdict']]}]{own['verdict']}[/{COLOURS[own['verdict']]}]"
            rows.add_row("", "effective", value, f"{own['constraint_mSv']:g} (constraint)", share, verdict)
    console.print(rows)
    for name, person in facts["persons"].items():
        if person["class"]:
            why = f" by {', '.join(person['class_A_by'])}" if person["class_A_by"] else ""
            most = person["class_A_by_most_exposed"]
            maybe = f"; A by {', '.join(most)} if working as the most exposed" if most else ""
            console.print(f"{escape(name)}: category {person['class']}{why}{maybe}")
    for remark in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(remark)}")
