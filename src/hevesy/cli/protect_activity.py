"""`hevesy protect activity`: the activity that a published card gives for one patient."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def activity(  # noqa: PLR0913  (its arguments are the options)
    tracer: Annotated[str, typer.Option("--tracer", metavar="NAME", help='For example "Tc-99m MAG3" or FDG.')] = "",
    weight: Annotated[str, typer.Option("--weight", metavar="W", help='Body weight: 20, "20 kg" or "44 lb".')] = "",
    card: Annotated[
        str, typer.Option("--card", help="eanm-2016, eanm-2022-petmr, na-2010, na-2024; for adults eanm-fdg-2015.")
    ] = "eanm-2016",
    procedure: Annotated[str, typer.Option("--procedure", help="Where a card distinguishes: torso, brain, Meckel.")] = "",
    between: Annotated[str, typer.Option("--between", help="Row for a weight between two: lower or nearest.")] = "lower",
    time_per_bed: Annotated[str, typer.Option("--time-per-bed", metavar="T", help='Of eanm-fdg-2015: "2 min".')] = "",
    overlap: Annotated[str, typer.Option("--overlap", metavar="X", help='Overlap of beds, of eanm-fdg-2015: "25 %".')] = "",
    formula: Annotated[str, typer.Option("--formula", help="Of eanm-fdg-2015: linear or quadratic.")] = "linear",
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="Day of the examination, 2026-01-31; today if left out.")] = "",
    own_table: Annotated[
        Path | None, typer.Option("--own-table", metavar="CSV", help="Your own card, laid over the published ones.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="Print the cards with their tracers, and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Activity for a child or adult by a published card: row, class, minimum and source; nothing between rows is invented."""
    with refusals():
        from hevesy.app.protect_activity import Asked, listed_cards, protect_activity
        from hevesy.errors import InputError

        if list_all:
            facts = listed_cards(own_table)
            print_json(facts) if as_json else _show_list(facts)
            return
        if not tracer or not weight:
            raise InputError('--tracer and --weight are needed, for example --tracer "Tc-99m MAG3" --weight 20.')
        facts = protect_activity(
            Asked(
                tracer=tracer,
                weight=weight,
                card=card,
                procedure=procedure,
                between=between,
                time_per_bed=time_per_bed,
                overlap=overlap,
                formula=formula,
                on=on,
                own=own_table,
            )
        )
        print_json(facts) if as_json else _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    name = facts["tracer"] + (f", {facts['procedure']}" if facts["procedure"] else "")
    console.print(f"[bold]{escape(name)}   {facts['weight_kg']:g} kg   {facts['activity_MBq']:.4g} MBq[/bold]")
    if facts["activity_range_MBq"]:
        low, high = facts["activity_range_MBq"]
        console.print(f"range {low:.4g} to {high:.4g} MBq")
    if facts["class"]:
        first, last = facts["row_kg"]
        row = f"{first:g} kg" if first == last else f"{first:g} to {last:g} kg"
        console.print(f"class {facts['class']}: {facts['baseline_MBq']:g} MBq x {facts['multiple']:g} (row of {row})")
    limits = [f"{word} {facts[f'{word}_MBq']:g} MBq" for word in ("minimum", "maximum") if facts[f"{word}_MBq"] is not None]
    if limits:
        console.print(", ".join(limits) + (f"; the {facts['limited_by']} decides" if facts["limited_by"] else ""))
    if facts["next_row_activity_MBq"] is not None:
        console.print(f"the weight lies between two rows; the next one gives {facts['next_row_activity_MBq']:.4g} MBq")
    console.print(f"[dim]{escape(facts['row_policy'])}; {escape(facts['rounding'])}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    show_sources(facts)


def show_sources(facts: dict[str, Any]) -> None:
    """Card or set with source, edition and day; what nobody verified in yellow; the closing note."""
    from rich.markup import escape

    console = out()
    since = f", from {facts['valid_from']}" if facts["valid_from"] else ""
    edition = f", edition {facts['edition']}" if facts["edition"] else ""
    console.print(f"[dim]{escape(facts.get('card') or facts.get('set', ''))}: {escape(facts['source'] + edition + since)}[/dim]")
    for text in facts["unverified_sources"]:
        console.print(f"[yellow]unverified[/yellow] {escape(text)}")
    console.print(f"[dim]{escape(facts['note'])}[/dim]")


def _show_list(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    for card, rows in facts["cards"].items():
        console.print(f"[bold]{escape(card)}[/bold]")
        for row in rows:
            console.print(f"  {escape(row['tracer'])}" + (f": {escape(row['procedure'])}" if row["procedure"] else ""))
