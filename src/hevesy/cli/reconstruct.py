"""`hevesy reconstruct`: from the projections of a camera to a quantitative image."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, progress, refusals


def reconstruct(  # noqa: PLR0913  (its arguments are the options)
    study: Annotated[
        Path | None,
        typer.Argument(metavar="STUDY", help="NM TOMO or events of PET with the CT, or one file."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="OUT", help="Folder for image, report and result.")
    ] = None,
    protocol: Annotated[
        Path | None, typer.Option("--protocol", metavar="FILE", help="Settings in TOML (default: those of --write-protocol).")
    ] = None,
    write_protocol: Annotated[
        Path | None, typer.Option("--write-protocol", metavar="FILE", help="Write a protocol with all settings, and stop.")
    ] = None,
    ct: Annotated[Path | None, typer.Option("--ct", metavar="FOLDER", help="CT for the attenuation (default: in STUDY).")] = None,
    scanner: Annotated[
        str | None,
        typer.Option("--scanner", metavar="NAME", help="Of the library, or a file of the same form (default: by tags)."),
    ] = None,
    collimator: Annotated[
        str | None, typer.Option("--collimator", metavar="NAME", help="Of that scanner (default: by tags).")
    ] = None,
    sensitivity: Annotated[
        str | None,
        typer.Option(
            "--sensitivity",
            metavar='"9.3 cps/MBq"',
            help="Of one head in the photopeak window (default: computed); of several peaks with commas between.",
        ),
    ] = None,
    counts: Annotated[bool, typer.Option("--counts", help="An image in counts: no sensitivity is used.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Reconstruct SPECT or PET with attenuation by CT, scatter and resolution to Bq/ml, with uncertainty."""
    with refusals():
        from hevesy.app.reconstruct import Options
        from hevesy.app.reconstruct import reconstruct as compute
        from hevesy.app.reconstruct_protocol import save_protocol
        from hevesy.errors import InputError

        if write_protocol is not None:
            made = save_protocol(write_protocol)
            out().print(f"wrote {made}", soft_wrap=True)
            return
        if study is None or output is None:
            raise InputError("give STUDY and -o OUT, or --write-protocol FILE.")
        options = Options(
            protocol=protocol,
            ct=ct,
            scanner=scanner or "",
            collimator=collimator or "",
            sensitivity=sensitivity or "",
            counts=counts,
        )
        with progress(wanted=not as_json) as tell:
            facts = compute(study, output, options=options, progress=tell)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(f"[bold]{escape(facts['title'])}[/bold]")
    for image in facts["images"]:
        table = Table(box=None, show_header=False, pad_edge=False)
        for name, said in image["lines"]:
            table.add_row(f"[dim]{escape(name)}[/dim]", escape(said))
        console.print(f"\n[bold]{escape(image['label'])}[/bold]")
        console.print(table)
        for text in image["remarks"]:
            console.print(f"[yellow]note[/yellow] {escape(text)}")
    console.print(f"\nwrote {escape(', '.join(facts['files']))} to {escape(facts['folder'])}", soft_wrap=True)
