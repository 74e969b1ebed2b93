"""`hevesy recovery`: a recovery curve from spheres of a phantom, measured or simulated."""

import math
from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, progress, refusals

Simulate = Annotated[
    Path | None,
    typer.Option(
        "--simulate", metavar="STUDY", help="Simulate spheres on the camera of this tomographic acquisition, as it was scanned."
    ),
]
ProtocolFile = Annotated[
    Path | None, typer.Option("--protocol", metavar="FILE", help="How they are reconstructed: that of `hevesy reconstruct`.")
]
Scanner = Annotated[str | None, typer.Option("--scanner", metavar="NAME", help="Of the library, or a file (default: by tags).")]
OfScanner = Annotated[str | None, typer.Option("--collimator", metavar="NAME", help="Of that scanner (default: by tags).")]
Diameters = Annotated[
    str | None, typer.Option("--diameters", metavar="MM,MM,...", help="Of the spheres (default: 10,13,17,22,28,37,60).")
]
Contrast = Annotated[
    float, typer.Option("--contrast", help="Concentration in spheres by that of the water around; 0 for none around.")
]


def recovery(  # noqa: PLR0913  (its arguments are the options)
    table: Annotated[
        Path | None,
        typer.Argument(
            metavar="SPHERES.csv", help="Columns volume_ml or diameter_mm; recovery, or measured and true; perhaps u_recovery."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Receives the section recovery_curve of a settings file.")
    ] = None,
    simulate: Simulate = None,
    protocol: ProtocolFile = None,
    scanner: Scanner = None,
    collimator: OfScanner = None,
    diameters: Diameters = None,
    contrast: Contrast = 10.0,
    circle: Annotated[float, typer.Option("--circle", metavar="MM", help="Distance of the spheres from the axis.")] = 57.2,
    realisations: Annotated[int, typer.Option("--realisations", help="Scans with noise of their own.")] = 4,
    seed: Annotated[int, typer.Option("--seed", help="Of the noise.")] = 1,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.png", help="Image and curve, for --simulate.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Fit R = 1 / (1 + (beta / V)^alpha) to recovery coefficients of spheres, measured or simulated; with its covariance."""
    with refusals():
        from hevesy.app.recovery import recovery as fit
        from hevesy.errors import InputError

        if (table is None) == (simulate is None):
            raise InputError("give SPHERES.csv or --simulate STUDY, one of the two.")
        if table is not None:
            _without(protocol=protocol, scanner=scanner, collimator=collimator, diameters=diameters, picture=picture)
            facts = fit(table, output=output)
        elif simulate is not None:
            from hevesy.app.reconstruct import Options
            from hevesy.app.recovery import Spheres, simulated_recovery

            spheres = Spheres(
                diameters=_numbers(diameters), contrast=contrast if contrast else math.inf, circle=circle,
                realisations=realisations, seed=seed,
            )  # fmt: skip
            options = Options(protocol=protocol, scanner=scanner or "", collimator=collimator or "")
            with progress(wanted=not as_json) as tell:
                facts = simulated_recovery(
                    simulate, spheres, options=options, output=output, picture=picture, progress=tell
                )  # fmt: skip
        if as_json:
            print_json(facts)
        else:
            _show(facts, [path for path in (output, picture) if path is not None])


def _without(**given: object) -> None:
    from hevesy.errors import InputError

    said = [f"--{name}" for name, value in given.items() if value is not None]
    if said:
        raise InputError(f"{', '.join(said)}: only with --simulate STUDY. Leave it out, or leave SPHERES.csv out.")


def _numbers(text: str | None) -> tuple[float, ...]:
    from hevesy.errors import InputError

    try:
        return () if text is None else tuple(float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"--diameters {text}: write numbers in mm with commas between, 10,13,17.") from error


def _show(facts: dict[str, Any], written: list[Path]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console, p = out(), facts["parameters"]
    if "simulated" in facts:
        console.print(escape(facts["simulated"]["said"]))
    console.print(
        f"alpha {p['alpha']:.3g} ± {p['u_alpha']:.2g}   beta {p['beta_ml']:.3g} ± {p['u_beta_ml']:.2g} ml", highlight=False
    )
    core = "simulated" in facts
    for heading, rows in (("sphere / ml", facts["spheres"]), ("volume / ml", facts["curve"])):
        spheres = rows is facts["spheres"]
        names = (["image by true"] if spheres else []) + (["inner half"] if spheres and core else [])
        table = Table(heading, *names, "recovery", "u", box=None, pad_edge=False)
        for column in table.columns:
            column.justify = "right"
        for row in rows:
            seen = [f"{row['recovery']:.3f}"] + ([f"{row['core']:.2f}"] if core else []) if spheres else []
            table.add_row(f"{row['volume_ml']:.4g}", *seen, f"{row['fitted']:.3f}", f"{row['u_fitted']:.3f}")
        console.print(table)
    for text in facts.get("simulated", {}).get("remarks", []):
        console.print(f"[yellow]note[/yellow] {escape(text)}")
    console.print(f"wrote {', '.join(map(str, written))}" if written else facts["settings"], highlight=False, markup=False)
