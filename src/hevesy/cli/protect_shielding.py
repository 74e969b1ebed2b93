"""`hevesy protect shielding`: barriers of uptake and imaging rooms."""

from typing import Annotated

import typer

from hevesy.cli.console import out, print_json, refusals


def shielding(  # noqa: PLR0913  (its arguments are the options)
    room: Annotated[str, typer.Argument(metavar="uptake|imaging", help="Which room.")],
    patients: Annotated[float, typer.Option("--patients", min=0, help="By week.")],
    activity: Annotated[str, typer.Option("--activity", metavar="A", help='Administered to each: "370 MBq".')],
    stay: Annotated[str, typer.Option("--stay", metavar="T", help='Of each in the room: "60 min".')],
    distance: Annotated[str, typer.Option("--distance", metavar="D", help='From the patient to the point: "4 m".')],
    uptake: Annotated[str, typer.Option("--uptake", metavar="T", help="Before imaging.")] = "60 min",
    occupancy: Annotated[
        float, typer.Option("--occupancy", min=0, max=1, help="Share of the time that somebody is there.")
    ] = 1.0,
    area: Annotated[str, typer.Option("--area", help="public (20 uSv a week) or controlled (100 uSv a week).")] = "public",
    nuclide: Annotated[str, typer.Option("--nuclide", help="A positron emitter.")] = "F-18",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Say what a barrier may let through, and how thick it is in lead, concrete and iron."""
    with refusals():
        from hevesy.app.protect_shielding import ShieldingAsked, protect_shielding

        asked = ShieldingAsked(
            room=room, patients_per_week=patients, activity=activity, stay=stay, distance=distance, uptake=uptake,
            occupancy=occupancy, area=area, nuclide=nuclide,
        )  # fmt: skip
        facts = protect_shielding(asked)
        if as_json:
            print_json(facts)
            return
        console = out()
        console.print(
            f"[bold]transmission {facts['transmission']:.3g}[/bold]: {facts['dose_without_shield_uSv_per_week']:.3g} uSv a week "
            f"without a shield, goal {facts['goal_uSv_per_week']:g} ({facts['area']} area, occupancy {facts['occupancy']:g})"
        )
        console.print("; ".join(f"{name} {value:.1f} mm" for name, value in facts["thickness_mm"].items()))
        console.print(f"[dim]{facts['source']}[/dim]")
        for remark in facts["remarks"]:
            console.print(f"[yellow]note[/yellow] {remark}")
