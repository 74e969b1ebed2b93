"""What all commands share on the terminal: results to standard output, progress and errors to standard error."""

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from hevesy.errors import HevesyError

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[str, float], None]


def out() -> "Console":
    """Standard output."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def print_json(facts: dict[str, Any]) -> None:
    """One JSON document on standard output; a number that is not finite would be a defect and is refused."""
    typer.echo(json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False))


class Terminated(KeyboardInterrupt):
    """The system asked the program to end."""


def _end(*_: object) -> None:
    raise Terminated


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what Hevesy refuses, and what the system refuses, into a message on standard error and exit code 1.

    Whoever interrupts gets 130; a system that ends the program 143, after parts of files were taken away.
    """
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, _end) if main else None
    try:
        yield
    except HevesyError as error:
        _fail(str(error))
    except OSError as error:
        reason = error.strerror or next(iter(str(error).splitlines()), "") or type(error).__name__
        _fail(f"{error.filename or 'a file could not be read or written'}: {reason}. Nothing that was whole before was changed.")
    except MemoryError:
        _fail("not enough memory for these images. Crop them, or use a machine with more.")
    except Terminated:
        _fail("ended by the system; nothing was written.", code=143)
    except KeyboardInterrupt:
        _fail("interrupted; nothing was written.", code=130)
    finally:
        if main:
            signal.signal(signal.SIGTERM, before)


def _fail(message: str, *, code: int = 1) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True, highlight=False)
    for line in message.splitlines():
        console.print(Text.assemble(("error: ", "bold red"), line), soft_wrap=True)
    raise typer.Exit(code)


@contextmanager
def progress(*, wanted: bool = True) -> Iterator[Progress]:
    """A bar on standard error while a terminal is looking; nothing where none is, or where it is not wanted."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if not (wanted and console.is_terminal):
        yield lambda text, fraction: None
        return
    columns = (TextColumn("{task.description:<34}"), BarColumn(bar_width=30), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda text, fraction: bar.update(task, description=text[:34], completed=min(1.0, fraction))


def measured(value: float, u: float | None, digits: int = 3) -> str:
    """Value ± u with the digits that u justifies."""
    if u is None:
        return f"{value:.{digits}g} (no u)"
    if u == 0 or value == 0:
        return f"{value:.{digits}g} ± {u:.2g}"
    from math import floor, log10

    places = max(0, 1 - floor(log10(u)))
    return f"{value:.{places}f} ± {u:.{places}f}"
