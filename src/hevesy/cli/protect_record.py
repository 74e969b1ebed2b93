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
Sets = Annotated[
    str,
    typer.Option(
        "--set",
        metavar="NAMES",
        help="Coefficients for effective doses that no object states; the first set that has the tracer. none: compute none.",
    ),
]
Region = Annotated[
    str,
    typer.Option(
        "--ct-region", metavar="REGION", help="Of CT whose reports name none: head, chest, trunk or 'abdomen and pelvis'."
    ),
]
Own = Annotated[
    Path | None, typer.Option("--own-table", metavar="CSV", help="Your own coefficients, laid over the published ones.")
]
On = Annotated[str, typer.Option("--on", metavar="DAY", help="Day of the record, 2026-01-31; today if left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]


def record(
    folders: Folders,
    output: Output = None,
    policy: Policy = None,
    sets: Sets = "icrp-128, icrp-106, label",
    ct_region: Region = "",
    own_table: Own = None,
    on: On = "",
    as_json: AsJson = False,
) -> None:
    """All exposures of each patient in order of time, with what the objects contradict each other in, sums and alerts."""
    with refusals():
        from hevesy.app.patient_quantities import day_of
        from hevesy.app.protect_record import record as compute

        names = [] if sets.strip() == "none" else [name.strip() for name in sets.split(",") if name.strip()]
        facts = compute(folders, output=output, policy=policy, on=day_of(on), sets=names, ct_region=ct_region, own=own_table)
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
        if made["sum_over_sets_mSv"] is not None and len(made["effective_dose_sums"]) > 1:
            console.print(escape(f"  together {made['sum_over_sets_mSv']:.4g} mSv, weights {made['sum_weights']}"))
        for s in made["dlp_sums"]:
            console.print(
                escape(f"  sum: DLP {s['dlp_mGy_cm']:.5g} mGy cm in {s['events']} events, {s['phantom'] or '?'} phantom")
            )
        if made["without_effective_dose"]:
            console.print(
                f"  [dim]{made['without_effective_dose']} exposures without effective dose: each sum is a lower bound.[/dim]"
            )
            for why in dict.fromkeys(e["why_no_estimate"] for e in made["exposures"] if e["why_no_estimate"]):
                console.print(f"  [dim]not estimated: {escape(why)}[/dim]")
        unverified = [e["estimate"] for e in made["exposures"] if e["estimate"] and e["estimate"]["unverified"]]
        for text in dict.fromkeys(f"{u['set']}, {u['coefficient_of']}" for u in unverified):
            console.print(f"  [yellow]unverified[/yellow] {escape(text)}")
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
    for text in facts.get("fhir_remarks", []):
        console.print(f"[yellow]note[/yellow] {escape(text)}")
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
        stated, made = e["effective_doses"], e["estimate"]
        dose = stated[0]["effective_dose_mSv"] if stated else made["effective_dose_mSv"] if made else None
        numbers = (e["activity_MBq"], e["ctdi_vol_mGy"], e["dlp_mGy_cm"], dose)
        cells = ["-" if n is None else f"{n:.4g}" for n in numbers]
        cells[3] += " est" if made and not stated else ""
        table.add_row(
            e["day"] or "?", (e["start"] or "")[11:19], escape(e["label"]), *cells, escape(", ".join(e["sources"])),
            style="yellow" if e["disagreements"] else None,
        )  # fmt: skip
    return table
