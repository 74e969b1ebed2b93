"""The page of public names, with docstrings as they stand in the code."""

import importlib
import pkgutil
import re

from pages.rows import row


def library():
    """The public names of every room that has any, from the bottom of the house up."""
    hevesy = importlib.import_module("hevesy")
    floors = [
        "units",
        "errors",
        "model",
        "tables",
        "rng",
        "nuclides",
        "anatomy",
        "materials",
        "kinetics",
        "quantify",
    ]
    floors += ["imaging", "registration", "segmentation", "dose", "protocols", "dicom", "reports", "app"]
    rooms = [module.name for module in pkgutil.iter_modules(hevesy.__path__)]
    rooms.sort(key=lambda name: (floors.index(name) if name in floors else len(floors), name))
    sections = []
    for room in rooms:
        if room == "cli":
            continue
        module = f"hevesy.{room}"
        options = "" if room == "units" else "   :members:\n"
        sections.append(f"## {module}\n\n```{{eval-rst}}\n.. automodule:: {module}\n{options}```\n")
        if room == "units":
            sections.append(_constants(module))
    return "\n".join(sections)


def _constants(module):
    """The factors of a module of constants as a table."""
    found = {k: v for k, v in vars(importlib.import_module(module)).items() if isinstance(v, float)}
    rows = [row([f"`{name}`", f"{value:.10g}"]) for name, value in found.items()]
    return "\n".join(["| name | factor |", "|---|---|", *rows]) + "\n"


def as_written(app, what, name, obj, options, lines):
    """Show a docstring as it stands: a sentence, then the rest with its columns and equations kept."""
    rest = "\n".join(lines[1:]).strip("\n").splitlines()
    if not rest:
        lines[:] = [_plain(line) for line in lines]
        return
    body = [f"   {line}" for line in rest]
    lines[:] = [_plain(lines[0]), "", ".. code-block:: text", "", *body, ""]


def _plain(sentence):
    """``sentence`` with nothing in it that reStructuredText would take for markup but code marks."""
    parts = re.split(r"(``[^`]+``)", sentence)
    return "".join(part if part.startswith("``") else re.sub(r"([*|_\\`])", r"\\\1", part) for part in parts)
