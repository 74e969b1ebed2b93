"""Tables of a report as data, before any page sets them."""

from collections.abc import Sequence
from typing import Any

from hevesy.model import Measured
from hevesy.reports.numbers import with_u
from hevesy.reports.palette import Marked
from hevesy.reports.words import clean

Cell = dict[str, Any]
Column = dict[str, Any]


def cell(text: str, sub: str = "", *, mark: str = "", tint: float = 0.0) -> Cell:
    """One cell.

    ``sub`` stands smaller below the text; ``mark`` is "", "strong", "alarm" or "quiet"; ``tint`` (0 to 1)
    shades the cell.  :func:`name_cell` adds what a region needs.
    """
    return {
        "text": text,
        "sub": sub,
        "mark": mark,
        "tint": round(tint, 3),
        "key": "",
        "swatch": "",
        "tag": "",
    }


def name_cell(m: Marked, *, brief: bool = False) -> Cell:
    """Number, colour and name of a region, its kind, and a tag where its fit does not hold."""
    standard = m.region.standard_name
    told = {"", m.region.name.casefold(), m.region.kind.casefold()}
    sub = m.region.kind if standard.casefold() in told else f"{m.region.kind} · {standard}"
    tag = "" if m.region.fit.well_posed else "ill-posed fit"
    said = cell(m.name, "" if brief else clean(sub), mark="strong")
    return said | {"key": str(m.number), "swatch": m.colour, "tag": tag}


def value_cell(value: Measured, unit: float, mark: str = "") -> Cell:
    """A value with its u below."""
    text, sub = with_u(value.value / unit, None if value.u is None else value.u / unit)
    return cell(text, sub, mark=mark)


def column(label: str, unit: str = "", *, align: str = "right", share: float = 0.0) -> Column:
    """A column head; ``share`` is its part of the spare width, 0 for as wide as its content."""
    return {"label": label, "unit": unit, "align": align, "share": share}


def sheet(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    tones: Sequence[str] = (),
    foot: Sequence[str] = (),
) -> dict[str, Any]:
    """A table; ``tones`` names each row "" or "alarm", ``foot`` holds lines below it."""
    toned = list(tones) or [""] * len(rows)
    made = [{"tone": tone, "cells": list(cells)} for tone, cells in zip(toned, rows, strict=True)]
    return {"columns": list(columns), "rows": made, "foot": list(foot)}
