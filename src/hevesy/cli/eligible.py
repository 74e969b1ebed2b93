"""`hevesy eligible`: criteria of trials and scores of uptake, decided from a PET or SPECT with regions."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli import suv_options as o
from hevesy.cli.console import out, print_json, progress, refusals
from hevesy.errors import InputError

Study = Annotated[Path | None, typer.Argument(metavar="STUDY", help="Folder with PET (or quantitative SPECT) and regions.")]
Name = Annotated[str | None, typer.Option("--criteria", metavar="NAME", help="A criterion or a score of --list.")]
List = Annotated[bool, typer.Option("--list", help="Print every criterion and score with its source, and stop.")]
Lesion = Annotated[
    list[str] | None, typer.Option("--lesion", metavar="NAME", help="A region that is a lesion (default: by its name).")
]
Reference = Annotated[
    list[str] | None,
    typer.Option("--reference", metavar="ORGAN=NAME", help="Region of liver, spleen, kidneys, blood pool, parotid gland."),
]
Size = Annotated[
    list[str] | None,
    typer.Option("--size", metavar='"NAME=node:28 mm"', help="Site (node, organ, bone) and short axis on CT of a lesion."),
]
Complete = Annotated[bool, typer.Option("--complete", help="All lesions that CT shows are drawn, PSMA-negative ones too.")]
Fdg = Annotated[Path | None, typer.Option("--fdg", metavar="STUDY", help="FDG PET with lesions under the same names.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="OUT", help="Folder for eligible.json and eligible.png.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")]

COLOURS = {"met": "green", "not met": "red", "cannot be decided": "yellow"}
LENGTHS = {"mm": 1.0, "cm": 10.0}


def eligible(  # noqa: PLR0913  (its arguments are the options)
    study: Study = None,
    criteria: Name = None,
    list_all: List = False,
    lesion: Lesion = None,
    reference: Reference = None,
    size: Size = None,
    complete: Complete = False,
    fdg: Fdg = None,
    normalise: o.NormaliseBy = o.Normalise.BW,
    scan: o.ScanLabel = "",
    weight: o.Weight = None,
    height: o.Height = None,
    sex: o.Sex = "",
    activity: o.Activity = None,
    administered: o.Administered = None,
    u_calibration: o.CalibrationU = None,
    u_activity: o.ActivityU = None,
    noise: o.VoxelNoise = None,
    resolution: o.Resolution = None,
    settings: o.SettingsFile = None,
    output: Output = None,
    as_json: AsJson = False,
) -> None:
    """Rules of trials and scores of uptake: met, not met or not to be decided, with the numbers; the decision is yours."""
    with refusals():
        from hevesy.app.eligible import Asked, listed
        from hevesy.app.eligible import eligible as compute

        if list_all:
            facts = listed()
            print_json(facts) if as_json else _show_list(facts)
            return
        if study is None or criteria is None:
            raise InputError("a folder and --criteria NAME are needed; hevesy eligible --list prints the names.")
        stated = o.stated_by(
            normalise=normalise, weight=weight, height=height, sex=sex, activity=activity, administered=administered, scan=scan,
            u_calibration=u_calibration, u_activity=u_activity, noise=noise, resolution=resolution,
        )  # fmt: skip
        asked = Asked(
            lesions=tuple(lesion or ()),
            references=dict(_pair(text, "--reference") for text in reference or ()),
            sizes=dict(_size(text) for text in size or ()),
            complete=complete,
        )
        with progress(wanted=not as_json) as tell:
            facts = compute(
                study,
                criteria=criteria,
                stated=stated,
                asked=asked,
                fdg=fdg,
                settings_path=settings,
                output=output,
                progress=tell,
            )
        print_json(facts) if as_json else _show(facts)


def _pair(text: str, option: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise InputError(f"{option} {text!r}: NAME=VALUE is allowed, for example --reference liver=Leber.")
    return key.strip(), value.strip()


def _size(text: str) -> tuple[str, tuple[str, float]]:
    """ "NAME=node:28 mm": the last "=" parts, as a name may hold one."""
    name, sign, rest = text.rpartition("=")
    site, colon, length = rest.partition(":")
    if not sign or not name.strip() or not colon:
        raise InputError(f'--size {text!r}: NAME=SITE:LENGTH is allowed, for example --size "Node 3=node:28 mm".')
    millimetres = o.quantity(length, LENGTHS, "--size")
    return name.strip(), (site.strip().lower(), millimetres or 0.0)


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    console.print(f"[bold]{escape(facts['title'])}[/bold]")
    console.print(f"[dim]{escape(facts['source'])}[/dim]")
    colour = COLOURS.get(facts["verdict"], "default")
    console.print(
        f"[bold {colour}]{facts['verdict']}[/bold {colour}]" + (" (prognostic)" if facts["kind"] == "prognostic" else "")
    )
    for rule in facts["rules"]:
        _show_rule(console, rule)
    for name, score in facts["scores"].items():
        _show_score(console, name, score)
    _show_regions(console, facts)
    for key, word in (("unverified", "unverified"), ("assumed", "assumed"), ("warnings", "note")):
        for text in facts[key]:
            console.print(f"[yellow]{word}[/yellow] {escape(text)}")
    for text in (facts["note"], facts["decision"]):
        if text:
            console.print(f"[dim]{escape(text)}[/dim]")
    for path in facts.get("files", []):
        console.print(f"written: {escape(path)}")


def _show_rule(console: Any, rule: dict[str, Any]) -> None:
    from rich.markup import escape

    colour = COLOURS[rule["verdict"]]
    numbers = ""
    if rule["got"] is not None and rule["threshold"] is not None:
        against = f"{rule['threshold']:.3g}" + (f" ({rule['reference']})" if rule["reference"] else "")
        numbers = f": {rule['got']:.3g}, needed {rule['relation']} {against}"
    if rule["probability"] is not None:
        numbers += f", probability {_chance(rule['probability'])}"
    console.print(f"[{colour}]{rule['verdict']}[/{colour}]  {escape(rule['text'])}{numbers}")
    for text in rule["missing"]:
        console.print(f"    missing {escape(text)}")


def _show_score(console: Any, name: str, score: dict[str, Any]) -> None:
    from rich.markup import escape

    console.print(f"[bold]{escape(score['title'])}[/bold]  [dim]{escape(score['source'])}[/dim]")
    for lesion, row in score["lesions"].items():
        if row["score"] is not None:
            said = f"{row['score']}, {row['text']}"
        else:
            said = " or ".join(str(x) for x in row["possible"]) + f"; missing {', '.join(row['missing'])}"
        console.print(f"  {escape(lesion)}: {escape(said)}")


def _show_regions(console: Any, facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    shown = Table("region", "SUVmax", "SUVmean", "SUVpeak", "volume / ml", *(f"/ {n}" for n in facts["references"]), box=None,
                  pad_edge=False)  # fmt: skip
    for column in shown.columns[1:]:
        column.justify = "right"
    rows = [*facts["lesions"].items(), ("whole tumour", facts["tumour"]), *facts["references"].items()]
    for name, row in rows:
        ratios = facts["ratios"].get(name, {})
        cells = [f"{row[k]:.3g}" if row[k] is not None else "-" for k in ("suv_max", "suv_mean", "suv_peak", "volume_ml")]
        cells += [f"{ratios[n]['ratio']:.2f}" if n in ratios else "" for n in facts["references"]]
        shown.add_row(escape(name), *cells)
    console.print(shown)


def _show_list(facts: dict[str, Any]) -> None:
    from rich.markup import escape

    console = out()
    for row in facts["criteria"]:
        console.print(f"[bold]{row['name']}[/bold]  {escape(row['title'])} ({row['kind']})")
        console.print(f"[dim]{escape(row['source'])}[/dim]")
        for rule in row["rules"]:
            unverified = " [yellow]unverified[/yellow]" if rule["how"] == "recalled" else ""
            console.print(f"  - {escape(rule['text'])}{unverified}")
    for row in facts["scores"]:
        unverified = " [yellow]unverified[/yellow]" if row["how"] == "recalled" else ""
        console.print(f"[bold]{row['name']}[/bold]  {escape(row['title'])} (score){unverified}")
        console.print(f"[dim]{escape(row['source'])}[/dim]")
        for number, text in row["levels"].items():
            console.print(f"  {number}  {escape(text)}")


def _chance(p: float) -> str:
    """Never 0.00 or 1.00: a probability is neither."""
    return "below 0.01" if p < 0.01 else "above 0.99" if p > 0.99 else f"{p:.2f}"
