"""What is drawn of a simulated scan."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.imaging.pet.listmode import ListMode
from hevesy.model import Projections
from hevesy.reports.simulated_plot import SimulatedPicture, WindowPicture, simulated_plot, view_name
from hevesy.rng import stream

Floats = npt.NDArray[np.float32]
VIEWS = (180.0, 270.0, 0.0)  # degrees: from the front, the right, the back
BINS, DIRECTIONS, SIDE = 128, 96, 5.0  # of a picture of events; mm
NEAR, MOST_DRAWN = 15.0, 2_000_000  # degrees about a direction; events, of more every second, third ... is drawn


def camera_picture(counts: Projections, title: str, line: str) -> bytes:
    """Views from three sides and the sinogram of the busiest row, window by window."""
    chosen = list(dict.fromkeys(_nearest(counts.angles, angle) for angle in VIEWS))
    order = np.argsort(counts.angles % 360.0, kind="stable")
    narrow = bool(np.any(counts.shifts != 0))
    windows, seen = [], _seen(counts.counts)
    for window, whole in zip(counts.windows, counts.counts, strict=True):
        each = whole[:, seen[0], seen[1]]
        total = float(each.sum(dtype=np.float64))
        row = int(np.argmax(each.sum(axis=(0, 2), dtype=np.float64)))
        windows.append(
            WindowPicture(
                name=f"{window.name}, {window.lower:.1f} to {window.upper:.1f} keV",
                line=f"{total:.4g} counts",
                views=tuple((view_name(float(counts.angles[v])), each[v]) for v in chosen),
                sinogram=each[order, row],
            )  # fmt: skip
        )
    across = "busiest row of all columns by angle" if narrow else "sinogram of the busiest row"
    return simulated_plot(SimulatedPicture(title=title, line=line, windows=tuple(windows), pixel=counts.pixel, across=across))


def _seen(counts: npt.NDArray[Any]) -> tuple[slice, slice]:
    """Rows and columns that hold more than a thousandth of what the fullest ones hold, and two more about them."""
    kept = []
    for axis in (2, 3):
        sums = counts.sum(axis=tuple({0, 1, 2, 3} - {axis}), dtype=np.float64)
        some = np.flatnonzero(sums > 1e-3 * sums.max(initial=0.0))
        ends = (max(int(some[0]) - 2, 0), int(some[-1]) + 3) if some.size else (0, sums.size)
        kept.append(slice(*ends))
    return kept[0], kept[1]


def _nearest(angles: npt.NDArray[np.float64], wanted: float) -> int:
    return int(np.argmin(np.abs((angles - wanted + 180.0) % 360.0 - 180.0)))


def events_picture(events: ListMode, title: str, line: str, *, reach: float) -> bytes:
    """Prompts by the place and direction of their lines: those from front to back, those from side to side, a sinogram.

    Parameters
    ----------
    reach : float                       Of the picture from the axis [mm].
    """
    step = max(1, -(-len(events) // MOST_DRAWN))
    rings = events.rings
    distance, direction, height = _parallel(rings.ends(events.pairs[::step]))
    # Lines lie half a crystal apart: without spreading them over that, bins would show a pattern that is none of the scan's.
    apart = (np.pi * rings.radius / rings.per_ring, 180.0 / rings.per_ring, rings.pitch / 2)
    spread = stream(0, 0).random((3, distance.size)) - 0.5
    distance, direction, height = distance + apart[0] * spread[0], direction + apart[1] * spread[1], height + apart[2] * spread[2]
    length = rings.length
    rows = max(8, int(np.ceil(length / SIDE)))
    across, along = np.linspace(-reach, reach, BINS + 1), np.linspace(-length / 2, length / 2, rows + 1)
    angle = np.radians(direction)
    views = []
    for name, middle, place in (
        ("lines from front to back", 90.0, -distance * np.sin(angle)),
        ("lines from side to side", 0.0, distance * np.cos(angle)),
    ):
        near = np.abs((direction - middle + 90.0) % 180.0 - 90.0) < NEAR
        pixels, _, _ = np.histogram2d(height[near], place[near], bins=(along, across))
        views.append((name, step * pixels[::-1]))
    sinogram, _, _ = np.histogram2d(np.clip(direction, 0, 180), distance, bins=(np.linspace(0, 180, DIRECTIONS + 1), across))
    window = WindowPicture(name="prompts", line=f"{len(events)} events", views=tuple(views), sinogram=step * sinogram)
    return simulated_plot(
        SimulatedPicture(
            title=title, line=line, windows=(window,), pixel=(length / rows, 2 * reach / BINS),
            across="sinogram: direction downwards",
        )
    )  # fmt: skip


def _parallel(ends: npt.NDArray[Any]) -> tuple[Floats, Floats, Floats]:
    """Of lines: signed distance from the axis [mm], their direction from 0 to 180 [degrees], height of the middle [mm]."""
    x1, y1, z1, x2, y2, z2 = np.asarray(ends, np.float32).T
    angle = np.arctan2(y2 - y1, x2 - x1) % np.pi
    return -x1 * np.sin(angle) + y1 * np.cos(angle), np.degrees(angle), (z1 + z2) / 2
