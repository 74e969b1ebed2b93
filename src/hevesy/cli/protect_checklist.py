"""`hevesy protect checklist`: what of Articles 55 to 64 a study's record shows."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals

MARKS = {"satisfied": "[green]yes[/green]", "no evidence": "[bold red]no evidence[/bold red]", "does not apply": "[dim]-[/dim]"}


def checklist(
    record: Annotated[Path, typer.Argument(metavar="STUDY.toml", help="What was done, by table.")],
    result: Annotated[Path | None, typer.Option("--result", metavar="RESULT.json", help="Of hevesy dose.")] = None,
    course: Annotated[Path | None, typer.Option("--course", metavar="COURSE.json", help="Of hevesy course.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Hold a study's record against Articles 55 to 64 of Directive 2013/59/Euratom, with the evidence."""
    with refusals():
        from hevesy.app.protect_checklist import protect_checklist

        facts = protect_checklist(record, result=result, course=course)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    counts = facts["counts"]
    console.print(f"[bold]{counts['satisfied']} satisfied, {counts['no evidence']} without evidence[/bold]")
    rows = Table("Art.", "requirement", "state", "evidence, or the key that would hold it", box=None, pad_edge=False)
    for row in facts["checks"]:
        if row["state"] == "does not apply":
            continue
        evidence = row["evidence"] or " or ".join(row["wanted"])
        rows.add_row(row["article"], escape(row["requirement"]), MARKS[row["state"]], escape(evidence))
    console.print(rows)
    for one in facts["incidents"]:
        lacks = "; ".join(one["missing"]) or "nothing"
        console.print(f"incident {one['happened'].replace('T', ' ')}, {one['kind']}: lacks {escape(lacks)}")
    for remark in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(remark)}")
