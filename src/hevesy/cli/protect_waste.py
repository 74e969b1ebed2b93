"""`hevesy protect waste`: what of the decay store may leave when, and how tanks run."""

from pathlib import Path
from typing import Annotated, Any

import typer

from hevesy.cli.console import out, print_json, refusals
from hevesy.errors import InputError


def waste(
    ledger: Annotated[Path, typer.Argument(metavar="LEDGER.csv|TANKS.toml", help="Bags by row, or tanks.")],
    scheme: Annotated[str, typer.Option("--scheme", help="Clearance levels: annex-vii or rp-122.")] = "annex-vii",
    on: Annotated[str, typer.Option("--on", metavar="DAY", help="2026-01-31; today if left out.")] = "",
    levels: Annotated[
        Path | None, typer.Option("--levels", metavar="LEVELS.csv", help="Your own levels, laid over ours.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Say which bag may leave when, by clearance levels; or how long tanks are held."""
    with refusals():
        from hevesy.app.protect_waste import protect_waste

        facts = protect_waste(ledger, scheme=scheme, on=_day(on), levels=levels)
        if as_json:
            print_json(facts)
        else:
            _show(facts)


def _day(text: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"--on: got {text!r}; write a day as 2026-01-31.") from error


def _show(facts: dict[str, Any]) -> None:
    from rich.markup import escape
    from rich.table import Table

    console = out()
    if "tanks" in facts:
        rows = Table("tank", "fills in", "full, MBq", "hold", "tanks", "let go, MBq", box=None, pad_edge=False)
        for name, tank in facts["tanks"].items():
            rows.add_row(
                escape(name), f"{tank['filling_d']:.1f} d", f"{tank['activity_full_MBq']:.4g}", f"{tank['decay_d']:.1f} d",
                str(tank["tanks_needed"]), f"{tank['activity_discharged_MBq']:.3g}",
            )  # fmt: skip
    else:
        now = ", ".join(facts["may_leave_now"]) or "nothing"
        console.print(f"[bold]{facts['on']}: may leave: {escape(now)}[/bold]; {facts['held']} bags in the store")
        rows = Table("bag", "nuclides", "MBq now", "of clearance", "exempt", "may leave", box=None, pad_edge=False)
        for name, bag in facts["bags"].items():
            when = f"left {bag['left']}" if bag["left"] else "now" if bag["may_leave"] else bag["leaves_on"]
            free = bag["exemption"]
            exempt = "not known" if free is None else "yes" if free["exempt_now"] else "no"
            rows.add_row(
                escape(name),
                ", ".join(bag["nuclides"]),
                f"{bag['activity_now_MBq']:.3g}",
                f"{bag['fraction_now']:.3g}",
                exempt,
                when,
            )
    console.print(rows)
    for remark in facts["remarks"]:
        console.print(f"[yellow]note[/yellow] {escape(remark)}")
