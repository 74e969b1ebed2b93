"""What a command does with an option that is given twice: it refuses, where the parser would take the last in silence."""

from collections.abc import Iterable, Sequence
from typing import Any

import typer
from typer.core import TyperGroup


class Once(TyperGroup):
    """A group whose commands, and those of its groups, take each option once unless it may be repeated."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As of every group, after options that were given twice have been refused."""
        found = super().resolve_command(ctx, args)
        _, command, rest = found
        while command is not None and hasattr(command, "commands"):  # a group: its options are flags
            name = next((arg for arg in rest if not arg.startswith("-")), "")
            rest = rest[rest.index(name) + 1 :] if name else []
            command = command.commands.get(name)
        if command is not None:
            check(command.params, rest)
        return found


def check(params: Iterable[Any], args: Sequence[str]) -> None:
    """Refuse a second value for an option that holds one.

    Parameters
    ----------
    params : parameters of a command    With ``opts``, ``multiple``, ``is_flag``, ``nargs``.
    args : sequence of str              As the command will read them.

    Raises
    ------
    typer.BadParameter
        Says which option, what was given, and which may be repeated.
    """
    options = [p for p in params if p.param_type_name == "option" and not p.is_flag]
    named = {name: p for p in options for name in p.opts}
    given: dict[str, list[str]] = {}
    rest = list(args)
    while rest and (word := rest.pop(0)) != "--":
        name, attached, value = word.partition("=") if word.startswith("--") else (word[:2], word[2:], word[2:])
        if name not in named:
            continue
        if not attached:
            value = " ".join(rest[: named[name].nargs])
            del rest[: named[name].nargs]
        if not named[name].multiple:
            given.setdefault(named[name].opts[0], []).append(value)
    twice = {name: values for name, values in given.items() if len(values) > 1}
    for name, values in twice.items():
        several = ", ".join(p.opts[0] for p in options if p.multiple)
        said = f" What may be repeated here: {several}." if several else ""
        raise typer.BadParameter(f"{name} was given {len(values)} times ({', '.join(values)}); it takes one value.{said}")
