"""`hevesy simulate`: a phantom or a body on a scanner."""

from pathlib import Path
from typing import Any

from hevesy.cli import simulate_options as o
from hevesy.cli.console import out, print_json, progress, refusals

MATRIX, PIXEL, DEAD_TIME, BED = 128, "4.8 mm", "paralysable", "0 mm"


def simulate(  # noqa: PLR0913  (its arguments are the options)
    phantom: o.Phantom,
    scanner: o.Scanner,
    nuclide: o.Nuclide,
    activity: o.Activity,
    duration: o.Duration,
    output: o.Output,
    views: o.Views = 0,
    seed: o.Seed = 1,
    collimator: o.Collimator = "",
    tracer: o.Tracer = "",
    wait: o.Wait = None,
    radius: o.Radius = None,
    matrix: o.Matrix = MATRIX,
    pixel: o.Pixel = PIXEL,
    background: o.Background = 0.0,
    dead_time: o.DeadTime = DEAD_TIME,
    peak: o.Peak = None,
    monte_carlo: o.MonteCarlo = False,
    bed: o.Bed = BED,
    sinogram: o.Sinogram = False,
    petsird: o.Petsird = False,
    crystal_spread: o.CrystalSpread = 0.0,
    as_json: o.AsJson = False,
) -> None:
    """Simulate a SPECT/CT or PET/CT of a phantom or a body: projections or events, CT as DICOM files, and the truth."""
    with refusals():
        from hevesy.app.quantities import quantity
        from hevesy.app.simulate import Asked, run
        from hevesy.app.simulate_pet import AskedPet, is_pet
        from hevesy.app.simulate_pet import run as run_pet
        from hevesy.cli.simulate_pet import refuse, show_pet

        pet = is_pet(scanner)
        of_cameras = {
            "--views": views > 0, "--collimator": collimator, "--radius": radius, "--matrix": matrix != MATRIX,
            "--pixel": pixel != PIXEL, "--background": background > 0, "--dead-time": dead_time != DEAD_TIME,
            "--peak": peak,
        }  # fmt: skip
        of_pet = {"--bed": bed != BED, "--sinogram": sinogram, "--petsird": petsird, "--crystal-spread": crystal_spread > 0}
        refuse(of_cameras if pet else of_pet, pet=pet)
        scan: dict[str, Any] = {
            "phantom": phantom, "scanner": scanner, "nuclide": nuclide, "tracer": tracer, "monte_carlo": monte_carlo,
            "activity": quantity(activity, "activity", name="--activity"),
            "duration": quantity(duration, "time", name="--duration"),
            "wait": None if wait is None else quantity(wait, "time", name="--wait"),
        }  # fmt: skip
        with progress(wanted=not as_json) as tell:
            if pet:
                middle = quantity(bed, "length", name="--bed")
                asked_pet = AskedPet(**scan, bed=middle, sinogram=sinogram, petsird=petsird, crystal_spread=crystal_spread)
                facts = run_pet(asked_pet, output, seed=seed, progress=tell)
            else:
                asked = Asked(
                    **scan, views=views, collimator=collimator, matrix=matrix, background=background,
                    radius=None if radius is None else quantity(radius, "length", name="--radius"),
                    pixel=quantity(pixel, "length", name="--pixel"), dead_time_model=dead_time,
                    peaks=tuple(quantity(each, "energy", name="--peak") for each in peak or ()),
                )  # fmt: skip
                facts = run(asked, output, seed=seed, progress=tell)
        print_json(facts) if as_json else (show_pet if pet else _show)(facts, output)


def _show(facts: dict[str, Any], folder: Path) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(f"[bold]{escape(facts['title'])}[/bold], {facts['activity_MBq']:g} MBq {facts['nuclide']}")
    console.print(
        f"{facts['scanner']}, {facts['collimator']}: {facts['views']} views of {facts['seconds_per_view']:.3g} s, "
        f"radius {facts['radius_mm']:.0f} mm; dead time leaves {100 * facts['counted_share']:.1f} %"
    )
    table = Table("window", "keV", "primary", "scatter", "walls", "scatter %", "counts", box=None, pad_edge=False)
    for column in table.columns:
        column.no_wrap = True
    for column in table.columns[2:]:
        column.justify = "right"
    for name, row in facts["windows"].items():
        ratio = row["scatter_by_primary"]
        table.add_row(
            name, f"{row['lower_keV']:.1f}-{row['upper_keV']:.1f}",
            *(f"{row[f'expected_{part}']:.4g}" for part in ("primary", "scatter", "penetration")),
            "" if ratio is None else f"{100 * ratio:.3g}", f"{row['counts']:.0f}",
        )  # fmt: skip
    console.print(table)
    console.print(
        f"[dim]scatter: {escape(facts['model']['scatter'])}; in % of the primary; walls: through those of the collimator[/dim]"
    )
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
    for file in facts["files"]:
        console.print(f"wrote {folder / file}", soft_wrap=True)
