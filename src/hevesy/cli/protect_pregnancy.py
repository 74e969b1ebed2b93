"""`hevesy protect pregnancy`: dose of the conceptus after a radiopharmaceutical to the mother."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def pregnancy(
    tracer: Annotated[str, typer.Option("--tracer", metavar="NAME", help='For example "F-18 FDG".')] = "",
    activity: Annotated[str, typer.Option("--activity", metavar="A", help='Given to the mother: "296 MBq" or "8 mCi".')] = "",
    weeks: Annotated[str, typer.Option("--weeks", metavar="N", help="Weeks of pregnancy, for example 12.")] = "",
    between: Annotated[str, typer.Option("--between", help="Between two listed stages: larger of both, or nearest.")] = "larger",
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="Day of the exposure, 2026-01-31; today if left out.")] = "",
    own_table: Annotated[
        Path | None, typer.Option("--own-table", metavar="CSV", help="Your own coefficients, laid over the published ones.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="Print the tracers with a coefficient, and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Absorbed dose of the conceptus by stage of pregnancy, with its source, and what to ask before the exposure."""
    with refusals():
        from hevesy.app.protect_pregnancy import listed_conceptus_tracers, protect_pregnancy
        from hevesy.errors import InputError

        if list_all:
            facts = listed_conceptus_tracers(own_table)
            print_json(facts) if as_json else out().print("\n".join(facts["tracers"]), markup=False)
            return
        if not tracer or not activity or not weeks:
            raise InputError(
                "--tracer, --activity and --weeks are needed, for example "
                '--tracer "F-18 FDG" --activity "296 MBq" --weeks 5. --list prints the tracers.'
            )
        facts = protect_pregnancy(tracer, activity, weeks, between=between, on=on, own=own_table)
        print_json(facts) if as_json else _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    from hevesy.cli.protect_activity import show_sources
    from hevesy.cli.protect_breastfeeding import show_questions

    console = out()
    head = f"{facts['tracer']}   {facts['activity_MBq']:g} MBq   {facts['weeks']:g} weeks"
    console.print(f"[bold]{escape(head)}   conceptus {facts['conceptus_dose_mGy']:.3g} mGy[/bold] (no u)")
    for each in facts["by_source"]:
        stage = each["stage"] + ("" if each["stage_listed"] else ", not the stage asked for")
        dose = f"{each['conceptus_dose_mGy']:.3g} mGy, {each['coefficient_mGy_per_MBq']:g} mGy/MBq"
        console.print(escape(f"{each['set']}: {dose} ({stage})"))
    console.print(f"[dim]{escape(facts['stage_policy'])}; {escape(facts['why_no_u'])}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    show_questions(facts)
    show_sources(facts)
