"""`hevesy dosemap`: dose of maps of time-integrated activity and density."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, progress, refusals
from hevesy.cli.dose import Engine


def dosemap(  # noqa: PLR0913  (its arguments are the options)
    nuclide: Annotated[str, typer.Option("--nuclide", metavar="NUCLIDE", help="For example Lu-177.")],
    tia: Annotated[Path, typer.Option("--tia", metavar="FILE", help="Time-integrated activity, NIfTI, Bq s/ml.")],
    density: Annotated[Path, typer.Option("--density", metavar="FILE", help="Mass density on the same grid, g/ml.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="OUT.nii.gz", help="Dose, Gy; from montecarlo its u as a second volume."),
    ],
    regions: Annotated[
        Path | None, typer.Option("--regions", metavar="FILE", help="Labels on the same grid; 0 is no region.")
    ] = None,
    material: Annotated[
        Path | None,
        typer.Option("--material", metavar="FILE", help="Material by number, for montecarlo (default: from density)."),
    ] = None,
    materials: Annotated[
        str | None,
        typer.Option("--materials", metavar="NAMES", help="What its numbers mean from 0 on (default: air,lung,soft,bone)."),
    ] = None,
    engine: Annotated[Engine, typer.Option("--engine", help="Dose engine.")] = Engine.MONTECARLO,
    uncertainty: Annotated[
        float | None,
        typer.Option(
            "--uncertainty", metavar="FRACTION", help="Relative u of each region at which montecarlo stops (default: 0.01)."
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="Of montecarlo (default: 177).")] = None,
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", help="Of montecarlo; changes no number (default: all cores).")
    ] = None,
    daughters: Annotated[bool, typer.Option("--daughters/--no-daughters", help="Daughters decay where the parent does.")] = True,
    leaving: Annotated[
        float, typer.Option("--leaving", metavar="FRACTION", help="Share of the daughters' decays that happen elsewhere.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """From maps of time-integrated activity and density to a dose map and the mean doses of regions."""
    with refusals():
        from hevesy.app.dosemap import Chance, Maps
        from hevesy.app.dosemap import dosemap as compute

        names = () if materials is None else tuple(name.strip() for name in materials.split(","))
        with progress(wanted=not as_json) as tell:
            facts = compute(
                Maps(tia=tia, density=density, regions=regions, material=material, materials=names),
                output,
                nuclide=nuclide,
                engine_name=engine.value,
                chance=Chance(uncertainty=uncertainty, seed=seed, threads=threads),
                daughters=daughters,
                leaving=leaving,
                progress=tell,
            )
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    voxels = " x ".join(str(n) for n in facts["shape"])
    sides = " x ".join(f"{side:.4g}" for side in facts["voxel_mm"])
    console.print(f"[bold]{facts['nuclide']}[/bold], engine {facts['engine']}, {voxels} voxels of {sides} mm")
    console.print(f"materials {facts['materials']}")
    if facts["regions"]:
        _show_regions(console, facts["regions"])
    else:
        console.print(f"greatest dose {facts['max_Gy']:.4g} Gy")
    if facts["histories"] is not None:
        console.print(f"{facts['histories']:.4g} histories, seed {facts['seed']}, {facts['threads']} threads")
    for text in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    console.print(
        f"[dim]computing {facts['wall_s']:.2f} s ({facts['cpu_s']:.2f} s of CPU), loading and compiling code "
        f"{facts['compile_s']:.2f} s[/dim]"
    )
    console.print(f"wrote {escape(facts['file'])}: {'; '.join(facts['volumes'])}", soft_wrap=True)


def _show_regions(console: Any, regions: dict[str, Any]) -> None:
    from rich.table import Table

    chance = any(region["u_Gy"] is not None for region in regions.values())
    table = Table(
        "label", "volume / ml", "mass / g", "mean dose / Gy", *(["u / Gy", "u / %"] if chance else []), box=None, pad_edge=False
    )
    for column in table.columns:
        column.justify = "right"
    for label, region in regions.items():
        row = [label, f"{region['volume_ml']:.1f}", f"{region['mass_g']:.1f}", f"{region['mean_Gy']:.5g}"]
        if region["u_Gy"] is not None:
            row += [f"{region['u_Gy']:.2g}", f"{100 * region['u_Gy'] / region['mean_Gy']:.2g}"]
        elif chance:
            row += ["none", region["why_no_u"]]
        table.add_row(*row)
    console.print(table)
    if not chance:
        console.print(f"[dim]no statistical u: {next(iter(regions.values()))['why_no_u']}[/dim]")
