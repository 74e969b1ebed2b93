"""The picture of a point or a line: where it lies, and its profiles with their widths."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.reports.bodies import scale_bar
from hevesy.reports.canvas import INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

Array = npt.NDArray[Any]
TOP, SIDE, LEFT, BELOW, GAP = 9.0, 62.0, 12.0, 11.0, 9.0  # mm
REACH = 1.5  # tenth widths about the peak that are drawn
MOST = 6  # profiles


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """Values along a line, ``spacing`` mm apart; peak from the first of them, full widths at half and tenth maximum [mm]."""

    name: str
    values: Array
    spacing: float
    peak: float
    fwhm: float
    fwtm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResolutionPicture:
    """An image with the sides of its pixels (rows, columns) [mm], and the profiles through its source.

    ``about`` is the place of a point from the first pixel (down, across) and its width [mm]; None shows all of the image.
    """

    title: str
    values: Array
    sides: tuple[float, float]
    about: tuple[float, float, float] | None
    profiles: tuple[Profile, ...]


def resolution_plot(picture: ResolutionPicture) -> bytes:
    """The source on the left, its profiles on the right: dots as counted, lines at half and tenth of the maximum.  PNG."""
    shown = picture.profiles[:MOST]
    with drawing():
        each = max(26.0, (SIDE - BELOW) / len(shown) - 4.0)
        canvas = Canvas(TOP + max(SIDE, len(shown) * (each + BELOW + 3.0)) + 2.0)
        canvas.text(0, 1.5, drawable(picture.title, 105), fontsize=9, fontweight="bold", color=INK)
        _source(canvas, picture)
        left = SIDE + LEFT + GAP
        for n, profile in enumerate(shown):
            _profile(canvas.axes(left, TOP + 3.0 + n * (each + BELOW + 3.0), WIDTH - left - 2, each), profile)
        if len(picture.profiles) > len(shown):
            canvas.text(0, TOP + SIDE + 3, f"{len(shown)} of {len(picture.profiles)} profiles are drawn", fontsize=6, color=QUIET)
        return canvas.saved(PNG)


def _source(canvas: Canvas, picture: ResolutionPicture) -> None:
    rows, columns = picture.values.shape
    dy, dx = picture.sides
    axes = canvas.axes(0, TOP, SIDE, SIDE)
    extent = (-dx / 2, (columns - 0.5) * dx, (rows - 0.5) * dy, -dy / 2)
    axes.imshow(
        picture.values, cmap="gray_r", vmin=0, vmax=max(float(picture.values.max()), 1e-9), extent=extent, interpolation="nearest"
    )
    if picture.about is not None:
        y, x, width = picture.about
        half = max(REACH * width, 10 * max(dy, dx))
        axes.set_xlim(x - half, x + half)
        axes.set_ylim(y + half, y - half)
        extent = (x - half, x + half, y + half, y - half)
        axes.axhline(y, color=COLOURS[0], lw=0.5, ls=":")
        axes.axvline(x, color=COLOURS[0], lw=0.5, ls=":")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_edgecolor("#d5dade")
    scale_bar(axes, extent, ink=INK, edge="white")


def _profile(axes: Any, profile: Profile) -> None:
    place = np.arange(profile.values.size) * profile.spacing - profile.peak
    top = max(float(profile.values.max()), 1e-9)
    reach = max(REACH * profile.fwtm, 4 * profile.spacing)
    axes.plot(place, profile.values / top, "o-", ms=2.2, lw=0.7, color=INK)
    for level, width, name in ((0.5, profile.fwhm, "FWHM"), (0.1, profile.fwtm, "FWTM")):
        axes.plot([-width / 2, width / 2], [level, level], "-", lw=1.1, color=COLOURS[2])
        axes.text(width / 2 + 0.02 * reach, level, f" {name} {width:.2f} mm", fontsize=6.5, color=COLOURS[2], va="center")
    axes.set_xlim(-reach, reach)
    axes.set_ylim(min(0.0, 1.05 * float(profile.values.min()) / top), 1.08)
    axes.set_title(drawable(profile.name), fontsize=7, loc="left", color=INK, pad=2)
    axes.set_xlabel("from the peak, mm", fontsize=6)
    axes.tick_params(labelsize=6)
