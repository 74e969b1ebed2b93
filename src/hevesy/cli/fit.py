"""`hevesy fit`: curves of a table of activities."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals


class Model(StrEnum):
    """Curve models."""

    AUTO = "auto"
    MONO = "mono"
    BI = "bi"
    UPTAKE = "uptake"


def fit(
    table: Annotated[
        Path,
        typer.Argument(metavar="TAC.csv", help="Columns region, time_h, activity_MBq and, if known, u_MBq."),
    ],
    nuclide: Annotated[str, typer.Option("--nuclide", help="For example Lu-177: no rate is below its decay.")],
    model: Annotated[
        Model, typer.Option("--model", help="auto chooses by AICc; uptake is A (exp(-l1 t) - exp(-l2 t)).")
    ] = Model.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Fit curves to measured activities and integrate them, with uncertainty and warnings."""
    with refusals():
        from hevesy.app.fit import fit_table

        facts = fit_table(table, nuclide=nuclide, model=model.value)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    wide = console.width >= 100
    heads = ["region", "model", "TIA / MBq h", "T_eff / h", "after last scan"] + (["parameters"] if wide else [])
    rows = Table(*heads, box=None, pad_edge=False)
    for column in rows.columns:
        column.no_wrap = True
    for column in rows.columns[2:5]:
        column.justify = "right"
    parameters = {
        name: ", ".join(f"{key} {value:.4g}" for key, value in r["parameters"].items()) for name, r in facts["regions"].items()
    }
    for name, r in facts["regions"].items():
        mark = "" if r["well_posed"] else "[bold red] ill-posed[/bold red]"
        row = [
            escape(name),
            r["model"] + mark,
            measured(r["tia_MBq_h"], r["u_tia_MBq_h"]),
            f"{r['effective_half_life_h']:.2f}",
            f"{100 * r['extrapolated_fraction']:.0f} %",
        ]
        rows.add_row(*row, *([parameters[name]] if wide else []))
    console.print(rows)
    if not wide:
        for name, text in parameters.items():
            console.print(f"[dim]{escape(name)}: {escape(text)}[/dim]")
    for name, r in facts["regions"].items():
        for warning in r["warnings"]:
            console.print(f"[yellow]warning[/yellow] {escape(name)}: {escape(warning)}")
