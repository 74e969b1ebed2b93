"""`hevesy demo`: a virtual patient and the main job on it."""

from pathlib import Path
from typing import Annotated

import typer

from hevesy.cli.console import print_json, progress, refusals


def demo(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the virtual patient and its report go.")] = Path(
        "hevesy-demo"
    ),
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of noise and positions; part of the provenance.")] = 177,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Make a virtual patient as DICOM files and run the main job on it; the report sets the truth beside each result."""
    with refusals():
        from hevesy.app.demo import run
        from hevesy.app.dose import as_dict
        from hevesy.cli.dose import show

        with progress() as tell:
            outcome = run(folder, seed=seed, progress=tell)
        facts = as_dict(outcome)
        if as_json:
            print_json(facts)
        else:
            show(facts)
