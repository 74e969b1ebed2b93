"""`hevesy transfer`: kinetics of a diagnostic nuclide for the therapeutic one."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals


def transfer(
    table: Annotated[
        Path,
        typer.Argument(metavar="CURVES.csv", help="Columns region, time_h, activity_MBq and u_MBq, of the diagnostic nuclide."),
    ],
    diagnostic: Annotated[str, typer.Option("--from", metavar="NUCLIDE", help="Measured with: I-124.")],
    therapeutic: Annotated[str, typer.Option("--to", metavar="NUCLIDE", help="For the therapy with: I-131.")],
    model: Annotated[str, typer.Option("--model", help="Of the fit: auto, mono, bi, uptake, bi-uptake or tri.")] = "auto",
    population: Annotated[
        Path | None, typer.Option("--population", metavar="MODEL.json", help="Prior, of hevesy population.")
    ] = None,
    half_life: Annotated[
        list[str] | None,
        typer.Option("--biological-half-life", metavar="H", help='Prior in h: "70" or "Kidney_Left=70". Again for more.'),
    ] = None,
    spread: Annotated[
        list[str] | None, typer.Option("--biological-spread", metavar="PERCENT", help="Its spread between patients in %.")
    ] = None,
    administered: Annotated[
        float | None, typer.Option("--administered", metavar="MBQ", help="Of the diagnostic nuclide: gives coefficients in h.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Carry kinetics over to the nuclide of the therapy, with what the extrapolation adds to the uncertainty."""
    with refusals():
        from hevesy.app.transfer import transfer_table

        facts = transfer_table(
            table,
            diagnostic=diagnostic,
            therapeutic=therapeutic,
            model=model,
            population=population,
            half_life=half_life or (),
            spread=spread or (),
            administered=administered,
        )
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    by_activity = facts["administered_MBq"] is not None
    key, unit = ("tiac_h", "h") if by_activity else ("tia_MBq_h", "MBq h")
    ends = "tiac_95_h" if by_activity else "tia_95_MBq_h"
    what = "TIA by administered activity" if by_activity else "TIA for the activity given"
    console.print(f"{facts['from']} to {facts['to']}, {facts['pair']['same']}: {what} / {unit}")
    rows = Table("region", facts["from"], facts["to"], "95 %", "after last scan", "u", box=None, pad_edge=False)
    for column in rows.columns[1:]:
        column.justify, column.no_wrap = "right", True
    for name, r in facts["regions"].items():
        low, high = r[ends]
        before, after = r["diagnostic_extrapolated_fraction"], r["extrapolated_fraction"]
        rows.add_row(
            escape(name),
            measured(r[f"diagnostic_{key}"], r[f"u_diagnostic_{key}"]),
            f"[bold]{measured(r[key], r[f'u_{key}'])}[/bold]",
            f"{low:.3g}-{high:.3g}",
            f"{100 * before:.0f} -> {100 * after:.0f} %",
            f"{100 * r[f'u_{key}'] / r[key]:.0f} %",
        )
    console.print(rows)
    for name, r in facts["regions"].items():
        terms = ", ".join(f"{term} {value:.2g} %" for term, value in r["u_percent"].items())
        console.print(f"[dim]{escape(name)}: {r['method']}; T_eff {r['effective_half_life_h']:.3g} h; u: {terms}[/dim]")
    said = set()
    for name, r in facts["regions"].items():
        for warning in r["warnings"]:
            general = warning.startswith("does not carry over")
            if not general or warning not in said:
                console.print(f"[yellow]warning[/yellow] {'' if general else escape(name) + ': '}{escape(warning)}")
            said.add(warning)
    for assumption in facts["assumptions"]:
        console.print(f"[dim]assumed: {escape(assumption)}[/dim]")
