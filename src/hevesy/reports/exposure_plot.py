"""Picture of a patient's exposures over time: effective doses by weight set, and those that state none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hevesy.reports.canvas import ALARM, INK, QUIET, SVG, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

Facts = Mapping[str, Any]
LEFT, TALL, HEAD, FOOT, LEGEND = 14.0, 46.0, 3.0, 8.0, 52.0  # mm
ESTIMATED = "estimated"
LEAST_LABEL = 0.05  # of the largest: a label on the axis would stand on the stem of another dose of that hour
MOST_LABELS = 8  # more texts would stand on each other


def exposure_timeline(exposures: Sequence[Facts], *, kind: str = SVG) -> bytes:
    """A stem for each effective dose over its day, coloured by weight set and method; a cross for what states none."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    dated = [e for e in exposures if e["day"] is not None]
    series: dict[str, list[tuple[datetime, float]]] = {}
    without: list[datetime] = []
    for each in dated:
        at = datetime.fromisoformat(each["start"] or each["day"])
        shown = shown_doses(each)
        if not shown:
            without.append(at)
        for name, value in shown:
            series.setdefault(name, []).append((at, value))
    with drawing():
        canvas = Canvas(HEAD + TALL + FOOT)
        axes = canvas.axes(LEFT, HEAD, WIDTH - LEFT - LEGEND, TALL)
        top = max((value for points in series.values() for _, value in points), default=1.0)
        for colour, (name, points) in zip(COLOURS, series.items(), strict=False):
            for at, value in points:
                axes.plot([at, at], [0, value], color=colour, lw=1.6, solid_capstyle="round")
                axes.plot([at], [value], "o", ms=4, color=colour, mfc="white" if name.endswith(ESTIMATED) else colour)
        if without:
            axes.plot(without, [0.0] * len(without), "x", ms=5, mew=1.1, color=QUIET, clip_on=False, zorder=5)
        _label(axes, dated, top)
        axes.set_ylim(0, top * 1.25)
        axes.margins(x=0.16)
        locator = AutoDateLocator(minticks=3, maxticks=7)
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        axes.tick_params(labelsize=6.5)
        axes.set_ylabel("effective dose, mSv", fontsize=7)
        axes.grid(axis="y", color="#e3e7ea", lw=0.5)
        axes.set_axisbelow(True)
        _legend(canvas, list(series), without=bool(without), undated=len(exposures) - len(dated))
        return canvas.saved(kind)


def shown_doses(exposure: Facts) -> list[tuple[str, float]]:
    """Name of the series and dose [mSv]: all that are stated, or else the one that was estimated."""
    method = "CT" if exposure["kind"] == "CT" else "radiopharmaceutical"
    stated = [(f"{method}, weights {d['weights']}", d["effective_dose_mSv"]) for d in exposure["effective_doses"]]
    made = exposure.get("estimate")
    return stated or ([(f"{method}, {made['weights']}, {ESTIMATED}", made["effective_dose_mSv"])] if made else [])


def _label(axes: Any, dated: Sequence[Facts], top: float) -> None:
    told = [e for e in dated if shown_doses(e) and shown_doses(e)[0][1] >= LEAST_LABEL * top]
    for each in sorted(told, key=lambda e: -shown_doses(e)[0][1])[:MOST_LABELS]:
        value = shown_doses(each)[0][1]
        at = datetime.fromisoformat(each["start"] or each["day"])
        text = f"{drawable(each['label'], 22)}\n{value:.3g} mSv"
        axes.annotate(text, (at, value), (0, 5), textcoords="offset points", fontsize=5.8, ha="center", color=INK)


def _legend(canvas: Canvas, names: Sequence[str], *, without: bool, undated: int) -> None:
    left, top = WIDTH - LEGEND + 4, HEAD
    for colour, name in zip(COLOURS, names, strict=False):
        canvas.text(left, top, "○" if name.endswith(ESTIMATED) else "●", fontsize=7, color=colour)
        canvas.text(left + 4, top, drawable(name, 40), fontsize=6.2, color=INK)
        top += 5
    if without:
        canvas.text(left, top, "×", fontsize=8, color=QUIET)
        canvas.text(left + 4, top, "no effective dose", fontsize=6.2, color=INK)
        top += 5
    if undated:
        canvas.text(left, top, f"{undated} without a day: not shown", fontsize=6.2, color=ALARM)
