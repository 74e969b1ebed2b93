"""`hevesy fit`: curves of a table of activities."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals
from hevesy.errors import InputError


class Model(StrEnum):
    """Curve models."""

    AUTO = "auto"
    MONO = "mono"
    BI = "bi"
    UPTAKE = "uptake"
    BI_UPTAKE = "bi-uptake"
    TRI = "tri"
    TRAPEZOID = "trapezoid"


class Tail(StrEnum):
    """Tails of a trapezoid."""

    PHYSICAL = "physical"
    EFFECTIVE = "effective"
    LAST_TWO = "last-two"


class Head(StrEnum):
    """Heads of a trapezoid."""

    LINEAR = "linear"
    CONSTANT = "constant"


MARKS = {
    "well determined": "",
    "weakly determined": "[yellow] weak[/yellow]",
    "ill-posed": "[bold red] ill-posed[/bold red]",
}


def fit(  # noqa: PLR0913  (its arguments are the options)
    table: Annotated[
        Path,
        typer.Argument(metavar="TAC.csv", help="Columns region, time_h, activity_MBq and, if known, u_MBq."),
    ],
    nuclide: Annotated[str, typer.Option("--nuclide", help="For example Lu-177: no rate is below its decay.")],
    model: Annotated[
        Model, typer.Option("--model", help="auto chooses by AICc; uptake is A (exp(-l1 t) - exp(-l2 t)).")
    ] = Model.AUTO,
    average: Annotated[
        bool, typer.Option("--average", help="Average the integral over the models by their AICc weights.")
    ] = False,
    calibration_u: Annotated[
        float, typer.Option("--calibration-u", min=0, max=99, help="Standard uncertainty of the calibration, common to all, %.")
    ] = 0.0,
    scan_u: Annotated[
        float, typer.Option("--scan-u", min=0, max=99, help="Standard uncertainty common to all regions of one scan, %.")
    ] = 0.0,
    tail: Annotated[Tail, typer.Option("--tail", help="Of the trapezoid: after the last scan.")] = Tail.PHYSICAL,
    head: Annotated[
        Head, typer.Option("--head", help="Of the trapezoid: linear from zero to the first scan, or constant.")
    ] = Head.LINEAR,
    population: Annotated[
        Path | None,
        typer.Option(
            "--population", metavar="MODEL.json", help="Of hevesy population: for few scans; takes a column patient too."
        ),
    ] = None,
    administered: Annotated[
        float | None, typer.Option("--administered", metavar="MBQ", help="With --population, where the table does not say it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Fit curves to measured activities and integrate them, with uncertainty and warnings."""
    with refusals():
        if population is not None:
            others = (model is not Model.AUTO, average, calibration_u, scan_u, tail is not Tail.PHYSICAL, head is not Head.LINEAR)
            _fit_with_population(table, nuclide, population, administered, as_json=as_json, others=any(others))
            return
        if administered is not None:
            raise InputError("--administered goes with --population; a curve alone does not need it. Leave it out.")
        from hevesy.app.fit import Asked, fit_table

        asked = Asked(
            model=model.value,
            average=average,
            u_calibration=calibration_u / 100,
            u_scan=scan_u / 100,
            tail=tail.value,
            head=head.value,
        )
        facts = fit_table(table, nuclide=nuclide, asked=asked, processes=os.cpu_count() or 1)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _fit_with_population(
    table: Path, nuclide: str, model: Path, administered: float | None, *, as_json: bool, others: bool
) -> None:
    """The same for patients with few scans, from a population model."""
    from hevesy.app.population import fit_with_population
    from hevesy.cli.population import show_patients

    if others:
        raise InputError("--population brings its own models and residuals. Leave out the other options, but --administered.")
    facts = fit_with_population(table, nuclide=nuclide, model_path=model, administered=administered)
    if as_json:
        print_json(facts)
    else:
        show_patients(facts)


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
        row = [
            escape(name),
            ("average" if "average" in r else r["model"]) + MARKS[r["verdict"]],
            measured(r["tia_MBq_h"], r["u_tia_MBq_h"]),
            f"{r['effective_half_life_h']:.2f}",
            f"{100 * r['extrapolated_fraction']:.0f} %",
        ]
        rows.add_row(*row, *([parameters[name]] if wide else []))
    console.print(rows)
    if not wide:
        for name, text in parameters.items():
            if text:
                console.print(f"[dim]{escape(name)}: {escape(text)}[/dim]")
    for name, r in facts["regions"].items():
        if "average" in r:
            shares = ", ".join(f"{model} {100 * weight:.0f} %" for model, weight in r["average"]["weights"].items())
            console.print(f"{escape(name)}: averaged over {shares}; {r['model']} alone would be chosen")
        if r["verdict"] == "weakly determined":
            console.print(f"[yellow]{r['verdict']}[/yellow] {escape(name)}: {escape(' '.join(r['reasons']))}")
        for warning in r["warnings"]:
            if warning not in r["reasons"]:
                console.print(f"[yellow]warning[/yellow] {escape(name)}: {escape(warning)}")
    for line in _together(facts):
        console.print(line)


def _together(facts: dict[str, Any]) -> list[str]:
    """What regions have in common, where that was asked for."""
    if "correlation" not in facts:
        return []
    names, matrix = facts["correlation"]["regions"], facts["correlation"]["matrix"]
    pairs = [f"{one} and {other} {matrix[i][j]:.2f}" for i, one in enumerate(names) for j, other in enumerate(names) if j < i]
    said = f"u holds {facts['u_calibration_percent']:g} % of the calibration and {facts['u_scan_percent']:g} % of each scan"
    return [said + (f"; correlation of the integrals: {', '.join(pairs)}" if 0 < len(pairs) <= 10 else "")]
