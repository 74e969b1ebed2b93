"""`hevesy inspect`: what a folder holds."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, progress, refusals


def inspect(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="Folder with the scans of one patient.")],
    settings: Annotated[Path | None, typer.Option("--settings", help="Settings file laid over the headers.")] = None,
    write_settings: Annotated[
        Path | None,
        typer.Option("--write-settings", help="Write a commented settings file: what was found, what is missing."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the settings file if it exists.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Say what a folder of scans holds, and what is missing for dosimetry.

    Exit code 1 if a problem was found that stops dosimetry; everything that could be read is printed all the same.
    """
    with refusals():
        from hevesy.app.inspect import as_dict, save_settings
        from hevesy.app.inspect import inspect as look

        with progress() as tell:
            found = look(study, settings_path=settings, progress=tell)
        facts = as_dict(found)
        if write_settings is not None:
            save_settings(found, write_settings, overwrite=force)
        if as_json:
            print_json(facts)
        else:
            _show(facts)
            if write_settings is not None:
                out().print(f"settings written to {write_settings}")
        if facts["problems"]:
            raise typer.Exit(1)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    p = facts["patient"]
    about = [f"[bold]{escape(p['id']) or 'no ID'}[/bold]", p["sex"]]
    about += [f"{p['age_years']:.0f} y"] if p["age_years"] is not None else []
    about += [f"{p['weight_kg']:.1f} kg"] if p["weight_kg"] else []
    console.print("patient        " + ", ".join(x for x in about if x))
    a = facts["administration"]
    if a is None:
        console.print("administration [bold red]not known[/bold red]")
    else:
        console.print(
            f"administration [bold]{a['nuclide']} {a['activity_MBq']:.2f} MBq[/bold] {escape(a['radiopharmaceutical'])} at "
            f"{a['time'].replace('T', ' ')} ({a['source']})"
        )
    _scans(console, facts)
    _regions(console, facts)
    for line in facts["other"]:
        console.print(f"[dim]not used: {escape(line)}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[dim]note: {escape(text)}[/dim]")
    for m in facts["missing"]:
        colour = "bold red" if m["needed"] else "yellow"
        console.print(f"[{colour}]missing[/{colour}] {escape(m['what'])}: {escape(m['consequence'])}; {escape(m['do'])}")
    for problem in facts["problems"]:
        where = "" if problem["where"] in problem["text"] else f"{problem['where']}: "
        console.print(f"[bold red]problem[/bold red] {escape(where + problem['text'])}")
    if facts["ready_for_dosimetry"]:
        console.print("[green]ready for dosimetry[/green]")


def _scans(console: Any, facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    if not facts["scans"]:
        return
    table = Table("scan", "kind", "time / h", "MBq in view", "decay", "CT", "regions", box=None, pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
    for i in (2, 3, 6):
        table.columns[i].justify = "right"
    for scan in facts["scans"]:
        table.add_row(
            escape(scan["label"]),
            scan["modality"] + (" (counts)" if scan["stored_as"] == "counts" else ""),
            "?" if scan["time_h"] is None else f"{scan['time_h']:.4f}",
            "?" if scan["total_activity_MBq"] is None else f"{scan['total_activity_MBq']:.2f}",
            scan["decay_correction"],
            "yes" if scan["ct"] else "no",
            str(len(scan["regions"])),
        )
    console.print(table)
    for words in dict.fromkeys(" ".join(scan["corrections"]) for scan in facts["scans"]):
        labels = [scan["label"] for scan in facts["scans"] if " ".join(scan["corrections"]) == words]
        where = "" if len(labels) == len(facts["scans"]) else f" ({', '.join(labels)})"
        console.print(f"corrections    {words or 'none stated'}{escape(where)}")


def _regions(console: Any, facts: dict[str, Any]) -> None:
    from rich.markup import escape

    named: dict[str, str] = {}
    for region in facts["regions"]:
        named.setdefault(region["name"], region["standard_name"])
    if named:
        listed = ", ".join(escape(n) + (f" [dim]({escape(s)})[/dim]" if s and s != n else "") for n, s in named.items())
        console.print(f"regions        {listed}")
