"""`hevesy supply`: the group of commands for generators, orders and the plan of a day."""

import typer

from hevesy.cli.supply_day import day
from hevesy.cli.supply_generator import generator
from hevesy.cli.supply_network import network
from hevesy.cli.supply_order import order
from hevesy.cli.supply_produce import produce

supply = typer.Typer(help="Generators, orders, production and the plan of a day.", no_args_is_help=True)
supply.command("generator")(generator)
supply.command("order")(order)
supply.command("produce")(produce)
supply.command("network")(network)
supply.command("day")(day)
