"""The picture of a reconstruction: planes over the CT, projections, and whether the counts are explained by it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.model import Image, Quantity
from hevesy.reports.bodies import bare, colour_bar, letters, scale_bar
from hevesy.reports.canvas import INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS
from hevesy.reports.planes import BEHIND, CT_WINDOW, PLANES, dose_map
from hevesy.reports.views import Window, turned, upright, window_around

GAP, BAR, TALL, MIP, CURVE = 3.0, 22.0, 66.0, 74.0, 44.0  # mm
SHOWN = 99.8  # percentile of the projection at which the scale of the projections ends
KNOWN = 0.2  # relative uncertainty up to which a voxel may be the hottest place: at the ends of a PET field noise is hotter
BODY = 0.02  # of the largest value: what is less is not drawn round
Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReconstructionPicture:
    """What is drawn of one reconstructed volume.

    Attributes
    ----------
    image : Image                       Bq/ml or counts.
    ct : Image or None                  HU on the same grid.
    measured : ndarray, shape (views, rows, columns)    Counts in the photopeak.
    fitted : ndarray, same shape, or None               What the image explains, scatter included.
    angles : ndarray, shape (views,)    [degrees].
    heads : ndarray of int, shape (views,)      From 1: which views are drawn as one curve.
    names : tuple of str                Of the heads; () is "detector 1" and so on.
    title : str
    coincidences : bool                 Of a PET scanner: all events by the direction of their lines.
    u : Image or None                   Standard uncertainty of ``image``, drawn in the same planes.
    """

    image: Image
    ct: Image | None
    measured: npt.NDArray[Any]
    fitted: npt.NDArray[Any] | None
    angles: Vector
    heads: npt.NDArray[np.intp]
    title: str
    coincidences: bool = False
    u: Image | None = None
    names: tuple[str, ...] = ()


def reconstruction_plot(picture: ReconstructionPicture) -> bytes:
    """Planes through the hottest place, projections from the front and the left, counts by view.  A PNG file."""
    factor, unit = (1e3, "kBq/ml") if picture.image.quantity is Quantity.ACTIVITY_CONCENTRATION else (1.0, "counts")
    frame = upright(picture.image.grid)
    values = turned(np.asarray(picture.image.values, dtype=np.float64), frame) / factor
    under = None if picture.ct is None else turned(picture.ct.values, frame)
    inside = values > BODY * max(float(values.max()), 1e-12)
    if under is not None:
        inside = inside | (under > -400)
    window = window_around(inside, frame)
    values, under = window.cut(values), None if under is None else window.cut(under)
    with drawing():
        canvas = Canvas(_height(window, picture))
        canvas.text(0, 0.5, drawable(picture.title, 110), fontsize=9, fontweight="bold", color=INK)
        noise = None
        if picture.u is not None:
            noise = window.cut(turned(np.asarray(picture.u.values, dtype=np.float64), frame) / factor)
        at = _hottest(values, noise)
        top = _planes(canvas, window, values, under, at, top=6.0, unit=unit, known=noise is not None)
        if noise is not None:
            top = _noise_planes(canvas, window, noise, at, top=top + 3.0, unit=unit)
        top = _projections(canvas, window, values, highest=float(values[at]), top=top + 3.0, unit=unit)
        top = _counts(canvas, picture, top=top + 3.0)
        _view(canvas, picture, top=top + 5.0)
        return canvas.saved(PNG)


def _scales(window: Window) -> tuple[float, float]:
    """mm of the page by mm of the patient, of the planes and of the projections."""
    x, y, z = (hi - lo for lo, hi in (window.edges(a) for a in range(3)))
    planes = min((WIDTH - BAR - 2 * GAP) / (2 * x + y), TALL / max(y, z))
    return planes, min((WIDTH - 2 * BAR - 3 * GAP) / 2 / (x + y), MIP / z)


def _height(window: Window, picture: ReconstructionPicture) -> float:
    _, y, z = (hi - lo for lo, hi in (window.edges(a) for a in range(3)))
    planes, projections = _scales(window)
    view = 0.0 if picture.fitted is None else 5.0 + 8.0 + _view_scale(picture) * picture.measured.shape[1]
    noise = 0.0 if picture.u is None else 7.0 + planes * max(y, z)
    return 6.0 + 4.0 + planes * max(y, z) + noise + 3.0 + 4.0 + projections * z + 3.0 + CURVE + view + 1.0


def _view_scale(picture: ReconstructionPicture) -> float:
    rows, columns = picture.measured.shape[1:]
    return min((WIDTH - 4 * GAP - BAR) / 3 / int(columns), (CURVE - 6) / int(rows))


def _hottest(values: npt.NDArray[Any], noise: npt.NDArray[Any] | None) -> tuple[int, int, int]:
    """The voxel of the largest value, of those known well enough where the uncertainty is known."""
    sought = values if noise is None else np.where(noise <= KNOWN * values, values, 0.0)
    if not np.any(sought > 0):
        sought = values
    z, y, x = np.unravel_index(int(np.argmax(sought)), values.shape)
    return int(z), int(y), int(x)


def _planes(
    canvas: Canvas, window: Window, values: npt.NDArray[Any], under: npt.NDArray[Any] | None, at: tuple[int, int, int], *,
    top: float, unit: str, known: bool,
) -> float:  # fmt: skip
    """Three planes through the hottest place; the patient's right is on the left of the picture."""
    size = [hi - lo for lo, hi in (window.edges(a) for a in range(3))]
    scale, _ = _scales(window)
    tall = scale * max(size[1], size[2])
    said = "over the CT" if under is not None else "without CT"
    which = f"largest value known to {100 * KNOWN:.0f} %" if known else "largest value"
    canvas.text(0, top, f"Planes through the {which}, {said}", fontsize=7, color=QUIET)
    highest, x, mapped = max(float(values[at]), 1e-12), 0.0, None
    for name, fixed, across, along, marks in PLANES:
        low, high = window.edges(along)
        extent = (*window.edges(across), *((high, low) if along == 1 else (low, high)))
        axes = canvas.axes(x, top + 4, scale * size[across], scale * size[along])
        bare(axes, extent, "black")
        style: dict[str, Any] = {"extent": extent, "origin": "upper" if along == 1 else "lower", "interpolation": "bilinear"}
        if under is not None:
            axes.imshow(np.take(under, at[fixed], axis=fixed), cmap="gray", vmin=CT_WINDOW[0], vmax=CT_WINDOW[1], **style)
        part = np.take(values, at[fixed], axis=fixed)
        colours = dose_map() if under is not None else "inferno"
        mapped = axes.imshow(part, cmap=colours, vmin=0, vmax=highest, interpolation_stage="data", **style)
        axes.set_xlim(extent[0], extent[1])
        axes.set_ylim(extent[2], extent[3])
        letters(axes, marks, ink="white", edge="black")
        scale_bar(axes, extent, ink="white", edge="black")
        axes.text(0.98, 0.02, name, transform=axes.transAxes, ha="right", va="bottom", fontsize=5.5, color="white")
        x += scale * size[across] + GAP
    colour_bar(canvas.axes(x + 1, top + 5, 3.2, tall - 2), mapped, label=unit, face=BEHIND)
    return top + 4 + tall


def _noise_planes(
    canvas: Canvas, window: Window, noise: npt.NDArray[Any], at: tuple[int, int, int], *, top: float, unit: str
) -> float:
    """The uncertainty in the planes of `_planes`."""
    size = [hi - lo for lo, hi in (window.edges(a) for a in range(3))]
    scale, _ = _scales(window)
    tall = scale * max(size[1], size[2])
    canvas.text(0, top, "Standard uncertainty of each voxel by the noise of the counts, same planes", fontsize=7, color=QUIET)
    highest, x, mapped = max(float(np.percentile(noise[noise > 0], 99.9)) if np.any(noise > 0) else 0.0, 1e-12), 0.0, None
    for name, fixed, across, along, marks in PLANES:
        low, high = window.edges(along)
        extent = (*window.edges(across), *((high, low) if along == 1 else (low, high)))
        axes = canvas.axes(x, top + 4, scale * size[across], scale * size[along])
        bare(axes, extent, "black")
        part = np.take(noise, at[fixed], axis=fixed)
        mapped = axes.imshow(
            part, cmap="viridis", vmin=0, vmax=highest, extent=extent, origin="upper" if along == 1 else "lower",
            interpolation="bilinear",
        )  # fmt: skip
        axes.set_xlim(extent[0], extent[1])
        axes.set_ylim(extent[2], extent[3])
        letters(axes, marks, ink="white", edge="black")
        axes.text(0.98, 0.02, name, transform=axes.transAxes, ha="right", va="bottom", fontsize=5.5, color="white")
        x += scale * size[across] + GAP
    colour_bar(canvas.axes(x + 1, top + 5, 3.2, tall - 2), mapped, label=f"u / {unit}", face=BEHIND)
    return top + 4 + tall


def _projections(canvas: Canvas, window: Window, values: npt.NDArray[Any], *, highest: float, top: float, unit: str) -> float:
    """Largest values along the ray, from the front and from the left, linear and with the weak part enlarged."""
    front, side = values.max(axis=1), values.max(axis=2)
    (left, right), (near, far), (low, high) = (window.edges(i) for i in range(3))
    _, scale = _scales(window)
    tall, x = scale * (high - low), 0.0
    greatest = max(highest, 1e-12)
    weak = 0.1 * greatest
    for ends, said in ((greatest, "Largest along the ray"), (weak, "the same, black from a tenth on")):
        canvas.text(x, top, said, fontsize=7, color=QUIET)
        mapped = None
        for pixels, (first, last), marks in ((front, (left, right), ("R", "L", "", "")), (side, (near, far), ("A", "P", "", ""))):
            axes = canvas.axes(x, top + 4, scale * (last - first), tall)
            extent = (first, last, low, high)
            bare(axes, extent, "white")
            mapped = axes.imshow(
                pixels, extent=extent, origin="lower", cmap="gray_r", vmin=0, vmax=ends, interpolation="bilinear"
            )
            letters(axes, marks, ink=INK, edge="white")
            x += scale * (last - first) + 1.0
        colour_bar(canvas.axes(x, top + 4, 2.6, tall), mapped, label=unit)
        x += BAR
    return top + 4 + tall


def _counts(canvas: Canvas, picture: ReconstructionPicture, *, top: float) -> float:
    """Counts of each view, measured and explained by the image."""
    of = "direction" if picture.coincidences else "view in the photopeak window"
    canvas.text(0, top, f"Counts of each {of}: points measured, lines from the image", fontsize=7, color=QUIET)
    axes = canvas.axes(18, top + 5, WIDTH - 20, CURVE - 10)
    totals = picture.measured.sum(axis=(1, 2), dtype=np.float64)
    said = None if picture.fitted is None else picture.fitted.sum(axis=(1, 2), dtype=np.float64)
    for n, head in enumerate(np.unique(picture.heads)):
        mine = np.flatnonzero(picture.heads == head)
        mine = mine[np.argsort(picture.angles[mine])]
        colour = COLOURS[n % len(COLOURS)]
        axes.plot(
            picture.angles[mine],
            totals[mine],
            ".",
            ms=3.5,
            color=colour,
            label="all events" if picture.coincidences else picture.names[head - 1] if picture.names else f"detector {head}",
        )
        if said is not None:
            axes.plot(picture.angles[mine], said[mine], "-", lw=0.9, color=colour)
    axes.set_ylim(0, 1.15 * max(float(totals.max()), 1.0))
    turn = 180 if picture.coincidences else 360
    axes.set_xlim(-turn / 72, turn * 73 / 72)
    axes.set_xticks(range(0, turn + 1, turn // 8 if turn == 360 else 30))
    axes.set_xlabel(
        "angle across the lines / degrees" if picture.coincidences
        else "angle of the detector / degrees (0 behind the back, 90 at the left side)"
    )  # fmt: skip
    axes.set_ylabel("counts")
    axes.legend(frameon=False, fontsize=6, ncols=4, loc="lower right")
    return top + CURVE


def _view(canvas: Canvas, picture: ReconstructionPicture, *, top: float) -> None:
    """One view as measured, as the image explains it, and the difference in standard deviations."""
    if picture.fitted is None:
        return
    at = int(np.argmax(picture.measured.sum(axis=(1, 2))))
    measured, fitted = (np.asarray(p[at], dtype=np.float64) for p in (picture.measured, picture.fitted))
    apart = (measured - fitted) / np.sqrt(np.maximum(fitted, 1.0))
    of = "direction" if picture.coincidences else "view"
    whose = f" ({picture.names[picture.heads[at] - 1]})" if picture.names else ""
    canvas.text(0, top, f"The {of} with most counts, {picture.angles[at]:.0f} degrees{whose}", fontsize=7, color=QUIET)
    scale = _view_scale(picture)
    highest = max(float(np.percentile(measured, SHOWN)), 1.0)
    panels: tuple[tuple[npt.NDArray[Any], str, dict[str, Any]], ...] = (
        (measured, "measured", {"cmap": "gray_r", "vmin": 0, "vmax": highest}),
        (fitted, "from the image", {"cmap": "gray_r", "vmin": 0, "vmax": highest}),
        (apart, "difference / standard deviation", {"cmap": "RdBu_r", "vmin": -4, "vmax": 4}),
    )
    x = 0.0
    for pixels, said, style in panels:
        axes = canvas.axes(x, top + 7, scale * measured.shape[1], scale * measured.shape[0])
        mapped = axes.imshow(pixels, interpolation="nearest", **style)
        axes.set_axis_off()
        canvas.text(x, top + 4, said, fontsize=6, color=INK)
        x += scale * measured.shape[1] + GAP
    bar = canvas.figure.colorbar(mapped, cax=canvas.axes(x, top + 7, 2.6, scale * measured.shape[0]))
    bar.ax.tick_params(labelsize=6, length=2)
