"""Pictures of planar quality control: the flood with its fields, the bars with what they say."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.reports.canvas import INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

Array = npt.NDArray[Any]

TOP, ROW = 12.0, 4.5  # mm
SPAN = 5.0  # per cent to both sides of the mean


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FloodPicture:
    """A smoothed flood, nan outside its field; the central field; pixel (rows, columns) [mm]; figures as lines."""

    title: str
    values: Array
    central: npt.NDArray[np.bool_]
    pixel: tuple[float, float]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BarsPicture:
    """An image of bars, its pixel (rows, columns) [mm], the quadrants in words, the resolution [mm]."""

    title: str
    values: Array
    pixel: tuple[float, float]
    lines: tuple[str, ...]
    fwhm: float


def flood_plot(picture: FloodPicture) -> bytes:
    """The deviation from the mean in colour, the edge of the central field as a line."""
    with drawing():
        rows, columns = np.nonzero(np.isfinite(picture.values))
        box = slice(int(rows.min()), int(rows.max()) + 1), slice(int(columns.min()), int(columns.max()) + 1)
        values, central = picture.values[box], picture.central[box]
        percent = 100 * (values / np.nanmean(values) - 1)
        canvas, axes, extent = _page(picture.title, values.shape, picture.pixel, len(picture.lines))
        shown = axes.imshow(percent, cmap="RdBu_r", vmin=-SPAN, vmax=SPAN, extent=extent, interpolation="nearest")
        y, x = (np.arange(n) * s for n, s in zip(values.shape, picture.pixel, strict=True))
        axes.contour(x, y, central.astype(float), levels=[0.5], colors=INK, linewidths=0.8, linestyles="--")
        axes.set_axis_off()
        bar = canvas.axes(150, TOP + 6, 3, 45)
        canvas.figure.colorbar(shown, cax=bar)
        bar.tick_params(labelsize=6.5)
        canvas.text(145, TOP, "from the mean, %", fontsize=6.5, color=QUIET)
        _say(canvas, picture.lines)
        return canvas.saved(PNG)


def bars_plot(picture: BarsPicture) -> bytes:
    """The image as it is, and what each quadrant says."""
    with drawing():
        lines = (*picture.lines, f"mean resolution {picture.fwhm:.2f} mm")
        canvas, axes, extent = _page(picture.title, picture.values.shape, picture.pixel, len(lines))
        top = float(np.percentile(picture.values, 99.5))
        axes.imshow(picture.values, cmap="gray_r", vmin=0, vmax=top, extent=extent, interpolation="nearest")
        for text, (x, y) in zip(picture.lines, ((0, 1), (1, 1), (0, 0), (1, 0)), strict=False):
            axes.text(
                0.02 + 0.96 * x, 0.02 + 0.96 * y, text.split(":")[0], transform=axes.transAxes, fontsize=7, color=COLOURS[2],
                ha="right" if x else "left", va="top" if y else "bottom", fontweight="bold",
            )  # fmt: skip
        axes.set_axis_off()
        _say(canvas, lines)
        return canvas.saved(PNG)


def _page(
    title: str, shape: tuple[int, ...], pixel: tuple[float, float], lines: int
) -> tuple[Canvas, Any, tuple[float, float, float, float]]:
    tall, wide = shape[0] * pixel[0], shape[1] * pixel[1]
    scale = min(125.0 / wide, 120.0 / tall)
    canvas = Canvas(TOP + scale * tall + 4 + ROW * lines + 4)
    canvas.text(6, 3, drawable(title, 90), fontsize=9, fontweight="bold", color=INK)
    axes = canvas.axes(min(14.0, WIDTH - scale * wide), TOP, scale * wide, scale * tall)
    half = [side / 2 for side in pixel]
    return canvas, axes, (-half[1], wide - half[1], tall - half[0], -half[0])


def _say(canvas: Canvas, lines: tuple[str, ...]) -> None:
    for i, line in enumerate(lines):
        canvas.text(14, canvas.height - 4 - ROW * (len(lines) - i), drawable(line, 100), fontsize=7, color=INK)
