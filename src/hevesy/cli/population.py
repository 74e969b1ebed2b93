"""`hevesy population`: what a cohort says of a region's kinetics."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, progress, refusals


class PopulationModel(StrEnum):
    """Curve models of a population."""

    AUTO = "auto"
    MONO = "mono"
    UPTAKE = "uptake"
    BI = "bi"


def population(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="COHORT.csv",
            help="Columns patient, region, time_h, activity_MBq, administered_MBq; activities not corrected for decay.",
        ),
    ],
    nuclide: Annotated[str, typer.Option("--nuclide", help="For example Lu-177: no rate is below its decay.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="MODEL.json", help="The model, for hevesy fit --population.")],
    model: Annotated[
        PopulationModel, typer.Option("--model", help="auto chooses by AICc of the marginal likelihood, region by region.")
    ] = PopulationModel.AUTO,
    as_json: Annotated[bool, typer.Option("--json", help="Print what is written.")] = False,
) -> None:
    """Estimate how patients differ: mixed-effects model of a cohort, by region, for patients with few scans."""
    with refusals():
        from hevesy.app.population import population_from_table

        with progress(wanted=not as_json) as tell:
            facts = population_from_table(table, nuclide=nuclide, out=output, model=model.value, progress=tell)
        if as_json:
            print_json(facts)
        else:
            _show(facts, output)


def _show(facts: dict[str, Any], path: Path) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    rows = Table("region", "model", "T_eff / h", "spread", "at t = 0", "residual", "patients", "points", box=None, pad_edge=False)
    for column in rows.columns[1:]:
        column.no_wrap = True
    rows.columns[0].overflow = "fold"
    for column in rows.columns[2:]:
        column.justify = "right"
    for name, r in facts["regions"].items():
        half_life = r["effective_half_life_h"]
        rows.add_row(
            escape(name),
            r["model"],
            measured(half_life["median"], half_life["u_median"]),
            f"{half_life['between_patient_percent']:.0f} %",
            f"{r['amplitude_percent_of_administered']:.2g} %",
            f"{r['residual_percent']:.1f} %",
            str(r["patients"]),
            str(r["points"]),
        )
    console.print(rows)
    console.print("[dim]spread: of T_eff between patients; at t = 0: share of what was given[/dim]")
    for name, r in facts["regions"].items():
        for warning in r["warnings"]:
            console.print(f"[yellow]warning[/yellow] {escape(name)}: {escape(warning)}")
    console.print(f"written: {escape(str(path))}", soft_wrap=True)


def show_patients(facts: dict[str, Any]) -> None:
    """What `hevesy fit --population` found: by patient and region the integral with its 95 % interval."""
    from rich.markup import escape
    from rich.table import Table

    console = out()
    patients = facts.get("patients", {"": facts})
    named = "patients" in facts
    heads = ["patient"] if named else []
    rows = Table(*heads, "region", "scans", "TIA / MBq h", "95 %", "T_eff / h", box=None, pad_edge=False)
    for column in rows.columns[len(heads) + 1 :]:
        column.justify = "right"
        column.no_wrap = True
    for patient, found in patients.items():
        for name, r in found["regions"].items():
            low, high = r["tia_95_MBq_h"]
            rows.add_row(
                *([escape(patient)] if named else []),
                escape(name) + ("" if r["well_posed"] else "[bold red] ill-posed[/bold red]"),
                str(len(r["points"])),
                measured(r["tia_MBq_h"], r["u_tia_MBq_h"]),
                f"{low:.4g} to {high:.4g}",
                measured(r["effective_half_life_h"], r["u_effective_half_life_h"]),
            )
    console.print(rows)
    console.print("[dim]TIA and T_eff: posterior median ± standard deviation; 95 %: of the posterior[/dim]")
    said: dict[str, list[str]] = {}
    for patient, found in patients.items():
        for name, r in found["regions"].items():
            for warning in r["warnings"]:
                said.setdefault(warning, []).append(f"{patient} {name}".strip())
    for warning, who in said.items():
        shown = ", ".join(who[:3]) + (f" and {len(who) - 3} more" if len(who) > 3 else "")
        console.print(f"[yellow]warning[/yellow] {escape(shown)}: {escape(warning)}")
