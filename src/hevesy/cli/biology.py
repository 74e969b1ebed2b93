"""`hevesy biology`: BED, EQD2, NTCP and TCP, by hand or of a dose result."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import measured, out, print_json, progress, refusals
from hevesy.errors import InputError

HOUR = 3600.0  # s
BY_HAND = ("dose", "t_eff", "t_repair", "alpha_beta")


def biology(  # noqa: PLR0913  (its arguments are the options)
    result: Annotated[
        Path | None, typer.Argument(metavar="[RESULT.json]", help="A result of `hevesy dose`, or its folder.", show_default=False)
    ] = None,
    tissues: Annotated[
        Path | None, typer.Option("--tissues", metavar="TISSUES.toml", help="Which tissue each region is; tissues of your own.")
    ] = None,
    dose: Annotated[float | None, typer.Option("--dose", metavar="GY", help="By hand: absorbed dose of a cycle.")] = None,
    cycles: Annotated[int, typer.Option("--cycles", metavar="N", help="Equal cycles.")] = 1,
    t_eff: Annotated[float | None, typer.Option("--t-eff", metavar="H", help="By hand: effective half-life.")] = None,
    t_repair: Annotated[float | None, typer.Option("--t-repair", metavar="H", help="By hand: repair half-time.")] = None,
    alpha_beta: Annotated[float | None, typer.Option("--alpha-beta", metavar="GY", help="By hand: alpha/beta.")] = None,
    t_uptake: Annotated[float | None, typer.Option("--t-uptake", metavar="H", help="By hand: half-life of the uptake.")] = None,
    rbe: Annotated[float | None, typer.Option("--rbe", metavar="R", help="By hand: RBE_max of alpha or Auger radiation.")] = None,
    u_dose: Annotated[float | None, typer.Option("--u-dose", metavar="GY", help="Standard uncertainty of --dose.")] = None,
    u_t_eff: Annotated[float | None, typer.Option("--u-t-eff", metavar="H", help="Of --t-eff.")] = None,
    u_t_repair: Annotated[float | None, typer.Option("--u-t-repair", metavar="H", help="Of --t-repair.")] = None,
    u_alpha_beta: Annotated[float | None, typer.Option("--u-alpha-beta", metavar="GY", help="Of --alpha-beta.")] = None,
    u_rbe: Annotated[float | None, typer.Option("--u-rbe", metavar="R", help="Of --rbe.")] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="REGION", help="Write the dose map as BED with this region's tissue and curve. Again for more."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="OUT", help="Folder for the picture and maps.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Biologically effective dose of a curve given by hand, or of the regions of a dose result."""
    hand: dict[str, float | None] = {
        "dose": dose,
        "t_eff": _hours(t_eff),
        "t_repair": _hours(t_repair),
        "alpha_beta": alpha_beta,
        "t_uptake": _hours(t_uptake),
        "rbe": rbe,
    }
    u = {"dose": u_dose, "t_eff": _hours(u_t_eff), "t_repair": _hours(u_t_repair), "alpha_beta": u_alpha_beta, "rbe": u_rbe}
    with refusals():
        known = {name: value for name, value in u.items() if value is not None}
        if result is None:
            facts = _by_hand(hand, known, cycles, stray=tissues is not None or bool(maps) or output is not None)
        else:
            facts = _of_result(result, tissues, cycles, (hand, known), (maps or [], output), quiet=as_json)
        if as_json:
            print_json(facts)
        elif result is None:
            _show_hand(facts)
        else:
            _show(facts)


def _hours(value: float | None) -> float | None:
    return None if value is None else value * HOUR


def _by_hand(hand: dict[str, float | None], u: dict[str, float], cycles: int, *, stray: bool) -> dict[str, Any]:
    from hevesy.app.biology import biology_by_hand

    missing = [f"--{name.replace('_', '-')}" for name in BY_HAND if hand[name] is None]
    if missing or stray:
        said = f"{', '.join(missing)} missing" if missing else "--tissues, --map and -o need a RESULT.json"
        raise InputError(
            f"{said}. Give a RESULT.json, or by hand --dose, --t-eff, --t-repair and --alpha-beta (Gy, h); "
            "for example --dose 5 --cycles 4 --t-eff 50 --t-repair 2.8 --alpha-beta 2.6."
        )
    given = {name: value for name, value in hand.items() if value is not None}
    return biology_by_hand(**given, cycles=cycles, u=u)


def _of_result(
    result: Path, tissues: Path | None, cycles: int, by_hand: tuple[dict[str, float | None], dict[str, float]],
    files: tuple[list[str], Path | None], *, quiet: bool,
) -> dict[str, Any]:  # fmt: skip
    from hevesy.app.biology import biology_of_result

    hand, u = by_hand
    stray = [name for name, value in hand.items() if value is not None] + [f"u_{name}" for name in u]
    if stray:
        raise InputError(
            f"--{stray[0].replace('_', '-')} is for a check by hand; a result brings its own dose and curves. "
            "Put tissues and RBE into a tissues file."
        )
    with progress(wanted=not quiet) as bar:
        return biology_of_result(result, tissues=tissues, cycles=cycles, maps=tuple(files[0]), output=files[1], progress=bar)


def _show_hand(facts: dict[str, Any]) -> None:
    console = out()
    named = (("G", "G", ""), ("BED a cycle", "bed_per_cycle_Gy", " Gy"), ("BED", "bed_Gy", " Gy"), ("EQD2", "eqd2_Gy", " Gy"))
    for label, key, unit in named:
        u = facts.get(f"u_{key}")
        console.print(f"{label:<12} {f'{facts[key]:.5g}' if not u else measured(facts[key], u)}{unit}")
    if facts["inputs"].get("rbe") is not None:
        console.print(f"[dim]RBE_max {facts['inputs']['rbe']:g}; unweighted dose {facts['dose_Gy']:g} Gy in all.[/dim]")


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    if facts["synthetic"]:
        console.print("[bold red]Virtual patient: these numbers are of nobody.[/bold red]")
    rows = Table("region", "tissue", "dose / Gy", "G", "BED / Gy", "EQD2 / Gy", "NTCP", box=None, pad_edge=False)
    rows.padding = (0, 1, 0, 0)  # eighty columns
    rows.columns[0].no_wrap, rows.columns[1].overflow = True, "fold"
    for column in rows.columns[2:]:
        column.justify, column.no_wrap = "right", True
    for name, r in facts["regions"].items():
        if r["tissue"] is None:
            rows.add_row(escape(name), "[dim]none[/dim]", measured(r["dose_Gy"], r["u_dose_Gy"]), "", "", "", "")
            continue
        rows.add_row(
            escape(name),
            escape(r["tissue"]),
            measured(r["dose_Gy"], r["u_dose_Gy"]),
            f"{r['G']:.3f}",
            measured(r["bed_Gy"], r["u_bed_Gy"]),
            measured(r["eqd2_Gy"], r["u_eqd2_Gy"]),
            _chance(r["ntcp"]),
        )
    console.print(rows)
    _notes(console, facts)


def _chance(sets: list[dict[str, Any]]) -> str:
    """The first set of parameters; the others are in the JSON."""
    if not sets:
        return ""
    percent = 100 * sets[0]["value"]
    return "<0.1 %" if percent < 0.1 else f"{percent:.1f} %"


def _notes(console: Any, facts: dict[str, Any]) -> None:
    from rich.markup import escape

    for warning in facts["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(warning)}")
    reasons: dict[str, list[str]] = {}
    for name, r in facts["regions"].items():
        if r["tissue"] is None:
            reasons.setdefault(f"no BED: {r['why_no_bed']}", []).append(name)
        for warning in r.get("warnings", []):
            if not warning.startswith("dose: "):
                reasons.setdefault(warning, []).append(name)
        if r.get("without_u"):
            reasons.setdefault(f"u leaves out {', '.join(r['without_u'])}, for which no u is stated", []).append(name)
        if r.get("ntcp") and (floor := r["ntcp"][0]["value_at_no_dose"]) >= 0.001:
            reasons.setdefault(f"NTCP: of it the model itself gives {100 * floor:.1f} % at no dose at all", []).append(name)
        if r.get("assumed_u"):
            reasons.setdefault(f"u of {' and '.join(r['assumed_u'])} is assumed, not stated by the source", []).append(name)
    for reason, names in reasons.items():
        console.print(f"[dim]{escape(', '.join(names))}: {escape(reason)}.[/dim]")
    cited = {r["tissue"]: r["source"] for r in facts["regions"].values() if r["tissue"] is not None}
    for tissue, source in cited.items():
        console.print(f"[dim]{escape(tissue)}: {escape(source)}.[/dim]")
    console.print(
        f"[dim]{facts['cycles']} cycle(s). Tissues {escape(facts['tissues'])}. "
        "NTCP: parameters from external beam; all sets with their sources by --json.[/dim]"
    )
    for file in facts.get("files", ()):
        console.print(f"wrote {escape(file)}")
