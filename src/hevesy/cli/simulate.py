"""`hevesy simulate`: a phantom or a body on a gamma camera."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, progress, refusals


def simulate(  # noqa: PLR0913  (its arguments are the options)
    phantom: Annotated[
        str,
        typer.Argument(
            metavar="PHANTOM", help="cylinder, nema-iec, jaszczak, point, line; or newborn ... adult-male, pregnant, large-adult."
        ),
    ],
    scanner: Annotated[str, typer.Option("--scanner", metavar="NAME", help="A gamma camera, or your own file NAME.toml.")],
    nuclide: Annotated[str, typer.Option("--nuclide", metavar="X", help="For example Tc-99m.")],
    activity: Annotated[
        str, typer.Option("--activity", metavar='"500 MBq"', help="In the phantom at the start, or given to the body.")
    ],
    duration: Annotated[str, typer.Option("--duration", metavar='"20 min"', help="Of the whole scan.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the files go.")],
    views: Annotated[int, typer.Option("--views", min=1, help="Over 360 degrees, of all heads together.")] = 120,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all that is random; part of the truth file.")] = 1,
    collimator: Annotated[
        str, typer.Option("--collimator", metavar="NAME", help="Default: the most sensitive that stops the line.")
    ] = "",
    tracer: Annotated[
        str, typer.Option("--tracer", metavar="NAME", help="In a body: fdg, phosphonate, dotatate (default: by nuclide).")
    ] = "",
    wait: Annotated[str | None, typer.Option("--wait", metavar='"24 h"', help="From the administration to the scan.")] = None,
    radius: Annotated[
        str | None, typer.Option("--radius", metavar='"25 cm"', help="Of the orbit (default: 25 mm from the body).")
    ] = None,
    matrix: Annotated[int, typer.Option("--matrix", min=16, max=512, help="Pixels a side.")] = 128,
    pixel: Annotated[str, typer.Option("--pixel", metavar='"4.8 mm"', help="Their side.")] = "4.8 mm",
    background: Annotated[float, typer.Option("--background", min=0.0, help="Of the room, counts/s a window and head.")] = 0.0,
    dead_time: Annotated[
        str, typer.Option("--dead-time", metavar="MODEL", help="paralysable or non-paralysable.")
    ] = "paralysable",
    monte_carlo: Annotated[bool, typer.Option("--monte-carlo", help="Scatter photon by photon; slower.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Simulate a SPECT/CT of a phantom or a body: projections and CT as DICOM files, and the truth beside them."""
    with refusals():
        from hevesy.app.quantities import quantity
        from hevesy.app.simulate import Asked, run

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
    for column in table.columns[2:]:
        column.justify = "right"
    for name, row in facts["windows"].items():
        ratio = row["scatter_by_primary"]
        table.add_row(
            name, f"{row['lower_keV']:.1f} to {row['upper_keV']:.1f}",
            *(f"{row[f'expected_{part}']:.4g}" for part in ("primary", "scatter", "penetration")),
            "" if ratio is None else f"{ratio:.3g}", f"{row['counts']:.6g}",
        )  # fmt: skip
    console.print(table)
    console.print(f"[dim]scatter: {escape(facts['model']['scatter'])}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
    for file in facts["files"]:
        console.print(f"wrote {folder / file}", soft_wrap=True)
