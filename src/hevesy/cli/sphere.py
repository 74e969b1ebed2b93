"""`hevesy sphere`: self-dose of spheres."""

import re
from typing import Annotated, Any

import typer

from hevesy import units as u
from hevesy.cli.console import out, print_json, refusals

ACTIVITIES = {"Bq": u.Bq, "kBq": u.kBq, "MBq": u.MBq, "GBq": u.GBq}
TIMES = {"s": u.s, "min": u.min_, "h": u.h, "d": u.d, "y": u.year}


def sphere(  # noqa: PLR0913  (its arguments are the options)
    nuclide: Annotated[str, typer.Argument(metavar="NUCLIDE", help="For example Lu-177.")],
    mass: Annotated[
        list[float] | None,
        typer.Option("--mass", metavar="G", help="Mass of the sphere; may be given several times (default: 0.1 g to 1 kg)."),
    ] = None,
    volume: Annotated[
        list[float] | None,
        typer.Option("--volume", metavar="ML", help="Its volume instead; may be given several times."),
    ] = None,
    density: Annotated[
        float | None,
        typer.Option(
            "--density", metavar="G_PER_ML", help="Of the sphere (default: the medium's own; 1 for soft, 0.26 for lung)."
        ),
    ] = None,
    medium: Annotated[str, typer.Option("--medium", metavar="NAME", help="soft, lung, bone or water.")] = "soft",
    activity: Annotated[
        str | None,
        typer.Option("--activity", metavar='"1 MBq"', help="Of the nuclide at the start, for a dose; with --time."),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option("--time", metavar='"80 d"', help="How long it stays; daughters grow in and decay meanwhile."),
    ] = None,
    daughters: Annotated[bool, typer.Option("--daughters/--no-daughters", help="Daughters decay where the parent does.")] = True,
    leaving: Annotated[
        float, typer.Option("--leaving", metavar="FRACTION", help="Share of the daughters' decays that happen elsewhere.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Dose per decay to spheres with a uniform activity (unit-density sphere model), or their dose over a time."""
    amount = None if activity is None else _quantity(activity, ACTIVITIES, "--activity", "1 MBq")
    seconds = None if time is None else _quantity(time, TIMES, "--time", "80 d")
    with refusals():
        from hevesy.app.sphere import sphere as compute

        facts = compute(
            nuclide,
            masses=[m * u.g for m in mass or ()],
            volumes=[v * u.ml for v in volume or ()],
            medium=medium,
            density=density,
            daughters=daughters,
            leaving=leaving,
            activity=amount,
            time=seconds,
        )
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _quantity(text: str, units: dict[str, float], option: str, example: str) -> float:
    """A number with its unit, in the house's unit."""
    found = re.fullmatch(r"\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*([A-Za-z]+)\s*", text)
    if found is None or found.group(2) not in units or found.group(1).count(".") > 1 or found.group(1) == ".":
        allowed = ", ".join(units)
        raise typer.BadParameter(f'got {text!r}; a number and one of {allowed} is allowed: "{example}".', param_hint=option)
    return float(found.group(1)) * units[found.group(2)]


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(f"[bold]{facts['nuclide']}[/bold] in spheres of {facts['medium_title']}, {facts['density_g_per_ml']:g} g/ml")
    console.print(f"[dim]density: {escape(facts['density_source'])}[/dim]")
    # Alpha particles are absorbed whole: no column for that.
    kinds = [kind for kind in facts["spheres"][0]["absorbed_keV_per_decay"] if kind in ("electrons", "photons")]
    dosed = "dose_Gy" in facts["spheres"][0]
    heads = ["mass / g", "ml", "diameter", "S / Gy/(Bq s)", "keV per decay", "absorbed", *kinds]
    table = Table(*heads, *(["dose / Gy"] if dosed else []), box=None, pad_edge=False)
    for column in table.columns:
        column.justify = "right"
        column.no_wrap = True
    for row in facts["spheres"]:
        fraction = row["absorbed_fraction"]
        cells = [f"{row['mass_g']:.4g}", f"{row['volume_ml']:.4g}", f"{row['diameter_mm']:.1f} mm", f"{row['S_Gy_per_Bq_s']:.4e}"]
        cells += [f"{row['absorbed_keV_per_decay']['all']:.2f}", f"{100 * fraction['all']:.2f} %"]
        cells += [f"{100 * fraction[kind]:.2f} %" for kind in kinds]
        table.add_row(*cells, *([f"{row['dose_Gy']:.4g}"] if dosed else []))
    console.print(table)
    if dosed:
        _show_members(console, facts)
    console.print(
        f"[dim]{escape(facts['model'])}; bremsstrahlung counts with the photons, alphas are absorbed where they start[/dim]"
    )
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")


def _show_members(console: Any, facts: dict[str, Any]) -> None:
    """Which member of the chain gave how much, for the first sphere."""
    from rich.table import Table

    first = facts["spheres"][0]
    console.print(
        f"{facts['activity_MBq']:g} MBq for {facts['time_d']:g} d, sphere of {first['mass_g']:.4g} g: "
        f"[bold]{first['dose_Gy']:.4g} Gy[/bold], by {facts['nuclide']} alone {first['dose_of_parent_Gy']:.4g} Gy"
    )
    table = Table("member", "decays", "dose / Gy", "of alphas / Gy", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, part in first["dose_by_member"].items():
        if part["dose_Gy"] >= 1e-4 * first["dose_Gy"]:
            table.add_row(name, f"{part['decays']:.4e}", f"{part['dose_Gy']:.4g}", f"{part['dose_of_alphas_Gy']:.4g}")
    console.print(table)
