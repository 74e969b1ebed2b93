"""Picture of a plan: dose against activity with its band for each organ and tumour, limits, the chosen activity."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.reports.canvas import ALARM, INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS, LINES

Vector = npt.NDArray[np.float64]

LEFT, TOP, COLUMNS = 13.0, 24.0, 3
TALL, GAP_X, GAP_Y, FOOT = 40.0, 14.0, 17.0, 11.0  # mm
CHANCE_TALL = 40.0
CHOSEN = "#1b7f4b"
SERIES = (*COLOURS[:2], *COLOURS[3:])  # without red, which is the limit
MOST_CHANCE = 60.0  # %, above which nobody plans


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanPanel:
    """One organ or tumour over the whole course.

    Attributes
    ----------
    name, quantity, kind : str          "Kidney_Left"; "dose", "BED" or "EQD2"; "organ", "lesion", ...
    low, middle, high : ndarray (n,)    2.5 %, 50 % and 97.5 % at each activity [Gy].
    limit, goal : float or None         [Gy]
    allowed : float or None             Chance with which the limit may be exceeded [1].
    chance : ndarray (n,) or None       Chance that it is, at each activity [1].
    """

    name: str
    quantity: str
    kind: str
    low: Vector
    middle: Vector
    high: Vector
    limit: float | None = None
    allowed: float | None = None
    chance: Vector | None = None
    goal: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanPicture:
    """What is drawn.

    Attributes
    ----------
    title : str
    synthetic : bool                    A virtual patient.
    cycles, delivered : int             To come, and given.
    adapted : bool                      Only the next cycle has the chosen activity.
    activities : ndarray (n,)           By cycle [Bq].
    chosen : float                      By cycle [Bq].
    limiting : str
    panels : tuple of PlanPanel
    """

    title: str
    synthetic: bool
    cycles: int
    delivered: int
    adapted: bool
    activities: Vector
    chosen: float
    limiting: str
    panels: tuple[PlanPanel, ...]


def plan_plot(picture: PlanPicture, *, kind: str = PNG) -> bytes:
    """The picture as a file of that kind, "png" or "svg"."""
    limited = [panel for panel in picture.panels if panel.limit is not None]
    with drawing():
        start = TOP + (CHANCE_TALL + GAP_Y if limited else 0.0)
        rows = -(-len(picture.panels) // COLUMNS)
        canvas = Canvas(start + rows * (TALL + GAP_Y) - GAP_Y + FOOT)
        _heading(canvas, picture)
        if limited:
            _chances(canvas, picture, limited)
        wide = (WIDTH - LEFT - 4.0 - (COLUMNS - 1) * GAP_X) / COLUMNS
        for i, panel in enumerate(picture.panels):
            row, column = divmod(i, COLUMNS)
            axes = canvas.axes(LEFT + column * (wide + GAP_X), start + row * (TALL + GAP_Y), wide, TALL)
            _panel(axes, panel, picture)
        return canvas.saved(kind)


def _heading(canvas: Canvas, picture: PlanPicture) -> None:
    said = f"{picture.title}: plan" + (" (virtual patient)" if picture.synthetic else "")
    canvas.text(LEFT, 2.5, drawable(said, 80), fontsize=9, fontweight="bold", color=INK)
    cycles = f"{picture.cycles} cycle{'s' if picture.cycles > 1 else ''} to come"
    before = f" after {picture.delivered} delivered" if picture.delivered else ""
    what = "next cycle" if picture.adapted else ("each of " + cycles if picture.cycles > 1 else cycles)
    canvas.text(LEFT, 7.8, f"{picture.chosen / un.GBq:.2f} GBq  {what}{before}", fontsize=9, fontweight="bold", color=CHOSEN)
    if picture.limiting:
        canvas.text(WIDTH - 4.0, 7.9, f"decided by {drawable(picture.limiting, 40)}", fontsize=7, color=INK, ha="right")
    note = "; equal cycles are drawn" if picture.adapted else ""
    canvas.text(
        LEFT,
        13.4,
        f"Whole course with what was delivered. Line: median; band: 95 %; red: limit; green: this plan{note}.",
        fontsize=6,
        color=QUIET,
    )


def _chances(canvas: Canvas, picture: PlanPicture, limited: list[PlanPanel]) -> None:
    axes = canvas.axes(LEFT, TOP, WIDTH - LEFT - 52.0, CHANCE_TALL)
    x = picture.activities / un.GBq
    for i, panel in enumerate(limited):
        if panel.chance is None:
            continue
        label = f"{drawable(panel.name, 20)}: {panel.quantity} {panel.limit:g} Gy"
        line = LINES[i // len(SERIES) % len(LINES)]
        axes.plot(x, 100 * panel.chance, color=SERIES[i % len(SERIES)], ls=line, lw=1.3, label=label, zorder=3)
    for allowed in sorted({panel.allowed for panel in limited if panel.allowed is not None}):
        axes.axhline(100 * allowed, color=ALARM, lw=0.9, zorder=2)
        axes.text(
            0.01, 100 * allowed + 1, f"{100 * allowed:g} % allowed", transform=axes.get_yaxis_transform(), fontsize=6, color=ALARM
        )
    _mark(axes, picture)
    axes.set_ylim(0, MOST_CHANCE)
    axes.set_xlim(0, x[-1])
    axes.set_xlabel("activity by cycle, GBq", fontsize=6.5)
    axes.set_title("chance to exceed each limit, %", fontsize=7, loc="left", color=INK, pad=3)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.02), fontsize=6, frameon=False, borderaxespad=0.0)
    axes.tick_params(labelsize=6)


def _panel(axes: Any, panel: PlanPanel, picture: PlanPicture) -> None:
    x = picture.activities / un.GBq
    colour = COLOURS[6] if panel.kind == "lesion" else COLOURS[0]
    axes.fill_between(x, panel.low, panel.high, color=colour, alpha=0.22, lw=0, zorder=1)
    axes.plot(x, panel.middle, color=colour, lw=1.4, zorder=3)
    top = float(panel.high[-1])
    for value, word, mark in ((panel.limit, "limit", ALARM), (panel.goal, "goal", CHOSEN)):
        if value is None:
            continue
        if value > 1.6 * top:  # far away: the curve matters more than the line
            said = f"{word} {value:g} Gy, far above"
            axes.text(0.99, 0.97, said, transform=axes.transAxes, fontsize=6, color=mark, ha="right", va="top")
            continue
        top = max(top, 1.12 * value)
        axes.axhline(value, color=mark, lw=1.0, ls="-" if word == "limit" else "--", zorder=2)
        axes.annotate(f"{word} {value:g} Gy", (0.0, value), xytext=(2, 1.5), textcoords="offset points", fontsize=6, color=mark)
    _mark(axes, picture)
    here = float(np.interp(picture.chosen, picture.activities, panel.middle))
    if picture.chosen > 0:
        axes.plot([picture.chosen / un.GBq], [here], "o", ms=3.2, color=CHOSEN, zorder=5)
    axes.annotate(
        f"{here:.3g} Gy", (picture.chosen / un.GBq, here), xytext=(4, -8), textcoords="offset points", fontsize=6.5, color=CHOSEN
    )
    axes.set_xlim(0, x[-1])
    axes.set_ylim(0, 1.04 * top if top > 0 else 1.0)
    axes.set_title(f"{drawable(panel.name, 26)}: {panel.quantity}, Gy", fontsize=7, loc="left", color=INK, pad=3)
    axes.set_xlabel("activity by cycle, GBq", fontsize=6)
    axes.tick_params(labelsize=6)


def _mark(axes: Any, picture: PlanPicture) -> None:
    axes.axvline(picture.chosen / un.GBq, color=CHOSEN, lw=1.1, zorder=4)
