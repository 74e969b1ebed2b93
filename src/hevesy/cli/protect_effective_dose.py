"""`hevesy protect effective-dose`: effective dose of a diagnostic administration."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def effective_dose(  # noqa: PLR0913  (its arguments are the options)
    tracer: Annotated[str, typer.Option("--tracer", metavar="NAME", help='For example "F-18 FDG".')],
    activity: Annotated[str, typer.Option("--activity", metavar="A", help='Administered: "394 MBq".')],
    age: Annotated[str, typer.Option("--age", metavar="AGE", help='Years: 40; or "6 months".')],
    set_name: Annotated[str, typer.Option("--set", help="Coefficients: icrp-128, icrp-106, label, andersson-2014.")] = "icrp-128",
    sex: Annotated[str, typer.Option("--sex", help="male or female, where the set has both.")] = "",
    condition: Annotated[str, typer.Option("--condition", help="Where the set distinguishes: rest, exercise.")] = "",
    ages: Annotated[str, typer.Option("--ages", help="Between tabulated ages: groups (of ICRP 72) or linear.")] = "groups",
    ct_dlp: Annotated[str, typer.Option("--ct-dlp", metavar="DLP", help='Of the CT: "800 mGy cm".')] = "",
    ct_region: Annotated[str, typer.Option("--ct-region", help="head, chest, trunk or 'abdomen and pelvis'.")] = "",
    ct_set: Annotated[str, typer.Option("--ct-set", help="shrimpton-2004 or lee-2012; by weights if left out.")] = "",
    ct_phantom: Annotated[str, typer.Option("--ct-phantom", help="Of the DLP: 16 cm (head) or 32 cm (body).")] = "",
    mix_weights: Annotated[
        bool, typer.Option("--mix-weights", help="Add doses with different tissue weights, and say so.")
    ] = False,
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="Day of the examination, 2026-01-31; today if left out.")] = "",
    own_table: Annotated[
        Path | None, typer.Option("--own-table", metavar="CSV", help="Your own coefficients, laid over the published ones.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Effective dose and organ doses of a diagnostic administration, with set, tissue weights and source; its CT apart."""
    with refusals():
        from hevesy.app.protect_effective_dose import Asked, protect_effective_dose

        facts = protect_effective_dose(
            Asked(
                tracer=tracer,
                activity=activity,
                age=age,
                set_name=set_name,
                sex=sex,
                condition=condition,
                ages=ages,
                ct_dlp=ct_dlp,
                ct_region=ct_region,
                ct_set=ct_set,
                ct_phantom=ct_phantom,
                mix_weights=mix_weights,
                on=on,
                own=own_table,
            )
        )
        print_json(facts) if as_json else _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    from hevesy.cli.protect_activity import show_sources

    console = out()
    name = facts["tracer"] + (f", {facts['condition']}" if facts["condition"] else "")
    console.print(f"[bold]{escape(name)}   {facts['activity_MBq']:g} MBq   {facts['effective_dose_mSv']:.3g} mSv[/bold]")
    basis = f"age {facts['age_taken']}, sex {facts['sex']}, weights {facts['weights']}"
    console.print(f"{facts['coefficient_mSv_per_MBq']:.3g} mSv/MBq, {basis}")
    if "ct" in facts:
        ct = facts["ct"]
        console.print(
            f"CT, {escape(ct['region'])}: {ct['dose_length_product_mGy_cm']:g} mGy cm x {ct['k_mSv_per_mGy_cm']:g} = "
            f"{ct['effective_dose_mSv']:.3g} mSv, {ct['phantom_cm']} cm phantom, weights {ct['weights']}"
        )
        console.print(f"[dim]{escape(ct['set'])}: {escape(ct['source'])}[/dim]")
        console.print(f"together {facts['sum_mSv']:.3g} mSv")
    if facts["organ_doses_mGy"]:
        table = Table("organ", "mGy", box=None, pad_edge=False)
        table.columns[1].justify = "right"
        for organ, dose in facts["organ_doses_mGy"].items():
            table.add_row(organ, f"{dose:.2f}")
        console.print(table)
    console.print(f"[dim]ages: {escape(facts['age_policy'])}[/dim]")
    console.print(f"[dim]no uncertainty: {escape(facts['u_reason'])}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    show_sources(facts)
