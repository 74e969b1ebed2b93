"""`hevesy protect record`: the cumulative exposure record of patients from dose reports and image headers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals

Folders = Annotated[
    list[Path], typer.Argument(metavar="FOLDER...", help="Folders or files with dose reports (RDSR, RRDSR) and PET or NM images.")
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="OUT", help="Folder for record.json, exposures.csv and a page a patient.")
]
Policy = Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="Your own table of alerts (CSV), laid over ours.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]


def record(folders: Folders, output: Output = None, policy: Policy = None, as_json: AsJson = False) -> None:
    """All exposures of each patient in order of time, with what the objects contradict each other in, sums and alerts."""
    with refusals():
        from hevesy.app.protect_record import record as compute

        facts = compute(folders, output=output, policy=policy)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    for made in facts["patients"]:
        console.print(f"[bold]{escape(', '.join(made['patient_ids']) or 'no identifier')}[/bold]  {made['sex']}")
        console.print(_table(made["exposures"]))
        for s in made["effective_dose_sums"]:
            said = f"{s['effective_dose_mSv']:.4g} mSv in {s['exposures']} exposures by {s['method']}, weights {s['weights']}"
            console.print(escape(f"  sum: {said} ({', '.join(s['authorities'])})"))
        for s in made["dlp_sums"]:
            console.print(
                escape(f"  sum: DLP {s['dlp_mGy_cm']:.5g} mGy cm in {s['events']} events, {s['phantom'] or '?'} phantom")
            )
        if made["without_effective_dose"]:
            console.print(f"  [dim]{made['without_effective_dose']} exposures state no effective dose.[/dim]")
        if made["why_no_sum"]:
            console.print(f"  [yellow]not added[/yellow] {escape(made['why_no_sum'])}")
        for alert in made["alerts"]:
            console.print(f"  [bold red]alert[/bold red] {escape(alert['text'])} {alert['value']:.4g} {alert['unit']}")
        for each in made["exposures"]:
            for text in each["disagreements"]:
                console.print(f"  [yellow]disagree[/yellow] {escape(text)}")
        for text in made["remarks"]:
            console.print(f"  [dim]{escape(text)}[/dim]")
        console.print()
    for problem in facts["problems"]:
        console.print(f"[red]not read[/red] {escape(problem['text'])}")
    for path in facts.get("files", []):
        console.print(f"written: {escape(path)}")


def _table(exposures: list[dict[str, Any]]) -> Any:
    from rich.markup import escape
    from rich.table import Table

    table = Table("day", "time", "exposure", "MBq", "CTDI mGy", "mGy cm", "mSv", "told by", box=None, pad_edge=False)
    table.columns[2].ratio = 1
    for column in table.columns[3:7]:
        column.justify = "right"
    for e in exposures:
        dose = e["effective_doses"][0]["effective_dose_mSv"] if e["effective_doses"] else None
        numbers = (e["activity_MBq"], e["ctdi_vol_mGy"], e["dlp_mGy_cm"], dose)
        cells = ["-" if n is None else f"{n:.4g}" for n in numbers]
        table.add_row(
            e["day"] or "?", (e["start"] or "")[11:19], escape(e["label"]), *cells, escape(", ".join(e["sources"])),
            style="yellow" if e["disagreements"] else None,
        )  # fmt: skip
    return table
