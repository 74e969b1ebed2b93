"""Picture of when to scan: what one scan tells at each time, the best times, what each further scan buys."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.reports.canvas import ALARM, INK, PNG, QUIET, SVG, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

Vector = npt.NDArray[np.float64]

LEFT, WIDE, TALL, TOP = 13.0, 102.0, 46.0, 19.0  # mm, of the panel with the curve
ROW, GAP = 6.5, 6.0
RIGHT, NARROW = 132.0, 45.0
ALLOWED = "#e3ecf3"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMarks:
    """A plan to draw: scan times [s], expected relative uncertainty, and that with the scan missed that hurts most [1]."""

    times: tuple[float, ...]
    u: float
    worst_missed: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SchedulePicture:
    """What is drawn.

    Attributes
    ----------
    title : str                         Regions, for people.
    windows : tuple of (start, stop)    Allowed times [s].
    times, u : ndarray                  Times [s] and expected relative uncertainty after one scan there [1].
    prior_u : float                     Before any scan [1].
    plans : tuple of PlanMarks          Of 1, 2, ... scans.
    """

    title: str
    windows: tuple[tuple[float, float], ...]
    times: Vector
    u: Vector
    prior_u: float
    plans: tuple[PlanMarks, ...]


def schedule_plot(picture: SchedulePicture, *, kind: str = PNG) -> bytes:
    """The picture as a file of that kind, "png" or "svg"."""
    with drawing():
        rows = len(picture.plans) * ROW
        canvas = Canvas(TOP + TALL + GAP + rows + 12.0)
        canvas.text(LEFT, 2.5, f"When to scan: {drawable(picture.title, 70)}", fontsize=9, fontweight="bold", color=INK)
        canvas.text(
            LEFT, 8.0, "Expected relative uncertainty of the time-integrated activity of a new patient (k = 1); "
            "shaded: allowed hours.", fontsize=6.5, color=QUIET,
        )  # fmt: skip
        upper = canvas.axes(LEFT, TOP, WIDE, TALL)
        _curve(upper, picture)
        _rows(canvas.axes(LEFT, TOP + TALL + GAP, WIDE, rows), picture)
        _buys(canvas.axes(RIGHT, TOP, NARROW, TALL + GAP + rows), picture)
        return canvas.saved(SVG if kind == SVG else PNG)


def _shade(axes: Any, picture: SchedulePicture) -> None:
    for start, stop in picture.windows:
        # a single time is allowed too, and should still be seen
        wide = max(stop - start, 0.004 * float(picture.times[-1]))
        axes.axvspan(start / un.h, (start + wide) / un.h, color=ALLOWED, lw=0, zorder=0)
    axes.set_xlim(0, float(picture.times[-1]) / un.h)


def _curve(axes: Any, picture: SchedulePicture) -> None:
    _shade(axes, picture)
    hours, percent = picture.times / un.h, 100 * picture.u
    axes.plot(hours, percent, color=COLOURS[0], lw=1.5)
    one = picture.plans[0]
    best_h, best_u = one.times[0] / un.h, 100 * one.u
    axes.plot([best_h], [best_u], "o", ms=5, color=INK, zorder=4)
    top = min(100 * picture.prior_u, 6 * float(np.min(percent))) * 1.12
    place = float(np.clip(best_h, 0.17 * hours[-1], 0.83 * hours[-1]))  # the text stays inside
    axes.annotate(
        f"best single scan: {best_h:.0f} h, {_percent(best_u)}", (best_h, best_u), xytext=(place, best_u + 0.28 * top),
        ha="center", fontsize=6.5, color=INK, arrowprops={"arrowstyle": "-", "lw": 0.6, "color": QUIET},
    )  # fmt: skip
    if 100 * picture.prior_u <= top:
        axes.axhline(100 * picture.prior_u, color=QUIET, lw=0.7, ls=(0, (4, 3)))
        axes.text(hours[-1], 100 * picture.prior_u, "without any scan ", ha="right", va="bottom", fontsize=6, color=QUIET)
    axes.set_ylim(0, top)
    axes.set_title("one scan at this time", fontsize=7, loc="left", color=INK, pad=3)
    axes.set_ylabel("expected uncertainty, %", fontsize=6.5)
    axes.tick_params(labelbottom=False, labelsize=6)


def _rows(axes: Any, picture: SchedulePicture) -> None:
    _shade(axes, picture)
    number = len(picture.plans)
    for i, plan in enumerate(picture.plans):
        axes.axhline(i, color="#d5dade", lw=0.5, zorder=1)
        axes.plot([t / un.h for t in plan.times], [i] * len(plan.times), "o", ms=4, color=INK, zorder=3)
        for t in plan.times:
            axes.annotate(f"{t / un.h:.0f}", (t / un.h, i), xytext=(3.2, 1.6), textcoords="offset points", fontsize=6, color=INK)
    axes.set_ylim(number - 0.45, -0.75)
    axes.set_yticks(range(number), [f"{i + 1}" for i in range(number)])
    axes.set_ylabel("scans", fontsize=6.5)
    axes.set_xlabel("time after administration, h", fontsize=6.5)
    axes.tick_params(labelsize=6)


def _buys(axes: Any, picture: SchedulePicture) -> None:
    number = len(picture.plans)
    x = np.arange(1, number + 1)
    u = np.array([100 * plan.u for plan in picture.plans])
    axes.bar(x, u, width=0.55, color=COLOURS[0], zorder=2)
    missed = np.array([100 * plan.worst_missed for plan in picture.plans])
    top = 1.25 * float(max(np.max(u), np.max(missed[1:], initial=0.0)))
    shown = missed <= top
    axes.plot(x[shown], missed[shown], "_", ms=13, mew=1.4, color=ALARM, zorder=3)
    for i in range(number):
        axes.text(x[i], u[i] + 0.01 * top, _percent(u[i]), ha="center", va="bottom", fontsize=6.5, fontweight="bold", color=INK)
        if shown[i]:
            axes.text(x[i], missed[i] + 0.012 * top, _percent(missed[i]), ha="center", va="bottom", fontsize=6, color=ALARM)
    axes.set_ylim(0, top)
    axes.set_xlim(0.4, number + 0.6)
    axes.set_xticks(x)
    axes.set_xlabel("number of scans", fontsize=6.5)
    axes.set_title("what each further scan buys", fontsize=7, loc="left", color=INK, pad=3)
    said = "red: if the most\nimportant scan is missed" if np.any(shown) else ""
    axes.text(0.98, 0.985, said, transform=axes.transAxes, ha="right", va="top", fontsize=6, color=ALARM)
    axes.tick_params(labelsize=6)


def _percent(value: float) -> str:
    return f"{value:.1f} %" if value < 10 else f"{value:.0f} %"
