"""Orientation letters, scale bars and colour bars: what makes a picture of a patient readable."""

from typing import Any

from hevesy.reports.canvas import INK
from hevesy.reports.views import Extent


def bare(axes: Any, extent: Extent, face: str) -> None:
    """Axes for a picture in mm: no ticks, one mm as long in both directions."""
    left, right, bottom, top = extent
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor(face)
    for spine in axes.spines.values():
        spine.set_visible(False)


def edged(colour: str, width: float = 1.6) -> list[Any]:
    """An outline for text and lines, so that they show on dark and on light."""
    from matplotlib.patheffects import withStroke

    return [withStroke(linewidth=width, foreground=colour)]


def letters(axes: Any, marks: tuple[str, str, str, str], *, ink: str, edge: str) -> None:
    """Orientation letters at the left, right, top and bottom of a picture; "" leaves one out."""
    places = ((0.02, 0.5, "left", "center"), (0.98, 0.5, "right", "center"),
              (0.5, 0.985, "center", "top"), (0.5, 0.015, "center", "bottom"))  # fmt: skip
    for mark, (x, y, ha, va) in zip(marks, places, strict=True):
        style = {"ha": ha, "va": va, "fontsize": 7, "fontweight": "bold", "color": ink}
        axes.text(x, y, mark, transform=axes.transAxes, path_effects=edged(edge), **style)


def scale_bar(axes: Any, extent: Extent, *, ink: str, edge: str) -> None:
    """A bar of 100, 50, 20 or 10 mm at the lower left."""
    left, right, bottom, top = extent
    width, height = abs(right - left), top - bottom
    length = next((n for n in (100, 50, 20, 10) if n <= 0.45 * width), 5)
    toward = 1 if right > left else -1
    x0, y0 = left + toward * 0.04 * width, bottom + 0.035 * height
    axes.plot(
        [x0, x0 + toward * length],
        [y0, y0],
        color=ink,
        lw=1.6,
        solid_capstyle="butt",
        path_effects=edged(edge, 2.6),
    )
    style = {"ha": "left", "va": "bottom", "fontsize": 6, "color": ink}
    axes.text(x0, y0 + 0.012 * height, f"{length} mm", path_effects=edged(edge), **style)


def colour_bar(axes: Any, mapped: Any, *, label: str, face: str = "white") -> None:
    """A colour bar in its own axes, upright, with its unit; an arrow says that brighter values are cut."""
    bar = axes.figure.colorbar(mapped, cax=axes, extend="max", extendfrac=0.04)
    bar.set_label(label, fontsize=7)
    bar.outline.set_edgecolor(INK)
    bar.outline.set_linewidth(0.5)
    axes.set_facecolor(face)
    axes.tick_params(labelsize=6.5, length=2)
