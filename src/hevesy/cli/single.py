"""`hevesy single`: time-integrated activity from one scan a region."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, refusals


def single(
    table: Annotated[
        Path,
        typer.Argument(metavar="TABLE.csv", help="Columns region, time_h, activity_MBq and, if known, u_MBq; one row a region."),
    ],
    nuclide: Annotated[str, typer.Option("--nuclide", help="For example Lu-177: no half-life is above its own.")],
    method: Annotated[str, typer.Option("--method", help="haenscheid, madsen, population or own.")],
    half_life: Annotated[
        list[str] | None,
        typer.Option(
            "--half-life", metavar="H", help="Effective half-life in h: 50 for all regions, or REGION=50. Again for more."
        ),
    ] = None,
    spread: Annotated[
        list[str] | None,
        typer.Option("--half-life-spread", metavar="%", help="Its standard deviation between patients in %; 20 or REGION=20."),
    ] = None,
    own_u: Annotated[
        list[str] | None,
        typer.Option("--half-life-u", metavar="H", help="own: uncertainty of the half-life of the earlier cycle in h."),
    ] = None,
    cycle_change: Annotated[
        list[str] | None,
        typer.Option("--cycle-change", metavar="%", help="own: standard deviation of a patient's half-life between cycles in %."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Integrate activities measured once each, with the uncertainty that the spread of patients gives."""
    with refusals():
        from hevesy.app.single_time import single_table

        facts = single_table(
            table,
            nuclide=nuclide,
            method=method,
            half_life=half_life or (),
            spread=spread or (),
            own_u=own_u or (),
            cycle_change=cycle_change or (),
        )
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    rows = Table("region", "t / T_eff", "TIA / MBq h", "95 % / MBq h", "bias", "spread", box=None, pad_edge=False)
    for column in rows.columns:
        column.no_wrap = True
    for column in rows.columns[1:]:
        column.justify = "right"
    for name, r in facts["regions"].items():
        low, high = r["tia_95_MBq_h"]
        colour = "green" if r["window"]["inside"] else "bold red"
        rows.add_row(
            escape(name),
            f"[{colour}]{r['window']['scan_over_half_life']:.2f}[/{colour}]",
            measured(r["tia_MBq_h"], r["u_tia_MBq_h"]),
            f"{_plain(low)} to {_plain(high)}",
            f"{round(r['bias_percent']):+d} %",
            f"{r['spread_percent']:.0f} %",
        )
    console.print(rows)
    for name, r in facts["regions"].items():
        for warning in r["warnings"]:
            console.print(f"[yellow]warning[/yellow] {escape(name)}: {escape(warning)}")
    console.print(
        f"[dim]Method {facts['method']}. One scan takes the wash-out from other patients or another cycle; "
        "u and the interval hold how much those differ.[/dim]"
    )


def _plain(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
