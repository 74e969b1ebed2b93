"""`hevesy dose`: the main job."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, progress, refusals
from hevesy.cli.fit import Model


class Engine(StrEnum):
    """Dose engines."""

    MONTECARLO = "montecarlo"
    KERNEL = "kernel"
    LOCAL = "local"


class Registration(StrEnum):
    """How time points are laid on each other."""

    RIGID = "rigid"
    NONE = "none"


def dose(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder with the scans of one patient.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Folder for report, tables and dose map.")],
    settings: Annotated[
        Path | None,
        typer.Option("--settings", help="Settings file; `hevesy inspect --write-settings` writes one."),
    ] = None,
    engine: Annotated[Engine | None, typer.Option("--engine", help="Dose engine (default: settings, else montecarlo).")] = None,
    registration: Annotated[Registration | None, typer.Option("--registration", help="(default: settings, else rigid).")] = None,
    model: Annotated[
        Model | None,
        typer.Option("--model", help="Curve model for all regions (default: settings, else auto)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """From a folder of scans to absorbed doses with a report, tables and a dose map."""
    with refusals():
        from hevesy.app.dose import as_dict, run

        with progress() as tell:
            outcome = run(
                study,
                output,
                settings_path=settings,
                engine=None if engine is None else engine.value,
                registration=None if registration is None else registration.value,
                model=None if model is None else model.value,
                progress=tell,
            )
        facts = as_dict(outcome)
        if as_json:
            print_json(facts)
        else:
            show(facts)


def show(facts: dict[str, Any]) -> None:
    """Scans, doses, warnings and files on the terminal."""
    from rich.markup import escape

    console = out()
    a, e = facts["administration"], facts["engine"]
    console.print(
        f"[bold]{facts['nuclide']['name']} {a['activity_MBq']:.2f} MBq[/bold], engine {e['name']}, {len(facts['scans'])} scans"
    )
    _scans(console, facts)
    _doses(console, facts)
    for text in facts["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(text)}")
    for text in facts["assumptions"]:
        console.print(f"[dim]assumed {escape(text)}[/dim]")
    took = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in facts["timings_s"].items())
    console.print(f"[dim]{took}[/dim]")
    for path in facts["files"]:
        console.print(f"wrote {escape(path)}", soft_wrap=True)


def _scans(console: Any, facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        "scan",
        "time / h",
        "in view / MBq",
        "registration",
        "moved / mm",
        "similarity",
        box=None,
        pad_edge=False,
    )
    for i in (1, 2, 4, 5):
        table.columns[i].justify = "right"
    for scan in facts["scans"]:
        r = scan["registration"]
        moved = sum(x * x for x in r["translation_mm"]) ** 0.5
        table.add_row(
            escape(scan["label"]),
            f"{scan['time_h']:.4f}",
            f"{scan['total_activity_MBq']:.2f}",
            r["method"],
            f"{moved:.1f}",
            "" if r["similarity"] is None else f"{r['similarity_before']:.3f} → {r['similarity']:.3f}",
        )
    console.print(table)


def _doses(console: Any, facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    known = any(r["truth"] for r in facts["regions"].values())
    wide = console.width >= 120
    heads = ["region", "mass / g", "T_eff / h", "TIA / MBq h", "dose / Gy"]
    heads += ["volume / ml", "Gy/GBq", "D98 / Gy", "D2 / Gy"] if wide else []
    heads += ["truth / Gy", "off by / u"] if known else []
    # Units below the names: all columns fit into the 80 characters of a plain terminal.
    table = Table(*(head.replace(" / ", "\n/ ") for head in heads), box=None, pad_edge=False)
    for column in table.columns:
        column.no_wrap, column.justify = True, "right"
    table.columns[0].justify, table.columns[0].overflow = "left", "fold"
    for name, r in facts["regions"].items():
        row = [
            escape(name) + ("" if r["fit"]["well_posed"] else " [bold red]ill-posed[/bold red]"),
            f"{r['mass_g']:.1f}",
            f"{r['effective_half_life_h']:.1f}",
            measured(r["tia_MBq_h"], r["u_tia_MBq_h"]),
            measured(r["mean_dose_Gy"], r["u_mean_dose_Gy"]),
        ]
        if wide:
            row += [
                f"{r['volume_ml']:.1f}",
                f"{r['dose_per_activity_Gy_per_GBq']:.3g}",
                f"{r['D98_Gy']:.3g}",
                f"{r['D2_Gy']:.3g}",
            ]
        if known:
            truth = r["truth"] or {"mean_dose_Gy": None, "z_mean_dose": None}
            row.append("" if truth["mean_dose_Gy"] is None else f"{truth['mean_dose_Gy']:.3g}")
            row.append("" if truth["z_mean_dose"] is None else f"{truth['z_mean_dose']:+.1f}")
        table.add_row(*row)
    console.print(table)
