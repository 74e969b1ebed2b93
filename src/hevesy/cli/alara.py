"""`hevesy alara`: the least activity that answers, on one scanner or several; scan times for dosimetry."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, progress, refusals

_Target = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="KIND", help="cov, cnr, recovery, detectability or dose-error; may be repeated."),
]
_Limit = Annotated[
    list[str] | None, typer.Option("--limit", metavar="X", help="One for each target: 0.15, 5, 20 %. Default: the usual.")
]
_Activity = Annotated[
    str, typer.Option("--activity", metavar='"300 MBq"', help="For the shortest scan (default: the guideline's).")
]
_Compare = Annotated[list[str] | None, typer.Option("--compare", metavar="NAME", help="A further scanner; may be repeated.")]
_Dosimetry = Annotated[bool, typer.Option("--dosimetry", help="Scan times that keep a dose's uncertainty under --bound.")]
_Other = Annotated[
    str, typer.Option("--other", metavar='"6 %"', help="Part of the bound that no scan time changes (default: by its budget).")
]
_Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="A page (.html) or picture (.png).")]


def alara(  # noqa: PLR0913  (its arguments are the options)
    scanner: Annotated[str, typer.Option("--scanner", metavar="NAME", help="See hevesy scanner; or your own file NAME.toml.")],
    tracer: Annotated[str, typer.Option("--tracer", metavar="NAME", help='"F-18 FDG", "Ga-68 PSMA-11", "Tc-99m MDP" ...')] = "",
    target: _Target = None,
    limit: _Limit = None,
    band: Annotated[str, typer.Option("--band", metavar='"0.39 to 0.61"', help="Of the recovery itself.")] = "",
    weight: Annotated[str, typer.Option("--weight", metavar='"70 kg"', help="Of the patient.")] = "",
    body: Annotated[str, typer.Option("--body", metavar="NAME", help="newborn ... adult-male, pregnant, large-adult.")] = "",
    lesion: Annotated[str, typer.Option("--lesion", metavar='"10 mm"', help="Diameter.")] = "10 mm",
    contrast: Annotated[float, typer.Option("--contrast", help="Lesion to the tissue around it.")] = 4.0,
    place: Annotated[str, typer.Option("--place", help="liver, lung, muscle, kidney or spine.")] = "liver",
    time: Annotated[str, typer.Option("--time", metavar='"2 min"', help="Of the scan (PET 2 min, SPECT 20 min).")] = "",
    activity: _Activity = "",
    compare: _Compare = None,
    collimator: Annotated[str, typer.Option("--collimator", metavar="NAME", help="Of the first scanner.")] = "",
    guideline: Annotated[str, typer.Option("--guideline", metavar="CARD", help="As in hevesy protect activity.")] = "",
    age: Annotated[str, typer.Option("--age", help='For the effective dose: "40" (default: by body).')] = "",
    realisations: Annotated[int, typer.Option("--realisations", min=4, max=1000, help="Images at each activity.")] = 20,
    levels: Annotated[int, typer.Option("--levels", min=2, max=12, help="Activities, each twice the next.")] = 4,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all noise.")] = 1,
    analytic: Annotated[bool, typer.Option("--analytic", help="PET in closed form: milliseconds, cov and cnr.")] = False,
    dosimetry: _Dosimetry = False,
    nuclide: Annotated[str, typer.Option("--nuclide", help="Of --dosimetry: Lu-177.")] = "Lu-177",
    times: Annotated[str, typer.Option("--times", metavar='"4 h, 24 h, 96 h"', help="Of --dosimetry.")] = "",
    organ: Annotated[str, typer.Option("--organ", help="Of --dosimetry: kidney, liver or spleen.")] = "kidney",
    bound: Annotated[str, typer.Option("--bound", metavar='"10 %"', help="Of --dosimetry: relative, k = 1.")] = "10 %",
    other: _Other = "",
    calibration: Annotated[str, typer.Option("--calibration", metavar='"3 %"', help="Its part of --other (default 5 %).")] = "",
    model: Annotated[str, typer.Option("--model", help="Of --dosimetry: curve model, as in hevesy fit.")] = "auto",
    output: _Output = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """The least activity (or shortest scan) that meets a target in 95 of 100 scans, by a virtual trial."""
    with refusals():
        if dosimetry:
            question = {
                "times": times,
                "organ": organ,
                "bound": bound,
                "other": other,
                "calibration": calibration,
                "model": model,
            }
            patient = {"activity": activity or "7.4 GBq", "weight": weight, "body": body, "collimator": collimator}
            given = {"scanner": scanner, "nuclide": nuclide, "tracer": tracer, **question, **patient}
            _scan_times(given, seed=seed, output=output, as_json=as_json)
            return
        from hevesy.app.alara import Asked
        from hevesy.app.alara import alara as compute

        asked = Asked(
            scanner=scanner, tracer=tracer or "F-18 FDG", targets=tuple(target or ()), limits=tuple(limit or ()), band=band,
            weight=weight, body=body, lesion=lesion, contrast=contrast, place=place, time=time, activity=activity,
            compare=tuple(compare or ()), collimator=collimator, guideline=guideline, age=age, realisations=realisations,
            levels=levels, seed=seed, analytic=analytic,
        )  # fmt: skip
        with progress() as tell:
            facts = compute(asked, output=output, progress=tell)
        print_json(facts) if as_json else _show(facts)


def _scan_times(given: dict[str, str], *, seed: int, output: Path | None, as_json: bool) -> None:
    from hevesy.app.alara_dosimetry import Asked, alara_dosimetry

    with progress() as tell:
        facts = alara_dosimetry(Asked(**given, seed=seed), output=output, progress=tell)
    print_json(facts) if as_json else _show_times(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    body = facts["body"]
    console.print(
        f"[bold]{escape(facts['tracer'])}[/bold], {body['weight_kg']:g} kg, {_seconds(facts['time_s'])}, {_task(facts)}"
    )
    given = facts["guideline_activity_MBq"]
    if given is not None:
        doubt = "  [yellow]unverified[/yellow]" if facts["guideline"]["unverified"] else ""
        console.print(f"guideline {facts['guideline']['card']}: {given:g} MBq{doubt}")
    table = Table("scanner", "target", "least MBq", "95 % interval", f"at {facts['at_activity_MBq']:.3g} MBq", "mSv saved",
                  box=None, pad_edge=False)  # fmt: skip
    for column in table.columns[2:]:
        column.justify = "right"
    for column in table.columns[:4]:
        column.no_wrap = True
    for row in (facts, *facts["compared"]):
        if row.get("refused"):
            table.add_row(row["scanner"], "[red]refused[/red]", "", "", "", "")
            continue
        for found in row["targets"]:
            binding = found["target"] == row["target"]
            saved = row["effective_dose_saved_mSv"] if binding else None
            table.add_row(
                row["scanner"], f"{found['target']} {found['limit']:g}" + (" *" if binding and len(row["targets"]) > 1 else ""),
                f"{found['least_activity_MBq']:.3g}", _interval(found["least_activity_95_MBq"]),
                _seconds(found["shortest_time_s"]), "" if saved is None else f"{saved:.2g}",
            )  # fmt: skip
    console.print(table)
    if any(len(row.get("targets", ())) > 1 for row in (facts, *facts["compared"])):
        console.print("[dim]* the target that binds[/dim]")
    if facts["saved_against"] == "activity given":
        console.print(f"[dim]saved against the {facts['at_activity_MBq']:.3g} MBq that you gave[/dim]")
    if facts.get("conceptus_dose_mGy") is not None:
        console.print(
            f"conceptus in week {facts['conceptus']['weeks']:g}: {facts['conceptus_dose_mGy']:.2g} mGy with {facts['scanner']}"
        )
    if facts["analytic"]:
        console.print("[dim]closed form: the mean of scans, without noise from scan to scan[/dim]")
    else:
        console.print(
            f"[dim]{facts['realisations']} scans at each of {facts['levels']} activities, {facts['images']} images, seed "
            f"{facts['seed']}; 95 of 100 scans meet the target[/dim]"
        )
    _show_model(facts)
    _show_notes(facts)


def _show_notes(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    for row in (facts, *facts["compared"]):
        for text in [row["refused"]] if row.get("refused") else row["remarks"]:
            console.print(f"[yellow]note[/yellow] {row['scanner']}: {escape(text)}")
    for text in facts["unverified_sources"]:
        console.print(f"[yellow]unverified[/yellow] {escape(text)}")
    for row in (facts, *facts["compared"]):
        if row.get("scanner_unverified"):
            console.print(
                f"[yellow]unverified[/yellow] {len(row['scanner_unverified'])} figures of {row['scanner']}: hevesy scanner "
                f"{row['scanner']}"
            )
    console.print(f"[dim]{escape(facts['note'])}[/dim]")
    for file in facts.get("files", ()):
        console.print(f"wrote {file}")


def _show_model(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    model, console = facts["modelled"], out()
    console.print(f"[dim]{escape(model['model'])}[/dim]")
    if "grid" in model:
        size = " x ".join(str(n) for n in model["grid"])
        console.print(
            f"[dim]{size} voxels of {model['voxel_mm']:g} mm, {model['views']} views, {model['iterations']} iterations of "
            f"{model['subsets']} subsets, filter {model['filter_mm']:g} mm[/dim]"
        )
    if "assumed" in model:
        console.print(f"[yellow]assumed[/yellow] {escape(model['assumed'])}")
    console.print(f"[dim]not modelled: {escape(', '.join(model['neglected']))}[/dim]")


def _show_times(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(
        f"[bold]{escape(facts['organ'])}[/bold], {facts['activity_MBq'] / 1000:g} GBq {escape(facts['tracer'])} on "
        f"{facts['scanner']} ({facts['collimator']}): dose within {100 * facts['bound_relative']:g} % (k = 1), of which "
        f"{100 * facts['other_relative']:.3g} % whatever the scan time"
    )
    for row in facts["budget"]:
        console.print(f"[dim]{row['term']} {100 * row['u_relative']:.2g} %: {escape(row['source'])}[/dim]")
    table = Table("time", "organ MBq", "u after 10 min", "weight in integral", "scan time", "u then", box=None, pad_edge=False)
    for column in table.columns:
        column.justify = "right"
    for row in facts["scans"]:
        table.add_row(
            f"{row['time_h']:g} h", f"{row['organ_activity_MBq']:.3g}", f"{100 * row['u_relative_after_600_s']:.2g} %",
            f"{row['share_of_integral']:.2f}", _seconds(row["shortest_time_s"]), f"{100 * row['u_relative_then']:.2g} %",
        )  # fmt: skip
    console.print(table)
    console.print(
        f"least in all {_seconds(facts['total_least_s'])}; with equal times {_seconds(facts['equal_time_s'])} each, "
        f"{_seconds(facts['total_equal_s'])} in all; curve model {facts['model']}"
    )
    _show_model(facts)
    for text in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    console.print(f"[dim]{escape(facts['note'])}[/dim]")
    for file in facts.get("files", ()):
        console.print(f"wrote {file}")


def _task(facts: dict[str, Any]) -> str:
    lesion = facts["lesion"]
    if lesion is None:
        return "liver"
    return f"lesion of {lesion['diameter_mm']:g} mm, {lesion['contrast']:g} to 1, {lesion['place']}"


def _interval(pair: list[float | None] | None) -> str:
    if pair is None:
        return ""
    low, high = pair
    return f"{low:.3g} to " + ("no limit" if high is None else f"{high:.3g}")


def _seconds(value: float) -> str:
    if value < 100:
        return f"{value:.3g} s"
    return f"{value / 60:.3g} min" if value < 7200 else f"{value / 3600:.3g} h"
