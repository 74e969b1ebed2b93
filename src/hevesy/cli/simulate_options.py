"""The options of `hevesy simulate`."""

from pathlib import Path
from typing import Annotated

import typer

Phantom = Annotated[
    str,
    typer.Argument(
        metavar="PHANTOM",
        help="cylinder, nema-iec, jaszczak, thyroid, point, line; or newborn ... adult-male, pregnant, large-adult.",
    ),
]
Scanner = Annotated[
    str, typer.Option("--scanner", metavar="NAME", help="Gamma camera, ring of columns or PET, or your own file NAME.toml.")
]
Nuclide = Annotated[str, typer.Option("--nuclide", metavar="X", help="For example Tc-99m.")]
Activity = Annotated[
    str, typer.Option("--activity", metavar='"500 MBq"', help="In the phantom at the start, or given to the body.")
]
Duration = Annotated[str, typer.Option("--duration", metavar='"20 min"', help="Of the whole scan.")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the files go.")]
Views = Annotated[
    int, typer.Option("--views", min=0, help="Of all heads together, over 360 degrees (0: 120; of columns: their sweep).")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of all that is random; part of the truth file.")]
Collimator = Annotated[str, typer.Option("--collimator", metavar="NAME", help="Default: the most sensitive that stops the line.")]
Tracer = Annotated[
    str,
    typer.Option(
        "--tracer", metavar="NAME", help="In a body: fdg, psma-11, psma-1007, dotatate, phosphonate ... (default: by nuclide)."
    ),
]
Wait = Annotated[str | None, typer.Option("--wait", metavar='"24 h"', help="From the administration to the scan.")]
Radius = Annotated[str | None, typer.Option("--radius", metavar='"25 cm"', help="Of the orbit (default: 25 mm from the body).")]
Matrix = Annotated[int, typer.Option("--matrix", min=16, max=512, help="Pixels a side.")]
Pixel = Annotated[str, typer.Option("--pixel", metavar='"4.8 mm"', help="Their side.")]
Background = Annotated[float, typer.Option("--background", min=0.0, help="Of the room, counts/s a window and head.")]
DeadTime = Annotated[str, typer.Option("--dead-time", metavar="MODEL", help="paralysable or non-paralysable.")]
Peak = Annotated[
    list[str] | None,
    typer.Option("--peak", metavar='"113 keV"', help="A line that is imaged; again for more (default: the usual)."),
]
MonteCarlo = Annotated[bool, typer.Option("--monte-carlo", help="Scatter photon by photon; slower.")]
Bed = Annotated[
    str, typer.Option("--bed", metavar='"20 cm"', help="PET: middle of the scanner, towards the head of the phantom's zero.")
]
Sinogram = Annotated[bool, typer.Option("--sinogram", help="PET: sinograms without time of flight, not list mode.")]
Petsird = Annotated[bool, typer.Option("--petsird", help="PET: the events as a PETSIRD file too; ten million take a minute.")]
CrystalSpread = Annotated[
    float, typer.Option("--crystal-spread", min=0.0, max=0.3, help="PET: spread of the crystals' efficiencies.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]
