"""Curves of both kidneys over time."""

from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.reports.canvas import QUIET, WIDTH, Canvas, drawing
from hevesy.reports.palette import COLOURS

Array = npt.NDArray[np.float64]

TALL, LEFT, TOP, FOOT = 75.0, 14.0, 8.0, 11.0  # mm


def draw_renogram(
    t: Array, measured: Array, smooth: Array, *, maxima: tuple[float, ...], window: tuple[float, float], kind: str
) -> bytes:
    """Net count rates as points, the smoothed curves as lines, maxima marked, the window of the split shaded.

    Parameters
    ----------
    t : array, (n,)                     [s].
    measured, smooth : array, (2, n)    Left and right [1/s].
    maxima : (float, float)             T_max of both [s].
    window : (float, float)             Of the split [s].
    kind : str                          "png" or "svg".
    """
    with drawing():
        canvas = Canvas(TOP + TALL + FOOT)
        axes: Any = canvas.axes(LEFT, TOP, WIDTH - LEFT - 3.0, TALL)
        axes.axvspan(*(edge / un.min_ for edge in window), color="#eef1f3", lw=0)
        for i, (name, colour, mark) in enumerate(zip(("left", "right"), COLOURS[:3:2], ("o", "s"), strict=True)):
            axes.plot(t / un.min_, measured[i], mark, ms=2.0, mfc="none", mec=colour, mew=0.5, alpha=0.6)
            axes.plot(t / un.min_, smooth[i], color=colour, lw=1.4, ls="-" if i == 0 else "--", label=f"{name} kidney")
            height = float(np.interp(maxima[i], t, smooth[i]))
            axes.plot([maxima[i] / un.min_] * 2, [0, height], color=colour, lw=0.7, ls=":")
        axes.set_xlim(0, float(t[-1]) / un.min_)
        axes.set_ylim(min(0.0, float(smooth.min())), None)
        axes.set_xlabel("time after injection, min", fontsize=7)
        axes.set_ylabel("net counts per second", fontsize=7)
        axes.legend(frameon=False, fontsize=7, loc="upper right")
        canvas.text(LEFT, 2.0, "Renogram; shaded: window of the split; dotted: maxima", fontsize=7.0, color=QUIET)
        return canvas.saved(kind)
