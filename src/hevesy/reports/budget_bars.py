"""What the uncertainty of each region's dose is made of, as bars."""

import math
from typing import Any

from hevesy.reports.canvas import SVG, WIDTH, Canvas, drawable
from hevesy.reports.palette import Marked
from hevesy.reports.record import relative_u_then

LEFT, RIGHT, BAR, FOOT, HEAD = 34.0, 30.0, 4.6, 9.0, 13.0  # mm
# Random terms in blues, systematic ones in warm colours; told apart in grey too by hatching of the random ones.
RANDOM = ("#9ecae1", "#4a90c2", "#1f5f99", "#c6dbef", "#6baed6")
SYSTEMATIC = ("#fdae6b", "#d9772b", "#8c4a14", "#fdd0a2", "#c9b18a", "#e6c229")


def budget_bars(regions: tuple[Marked, ...]) -> bytes:
    """One bar a region as long as the relative u of its mean dose, divided by share of the variance.  An SVG file."""
    kinds: dict[str, str] = {name: term.kind for m in regions for name, term in m.region.terms.items() if term.of_dose}
    weight = {name: sum(m.region.budget.get(name, 0.0) ** 2 for m in regions) for name in kinds}
    names = sorted(kinds, key=lambda name: (kinds[name] == "random", -weight[name]))
    colours = _colours(names, kinds)
    canvas = Canvas(HEAD + BAR * 1.35 * len(regions) + FOOT)
    axes = canvas.axes(LEFT, HEAD, WIDTH - LEFT - RIGHT, BAR * 1.35 * len(regions))
    longest = max((math.hypot(*m.region.budget.values()) for m in regions if m.region.budget), default=0.0) or 1.0
    for row, m in enumerate(regions):
        _bar(axes, row, m, names, colours, kinds)
    axes.set_ylim(len(regions) - 0.4, -0.6)
    axes.set_xlim(0, 100 * longest * 1.02)
    axes.set_yticks(range(len(regions)), [f"{m.number}  {drawable(m.name, 20)}" for m in regions], fontsize=6.5)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=6.5)
    axes.grid(axis="x", color="#e3e7ea", lw=0.5)
    axes.set_axisbelow(True)
    axes.set_xlabel("relative standard uncertainty of the mean dose, %", fontsize=7)
    _legend(canvas, names, colours, kinds)
    return canvas.saved(SVG)


def _colours(names: list[str], kinds: dict[str, str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for kind, palette in (("random", RANDOM), ("systematic", SYSTEMATIC)):
        mine = [name for name in names if kinds[name] == kind]
        given |= {name: palette[i % len(palette)] for i, name in enumerate(mine)}
    return given


def _bar(axes: Any, row: int, m: Marked, names: list[str], colours: dict[str, str], kinds: dict[str, str]) -> None:
    """Parts as long as their share of the variance, so that they add up to the whole."""
    variance = sum(x * x for x in m.region.budget.values())
    total, left = math.sqrt(variance), 0.0
    for name in names:
        part = m.region.budget.get(name, 0.0) ** 2 / variance * total if variance > 0 else 0.0
        if part > 0:
            hatch = "////" if kinds[name] == "random" else None
            axes.barh(row, 100 * part, left=100 * left, height=0.74, color=colours[name], hatch=hatch, edgecolor="white", lw=0.4)
            left += part
    then = relative_u_then(m.region)
    said = f"{100 * total:.1f} %" + ("" if then is None else f" → {100 * then:.1f} %")
    axes.text(1.01, row, said, transform=axes.get_yaxis_transform(), fontsize=6.5, va="center", ha="left")


def _legend(canvas: Canvas, names: list[str], colours: dict[str, str], kinds: dict[str, str]) -> None:
    from matplotlib.patches import Patch

    patches = [
        Patch(facecolor=colours[n], edgecolor="white", hatch="////" if kinds[n] == "random" else None, label=drawable(n, 24))
        for n in names
    ]
    if patches:
        axes = canvas.axes(0, 0, WIDTH, HEAD)
        axes.set_axis_off()
        axes.legend(handles=patches, ncols=6, fontsize=6.2, frameon=False, loc="upper left", handlelength=1.6, columnspacing=1.2)
    canvas.text(WIDTH - RIGHT + 1.5, HEAD - 4.5, "now → one more scan", fontsize=6.2)
