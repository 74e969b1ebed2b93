"""The command line: parse, call one use case, print."""

from hevesy.cli.main import main

__all__ = ["main"]
