"""`hevesy qc`: images of phantoms against standards of quality control."""

from typing import Any

import typer

from hevesy.cli import qc_options as o
from hevesy.cli.console import measured, out, print_json, progress, refusals


def qc(  # noqa: PLR0913  (its arguments are the options)
    phantom: o.Phantom,
    standard: o.StandardName,
    background: o.Background = "",
    sphere: o.Sphere = "",
    ratio: o.Ratio = None,
    activity: o.Activity = "",
    residual: o.Residual = "",
    volume: o.Volume = "",
    at: o.At = "",
    nuclide: o.Nuclide = "",
    scan: o.Scan = "",
    spheres: o.Spheres = None,
    detector: o.Detector = 0,
    window: o.Window = 1,
    heads: o.Heads = 0,
    field: o.FieldOfView = "",
    bars: o.Bars = "",
    source: o.SourceKind = o.Source.POINT,
    model: o.Model = o.DeadTimeModel.PARALYSABLE,
    background_rate: o.BackgroundRate = 0.0,
    reference: o.Reference = "",
    limits: o.Limits = None,
    strict: o.Strict = False,
    output: o.Output = None,
    as_json: o.AsJson = False,
) -> None:
    """Hold the image of a phantom against a standard: every figure with its limit, who set it, and a verdict."""
    with refusals():
        from hevesy.app.qc import qc as compute
        from hevesy.app.qc_asked import Asked

        asked = Asked(
            background=background, sphere=sphere, ratio=ratio, activity=activity, residual=residual, volume=volume, at=at,
            nuclide=nuclide, scan=scan, spheres=spheres, detector=detector, window=window, heads=heads, field=field, bars=bars,
            source=source.value, model=model.value, background_rate=background_rate, reference=reference, limits=limits,
        )  # fmt: skip
        with progress(wanted=not as_json) as tell:
            facts = compute(phantom, standard=standard.value, asked=asked, output=output, progress=tell)
        if as_json:
            print_json(facts)
        else:
            _show(facts)
        if strict and facts["verdict"] == "fail":
            raise typer.Exit(1)


MARKS = {True: "[green]pass[/green]", False: "[bold red]FAIL[/bold red]", None: "[dim]no limit[/dim]"}


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(f"[bold]{escape(facts['standard'])}[/bold]  {escape(facts['test'])}")
    table = Table("figure", "value", "allowed", "margin", "", box=None, pad_edge=False)
    for column in table.columns[1:4]:
        column.justify = "right"
        column.no_wrap = True
    for c in facts["criteria"]:
        table.add_row(
            escape(c["name"]),
            f"{c['value']:.4g}" if c["u"] is None else measured(c["value"], c["u"], digits=4),
            _allowed(c["low"], c["high"]) + (" [yellow]unverified[/yellow]" if c["unverified"] else ""),
            "" if c["margin"] is None else f"{c['margin']:+.3g}",
            MARKS[c["passed"]],
        )
    console.print(table)
    console.print(f"verdict: [bold]{facts['verdict']}[/bold]")
    for source in dict.fromkeys(c["source"] for c in facts["criteria"] if c["source"]):
        console.print(f"[dim]limits: {escape(source)}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
    for path in facts.get("files", ()):
        console.print(f"wrote {escape(path)}")


def _allowed(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if low is None:
        return f"up to {high:g}"
    return f"from {low:g}" if high is None else f"{low:g} to {high:g}"
