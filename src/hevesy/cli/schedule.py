"""`hevesy schedule`: when to scan patients of a population."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def schedule(
    model: Annotated[Path, typer.Argument(metavar="MODEL.json", help="Population model, as hevesy population writes it.")],
    hours: Annotated[str, typer.Option("--hours", help='Allowed hours after administration: "3-6, 20-28, 92-100".')],
    region: Annotated[
        list[str] | None,
        typer.Option("--region", help="That counts, such as the organ at risk; all if left out. Again for more."),
    ] = None,
    scans: Annotated[
        str, typer.Option("--scans", metavar="N", help="Largest number of scans: plans for 1 to N are given.")
    ] = "3",
    weights: Annotated[
        list[str] | None,
        typer.Option(
            "--weights", metavar="REGION=W", help="What an integral counts (S value): then the sum's uncertainty decides."
        ),
    ] = None,
    administered: Annotated[
        float | None, typer.Option("--administered", metavar="MBQ", help="Administered activity: expected integrals in MBq h.")
    ] = None,
    apart: Annotated[float, typer.Option("--apart", metavar="H", help="Least time between two scans in h.")] = 12.0,
    picture: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="PLOT.png", help="Write a picture, PNG or SVG.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Find the scan times that leave the least uncertainty in the time-integrated activity."""
    with refusals():
        from hevesy.app.schedule import schedule_from_file

        facts = schedule_from_file(
            model,
            regions=region or (),
            scans=scans,
            hours=hours,
            weights=weights or (),
            administered=administered,
            apart=apart,
            picture=picture,
        )
        if as_json:
            print_json(facts)
        else:
            _show(facts, picture)


def _show(facts: dict[str, Any], picture: Path | None) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    what = "weighted sum over" if facts["weights"] else "time-integrated activity of"
    console.print(f"Expected relative uncertainty (k = 1), {what} {escape(', '.join(facts['regions']))}")
    console.print(f"before any scan: {facts['prior_u_percent']:.2g} %\n")
    rows = Table("scans", "best times / h", "u", "1 in 10 above", "all 24 h late", box=None, pad_edge=False)
    for column in rows.columns[2:]:
        column.justify = "right"
    for plan in facts["plans"]:
        rows.add_row(
            f"{plan['scans']}",
            ", ".join(f"{t:.4g}" for t in plan["times_h"]),
            f"[bold]{_percent(plan['u_percent'])}[/bold]",
            _percent(plan["u_tenth_percent"]),
            _percent(plan["u_all_later_percent"]),
        )
    console.print(rows)
    last = facts["plans"][-1]
    console.print(f"\nWhat a missed day costs, of {last['scans']} scan{'s' if last['scans'] > 1 else ''}:")
    rows = Table("scan at / h", "u if missed", "u if 24 h late", box=None, pad_edge=False)
    for column in rows.columns[1:]:
        column.justify = "right"
    for t, without, later in zip(last["times_h"], last["u_without_percent"], last["u_day_later_percent"], strict=True):
        rows.add_row(f"{t:.4g}", _percent(without), _percent(later))
    console.print(rows)
    unit = "MBq_h" if any("median_MBq_h" in q for q in facts["expected_tia"].values()) else "h"
    shown = "MBq h" if unit == "MBq_h" else "h (by administered activity)"
    for name, q in facts["expected_tia"].items():
        console.print(
            f"[dim]{escape(name)}: integral before any scan {_plain(q[f'median_{unit}'])} {shown}, "
            f"95 % {_plain(q[f'low_{unit}'])} to {_plain(q[f'high_{unit}'])}[/dim]"
        )
    for warning in facts["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(warning)}")
    if picture is not None:
        console.print(f"[dim]picture: {escape(str(picture))}[/dim]", soft_wrap=True)


def _percent(value: float) -> str:
    return f"{value:.1f} %" if value < 10 else f"{value:.0f} %"


def _plain(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
