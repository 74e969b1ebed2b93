"""`hevesy suv`: SUV figures of the regions of a PET or quantitative SPECT."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli import suv_options as o
from hevesy.cli.console import measured, out, print_json, progress, refusals

Study = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder with PET (or quantitative SPECT) and regions.")]
Region = Annotated[list[str] | None, typer.Option("--region", metavar="NAME", help="Only this region; may be repeated.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="OUT", help="Folder for suv.csv, suv.json and suv.png.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]


def suv(  # noqa: PLR0913  (its arguments are the options)
    study: Study,
    region: Region = None,
    normalise: o.NormaliseBy = o.Normalise.BW,
    scan: o.ScanLabel = "",
    weight: o.Weight = None,
    height: o.Height = None,
    sex: o.Sex = "",
    activity: o.Activity = None,
    administered: o.Administered = None,
    u_calibration: o.CalibrationU = None,
    u_activity: o.ActivityU = None,
    u_size: o.SizeU = None,
    noise: o.VoxelNoise = None,
    resolution: o.Resolution = None,
    u_boundary: o.BoundaryU = None,
    settings: o.SettingsFile = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """SUVmax, SUVmean, SUVpeak, volume, total and heterogeneity of regions; every correction is named."""
    with refusals():
        from hevesy.app.suv import suv as compute

        stated = o.stated_by(
            normalise=normalise,
            weight=weight,
            height=height,
            sex=sex,
            activity=activity,
            administered=administered,
            scan=scan,
            u_calibration=u_calibration,
            u_activity=u_activity,
            u_size=u_size,
            noise=noise,
            resolution=resolution,
            u_boundary=u_boundary,
        )
        with progress(wanted=not as_json) as tell:
            facts = compute(
                study,
                stated=stated,
                settings_path=settings,
                regions=tuple(region or ()),
                output=output,
                progress=tell,
            )
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    what = " ".join(word for word in (facts["radiopharmaceutical"], facts["modality"], facts["scan"]) if word)
    console.print(f"[bold]{escape(what)}[/bold]  SUV by {facts['normalisation']['name']}, {facts['unit']}")
    table = Table("region", "max", "mean", "peak", "volume / ml", "TLG / ml", "CV / %", "AUC-CSH", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, row in facts["regions"].items():
        table.add_row(
            escape(name),
            *(_cell(row, key, 4) for key in ("suv_max", "suv_mean", "suv_peak")),
            _cell(row, "volume_ml", 4),
            _cell(row, "tlg", 4),
            f"{row['variation_percent']:.0f}",
            f"{row['auc_csh']:.2f}",
        )
    console.print(table)
    if any(row["u_suv_mean"] is None for row in facts["regions"].values()):
        console.print("[dim]without u: state --u-calibration, --u-activity, --u-size or --noise in percent to have it.[/dim]")
    for name, row in facts["regions"].items():
        for text in row["remarks"]:
            console.print(f"[dim]{escape(name)}: {escape(text)}.[/dim]")
    for name, why in facts["not_measured"].items():
        console.print(f"[yellow]not measured[/yellow] {escape(name)}: {escape(why)}")
    for text in facts["corrections"]:
        console.print(escape(text))
    for text in facts["warnings"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    for path in facts.get("files", []):
        console.print(f"written: {escape(path)}")


def _cell(row: dict[str, Any], key: str, digits: int) -> str:
    value, u = row[key], row[f"u_{key}"]
    if value is None:
        return "-"
    return f"{value:.{digits}g}" if u is None else measured(value, u)
