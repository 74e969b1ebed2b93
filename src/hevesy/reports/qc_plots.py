"""Pictures of quality control: recovery in its bands, regions on a slice, the sine of a rotation, dead time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.reports.bodies import colour_bar, edged, letters, scale_bar
from hevesy.reports.canvas import ALARM, INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

Array = npt.NDArray[Any]
Side = float | None

LEFT, TOP, GAP, BELOW = 14.0, 16.0, 16.0, 13.0  # mm
BAND = "#dbe7f1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BandPicture:
    """Values by sphere in panels.

    Attributes
    ----------
    title : str
    diameters : tuple of float          [mm].
    panels : tuple of (name, values, ((low, high), ...))   None where there is no limit.
    hollow : tuple of bool              Drawn open: cold spheres.
    """

    title: str
    diameters: tuple[float, ...]
    panels: tuple[tuple[str, tuple[float, ...], tuple[tuple[Side, Side], ...]], ...]
    hollow: tuple[bool, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """A region on a slice: middle and diameter from the centre of the first pixel [mm]; ``mark`` draws it strongly.

    ``label`` stands beside it.
    """

    x: float
    y: float
    diameter: float
    mark: bool
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SlicePicture:
    """A slice with its pixel sides (rows, columns) [mm] and circles.

    ``unit`` is that of the values; ``letters`` name the patient's left, right, top and bottom of the picture, "" where unknown.
    """

    title: str
    values: Array
    sides: tuple[float, float]
    circles: tuple[Circle, ...]
    unit: str = ""
    letters: tuple[str, str, str, str] = ("", "", "", "")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RotationPicture:
    """Centroids of a rotation: angles [degrees]; across and along the axis, and the sine [mm]; figures as a line."""

    title: str
    angles: Array
    x: Array
    y: Array
    fitted: Array
    line: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatePicture:
    """Counted against true rates, and the curve through them [1/s]."""

    title: str
    true: Array
    counted: Array
    curve_true: Array
    curve_counted: Array


def band_plot(picture: BandPicture) -> bytes:
    """A panel each; what lies outside of its band is red, cold spheres are open."""
    with drawing():
        n = len(picture.panels)
        wide = (WIDTH - LEFT - 4 - (n - 1) * GAP) / n
        canvas = Canvas(TOP + 58.0 + BELOW)
        canvas.text(LEFT - 8, 3, drawable(picture.title, 90), fontsize=9, fontweight="bold", color=INK)
        if any(None not in band for _, _, bands in picture.panels for band in bands):
            canvas.text(LEFT - 8, 8.5, "Shaded: the band. Red: outside of it.", fontsize=7, color=QUIET)
        if any(picture.hollow):
            canvas.text(LEFT - 8, 8.5, "Open: cold spheres.", fontsize=7, color=QUIET)
        for i, (name, values, bands) in enumerate(picture.panels):
            axes = canvas.axes(LEFT + i * (wide + GAP), TOP, wide, 58.0)
            _panel(axes, picture, values, bands)
            axes.set_title(drawable(name), fontsize=7.5, loc="left", color=INK, pad=4)
        return canvas.saved(PNG)


def _panel(axes: Any, picture: BandPicture, values: tuple[float, ...], bands: tuple[tuple[Side, Side], ...]) -> None:
    order = np.argsort(picture.diameters)
    d, v = np.array(picture.diameters)[order], np.array(values)[order]
    known = [(d[k], *bands[i]) for k, i in enumerate(order) if None not in bands[i]]
    if known:
        x, low, high = (np.array(column, dtype=float) for column in zip(*known, strict=True))
        axes.fill_between(x, low, high, color=BAND, lw=0, zorder=1)
        axes.vlines(x, low, high, color="#9db9d1", lw=1.0, zorder=2)
    axes.plot(d, v, color=COLOURS[0], lw=1.2, zorder=3)
    hollow = np.array(picture.hollow or (False,) * len(d))[order]
    for k, i in enumerate(order):
        low_k, high_k = bands[i]
        out = (low_k is not None and v[k] < low_k) or (high_k is not None and v[k] > high_k)
        axes.plot(
            [d[k]], [v[k]], "o", ms=4.5, zorder=4, mec=ALARM if out else INK, mfc="white" if hollow[k] else ALARM if out else INK
        )
    top = max([float(v.max()), *(h for _, h in bands if h is not None)])
    axes.set_ylim(min(0.0, 1.1 * float(v.min())), 1.08 * top)
    axes.set_xlim(8, 39)
    axes.set_xticks(d, [f"{s:.0f}" for s in d])
    axes.set_xlabel("inner diameter, mm", fontsize=6.5)
    axes.tick_params(labelsize=6.5)


def slice_plot(picture: SlicePicture) -> bytes:
    """The slice in grey with the regions that were read, a scale of its values and a scale bar."""
    with drawing():
        rows, columns = picture.values.shape
        tall, wide = rows * picture.sides[0], columns * picture.sides[1]
        scale = min(140.0 / wide, 125.0 / tall)
        canvas = Canvas(TOP + scale * tall + 6)
        canvas.text(6, 3, drawable(picture.title, 90), fontsize=9, fontweight="bold", color=INK)
        axes = canvas.axes((WIDTH - scale * wide) / 2, TOP - 3, scale * wide, scale * tall)
        half = [side / 2 for side in picture.sides]
        extent = (-half[1], wide - half[1], tall - half[0], -half[0])
        high = float(np.percentile(picture.values, 99.9))
        shown = axes.imshow(
            picture.values, cmap="gray_r", vmin=0, vmax=high if high > 0 else 1.0, extent=extent, interpolation="nearest"
        )
        for circle in picture.circles:
            _draw(axes, circle)
        axes.set_axis_off()
        letters(axes, picture.letters, ink=INK, edge="white")
        scale_bar(axes, extent, ink=INK, edge="white")
        colour_bar(canvas.axes((WIDTH + scale * wide) / 2 + 3, TOP, 3, scale * tall - 6), shown, label=picture.unit)
        return canvas.saved(PNG)


def _draw(axes: Any, circle: Circle) -> None:
    from matplotlib.patches import Circle as Round

    colour, width = (COLOURS[2], 1.2) if circle.mark else (COLOURS[0], 0.9)
    axes.add_patch(Round((circle.x, circle.y), circle.diameter / 2, fill=False, ec=colour, lw=width))
    if circle.label:
        style = {"ha": "center", "va": "bottom", "fontsize": 6, "color": colour, "path_effects": edged("white")}
        axes.text(circle.x, circle.y - circle.diameter / 2 - 2, circle.label, **style)


def rotation_plot(picture: RotationPicture) -> bytes:
    """Centroids and sine; what the sine leaves; the position along the axis."""
    with drawing():
        canvas = Canvas(118.0)
        canvas.text(LEFT - 8, 3, drawable(picture.title, 90), fontsize=9, fontweight="bold", color=INK)
        canvas.text(LEFT - 8, 8.5, drawable(picture.line, 140), fontsize=7, color=QUIET)
        order = np.argsort(picture.angles)
        a = picture.angles[order]
        upper = canvas.axes(LEFT, TOP, WIDTH - LEFT - 6, 42)
        upper.plot(a, picture.fitted[order], color=COLOURS[0], lw=1.2)
        upper.plot(a, picture.x[order], "o", ms=2.5, color=INK)
        upper.axhline(0, color=QUIET, lw=0.5)
        upper.set_ylabel("across, mm", fontsize=6.5)
        upper.tick_params(labelbottom=False, labelsize=6.5)
        left = (picture.x - picture.fitted)[order]
        _small(canvas.axes(LEFT, TOP + 46, WIDTH - LEFT - 6, 20), a, left, "residual, mm")
        axial = (picture.y - picture.y.mean())[order]
        lowest = canvas.axes(LEFT, TOP + 70, WIDTH - LEFT - 6, 20)
        _small(lowest, a, axial, "along, mm")
        lowest.tick_params(labelbottom=True)
        lowest.set_xlabel("angle of the head, degrees", fontsize=6.5)
        return canvas.saved(PNG)


def _small(axes: Any, x: Array, y: Array, name: str) -> None:
    axes.plot(x, y, "o-", ms=2, lw=0.6, color=INK)
    axes.axhline(0, color=QUIET, lw=0.5)
    reach = 1.2 * max(0.5, float(np.abs(y).max()))  # half a millimetre at least: noise should look like noise
    axes.set_ylim(-reach, reach)
    axes.set_ylabel(name, fontsize=6.5)
    axes.tick_params(labelbottom=False, labelsize=6.5)


def rate_plot(picture: RatePicture) -> bytes:
    """Counted against true rate, with the line on which nothing is lost."""
    with drawing():
        canvas = Canvas(TOP + 80 + BELOW)
        canvas.text(LEFT - 8, 3, drawable(picture.title, 90), fontsize=9, fontweight="bold", color=INK)
        axes = canvas.axes(LEFT + 4, TOP - 2, 120, 80)
        top = float(picture.curve_true.max()) / 1e3
        axes.plot([0, top], [0, top], color=QUIET, lw=0.8, ls=(0, (4, 3)), label="nothing lost")
        axes.plot(picture.curve_true / 1e3, picture.curve_counted / 1e3, color=COLOURS[0], lw=1.3, label="fit")
        axes.plot(picture.true / 1e3, picture.counted / 1e3, "o", ms=3, color=INK, label="counted")
        axes.set_xlim(0, top)
        axes.set_ylim(0, 1.25 * float(max(picture.counted.max(), picture.curve_counted.max())) / 1e3)
        axes.set_xlabel("true rate, 1000/s", fontsize=6.5)
        axes.set_ylabel("counted rate, 1000/s", fontsize=6.5)
        axes.legend(fontsize=6.5, frameon=False, loc="upper left")
        axes.tick_params(labelsize=6.5)
        return canvas.saved(PNG)
