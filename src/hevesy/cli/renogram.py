"""`hevesy renogram`: split function and curves of the kidneys."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals

ROWS = (
    ("t_max_min", "T_max / min"),
    ("t_half_min", "T_1/2 after the maximum / min"),
    ("residual_20_min_percent_of_maximum", "at 20 min, % of maximum"),
    ("normalised_residual_20_min", "at 20 min by at 2 min (NORA)"),
)


def renogram(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="CURVES.csv", help="time_s, left, right, background_left, background_right; heart, duration_s if known."
        ),
    ],
    area_left: Annotated[
        float, typer.Option("--area-left", metavar="RATIO", help="Pixels of the left kidney by those of its background.")
    ] = 1.0,
    area_right: Annotated[float, typer.Option("--area-right", metavar="RATIO", help="The same on the right.")] = 1.0,
    window: Annotated[
        str | None, typer.Option("--window", metavar="60,120", help="Seconds for the split (default: 60,120 and 120,180).")
    ] = None,
    nuclide: Annotated[str | None, typer.Option("--nuclide", help="Correct for its decay, for example Tc-99m.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="PLOT.png", help="Draw the curves: .png or .svg.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Split function, T_max, T_1/2 and residual activity of a renogram, with uncertainties from the counts."""
    span = None if window is None else _window(window)
    with refusals():
        from hevesy.app.renogram import renogram as compute

        facts = compute(table, areas=(area_left, area_right), window=span, nuclide=nuclide, picture=output)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _window(text: str) -> tuple[float, float]:
    try:
        start, stop = (float(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f'got {text!r}; two numbers of seconds are allowed: "60,120".', param_hint="--window") from None
    return start, stop


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    table = Table("", "left", "right", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
        column.no_wrap = True
    for name, share in facts["split"].items():
        method, start, _, stop, _ = name.split("_")
        said = f"share / %, {'areas' if method == 'area' else 'Rutland-Patlak'}, {start} to {stop} s"
        table.add_row(said, *(measured(share[f"{side}_percent"], share["u_percent"]) for side in ("left", "right")))
    for key, said in ROWS:
        cells = (facts[side] for side in ("left", "right"))
        table.add_row(said, *("-" if row[key] is None else measured(row[key], row[f"u_{key}"]) for row in cells))
    console.print(table)
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
