"""`hevesy planar`: activities from anterior and posterior views."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy import units as u
from hevesy.cli.console import measured, out, print_json, refusals


class Scatter(StrEnum):
    """How scatter is taken off."""

    AUTO = "auto"
    TEW = "tew"
    NONE = "none"


Studies = Annotated[
    list[Path], typer.Argument(metavar="STUDY.dcm...", help="NM objects with an anterior and a posterior view; one a scan.")
]
Regions = Annotated[
    Path | None,
    typer.Option("--regions", metavar="JSON|NII", help="Boxes and polygons in pixels, or a label map, on the anterior view."),
]
Sensitivity = Annotated[
    float | None, typer.Option("--sensitivity", metavar="CPS_PER_MBQ", help="Of one head in air (hevesy calibrate).")
]
SensitivityU = Annotated[float | None, typer.Option("--u-sensitivity", metavar="PERCENT", help="Its uncertainty, k = 1.")]
Thickness = Annotated[
    float | None, typer.Option("--thickness", metavar="CM", help="Of the body, front to back; a region may have its own.")
]
ThicknessU = Annotated[float | None, typer.Option("--u-thickness", metavar="CM", help="Its uncertainty (default: 1).")]
Mu = Annotated[float | None, typer.Option("--mu", metavar="PER_CM", help="Effective attenuation coefficient.")]
MuU = Annotated[float | None, typer.Option("--u-mu", metavar="PER_CM", help="Its uncertainty (default: 5 %).")]
Transmission = Annotated[
    float | None,
    typer.Option("--transmission", metavar="RATIO", help="Counts through the body by counts without it, in place of thickness."),
]
Background = Annotated[
    str | None, typer.Option("--background", metavar="REGION", help="Background of the regions that name none themselves.")
]
Exposure = Annotated[
    float | None, typer.Option("--exposure", metavar="S", help="Time for which each point was seen (default: by the header).")
]
ScatterBy = Annotated[Scatter, typer.Option("--scatter", help="auto takes the windows beside the peak where the file has them.")]
Peak = Annotated[
    float | None, typer.Option("--peak", metavar="KEV", help="An energy in the photopeak window, where it is not clear.")
]
Views = Annotated[
    str | None,
    typer.Option("--views", metavar="anterior,posterior", help="What the detectors saw, where the header is silent."),
]
Administered = Annotated[datetime | None, typer.Option("--administered", help="Time of the administration, for times in h.")]
Spect = Annotated[
    Path | None,
    typer.Option("--spect", metavar="TABLE.csv", help="region, time_h, activity_MBq, u_MBq: scale the planar course to it."),
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="PLOT.png", help="Draw both views with the regions: .png or .svg.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]


def planar(  # noqa: PLR0913  (its arguments are the options)
    studies: Studies,
    regions: Regions = None,
    sensitivity: Sensitivity = None,
    u_sensitivity: SensitivityU = None,
    thickness: Thickness = None,
    u_thickness: ThicknessU = None,
    mu: Mu = None,
    u_mu: MuU = None,
    transmission: Transmission = None,
    background: Background = None,
    exposure: Exposure = None,
    scatter: ScatterBy = Scatter.AUTO,
    peak: Peak = None,
    views: Views = None,
    administered: Administered = None,
    spect: Spect = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Activity of regions by conjugate views: scatter, background, attenuation, each with its uncertainty."""
    stated = None if views is None else _views(views)
    with refusals():
        from hevesy.app.planar import PlanarOptions
        from hevesy.app.planar import planar as compute

        options = PlanarOptions(
            sensitivity=sensitivity,
            u_sensitivity=None if u_sensitivity is None else u_sensitivity / 100,
            thickness=None if thickness is None else thickness * u.cm,
            u_thickness=None if u_thickness is None else u_thickness * u.cm,
            mu=None if mu is None else mu / u.cm,
            u_mu=None if u_mu is None else u_mu / u.cm,
            transmission=transmission,
            exposure=exposure,
            scatter=scatter.value,
            peak=None if peak is None else peak * u.keV,
            background=background or "",
            views=stated,
            administered=administered,
        )
        facts = compute(studies, regions=regions, options=options, spect=spect, picture=output)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _views(text: str) -> tuple[str, str]:
    parts = [part.strip().lower() for part in text.split(",")]
    if sorted(parts) != ["anterior", "posterior"]:
        raise typer.BadParameter(f"got {text!r}; anterior,posterior or posterior,anterior is allowed.", param_hint="--views")
    return parts[0], parts[1]


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    for scan in facts.get("scans", [facts]):
        _show_scan(console, scan)
    for name, curve in facts.get("curves", {}).items():
        points = ", ".join(
            f"{t:.2f} h {measured(A, w)} MBq"
            for t, A, w in zip(curve["time_h"], curve["activity_MBq"], curve["u_activity_MBq"], strict=True)
        )
        console.print(f"[bold]{escape(name)}[/bold] by SPECT, factor {measured(curve['factor'], curve['u_factor'])}: {points}")
        for text in curve["remarks"]:
            console.print(f"[dim]{escape(text)}[/dim]")
    if "picture" in facts:
        console.print(f"picture written to {escape(facts['picture'])}")


def _show_scan(console: Any, facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    seen = "unknown" if facts["exposure_s"] is None else f"{facts['exposure_s']:.1f} s"
    what = " ".join(word for word in (facts["nuclide"], facts["radiopharmaceutical"]) if word) or "nuclide unknown"
    console.print(
        f"[bold]{escape(what)}[/bold]  {escape(facts['file'])}, each point seen for {seen}, scatter: {facts['scatter']}"
    )
    table = Table("region", "anterior", "posterior", "geometric mean", "activity / MBq", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, row in facts["regions"].items():
        mean, A = row["geometric_mean"], row["activity_MBq"]
        table.add_row(
            escape(name),
            f"{row['counts_anterior']:.0f}",
            f"{row['counts_posterior']:.0f}",
            "" if mean is None else measured(mean, row["u_geometric_mean"]),
            "" if A is None else measured(A, row["u_activity_MBq"]),
        )
    console.print(table)
    for name, row in facts["regions"].items():
        if row["verdict"]:
            console.print(f"[bold red]{escape(name)}[/bold red]: {escape(row['verdict'])}")
    for text in facts["assumed"]:
        console.print(f"[yellow]assumed[/yellow] {escape(text)}")
    for text in facts["missing"]:
        console.print(f"[yellow]missing[/yellow] {escape(text)}")
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
