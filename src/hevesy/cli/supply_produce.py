"""`hevesy supply produce`: activity that reaches the hospital from a cyclotron or a reactor."""

from typing import Annotated

import typer

from hevesy.cli.console import out, print_json, refusals


def produce(
    nuclide: Annotated[str, typer.Option("--nuclide", help="F-18, Ga-68, Lu-177, ...")],
    saturation: Annotated[str, typer.Option("--saturation", help="Activity after endless irradiation: yield by current.")],
    irradiation: Annotated[str, typer.Option("--irradiation", help='Time of irradiation: "2 h".')],
    cooling: Annotated[str, typer.Option("--cooling", help="From its end to the processing.")] = "0 h",
    processing: Annotated[str, typer.Option("--processing", help="Processing and release.")] = "0 h",
    chemical_yield: Annotated[str, typer.Option("--yield", help="Share that processing keeps, decay apart.")] = "100 %",
    transport: Annotated[str, typer.Option("--transport", help="To the hospital.")] = "0 h",
    as_json: Annotated[bool, typer.Option("--json", help="Print the same facts as JSON.")] = False,
) -> None:
    """Activity of a batch from the end of irradiation to the hospital."""
    with refusals():
        from hevesy.app.supply_produce import produce_facts

        facts = produce_facts(
            nuclide,
            saturation,
            irradiation,
            cooling=cooling,
            processing=processing,
            chemical_yield=chemical_yield,
            transport=transport,
        )
        if as_json:
            print_json(facts)
            return
        console = out()
        console.print(
            f"end of irradiation: {facts['end_of_irradiation_MBq']:.5g} MBq "
            f"({100 * facts['share_of_saturation']:.1f} % of saturation)"
        )
        console.print(
            f"after cooling: {facts['after_cooling_MBq']:.5g} MBq, after processing: {facts['after_processing_MBq']:.5g} MBq"
        )
        console.print(f"[bold]at the hospital: {facts['delivered_MBq']:.5g} MBq {facts['nuclide']}[/bold]")
