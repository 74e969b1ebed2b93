"""`hevesy protect breastfeeding`: what each body advises after a radiopharmaceutical."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def breastfeeding(
    product: Annotated[str, typer.Option("--product", metavar="NAME", help='For example "Tc-99m pertechnetate".')] = "",
    procedure: Annotated[str, typer.Option("--procedure", help="Where bodies distinguish: thyroid, Meckel, therapy.")] = "",
    policy: Annotated[str, typer.Option("--policy", metavar="NAME", help="A body, longest or shortest.")] = "",
    activity: Annotated[str, typer.Option("--activity", metavar="A", help='Tells therapy from diagnosis: "3.7 GBq".')] = "",
    therapy: Annotated[bool, typer.Option("--therapy", help="The product is given for treatment.")] = False,
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="Day of the exposure, 2026-01-31; today if left out.")] = "",
    own_table: Annotated[
        Path | None, typer.Option("--own-table", metavar="CSV", help="Your own advice, laid over the published one.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="Print products and bodies, and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Breast-feeding after a radiopharmaceutical: the advice of every body side by side, and that of your stated policy."""
    with refusals():
        from hevesy.app.protect_breastfeeding import listed_products, protect_breastfeeding
        from hevesy.errors import InputError

        if list_all:
            facts = listed_products(own_table)
            print_json(facts) if as_json else out().print("\n".join([*facts["products"], "", *facts["bodies"]]), markup=False)
            return
        if not product:
            raise InputError('--product is needed, for example --product "Tc-99m pertechnetate". --list prints all.')
        facts = protect_breastfeeding(
            product, procedure=procedure, policy=policy, activity=activity, therapy=therapy, on=on, own=own_table
        )
        print_json(facts) if as_json else _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(f"[bold]{escape(facts['product'])}[/bold]   {facts['on']}")
    table = Table(box=None, pad_edge=False)
    for heading in ("body", "procedure", "advice", "edition", ""):
        table.add_column(heading)
    for each in (*facts["before_treatment"], *facts["advice"]):
        when = " before" if each in facts["before_treatment"] else ""
        table.add_row(
            escape(each["body"]),
            escape(each["procedure"] or ""),
            escape(each["said"] + when),
            escape(each["edition"]),
            "[yellow]unverified[/yellow]" if each["unverified"] else "",
        )
    console.print(table)
    if facts["picked"]:
        said = f"{facts['policy']}: {facts['picked']['said']} ({facts['picked']['body']})"
        console.print(f"[bold]{escape(said)}[/bold]")
    console.print(f"[dim]{escape(facts['policy_rule'])}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    show_questions(facts)
    for source in dict.fromkeys(each["source"].partition(", table")[0] for each in facts["sources"]):
        console.print(f"[dim]{escape(source)}[/dim]")
    console.print(f"[dim]{escape(facts['note'])}[/dim]")


def show_questions(facts: dict[str, Any]) -> None:
    """The questions before the exposure."""
    from rich.markup import escape

    console = out()
    console.print("ask before the exposure")
    for each in facts["questions"]:
        console.print(f"  {escape(each['question'])} [dim]{escape(each['source'].rpartition(', ')[2])}[/dim]")
