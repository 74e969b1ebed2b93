"""`hevesy protect report`: the doses of a result as a dose report that others can read."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from hevesy.cli.console import out, print_json, refusals


class Kind(StrEnum):
    """What to write."""

    RRDSR = "rrdsr"
    PRD = "prd"
    FHIR = "fhir"


Result = Annotated[Path, typer.Argument(metavar="RESULT", help="result.json of `hevesy dose`, or its folder.")]
What = Annotated[Kind, typer.Option("--kind", help="RRDSR (TID 10021), patient dose report (TID 10030), or FHIR R4.")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="File to write.")]
Route = Annotated[str, typer.Option("--route", help="intravenous, oral, intra-arterial ...: how it was given.")]
Intent = Annotated[str, typer.Option("--intent", help="diagnostic, therapeutic or both.")]
Procedure = Annotated[str, typer.Option("--procedure", help="What was done, in words of DICOM's CID 3108 where it has them.")]
Performer = Annotated[str, typer.Option("--performer", help="Who administered or authorised it, FAMILY^GIVEN.")]
Study = Annotated[str, typer.Option("--study-uid", help="Study Instance UID to file the report under.")]
Offset = Annotated[str, typer.Option("--utc-offset", help="Zone of the administration's clock for FHIR, such as +01:00.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]


def report(  # noqa: PLR0913  (its arguments are the options)
    result: Result,
    output: Output,
    kind: What = Kind.RRDSR,
    route: Route = "",
    intent: Intent = "",
    procedure: Procedure = "",
    performer: Performer = "",
    study_uid: Study = "",
    utc_offset: Offset = "",
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write organ doses as RRDSR, patient radiation dose report or FHIR; read back and checked before the file is kept."""
    with refusals():
        from rich.markup import escape

        from hevesy.app.protect_report import Stated
        from hevesy.app.protect_report import report as write

        stated = Stated(
            route=route,
            intent=intent,
            procedure=procedure,
            performer=performer,
            study_uid=study_uid,
            utc_offset=utc_offset,
        )
        facts = write(result, kind.value, output, stated=stated, overwrite=force)
        if as_json:
            print_json(facts)
            return
        console = out()
        said = f"{len(facts['organ_doses'])} organ doses of {facts['activity_MBq']:.5g} MBq {facts['nuclide']}"
        console.print(f"[bold]{kind.value}[/bold] {escape(said)}")
        if "template" in facts:
            unread = len(facts["unverified_rows"])
            console.print(f"template {facts['template']}: {facts['template_rows']} rows hold, {unread} of them unverified")
        for text in facts["remarks"]:
            console.print(f"[yellow]note[/yellow] {escape(text)}")
        console.print(f"written: {escape(facts['file'])}")
