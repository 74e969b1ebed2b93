"""`hevesy scanner`: cameras and PET scanners, their figures and sources, and the check of one's own file."""

import string
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals

KINDS = {"gamma-camera": "gamma cameras", "ring-camera": "rings of columns", "pet": "PET scanners"}
UNVERIFIED = "[yellow]unverified[/yellow]"
DOUBT = "*"
RANGES = ("energy_window_keV", "energy_range_keV", "swivel_degrees", "radius_mm")


def scanner(
    name: Annotated[
        str | None, typer.Argument(help="For example siemens-intevo; or your own file. All are listed without it.")
    ] = None,
    collimator: Annotated[str | None, typer.Option("--collimator", help="Show this one by distance, for example LEHR.")] = None,
    nuclide: Annotated[str | None, typer.Option("--nuclide", help="Imaged with the collimators, for example Lu-177.")] = None,
    nema: Annotated[
        bool, typer.Option("--nema", help="Simulate the figures of NEMA NU 2 of a PET scanner and compare; 5 to 20 s.")
    ] = False,
    check: Annotated[Path | None, typer.Option("--check", metavar="FILE.toml", help="Hold your own file against itself.")] = None,
    template: Annotated[
        bool, typer.Option("--template", help="Print the file of a shipped scanner, to start your own from.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Scanners: a list, one with its figures and sources, or the check of your own file."""
    with refusals():
        from hevesy.app.scanner import check_scanner, describe_scanner, list_scanners, scanner_template

        if check is not None:
            _only(name=name, collimator=collimator, nuclide=nuclide, nema=nema, template=template)
            facts = check_scanner(check)
            print_json(facts) if as_json else _show_checks(facts)
            if not facts["plausible"]:
                raise typer.Exit(1)
        elif name is None:
            _only(collimator=collimator, nuclide=nuclide, nema=nema, template=template)
            facts = list_scanners()
            print_json(facts) if as_json else _show_list(facts)
        elif template:
            typer.echo(scanner_template(name), nl=False)
        else:
            facts = describe_scanner(name, collimator=collimator, nuclide=nuclide, nema=nema)
            print_json(facts) if as_json else _show_one(facts)


def _only(**given: Any) -> None:
    from hevesy.errors import InputError

    if superfluous := [key for key, value in given.items() if value]:
        said = ", ".join("NAME" if key == "name" else f"--{key}" for key in superfluous)
        raise InputError(f"{said}: has no meaning there. Use it with the name of a scanner and without --check.")


def _show_list(facts: dict[str, Any]) -> None:
    from rich.table import Table

    console = out()
    for kind, heading in KINDS.items():
        pet = kind == "pet"
        columns = (
            ("name", "", "axial", "crystal", "FWHM", "cps/kBq", "TOF ps")
            if pet
            else ("name", "", "axial", "crystal", "FWHM", "cps/MBq", "collimators")
        )
        table = Table(*columns, title=heading, title_justify="left", title_style="bold", box=None, pad_edge=False)
        table.columns[0].no_wrap = True
        for index in (2, 4, 5):
            table.columns[index].justify = "right"
        for row in facts["scanners"]:
            if row["kind"] != kind:
                continue
            ends = (
                (row["resolution_mm"], row["sensitivity_cps_per_kBq"], _text(row["tof_resolution_ps"]))
                if pet
                else (row["resolution_at_100_mm_mm"], row["sensitivity_cps_per_MBq"], " ".join(row["collimators"]))
            )
            table.add_row(
                row["name"],
                row["title"],
                _text(row["axial_length_mm"]),
                row["crystal"],
                *(_text(e, digits=3 if e < 1000 else 4) if e else "-" for e in ends[:2]),
                ends[2],
            )
        console.print(table)
        console.print()
    console.print(
        "[dim]Axial length and FWHM in mm. FWHM at 100 mm and sensitivity of cameras are computed for the first collimator, one "
        "head; those of PET are published. "
        "hevesy scanner NAME shows every figure with its source.[/dim]"
    )


def _show_one(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(f"[bold]{escape(facts['title'])}[/bold]   {facts['name']}   {escape(facts['maker'])}")
    sources = list(dict.fromkeys(row["source"] for row in facts["figures"]))
    figures = Table("figure", "value", "source", "", box=None, pad_edge=False)
    for column in figures.columns:
        column.no_wrap = True
    notes: list[str] = []
    for row in facts["figures"]:
        value = _text(row["value"], " to " if row["figure"] in RANGES else " x ")
        doubt = UNVERIFIED if row["unverified"] else ""
        mark = f" ({string.ascii_lowercase[len(notes)]})" if row["note"] else ""
        notes += [row["note"]] if row["note"] else []
        figures.add_row(row["figure"], value + mark, f"{sources.index(row['source']) + 1} {row['how']}", doubt)
    console.print(figures)
    for letter, note in zip(string.ascii_lowercase, notes, strict=False):
        console.print(f"[dim]({letter}) {escape(note)}[/dim]")
    for number, source in enumerate(sources, start=1):
        console.print(f"[dim]{number} {escape(source)}[/dim]")
    _show_derived(facts["derived"])
    if "collimators" in facts:
        _show_collimators(facts)
    _show_checks(facts, heading=False)
    if facts.get("nema"):
        _show_nema(facts["nema"])
    for remark in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(remark)}")


def _show_derived(derived: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table("what follows", "", box=None, pad_edge=False)
    for key, value in derived.items():
        if isinstance(value, dict):
            value = ", ".join(f"{each:.3g} at {name}" for name, each in value.items())
        if value is not None and not isinstance(value, bool):
            table.add_row(key.replace("_", " "), f"{value:.4g}" if isinstance(value, float) else str(value))
    out().print(table)


def _show_nema(found: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    table = Table("NEMA NU 2", "simulated", "published", "", "ratio", "spread", box=None, pad_edge=False)
    for index in (1, 2, 4):
        table.columns[index].justify = "right"
    colours = {"within": "green", "outside": "yellow"}
    for row in found["rows"]:
        colour = colours.get(row["verdict"], "dim")
        table.add_row(
            escape(row["figure"]),
            f"{_three(row['computed'])} +- {_three(row['u']) if row['u'] >= 1 else format(row['u'], '.1g')}",
            _text(row["published"], digits=4),
            row["unit"],
            "-" if row["ratio"] is None else f"{row['ratio']:.2f}",
            f"[{colour}]{row['verdict']}[/{colour}]" if row["published"] is not None else "",
        )
    console.print(table)
    for row in {row["kind"]: row for row in found["rows"] if row["published"] is not None}.values():
        console.print(f"[dim]spread of {row['kind']}, {100 * row['spread']:g} %: {escape(row['why'])}[/dim]")
    for text in found["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")


def _three(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _show_collimators(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    table = Table("holes", "mm", "septum", "length", "nuclide", "FWHM mm", "cps/MBq", "published", box=None, pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
    for index in (1, 2, 3, 5, 6):
        table.columns[index].justify = "right"
    for row in facts["collimators"]:
        sizes = [_text(row.get(key)) for key in ("hole_mm", "septum_mm", "length_mm")]
        computed = [f"{row['resolution_at_100_mm_mm']:.1f}", f"{row['sensitivity_cps_per_MBq']:.3g}"]
        table.add_row(
            row["name"] + (DOUBT if row["unverified"] else ""),
            *sizes,
            f"{row['nuclide']} {row['energy_keV']:.0f} keV",
            *computed,
            _published(row["published"]),
        )
    console.print(table)
    console.print(
        "[dim]FWHM of the system at 100 mm, counts of one head; published: FWHM in mm (at 100 mm if not said), cps/MBq.[/dim]"
    )
    if any(row["unverified"] or (row["published"] or {}).get("unverified") for row in facts["collimators"]):
        console.print(f"[yellow]{DOUBT}[/yellow] [dim]recalled, or read in one transcription only: unverified.[/dim]")
    for source, names in _by_source(facts["collimators"]).items():
        console.print(f"[dim]holes of {', '.join(names)}: {escape(source)}[/dim]")
    if "response" in facts:
        by_distance = Table("distance mm", "collimator FWHM", "system FWHM mm", "efficiency", "cps/MBq", box=None, pad_edge=False)
        for column in by_distance.columns:
            column.justify = "right"
        for row in facts["response"]:
            values = (
                row["geometric_resolution_mm"],
                row["resolution_mm"],
                row["geometric_efficiency"],
                row["sensitivity_cps_per_MBq"],
            )
            by_distance.add_row(f"{row['distance_mm']:g}", *(f"{value:.3g}" for value in values))
        console.print(by_distance)


def _by_source(rows: list[dict[str, Any]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        found.setdefault(row["source"], []).append(row["name"])
    return found


def _published(published: dict[str, Any] | None) -> str:
    if published is None:
        return ""
    width, sensitivity = published["resolution_mm"], published["sensitivity_cps_per_MBq"]
    place = "" if published["at_distance_mm"] in (None, 100.0) else f" at {published['at_distance_mm']:g}"
    words = ("-" if width is None else f"{width:g}{place}", "-" if sensitivity is None else f"{sensitivity:g}")
    return "; ".join(words) + (DOUBT if published["unverified"] else "")


def _show_checks(facts: dict[str, Any], *, heading: bool = True) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    if heading:
        verdict = "[green]plausible[/green]" if facts["plausible"] else "[bold red]not plausible[/bold red]"
        console.print(f"[bold]{escape(facts['title'] or facts['name'])}[/bold]   {escape(facts['file'])}   {verdict}")
    table = Table("check", "given", "expected", "", "ratio", "allowed", "", box=None, pad_edge=False)
    for index in (1, 2, 4):
        table.columns[index].justify = "right"
    for row in facts["checks"]:
        mark = "[green]yes[/green]" if row["passed"] else "[bold red]no[/bold red]"
        limits = f"{row['allowed'][0]:g} to {row['allowed'][1]:g}"
        numbers = (f"{row['given']:.4g}", f"{row['expected']:.4g}", row["unit"], f"{row['ratio']:.2f}")
        table.add_row(escape(row["what"]), *numbers, limits, mark)
    console.print(table)
    for row in facts["checks"]:
        if not row["passed"]:
            console.print(
                f"[bold red]{escape(row['what'])}[/bold red]: {escape(row['why'])} Look at the figure, its unit and the geometry."
            )
    for text in facts.get("not_asked", []):
        console.print(f"[yellow]note[/yellow] {escape(text)}")


def _text(value: Any, between: str = " x ", digits: int = 6) -> str:
    if value is None:
        return "-"
    if isinstance(value, list):
        return between.join(_text(each) for each in value)
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)
