"""Cumulative dose-volume histograms of all regions."""

from typing import Any

import numpy as np

from hevesy import units as un
from hevesy.reports.bodies import edged
from hevesy.reports.canvas import SVG, WIDTH, Canvas, drawable
from hevesy.reports.palette import Marked

TALL, LEFT, FOOT, HEAD, GAP = 58.0, 10.0, 9.0, 5.0, 12.0  # mm
LEGEND_LINE = 3.6  # mm
MOST_LINES = 25  # of a legend; more regions make more columns


def _line(m: Marked) -> tuple[Any, Any]:
    """Dose [Gy] and volume [%], from 100 % at 0 Gy to 0 % at the largest dose."""
    histogram = m.region.histogram
    dose, volume = np.asarray(histogram.dose) / un.Gy, 100 * np.asarray(histogram.volume)
    if dose[0] > 0:
        dose, volume = np.append(0.0, dose), np.append(100.0, volume)
    if volume[-1] > 0:
        dose, volume = np.append(dose, dose[-1]), np.append(volume, 0.0)
    return dose, volume


def _reach(lines: list[tuple[Any, Any]]) -> float:
    """Where the dose axis ends: no region has more than 0.5 % of its volume beyond."""
    return 1.06 * max(float(dose[volume >= 0.5][-1]) for dose, volume in lines) or 1.0


def _panel(axes: Any, regions: list[Marked], title: str) -> None:
    lines = [_line(m) for m in regions]
    reach = _reach(lines)
    for i, (m, (dose, volume)) in enumerate(zip(regions, lines, strict=True)):
        axes.plot(dose, volume, color=m.colour, ls=m.line, lw=1.4)
        height = 30 + 50 * ((i * 0.37) % 1.0)  # numbers at different heights, so that close lines stay legible
        x = float(np.interp(-height, -volume, dose))
        style = {"fontsize": 6, "fontweight": "bold", "ha": "center", "va": "center", "color": m.colour}
        axes.text(x, height, str(m.number), path_effects=edged("white", 2.4), **style)
    axes.set_xlim(0, reach)
    axes.set_ylim(0, 102)
    axes.grid(color="#e3e7ea", lw=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=6.5)
    axes.set_title(title, fontsize=7.5, fontweight="bold", loc="left", pad=4)
    axes.set_xlabel("absorbed dose, Gy", fontsize=7)


def _legend(canvas: Canvas, regions: list[Marked], left: float, width: float, lines: int) -> None:
    height = LEGEND_LINE * lines + 1
    axes = canvas.axes(left, HEAD + TALL + FOOT, width, height)
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    columns = -(-len(regions) // lines)
    room = int(width / columns / 1.5) - 7
    for i, m in enumerate(regions):
        column, row = divmod(i, lines)
        x, y = column * width / columns, (row + 0.6) * LEGEND_LINE
        axes.plot([x, x + 8], [y, y], color=m.colour, ls=m.line, lw=1.6)
        said = f"{m.number}  {drawable(m.name, room)}" + ("" if m.region.fit.well_posed else " (ill-posed)")
        axes.text(x + 10, y, said, fontsize=6.3, va="center", ha="left")


def dose_volume_histograms(regions: tuple[Marked, ...]) -> bytes:
    """Lesions and all other regions side by side, each panel with its own dose axis.  An SVG file."""
    lesions = [m for m in regions if m.region.kind == "lesion"]
    others = [m for m in regions if m.region.kind != "lesion"]
    panels = [(part, title) for part, title in ((others, "Organs and other regions"), (lesions, "Lesions")) if part]
    wide = (WIDTH - LEFT - 2.0 - GAP * (len(panels) - 1)) / len(panels)
    lines = min(MOST_LINES, max(len(part) for part, _ in panels))
    canvas = Canvas(HEAD + TALL + FOOT + LEGEND_LINE * lines + 2)
    for i, (part, title) in enumerate(panels):
        left = LEFT + i * (wide + GAP)
        axes = canvas.axes(left, HEAD, wide, TALL)
        _panel(axes, part, title if len(panels) > 1 else "")
        if i == 0:
            axes.set_ylabel("volume that receives at least this dose, %", fontsize=7)
        _legend(canvas, part, left, wide, lines)
    return canvas.saved(SVG)
