"""What `hevesy simulate` says of a PET scanner."""

from pathlib import Path
from typing import Any

from hevesy.cli.console import out
from hevesy.errors import InputError


def refuse(given: dict[str, Any], *, pet: bool) -> None:
    """Options of the other kind of scanner must not be silently without effect.

    Parameters
    ----------
    given : dict                        Options; true in the sense of Python where one was given.
    pet : bool                          Whether the scanner is one for PET.
    """
    if any(given.values()):
        said = ", ".join(name for name, there in given.items() if there)
        theirs, kind = ("gamma cameras", "one for PET") if pet else ("PET", "a gamma camera")
        raise InputError(f"{said}: for {theirs}; the scanner is {kind}. Leave out what does not apply.")


def show_pet(facts: dict[str, Any], folder: Path) -> None:
    """The same facts as `truth.json`, in short."""
    from rich.markup import escape
    from rich.table import Table

    console = out()
    console.print(f"[bold]{escape(facts['title'])}[/bold], {facts['activity_MBq']:g} MBq {facts['nuclide']}")
    tof = (
        f"time of flight {facts['tof_fwhm_ps']:.0f} ps"
        if facts["tof_fwhm_ps"] and facts["form"] == "list mode"
        else "no time of flight"
    )
    console.print(
        f"{escape(facts['scanner'])}, {facts['form']}: {facts['duration_s']:g} s at {facts['bed_mm']:g} mm, {tof}; "
        f"{100 * facts['live_share']:.1f} % live"
    )
    table = Table("", "events", "kcps", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for name in ("trues", "scatters", "randoms"):
        table.add_row(name, f"{facts['events'][name]}", f"{facts['rates_kcps'][name]:.4g}")
    table.add_row("prompts", f"{facts['events']['prompts']}", f"{facts['events']['prompts'] / facts['duration_s'] / 1000:.4g}")
    console.print(table)
    console.print(f"scatter fraction {100 * facts['scatter_fraction']:.1f} %")
    console.print(f"[dim]{escape(facts['model'])}[/dim]")
    for text in facts["remarks"]:
        console.print(f"[dim]{escape(text)}[/dim]")
    for file in facts["files"]:
        console.print(f"wrote {folder / file}", soft_wrap=True)
