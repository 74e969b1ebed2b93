"""`hevesy kernel`: voxel kernels."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from hevesy.cli.console import out, print_json, progress, refusals

SIDES_OPTION = "--voxel"


class KernelCommand(TyperCommand):
    """A command whose option ``--voxel`` takes one number or three: they are joined before the options are told apart."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As of every command, after the numbers behind ``--voxel`` have become one argument."""
        return super().parse_args(ctx, joined(args))


def joined(arguments: list[str]) -> list[str]:
    """``arguments`` with up to three numbers behind ``--voxel`` as one: ["--voxel", "4.8 4.8 3"]."""
    result: list[str] = []
    rest = list(arguments)
    while rest:
        argument = rest.pop(0)
        result.append(argument)
        if argument == SIDES_OPTION:
            numbers: list[str] = []
            while rest and len(numbers) < 3 and _is_number(rest[0]):
                numbers.append(rest.pop(0))
            result += [" ".join(numbers)] if numbers else []
    return result


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _sides(text: str) -> tuple[float, float, float]:
    numbers = text.replace(",", " ").split()
    if len(numbers) not in (1, 3) or not all(_is_number(number) for number in numbers):
        raise typer.BadParameter(f"got {text!r}; one side of a cube or three sides x y z are allowed, in mm: 4.8 or 4.8 4.8 3.")
    values = [float(number) for number in numbers]
    return (values[0], values[0], values[0]) if len(values) == 1 else (values[0], values[1], values[2])


def kernel(
    nuclide: Annotated[str, typer.Argument(metavar="NUCLIDE", help="For example Lu-177.")],
    voxel: Annotated[
        Any,
        typer.Option(
            SIDES_OPTION,
            parser=_sides,
            metavar="MM [MM MM]",
            help="Side of a voxel, or its three sides along x, y and z as in the NIfTI file.",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.nii.gz", help="The kernel, Gy/(Bq s).")],
    medium: Annotated[str, typer.Option("--medium", metavar="NAME", help="soft, lung, bone or water.")] = "soft",
    density: Annotated[
        float | None,
        typer.Option("--density", metavar="G_PER_ML", help="Of the medium (default: its own; 0.26 for lung)."),
    ] = None,
    extent: Annotated[
        float | None,
        typer.Option(
            "--extent", metavar="MM", help="Side of the file's box (default: 99.95 % of the energy, 257 voxels at most)."
        ),
    ] = None,
    daughters: Annotated[bool, typer.Option("--daughters/--no-daughters", help="Daughters decay where the parent does.")] = True,
    leaving: Annotated[
        float, typer.Option("--leaving", metavar="FRACTION", help="Share of the daughters' decays that happen elsewhere.")
    ] = 0.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Absorbed dose per decay in the voxels around a source voxel, as a NIfTI file with the source in its middle."""
    with refusals():
        from hevesy.app.kernel import kernel as make

        with progress(wanted=not as_json) as tell:
            facts = make(
                nuclide,
                voxel,
                output,
                medium=medium,
                density=density,
                extent=extent,
                daughters=daughters,
                leaving=leaving,
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
    sides = " x ".join(f"{side:g}" for side in facts["voxel_mm"])
    console.print(
        f"[bold]{facts['nuclide']}[/bold] in voxels of {sides} mm, {facts['medium_title']}, {facts['density_g_per_ml']:g} g/ml"
    )
    console.print(f"[dim]density: {escape(facts['density_source'])}[/dim]")
    values = facts.get("S_of_all_neighbours") or {key: value for key, value in facts.items() if key in _PLAIN}
    table = Table("voxel", facts["S_unit"], box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, value in values.items():
        table.add_row(name, f"{value:.4g}")
    console.print(table)
    if len(values) > len(_PLAIN):
        console.print("[dim]S210 lies 2 voxels off along x, 1 along y, 0 along z[/dim]")
    _show_energy(console, facts)
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
    console.print(f"wrote {escape(facts['file'])}", soft_wrap=True)


_PLAIN = ("S000", "S100", "S110", "S111", "S200", "S210", "S300")


def _show_energy(console: Any, facts: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table("energy per decay", "keV", "share", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    total = facts["energy_budget_keV_per_decay"]
    box = " x ".join(str(n) for n in facts["shape"])
    for name, energy in (
        (f"in the file, {box} voxels", facts["energy_in_file_keV_per_decay"]),
        ("beyond it", facts["energy_beyond_file_keV_per_decay"]),
        ("given off", total),
    ):
        table.add_row(name, f"{energy:.3f}", f"{100 * energy / total:.2f} %")
    for kind, energy in facts["energy_budget_by_kind_keV_per_decay"].items():
        table.add_row(f"  {kind}", f"{energy:.3f}", f"{100 * energy / total:.2f} %")
    console.print(table)
