"""Activity of each region over time: measured points, fitted curve and its band."""

from typing import Any

import numpy as np

from hevesy import units as un
from hevesy.reports.band import fitted, standard_uncertainty
from hevesy.reports.canvas import ALARM, INK, QUIET, SVG, WIDTH, Canvas, drawable
from hevesy.reports.numbers import with_u
from hevesy.reports.palette import Marked

A_ROW = 3
A_SHEET = 15  # panels that fit on a page
TALL, TOP, HEAD, FOOT, LEFT, GAP = 25.0, 9.0, 14.5, 8.0, 10.0, 2.0  # mm


def end_of_axis(regions: tuple[Marked, ...]) -> float:
    """A third past the last point of all regions [s]."""
    return 1.35 * max(float(m.region.curve.t[-1]) for m in regions)


def _head(axes: Any, m: Marked) -> None:
    fit = m.region.fit
    style = {"transform": axes.transAxes, "va": "bottom", "ha": "left"}
    axes.text(0, 1.17, f"{m.number}  {drawable(m.name, 26)}", fontsize=7.5, fontweight="bold", color=INK, **style)
    half_life = fit.effective_half_life
    value, u = with_u(half_life.value / un.h, None if half_life.u is None else half_life.u / un.h)
    said = f"{fit.model}, T½ eff " + (f"{value} h, no u" if half_life.u is None else f"{value} {u} h")
    colour = QUIET
    if not fit.well_posed:
        said, colour = f"ILL-POSED FIT · {fit.model}", ALARM
    elif fit.covariance is None:
        said += ", no band"
    axes.text(0, 1.04, said, fontsize=6.2, color=colour, fontweight="bold" if colour == ALARM else "normal", **style)


def _draw(axes: Any, m: Marked, end: float) -> None:
    curve, fit = m.region.curve, m.region.fit
    t = np.union1d(np.linspace(0.0, end, 240), curve.t)
    A, u = fitted(fit, t), standard_uncertainty(fit, t)
    inside = (t >= curve.t[0]) & (t <= curve.t[-1])
    if u is not None:
        axes.fill_between(t / un.h, np.clip(A - u, 0, None) / un.MBq, (A + u) / un.MBq, color=m.colour, alpha=0.25, lw=0)
    axes.plot(t[inside] / un.h, A[inside] / un.MBq, color=m.colour, lw=1.3)
    for part in (t <= curve.t[0], t >= curve.t[-1]):
        axes.plot(t[part] / un.h, A[part] / un.MBq, color=m.colour, lw=1.1, ls=(0, (3, 2)))
    bars = None if curve.u is None else curve.u / un.MBq
    axes.errorbar(
        curve.t / un.h, curve.A / un.MBq, yerr=bars, fmt="o", ms=3.2, mfc="white" if bars is None else INK,
        mec=INK, mew=0.7, ecolor=INK, elinewidth=0.8, capsize=1.8, capthick=0.8, zorder=3,
    )  # fmt: skip
    highest = float(np.max(curve.A if curve.u is None else curve.A + curve.u))
    drawn = float(np.max(A if u is None else A + u))
    axes.set_ylim(0, 1.08 * max(highest, min(drawn, 3 * highest)) / un.MBq or 1.0)
    axes.set_xlim(0, end / un.h)


def activity_curves(regions: tuple[Marked, ...]) -> list[bytes]:
    """One panel a region, all with one time axis; each with its own activity axis from zero.  SVG files.

    The axis of a panel ends at three times the largest point where the curve or its band rises higher.
    """
    end = end_of_axis(regions)
    return [_sheet(regions[i : i + A_SHEET], end) for i in range(0, len(regions), A_SHEET)]


def _sheet(regions: tuple[Marked, ...], end: float) -> bytes:
    rows = -(-len(regions) // A_ROW)
    canvas = Canvas(rows * (TALL + HEAD) - HEAD + TOP + FOOT)
    wide = (WIDTH - A_ROW * LEFT - (A_ROW - 1) * GAP - 2.0) / A_ROW
    for i, m in enumerate(regions):
        row, column = divmod(i, A_ROW)
        axes = canvas.axes(LEFT + column * (wide + LEFT + GAP), row * (TALL + HEAD) + TOP, wide, TALL)
        _draw(axes, m, end)
        _head(axes, m)
        axes.tick_params(labelsize=6)
        axes.locator_params(axis="y", nbins=4)
        axes.locator_params(axis="x", nbins=6)
        if column == 0:
            axes.set_ylabel("activity, MBq", fontsize=6.2)
        if i + A_ROW >= len(regions):
            axes.set_xlabel("time after administration, h", fontsize=6.2)
    return canvas.saved(SVG)
