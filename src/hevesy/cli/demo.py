"""`hevesy demo`: a virtual patient and the main jobs on it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, progress, refusals

PROCESSES = 2  # for a simulated scanner; each of them uses all cores


def demo(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the virtual patient and its reports go.")] = Path(
        "hevesy-demo"
    ),
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of noise and positions; part of the provenance.")] = 177,
    one_cycle: Annotated[bool, typer.Option("--one-cycle", help="Only the dosimetry of the first cycle.")] = False,
    scanner: Annotated[
        str,
        typer.Option(
            "--simulate-scanner",
            metavar="NAME",
            help="Simulate the SPECT on this gamma camera and reconstruct it: a name of `hevesy scanner`, or a TOML file.",
        ),
    ] = "",
    collimator: Annotated[
        str, typer.Option("--collimator", metavar="NAME", help="Of that scanner (default: the most sensitive that fits).")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Make a virtual patient as DICOM files: eligibility, two cycles with the truth beside each dose, plan, course."""
    with refusals():
        from hevesy.app.demo import as_dict, run

        with progress() as tell:
            outcome = run(
                folder, seed=seed, whole=not one_cycle, scanner=scanner, collimator=collimator, processes=PROCESSES,
                progress=tell,
            )  # fmt: skip
        facts = as_dict(outcome)
        if as_json:
            print_json(facts)
        else:
            _show(facts, folder)


def _show(facts: dict[str, Any], folder: Path) -> None:
    from hevesy.cli.dose import show

    show(facts)
    if "course" not in facts:
        return
    console = out()
    found, plan, course = facts["eligible"], facts["plan"], facts["course"]
    console.print(f"\n[bold]eligibility[/bold] {found['title']}: {found['verdict']}")
    console.print(
        f"[bold]plan[/bold] {plan['activity_MBq'] / 1000:.3g} GBq in each of the cycles to come, decided by {plan['limiting']}"
    )
    truths = [r["truth"]["z_mean_dose"] for r in facts["second_cycle"]["regions"].values() if r["truth"]]
    off = max(abs(z) for z in truths if z is not None)
    given = course["cycles"][-1]["activity_GBq"]
    console.print(f"[bold]second cycle[/bold] {given:.3g} GBq, two scans; doses at most {off:.1f} u from the truth")
    console.print(f"[bold]next cycle[/bold] {course['suggestion']['reason']}")
    console.print(f"wrote {folder / 'course' / 'course.html'}", soft_wrap=True)
