"""Reports on disk: either all of them, each whole, or none."""

import json
import os
from collections.abc import Callable
from pathlib import Path

from hevesy.errors import InputError
from hevesy.model import DoseResult
from hevesy.reports.content import content
from hevesy.reports.document import pdf_document
from hevesy.reports.figures import figures
from hevesy.reports.page import html_page
from hevesy.reports.record import result_as_dict
from hevesy.reports.table import doses_csv

Progress = Callable[[str], None]
NAMES = ("doses.csv", "report.html", "report.pdf", "result.json")


def result_json(result: DoseResult) -> bytes:
    """The content of result.json: UTF-8, no NaN and no infinity."""
    text = json.dumps(result_as_dict(result), indent=1, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode("utf-8")


def _renamed(parts: dict[Path, Path]) -> None:
    done: list[Path] = []
    for part, whole in parts.items():
        try:
            os.replace(part, whole)
            done.append(whole)
        except OSError as problem:
            for earlier in done:  # never a new file beside old ones
                earlier.unlink(missing_ok=True)
            raise InputError(
                f"{whole.name} cannot be written to {whole.parent}: {problem.strerror}. "
                "Close it where it is open, or give another folder."
            ) from problem


def write_reports(result: DoseResult, folder: Path, *, progress: Progress | None = None) -> tuple[Path, ...]:
    """Writes result.json, doses.csv, report.html and report.pdf to ``folder``; makes it if need be.

    All four are written under temporary names in ``folder`` and renamed when all are whole, result.json last.
    Where writing fails or is interrupted, no file of this result stands there; an earlier one stays.

    Parameters
    ----------
    result : DoseResult
    folder : Path
    progress : callable, optional       Called with a few words before each step.

    Returns
    -------
    tuple of Path                       The files, in the order of ``NAMES``.
    """
    say = progress or (lambda _: None)
    say("drawing the pictures")
    drawn = figures(result)
    said = content(result, drawn)
    makers: dict[str, Callable[[], bytes]] = {
        "doses.csv": lambda: doses_csv(result),
        "report.html": lambda: html_page(said, drawn),
        "report.pdf": lambda: pdf_document(said, drawn),
        "result.json": lambda: result_json(result),
    }
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[Path, Path] = {}
    try:
        for name in NAMES:
            say(f"writing {name}")
            part = folder / f".{name}.{os.getpid()}.part"
            parts[part] = folder / name
            part.write_bytes(makers[name]())
        _renamed(parts)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
    return tuple(folder / name for name in NAMES)
