"""`hevesy nuclide`: decay data."""

from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals


def nuclide(
    name: Annotated[str, typer.Argument(help="For example Lu-177, 177Lu or Tc-99m.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Half-life, energies by kind of radiation, main lines and daughters of a nuclide."""
    with refusals():
        from hevesy.app.nuclide import describe

        facts = describe(name)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _show(facts: dict[str, Any]) -> None:
    from rich.table import Table

    console = out()
    console.print(
        f"[bold]{facts['name']}[/bold]   half-life {facts['half_life_text']}   λ {facts['decay_constant_per_s']:.6e} /s"
    )
    energies = Table("energy per decay", "keV", title=None, box=None, pad_edge=False)
    energies.columns[1].justify = "right"
    for kind, value in facts["energies_keV_per_decay"].items():
        energies.add_row(kind.replace("_", " "), f"{value:.3f}")
    console.print(energies)
    console.print(
        f"air-kerma-rate constant {facts['air_kerma_rate_constant_uGy_m2_per_GBq_h']:.4g} µGy m²/(GBq h), photons above 10 keV"
    )
    lines = Table("main lines", "keV", "per decay", box=None, pad_edge=False)
    for column in lines.columns[1:]:
        column.justify = "right"
    for line in facts["lines"]:
        lines.add_row(line["kind"], f"{line['energy_keV']:.2f}", f"{line['yield']:.4g}")
    console.print(lines)
    daughters = ", ".join(f"{d['name']} ({d['fraction']:.4g}, {d['mode']})" for d in facts["daughters"]) or "none"
    console.print(f"decays to {daughters}")
    console.print(f"[dim]{facts['source']}. {facts['notice']}[/dim]")
