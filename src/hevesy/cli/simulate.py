"""`hevesy simulate`: a phantom or a body on a scanner."""

from pathlib import Path
from typing import Any

from hevesy.cli import simulate_options as o
from hevesy.cli.console import out, print_json, progress, refusals


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
    matrix: o.Matrix = 128,
    pixel: o.Pixel = "4.8 mm",
    background: o.Background = 0.0,
    dead_time: o.DeadTime = "paralysable",
    monte_carlo: o.MonteCarlo = False,
    bed: o.Bed = "0 mm",
    sinogram: o.Sinogram = False,
    crystal_spread: o.CrystalSpread = 0.0,
    as_json: o.AsJson = False,
) -> None:
    """Simulate a SPECT/CT or PET/CT of a phantom or a body: projections or events, CT as DICOM files, and the truth."""
    with refusals():
        from hevesy.app.quantities import quantity
        from hevesy.app.simulate import Asked, run
        from hevesy.app.simulate_pet import AskedPet, is_pet
        from hevesy.app.simulate_pet import run as run_pet

        if is_pet(scanner):
            from hevesy.cli.simulate_pet import refuse_spect, show_pet

            refuse_spect(views=views, collimator=collimator, radius=radius, background=background)
            pet = AskedPet(
                phantom=phantom, scanner=scanner, nuclide=nuclide, tracer=tracer,
                activity=quantity(activity, "activity", name="--activity"),
                duration=quantity(duration, "time", name="--duration"),
                wait=None if wait is None else quantity(wait, "time", name="--wait"),
                bed=quantity(bed, "length", name="--bed"), sinogram=sinogram, monte_carlo=monte_carlo,
                crystal_spread=crystal_spread,
            )  # fmt: skip
            with progress(wanted=not as_json) as tell:
                facts = run_pet(pet, output, seed=seed, progress=tell)
            print_json(facts) if as_json else show_pet(facts, output)
            return
        asked = Asked(
            phantom=phantom, scanner=scanner, nuclide=nuclide, views=views, collimator=collimator, tracer=tracer,
            activity=quantity(activity, "activity", name="--activity"),
            duration=quantity(duration, "time", name="--duration"),
            wait=None if wait is None else quantity(wait, "time", name="--wait"),
            radius=None if radius is None else quantity(radius, "length", name="--radius"),
            matrix=matrix, pixel=quantity(pixel, "length", name="--pixel"),
            dead_time_model=dead_time, background=background, monte_carlo=monte_carlo,
        )  # fmt: skip
        with progress() as tell:
            facts = run(asked, output, seed=seed, progress=tell)
        if as_json:
            print_json(facts)
        else:
            _show(facts, output)


def _show(facts: dict[str, Any], folder: Path) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(f"[bold]{escape(facts['title'])}[/bold], {facts['activity_MBq']:g} MBq {facts['nuclide']}")
    console.print(
        f"{facts['scanner']}, {facts['collimator']}: {facts['views']} views of {facts['seconds_per_view']:.3g} s, "
        f"radius {facts['radius_mm']:.0f} mm; dead time leaves {100 * facts['counted_share']:.1f} %"
    )
    table = Table("window", "keV", "primary", "scatter", "penetration", "scatter / primary", "counts", box=None, pad_edge=False)
    table.columns[1].no_wrap = True
    for column in table.columns[2:]:
        column.justify = "right"
    for name, row in facts["windows"].items():
        ratio = row["scatter_by_primary"]
        table.add_row(
            name, f"{row['lower_keV']:.1f}-{row['upper_keV']:.1f}",
            *(f"{row[f'expected_{part}']:.4g}" for part in ("primary", "scatter", "penetration")),
            "" if ratio is None else f"{ratio:.3g}", f"{row['counts']:.6g}",
        )  # fmt: skip
    console.print(table)
    console.print(f"[dim]scatter: {escape(facts['model']['scatter'])}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
    for file in facts["files"]:
        console.print(f"wrote {folder / file}", soft_wrap=True)
