"""The program `hevesy` and its commands."""

from typing import Annotated

import typer

from hevesy import __version__
from hevesy.cli.alara import alara
from hevesy.cli.biology import biology
from hevesy.cli.blood import blood
from hevesy.cli.calibrate import calibrate
from hevesy.cli.compartments import compartments
from hevesy.cli.course import course
from hevesy.cli.demo import demo
from hevesy.cli.dose import dose
from hevesy.cli.dosemap import dosemap
from hevesy.cli.eligible import eligible
from hevesy.cli.fit import fit
from hevesy.cli.inspect import inspect
from hevesy.cli.kernel import KernelCommand, kernel
from hevesy.cli.nuclide import nuclide
from hevesy.cli.once import Once
from hevesy.cli.plan import plan
from hevesy.cli.planar import planar
from hevesy.cli.population import population
from hevesy.cli.protect import protect
from hevesy.cli.qc import qc
from hevesy.cli.reconstruct import reconstruct
from hevesy.cli.recovery import recovery
from hevesy.cli.renogram import renogram
from hevesy.cli.scanner import scanner
from hevesy.cli.schedule import schedule
from hevesy.cli.simulate import simulate
from hevesy.cli.single import single
from hevesy.cli.sphere import sphere
from hevesy.cli.supply import supply
from hevesy.cli.suv import suv
from hevesy.cli.thyroid import thyroid
from hevesy.cli.transfer import transfer

program = typer.Typer(
    name="hevesy",
    cls=Once,
    help="Nuclear medicine from a folder of scans to a dose report: every number with its uncertainty and its source.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hevesy {__version__}")
        raise typer.Exit


@program.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    pass


program.command()(demo)
program.command()(inspect)
program.command()(dose)
program.command()(nuclide)
program.command()(fit)
program.command(cls=KernelCommand)(kernel)
program.command()(dosemap)
program.command()(sphere)
program.command()(recovery)
program.command()(population)
program.command()(single)
program.command()(schedule)
program.command()(blood)
program.command()(compartments)
program.command()(calibrate)
program.command()(planar)
program.command()(renogram)
program.command()(thyroid)
program.command()(scanner)
program.command()(simulate)
program.command()(reconstruct)
program.command()(qc)
program.command()(alara)
program.command()(suv)
program.command()(eligible)
program.command()(transfer)
program.command()(biology)
program.command()(plan)
program.command()(course)
program.add_typer(protect, name="protect")
program.add_typer(supply, name="supply")


def main() -> None:
    """Entry point of the console script."""
    program()
