"""The picture of a simulated scan: views and sinogram of each energy window, or what a PET scanner counted."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.reports.canvas import INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing

Array = npt.NDArray[Any]

HEAD, GAP, SAID, TALL = 11.0, 3.0, 11.5, 44.0  # mm
SHOWN = 99.8  # percentile of the counts at which a grey scale ends
SIDES = ((0.0, "from the back"), (90.0, "from the left"), (180.0, "from the front"), (270.0, "from the right"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WindowPicture:
    """What is drawn of one energy window.

    Attributes
    ----------
    name, line : str                    Window with its limits; counts in words.
    views : tuple of (name, pixels)     Pixels (rows, columns) as seen from the detector.
    sinogram : ndarray (views, columns)     Of the row with most counts, by angle.
    """

    name: str
    line: str
    views: tuple[tuple[str, Array], ...]
    sinogram: Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedPicture:
    """Title and a line below it, the windows from above, sides of a pixel (rows, columns) [mm], name of the last column."""

    title: str
    line: str
    windows: tuple[WindowPicture, ...]
    pixel: tuple[float, float]
    across: str = "sinogram of the middle row: angle downwards"


def view_name(angle: float) -> str:
    """Where a detector stands, in words; the angle where it is none of the four sides."""
    for side, said in SIDES:
        if abs((angle - side + 180.0) % 360.0 - 180.0) < 1.0:
            return said
    return f"{angle % 360:.0f} degrees"


def simulated_plot(picture: SimulatedPicture) -> bytes:
    """A row for each window: views and sinogram in grey, each kind on its own scale.  A PNG file."""
    rows, columns = picture.windows[0].views[0][1].shape
    many = len(picture.windows[0].views)
    wide, tall = columns * picture.pixel[1], rows * picture.pixel[0]
    scale = min((WIDTH - many * GAP) / (many + 1) / wide, TALL / tall)
    with drawing():
        block = scale * tall + SAID
        canvas = Canvas(HEAD + block * len(picture.windows))
        canvas.text(0, 0.5, drawable(picture.title, 105), fontsize=9, fontweight="bold", color=INK)
        canvas.text(0, 5.5, drawable(picture.line, 150), fontsize=7, color=QUIET)
        for n, window in enumerate(picture.windows):
            _row(canvas, window, HEAD + 2.0 + n * block, (scale * wide, scale * tall), picture)
        return canvas.saved(PNG)


def _row(canvas: Canvas, window: WindowPicture, top: float, size: tuple[float, float], picture: SimulatedPicture) -> None:
    wide, tall = size
    highest, most = (max(float(np.percentile(p, SHOWN)), 1e-9) for p in (np.stack([v for _, v in window.views]), window.sinogram))
    line = (
        f"{window.name}: {window.line}; black is {_whole(highest)} counts and more in the views, {_whole(most)} in the sinogram"
    )
    canvas.text(0, top, drawable(line, 150), fontsize=7, color=INK)
    panels = [(name, pixels, highest) for name, pixels in window.views] + [(picture.across, window.sinogram, most)]
    for n, (name, pixels, ends) in enumerate(panels):
        x, above = n * (wide + GAP), top + SAID - 4.0
        axes = canvas.axes(x, above, wide, tall)
        axes.imshow(pixels, cmap="gray_r", vmin=0, vmax=ends, interpolation="nearest", aspect="auto")
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_visible(True)
            spine.set_edgecolor("#d5dade")
        canvas.text(x, above - 2.9, name, fontsize=6, color=QUIET)


def _whole(counts: float) -> str:
    return f"{counts:.0f}" if counts >= 10 else f"{counts:.2g}"
