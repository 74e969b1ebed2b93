"""`hevesy calibrate`: sensitivity of gamma cameras."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals


def calibrate(
    table: Annotated[
        Path,
        typer.Argument(metavar="TABLE.csv", help="A row a head: source_activity_MBq; low_, pk_, up_ with lower, upper, counts."),
    ],
    time: Annotated[
        float | None, typer.Option("--time", metavar="S", help="Acquisition time of rows without a column duration_s.")
    ] = None,
    u_activity: Annotated[
        float | None,
        typer.Option("--u-activity", metavar="PERCENT", help="Standard uncertainty of the source activity, k = 1."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Sensitivity of gamma cameras from counts in three energy windows and a source of known activity."""
    with refusals():
        from hevesy.app.camera_calibration import calibrate_table

        facts = calibrate_table(table, time=time, u_activity=None if u_activity is None else u_activity / 100)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    rows = Table("camera", "head", "cps/MBq", "scatter", "off table", box=None, pad_edge=False)
    for column in rows.columns[2:]:
        column.justify = "right"
        column.no_wrap = True
    for row in facts["rows"]:
        stated = row["difference_from_stated_percent"]
        rows.add_row(
            escape(" ".join(str(row[key]) for key in ("site", "model", "collimator") if row[key])),
            escape(row["detector"]),
            measured(row["sensitivity_cps_per_MBq"], row["u_cps_per_MBq"]),
            f"{100 * row['scatter_fraction']:.1f} %",
            "" if stated is None else f"{stated:+.3f} %",
        )
    console.print(rows)
    console.print("[bold]mean of the heads[/bold]")
    means = Table("camera", "cps/MBq", "between heads", box=None, pad_edge=False)
    for each in facts["cameras"]:
        spread = each["spread_between_heads_cps_per_MBq"]
        means.add_row(
            escape(" ".join(str(each[key]) for key in ("site", "model", "collimator") if each[key])),
            measured(each["sensitivity_cps_per_MBq"], each["u_cps_per_MBq"]),
            "" if spread is None else f"{spread:.3f}",
        )
    console.print(means)
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
