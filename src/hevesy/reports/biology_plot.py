"""Picture of biological doses: absorbed dose, BED and EQD2 by region, and BED-volume histograms."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.model import Measured
from hevesy.reports.canvas import ALARM, INK, MM_PER_INCH, PNG, QUIET, SVG, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS, KINDS, LINES

Vector = npt.NDArray[np.float64]

LEFT, WIDE, TOP, ROW = 32.0, 62.0, 20.0, 13.0  # mm
RIGHT, NARROW, TALLEST = 116.0, 60.0, 78.0
QUANTITIES = (("dose", "absorbed dose", "#94a4a2"), ("bed", "BED", "#3f90da"), ("eqd2", "EQD2", "#832db6"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BiologyRow:
    """A region: what it is taken for, its doses [Gy], and its cumulative histogram of BED [Gy] and share of volume [1]."""

    name: str
    tissue: str
    kind: str
    dose: Measured
    bed: Measured
    eqd2: Measured
    histogram_bed: Vector
    histogram_share: Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BiologyPicture:
    """What is drawn; ``tissues`` says where the tissues come from, ``synthetic`` that the patient is a virtual one."""

    title: str
    synthetic: bool
    tissues: str
    rows: tuple[BiologyRow, ...]


def biology_plot(picture: BiologyPicture, *, kind: str = PNG) -> bytes:
    """The picture as a file of that kind, "png" or "svg"."""
    rows = sorted(picture.rows, key=lambda row: KINDS.index(row.kind) if row.kind in KINDS else len(KINDS))
    tall = max(55.0, ROW * len(rows))
    with drawing():
        canvas = Canvas(TOP + tall + 14.0)
        canvas.text(5, 2.5, f"Biological doses: {drawable(picture.title, 60)}", fontsize=9, fontweight="bold", color=INK)
        canvas.text(5, 8.0, f"Tissues {drawable(picture.tissues, 110)}. Bars: k = 1.", fontsize=6.5, color=QUIET)
        if picture.synthetic:
            canvas.text(175, 2.5, "VIRTUAL PATIENT", fontsize=8, fontweight="bold", color=ALARM, ha="right")
        if rows:
            _bars(canvas.axes(LEFT, TOP, WIDE, tall), rows)
            legend = 8.0 + 3.6 * math.ceil(len(rows) / 2)
            _histograms(canvas.axes(RIGHT, TOP, NARROW, min(tall - legend, TALLEST)), rows)
        else:
            canvas.text(5, TOP, "No region has a tissue, so none has a BED.", fontsize=8, color=ALARM)
        return canvas.saved(SVG if kind == SVG else PNG)


def _bars(axes: Any, rows: list[BiologyRow]) -> None:
    top = max(value.value + (value.u or 0.0) for row in rows for value in (row.dose, row.bed, row.eqd2)) / un.Gy or 1.0
    for i, row in enumerate(rows):
        for j, (field, label, colour) in enumerate(QUANTITIES):
            value: Measured = getattr(row, field)
            y, u = i + 0.26 * (j - 1), value.u
            axes.barh(y, value.value / un.Gy, height=0.22, color=colour, label=label if i == 0 else None, zorder=2)
            if u is not None:
                axes.errorbar(value.value / un.Gy, y, xerr=u / un.Gy, color=INK, lw=0.8, capsize=1.5, capthick=0.8, zorder=3)
            end = (value.value + (u or 0.0)) / un.Gy
            axes.text(end + 0.015 * top, y, _said(value), va="center", fontsize=5.8, color=INK)
    axes.set_ylim(len(rows) - 0.45, -0.55)
    axes.set_yticks(range(len(rows)), [f"{drawable(row.name, 22)}\n{drawable(row.tissue, 22)}" for row in rows], fontsize=6.3)
    axes.set_xlim(0, 1.28 * top)
    axes.set_xlabel("Gy", fontsize=6.5)
    axes.tick_params(axis="x", labelsize=6)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), fontsize=6, frameon=False, ncols=3, borderpad=0, handlelength=1.0)


def _histograms(axes: Any, rows: list[BiologyRow]) -> None:
    for i, row in enumerate(rows):
        colour, line = COLOURS[i % len(COLOURS)], LINES[i // len(COLOURS) % len(LINES)]
        shown = row.histogram_share > 0
        axes.plot(
            row.histogram_bed[shown] / un.Gy, 100 * row.histogram_share[shown], color=colour, ls=line, lw=1.2,
            label=drawable(row.name, 24),
        )  # fmt: skip
    axes.set_xlim(left=0)
    axes.set_ylim(0, 104)
    axes.set_xlabel("BED, Gy", fontsize=6.5)
    axes.set_ylabel("volume with at least that BED, %", fontsize=6.5)
    axes.set_title("BED-volume histograms", fontsize=7, loc="left", color=INK, pad=3)
    axes.tick_params(labelsize=6)
    box = axes.get_position()
    below = -9.0 / (box.height * axes.figure.get_figheight() * MM_PER_INCH)  # clear of the axis and its name
    axes.legend(fontsize=5.8, frameon=False, loc="upper left", bbox_to_anchor=(-0.05, below), ncols=2, borderpad=0)


def _said(value: Measured) -> str:
    if value.u is None:
        return f"{value.value / un.Gy:.3g} (no u)"
    places = 1 if value.u / un.Gy >= 0.95 else 2
    return f"{value.value / un.Gy:.{places}f} ± {value.u / un.Gy:.{places}f}"
