"""Options of `hevesy qc`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Standard(StrEnum):
    """Standards."""

    EARL_1 = "earl-1"
    EARL_2 = "earl-2"
    NEMA_NU2_2007 = "nema-nu2-2007"
    NEMA_NU2_2018 = "nema-nu2-2018"
    SPECT_CYLINDER = "spect-cylinder"
    NEMA_NU1_UNIFORMITY = "nema-nu1-uniformity"
    BARS = "bars"
    RESOLUTION = "resolution"
    CENTRE_OF_ROTATION = "centre-of-rotation"
    DEAD_TIME = "dead-time"
    CROSS_CALIBRATION = "cross-calibration"


class Source(StrEnum):
    """Sources of a test of resolution."""

    POINT = "point"
    LINE = "line"


class DeadTimeModel(StrEnum):
    """What an event does that comes while the camera is busy."""

    PARALYSABLE = "paralysable"
    NON_PARALYSABLE = "non-paralysable"


Phantom = Annotated[
    Path, typer.Argument(metavar="PHANTOM", help="DICOM folder or file; a CSV for dead-time and cross-calibration.")
]
StandardName = Annotated[Standard, typer.Option("--standard", help="What the image is held against.")]
Background = Annotated[str, typer.Option("--background", metavar="CONC", help='As filled, "2 kBq/ml".')]
Sphere = Annotated[str, typer.Option("--sphere", metavar="CONC", help='In the spheres as filled, "20 kBq/ml".')]
Ratio = Annotated[
    float | None, typer.Option("--ratio", metavar="X", help="Spheres by background as filled, instead of --sphere.")
]
Activity = Annotated[str, typer.Option("--activity", metavar="A", help='Filled into a cylinder, "500 MBq ± 2 %".')]
Residual = Annotated[str, typer.Option("--residual", metavar="A", help='Left in the syringe, "4 MBq".')]
Volume = Annotated[str, typer.Option("--volume", metavar="V", help='Of the cylinder, "6.3 l ± 0.5 %".')]
At = Annotated[str, typer.Option("--at", metavar="TIME", help="Of stated activities, 2026-03-01T10:15; else the scan's start.")]
Nuclide = Annotated[str, typer.Option("--nuclide", help="Where the header does not say it, and for dead-time.")]
Scan = Annotated[str, typer.Option("--scan", metavar="LABEL", help="Of several scans in the folder.")]
Spheres = Annotated[
    Path | None, typer.Option("--spheres", metavar="CSV", help="diameter_mm, x_mm, y_mm, z_mm (LPS), where they are not found.")
]
Detector = Annotated[int, typer.Option("--detector", min=0, help="One head only; 0 means all.")]
Window = Annotated[int, typer.Option("--window", min=1, help="Number of the energy window.")]
Heads = Annotated[int, typer.Option("--heads", min=0, help="Of the camera that counted a cylinder: the sensitivity of one.")]
FieldOfView = Annotated[str, typer.Option("--field", metavar="MM", help='Useful field of view, rows by columns, "387 x 533".')]
Bars = Annotated[
    str, typer.Option("--bars", metavar="MM", help='Widths, "2, 2.5, 3, 3.5": upper left, upper right, lower left, lower right.')
]
SourceKind = Annotated[Source, typer.Option("--source", help="Of the test of resolution.")]
Model = Annotated[DeadTimeModel, typer.Option("--model", help="Of the dead time.")]
BackgroundRate = Annotated[float, typer.Option("--background-rate", metavar="CPS", min=0, help="Counted without a source.")]
Reference = Annotated[str, typer.Option("--reference", metavar="NAME", help="Instrument that is believed.")]
Limits = Annotated[Path | None, typer.Option("--limits", metavar="CSV", help="Your own limits: name, low, high, source.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 if a criterion fails.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="OUT", help="Folder for qc.json and the pictures.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]
