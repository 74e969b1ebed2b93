"""Picture of scan times for dosimetry: uncertainty of the dose against time per bed, the times, and the images they give."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hevesy.reports.alara_plot import plain_ticks
from hevesy.reports.canvas import ALARM, INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

HEAD, TALL, FOOT, LEFT, GAP = 9.0, 58.0, 22.0, 16.0, 6.0  # mm
CURVE = 78.0  # width of the curve [mm]
SPAN = 30.0  # the curve goes from equal time / SPAN to equal time * SPAN


def times_picture(facts: Mapping[str, Any], images: Sequence[Mapping[str, Any]]) -> bytes:
    """A PNG file.

    Parameters
    ----------
    facts : mapping                     Of `hevesy alara --dosimetry`.
    images : sequence                   A coronal plane for each scan: ``title``, ``values`` with the head above.
    """
    with drawing():
        tall = max((_height(image, len(images)) for image in images), default=0.0)
        canvas = Canvas(HEAD + TALL + FOOT + tall + 4)
        activity = f"{facts['activity_MBq'] / 1000:.3g} GBq {facts['tracer']}"
        title = f"{facts['organ']}, {activity}, {facts['scanner']} ({facts['collimator']}), curve {facts['model']}"
        canvas.text(0, 0.5, drawable(title, 105), fontsize=9, fontweight="bold", color=INK)
        _curve(canvas, facts)
        _bars(canvas, facts)
        _planes(canvas, HEAD + TALL + FOOT - 6, images)
        return canvas.saved(PNG)


def _curve(canvas: Canvas, facts: Mapping[str, Any]) -> None:
    axes = canvas.axes(LEFT, HEAD, CURVE, TALL)
    equal, counting, other = facts["equal_time_s"], facts["counting_relative"], facts["other_relative"]
    T = np.geomspace(equal / SPAN, equal * SPAN, 200)
    axes.plot(T, 100 * np.hypot(other, counting * np.sqrt(equal / T)), color=COLOURS[0], lw=1.4)
    axes.axhline(100 * facts["bound_relative"], color=ALARM, lw=0.9)
    axes.axhline(100 * other, color=QUIET, lw=0.9, ls=":")
    axes.plot([equal], [100 * facts["bound_relative"]], "o", ms=4, color=ALARM)
    axes.set_xscale("log")
    plain_ticks(axes)
    axes.set_ylim(0, 100 * 2.5 * facts["bound_relative"])
    axes.set_xlabel("seconds on each bed, all scans alike", fontsize=7)
    axes.set_ylabel("uncertainty of the dose (k = 1), %", fontsize=7)
    axes.grid(color="#e3e7ea", lw=0.5)
    axes.set_axisbelow(True)
    right = {"ha": "right", "fontsize": 6.2, "transform": axes.get_yaxis_transform()}
    axes.text(0.99, 100 * facts["bound_relative"] * 1.03, f"bound {100 * facts['bound_relative']:.3g} %", color=ALARM, **right)
    parts = ", ".join(f"{row['term']} {100 * row['u_relative']:.2g} %" for row in facts["budget"])
    axes.text(0.99, 100 * other * 0.97, f"no scan time changes {100 * other:.3g} %", color=QUIET, va="top", **right)
    canvas.text(LEFT, HEAD + TALL + 9, drawable(parts, 90), fontsize=6.0, color=QUIET)


def _bars(canvas: Canvas, facts: Mapping[str, Any]) -> None:
    """Times of the scans with the least sum; a line at the equal time."""
    rows = facts["scans"]
    left = LEFT + CURVE + 28
    axes = canvas.axes(left, HEAD, WIDTH - left - 4, TALL)
    places = np.arange(len(rows))[::-1]
    times = [row["shortest_time_s"] for row in rows]
    axes.barh(places, times, color=COLOURS[0], height=0.55)
    axes.axvline(facts["equal_time_s"], color=COLOURS[1], lw=1.2, ls="--")
    for place, row in zip(places, rows, strict=True):
        note = f"{row['shortest_time_s']:.3g} s: u {100 * row['u_relative_then']:.2g} %, weight {row['share_of_integral']:.2f}"
        axes.text(0, place + 0.33, note, fontsize=6.0, color=INK, va="bottom")
    axes.set_yticks(places, [f"{row['time_h']:g} h" for row in rows])
    axes.set_xlim(0, 1.15 * max(*times, facts["equal_time_s"]))
    axes.set_ylim(-0.6, len(rows) - 0.2)
    axes.set_xlabel(
        f"seconds, least sum {facts['total_least_s']:.3g} s (dashed: {facts['equal_time_s']:.3g} s each)", fontsize=7
    )  # fmt: skip


def _height(image: Mapping[str, Any], count: int) -> float:
    rows, columns = np.asarray(image["values"]).shape
    return float((WIDTH - GAP * (count - 1)) / count * rows / columns)


def _planes(canvas: Canvas, top: float, images: Sequence[Mapping[str, Any]]) -> None:
    """Each image on its own grey scale: from one scan to the next the activity falls."""
    width = (WIDTH - GAP * (len(images) - 1)) / max(len(images), 1)
    for n, image in enumerate(images):
        values = np.asarray(image["values"], dtype=np.float64)
        axes = canvas.axes(n * (width + GAP), top + 5, width, _height(image, len(images)))
        axes.imshow(values, cmap="gray_r", vmin=0, vmax=max(float(np.percentile(values, 99.7)), 1e-12), interpolation="bilinear")
        axes.set_axis_off()
        axes.set_title(image["title"], fontsize=6.5, color=INK, pad=1.5)
