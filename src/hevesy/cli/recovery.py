"""`hevesy recovery`: a recovery curve from spheres of a phantom."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def recovery(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="SPHERES.csv", help="Columns volume_ml or diameter_mm; recovery, or measured and true; perhaps u_recovery."
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Receives the section [recovery_curve] for a settings file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Fit R = 1 / (1 + (beta / V)^alpha) to measured recovery coefficients, with the covariance of the fit."""
    with refusals():
        from hevesy.app.recovery import recovery as fit

        facts = fit(table, output=output)
        if as_json:
            print_json(facts)
        else:
            _show(facts, output)


def _show(facts: dict[str, Any], output: Path | None) -> None:
    from rich.table import Table

    console, p = out(), facts["parameters"]
    console.print(
        f"alpha {p['alpha']:.3g} ± {p['u_alpha']:.2g}   beta {p['beta_ml']:.3g} ± {p['u_beta_ml']:.2g} ml", highlight=False
    )
    for heading, rows in (("sphere / ml", facts["spheres"]), ("volume / ml", facts["curve"])):
        table = Table(heading, *(["measured"] if rows is facts["spheres"] else []), "recovery", "u", box=None, pad_edge=False)
        for column in table.columns:
            column.justify = "right"
        for row in rows:
            measured = [f"{row['recovery']:.3f}"] if "recovery" in row else []
            table.add_row(f"{row['volume_ml']:.4g}", *measured, f"{row['fitted']:.3f}", f"{row['u_fitted']:.3f}")
        console.print(table)
    console.print(f"wrote {output}" if output is not None else facts["settings"], highlight=False, markup=False)
