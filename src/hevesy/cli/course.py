"""`hevesy course`: a patient's cycles as one record."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, progress, refusals


def course(
    given: Annotated[
        list[Path],
        typer.Argument(
            metavar="COURSE.toml | RESULT...", help="A course file, or the results of hevesy dose (files or folders)."
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Folder for course.json, course.html, course.pdf and bed.nii.gz."),
    ] = None,
    limits: Annotated[
        Path | None, typer.Option("--limits", metavar="LIMITS.toml", help="Limits of dose, BED or EQD2 over the course.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Add up a patient's cycles: ledger against limits, response of lesions, a suggestion for the next cycle."""
    with refusals():
        from hevesy.app.course import course_report

        with progress(wanted=not as_json) as bar:
            facts = course_report(given, out=folder, limits=limits, progress=bar)
        if as_json:
            print_json(facts)
        else:
            _show(facts, folder)


def _show(facts: dict[str, Any], folder: Path | None) -> None:
    from rich.markup import escape

    console = out()
    if facts["synthetic"]:
        console.print("[bold red]Virtual patient: these numbers are of nobody.[/bold red]")
    for cycle in facts["cycles"]:
        planned = (
            ""
            if cycle["deviation_percent"] is None
            else f", planned {cycle['planned_activity_GBq']:.4g} ({cycle['deviation_percent']:+.1f} %)"
        )
        given = f"{cycle['activity_GBq']:.4g} GBq {cycle['nuclide']}"
        console.print(f"[bold]{escape(cycle['label'])}[/bold] {cycle['administered'][:10]}  {given}{planned}")
    for beam in facts["external_beams"]:
        console.print(f"[bold]{escape(beam['label'])}[/bold] {beam['fractions']} fractions")
    console.print()
    console.print(_ledger(facts))
    if facts["limits"]:
        console.print()
        console.print(_limits(facts["limits"]))
    _response(console, facts["response"])
    said = facts["suggestion"]
    activity = "" if said["activity_GBq"] is None else f" {said['activity_GBq']:.3g} GBq"
    console.print(f"\n[bold]Suggestion: {said['kind']}{activity}[/bold]  {escape(said['reason'])}")
    for text in said["remarks"]:
        console.print(f"  {escape(text)}")
    console.print(f"[dim]{said['status']}[/dim]")
    for text in facts["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(text)}")
    if folder is not None:
        console.print(f"[dim]written to {escape(str(folder))}[/dim]", soft_wrap=True)


def _ledger(facts: dict[str, Any]) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table("region", "dose / Gy", "BED / Gy", "EQD2 / Gy", "tissue", box=None, pad_edge=False)
    for column in table.columns[1:4]:
        column.justify = "right"
    for name, row in facts["ledger"].items():
        tissue = row["tissue"]
        biology = ["–", "–"] if tissue is None else [measured(row[key], row[f"u_{key}"]) for key in ("bed_Gy", "eqd2_Gy")]
        mark = "" if not row["missing"] else " (lower bound)"
        table.add_row(
            escape(name + mark),
            measured(row["dose_Gy"], row["u_dose_Gy"]),
            *biology,
            "" if tissue is None else escape(tissue["name"]),
        )
    return table


def _limits(limits: list[dict[str, Any]]) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        "limit", "Gy", "used", "P(passed)", "after one more", "P(passed)", "largest next / GBq", box=None, pad_edge=False
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for each in limits:
        largest = each["largest_activity_GBq"]
        bad = each["next_exceeded_percent"] > each["probability_percent"]
        table.add_row(
            escape(f"{each['region']}, {each['quantity']}"),
            f"{each['limit_Gy']:g}",
            measured(each["used_Gy"], each["u_used_Gy"]),
            _percent(each["exceeded_percent"]),
            measured(each["next_total_Gy"], each["u_next_total_Gy"]),
            f"[{'bold red' if bad else 'green'}]{_percent(each['next_exceeded_percent'])}[/]",
            "no bound" if largest is None else f"{largest:.3g}",
        )
    return table


def _percent(value: float) -> str:
    """Never "0.0 %" or "100.0 %": a probability is neither."""
    return "<0.1 %" if value < 0.05 else ">99.9 %" if value >= 99.95 else f"{value:.1f} %"


def _response(console: Any, found: dict[str, Any]) -> None:
    from rich.markup import escape

    if not found["criteria"]:
        return
    console.print()
    for each in found["criteria"]:
        doubt = " [dim](thresholds unverified)[/dim]" if each["how"] == "recalled" else ""
        console.print(f"{each['criteria']}: [bold]{each['category'] or 'cannot be told'}[/bold], {escape(each['why'])}{doubt}")
