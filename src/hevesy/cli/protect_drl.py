"""`hevesy protect drl`: a hospital's sample against the diagnostic reference level of its country."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def drl(
    sample: Annotated[
        Path | None, typer.Argument(metavar="SAMPLE", help="CSV with activity_MBq, weight_kg, age_years; or a DICOM folder.")
    ] = None,
    procedure: Annotated[
        str, typer.Option("--procedure", metavar="NAME", help='As --list prints it: bone, "FDG whole body".')
    ] = "",
    country: Annotated[str, typer.Option("--country", metavar="CODE", help="Two letters: DE, FR, GB, JP.")] = "",
    people: Annotated[str, typer.Option("--people", help="adults or children.")] = "adults",
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="Day of the examinations, 2026-01-31; today if left out.")] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Write sample.csv, drl.json and drl.png there.")
    ] = None,
    own_table: Annotated[
        Path | None, typer.Option("--own-table", metavar="CSV", help="Levels of your country or hospital, laid over ours.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="Print the levels with their days, and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Diagnostic reference level: median of a sample against it, with the number of patients that the country asks for."""
    with refusals():
        from hevesy.app.protect_drl import listed_reference_levels, protect_drl
        from hevesy.errors import InputError

        if list_all:
            facts = listed_reference_levels(own_table)
            print_json(facts) if as_json else _show_list(facts)
            return
        if sample is None or not procedure or not country:
            raise InputError(
                "a sample, --procedure and --country are needed, for example SAMPLE.csv --procedure bone --country DE. "
                "--list prints the levels."
            )
        facts = protect_drl(sample, procedure=procedure, country=country, people=people, on=on, output=output, own=own_table)
        print_json(facts) if as_json else _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    from hevesy.cli.protect_activity import show_sources

    console = out()
    head = f"{facts['country']}, {facts['procedure']}, {facts['people']}   {facts['on']}   {facts['verdict']}"
    console.print(f"[bold]{escape(head)}[/bold]")
    console.print(escape(facts["said"]))
    least = facts["minimum_number"]
    console.print(f"patients {facts['n_used']} of {facts['n']}; asked for {'no number' if least is None else least}")
    for unit in ("MBq", "MBq_per_kg"):
        if facts[f"median_{unit}"] is None:
            continue
        name = unit.replace("_per_", "/")
        interval = facts[f"median_interval_{unit}"]
        span = f" ({interval[0]:.4g} to {interval[1]:.4g})" if interval else ""
        own = facts[f"level_{unit}"]
        console.print(f"median {facts[f'median_{unit}']:.4g} {name}{span}" + (f"; level {own:g} {name}" if own else ""))
    if facts["interval_coverage"]:
        console.print(f"[dim]interval of the median by order statistics, {facts['interval_coverage']:.1%}[/dim]")
    console.print(f"[dim]{escape(facts['rule_text'])}; {escape(facts['level_is'])}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    show_sources({"set": facts["country"]} | facts)
    for path in facts.get("files", ()):
        console.print(f"[dim]{escape(path)}[/dim]")


def _show_list(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    for each in facts["levels"]:
        until = f" until {each['valid_until']}" if each["valid_until"] else ""
        name = escape(f"{each['country']}  {each['procedure']}, {each['people']}")
        console.print(f"{name}  [dim]{each['rule']}, from {each['valid_from']}{until}[/dim]")
