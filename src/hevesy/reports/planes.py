"""Absorbed dose over the CT in three planes, with the regions drawn in."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.model import DoseResult
from hevesy.reports.bodies import bare, colour_bar, edged, letters, scale_bar
from hevesy.reports.canvas import PNG, QUIET, WIDTH, Canvas, drawable
from hevesy.reports.centres import Centre, centres
from hevesy.reports.palette import Marked
from hevesy.reports.views import Window, turned

LOWEST, FULL = (
    0.05,
    0.25,
)  # of the scale: below the first the dose is not painted, above the second at full strength
STRENGTH = 0.72
CT_WINDOW = (-160.0, 240.0)  # HU
TALLEST, BAR, GAP, HEAD = 72.0, 17.0, 3.0, 8.5  # mm
LEGEND_LINE = 3.0  # mm
BEHIND = "#5a5a5a"  # behind the colour bar: a middle grey, as the CT of soft tissue


def dose_map() -> Any:
    """Inferno with an opacity that grows from nothing at 5 % of the scale."""
    from matplotlib import colormaps
    from matplotlib.colors import ListedColormap

    colours = colormaps["inferno"](np.linspace(0.12, 1.0, 256))
    level = np.linspace(0.0, 1.0, 256)
    colours[:, 3] = STRENGTH * np.clip(0.35 + 0.65 * (level - LOWEST) / (FULL - LOWEST), 0, 1) * (level >= LOWEST)
    return ListedColormap(colours, name="hevesy-dose")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scene:
    """What all planes share: upright volumes cut to the window, scales and marks."""

    window: Window
    dose: npt.NDArray[Any]
    under: npt.NDArray[Any]
    under_range: tuple[float, float]
    masks: list[tuple[Marked, npt.NDArray[Any]]]


def _scene(result: DoseResult, regions: tuple[Marked, ...], window: Window) -> _Scene:
    pictures = result.pictures
    under = pictures.ct or pictures.activity[result.reference_scan]
    grey = window.cut(turned(under.values, window.frame))
    # Activity below the dose is kept dim: bright grey would wash out the colours of the hottest places.
    grey_range = CT_WINDOW if pictures.ct else (0.0, max(1.8 * float(np.percentile(grey, 99.7)), 1e-9))
    masks = [
        (m, window.cut(turned(pictures.masks[m.region.name], window.frame))) for m in regions if m.region.name in pictures.masks
    ]
    return _Scene(
        window=window,
        dose=window.cut(turned(pictures.dose.values, window.frame)) / un.Gy,
        under=grey,
        under_range=grey_range,
        masks=masks,
    )


# A plane: its name, the fixed axis of (z, y, x), its horizontal and vertical axis of (L, P, S), its letters.
PLANES = (
    ("axial", 0, 0, 1, ("R", "L", "A", "P")),
    ("coronal", 1, 0, 2, ("R", "L", "S", "I")),
    ("sagittal", 2, 1, 2, ("A", "P", "S", "I")),
)


def _contour(axes: Any, m: Marked, part: npt.NDArray[Any], across: Any, along: Any, level: float) -> None:
    if float(part.max()) <= level or float(part.min()) >= level:
        return
    thin = m.region.kind == "remainder"
    style = {"linewidths": 0.6 if thin else 1.1, "linestyles": m.line}
    lines = axes.contour(across, along, part, levels=[level], colors=[m.colour], **style)
    lines.set_path_effects(edged("#000000b0", 1.2 if thin else 2.0))
    points = np.concatenate([path.vertices for path in lines.get_paths()])
    x, y = points[np.argmax(points[:, 0] - 0.35 * np.abs(points[:, 1] - points[:, 1].mean()))]
    text = {"fontsize": 5.5, "fontweight": "bold", "ha": "left", "va": "center", "color": m.colour}
    axes.text(x + 3, y, str(m.number), path_effects=edged("black"), clip_on=True, **text)


def _panel(axes: Any, scene: _Scene, plane: tuple[Any, ...], centre: Centre) -> Any:
    _, fixed, horizontal, vertical, marks = plane
    window, at = scene.window, centre.voxel[fixed]
    low, high = window.edges(vertical)
    # Posterior grows downwards in an axial plane; superior grows upwards in the other two.
    extent = (*window.edges(horizontal), *((high, low) if vertical == 1 else (low, high)))
    bare(axes, extent, "black")
    origin = "upper" if vertical == 1 else "lower"
    options = {"extent": extent, "origin": origin, "interpolation": "bilinear"}
    axes.imshow(np.take(scene.under, at, axis=fixed), cmap="gray", vmin=scene.under_range[0],
                vmax=scene.under_range[1], **options)  # fmt: skip
    mapped = axes.imshow(np.take(scene.dose, at, axis=fixed), cmap=dose_map(), vmin=0, vmax=centre.top,
                         interpolation_stage="data", **options)  # fmt: skip
    for m, mask in scene.masks:
        part = np.asarray(np.take(mask, at, axis=fixed), dtype=float)
        level = 0.5 * min(1.0, float(mask.max()))  # a region smaller than a voxel still gets a line
        _contour(axes, m, part, window.centres(horizontal), window.centres(vertical), level)
    for axis, line in ((horizontal, axes.axvline), (vertical, axes.axhline)):
        line(window.centres(axis)[centre.voxel[2 - axis]], color="white", lw=0.4, alpha=0.6, ls=(0, (1, 3)))
    axes.set_xlim(extent[0], extent[1])
    axes.set_ylim(extent[2], extent[3])
    letters(axes, marks, ink="white", edge="black")
    return mapped


def _legend(canvas: Canvas, box: tuple[float, float, float, float], scene: _Scene) -> None:
    """Numbers, colours and names of the regions, where there is room for all of them."""
    left, top, width, height = box
    columns = 2 if width >= 55 else 1
    rows = -(-len(scene.masks) // columns)
    if not scene.masks or rows * LEGEND_LINE > height:
        return
    axes = canvas.axes(left, top, width, height)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(height, 0)
    for i, (m, _) in enumerate(scene.masks):
        column, row = divmod(i, rows)
        x, y = column * width / columns, (row + 0.5) * LEGEND_LINE
        axes.plot([x, x + 4], [y, y], color=m.colour, ls=m.line, lw=1.8)
        said = f"{m.number}  {drawable(m.name, int(width / columns / 1.35))}"
        axes.text(x + 5.5, y, said, fontsize=5.6, ha="left", va="center")


def _row(scene: _Scene, centre: Centre) -> bytes:
    window = scene.window
    size = [hi - lo for lo, hi in (window.edges(a) for a in range(3))]
    scale = min((WIDTH - BAR - 2 * GAP) / (2 * size[0] + size[1]), TALLEST / max(size[1], size[2]))
    tall, x = scale * max(size[1], size[2]), 0.0
    canvas = Canvas(HEAD + tall + 1.0)
    canvas.text(0, 0.5, f"Planes through {centre.title}", fontsize=8, fontweight="bold")
    for plane in PLANES:
        wide, high = scale * size[plane[2]], scale * size[plane[3]]
        canvas.text(x, 5.0, plane[0], fontsize=6.5, color=QUIET)
        axes = canvas.axes(x, HEAD, wide, high)
        mapped = _panel(axes, scene, plane, centre)
        scale_bar(axes, (*axes.get_xlim(), *axes.get_ylim()), ink="white", edge="black")
        if plane[0] == "axial":
            _legend(canvas, (x, HEAD + high + 3, wide, tall - high - 3), scene)
        x += wide + GAP
    cax = canvas.axes(x + 1.5, HEAD + 1, 3.2, tall - 2)
    colour_bar(cax, mapped, label="absorbed dose, Gy", face=BEHIND)
    return canvas.saved(PNG)


def planes(result: DoseResult, regions: tuple[Marked, ...], window: Window) -> list[bytes]:
    """Axial, coronal and sagittal plane through each centre, all in one scale of mm.  PNG files."""
    scene = _scene(result, regions, window)
    return [_row(scene, centre) for centre in centres(result, regions, window)]
