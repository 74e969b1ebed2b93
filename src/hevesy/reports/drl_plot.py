"""Picture of a hospital's sample against a diagnostic reference level: patients, median with its interval, level."""

from collections.abc import Mapping, Sequence
from typing import Any

from hevesy.reports.canvas import ALARM, INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

Facts = Mapping[str, Any]
LEFT, TALL, HEAD, FOOT, GAP, STRIP = 16.0, 62.0, 22.0, 13.0, 16.0, 34.0  # mm
BLUE = COLOURS[0]


def drl_plot(facts: Facts, *, kind: str = PNG) -> bytes:
    """Activities over weight, age or number with the level of each patient; beside them the ratios with their median."""
    points = facts["points"]
    with drawing():
        canvas = Canvas(HEAD + TALL + FOOT)
        _heading(canvas, facts)
        wide = WIDTH - LEFT - GAP - STRIP - 6
        _activities(canvas.axes(LEFT, HEAD, wide, TALL), points, facts)
        _ratios(canvas.axes(LEFT + wide + GAP, HEAD, STRIP, TALL), points, facts)
        return canvas.saved(kind)


def _heading(canvas: Canvas, facts: Facts) -> None:
    head = f"{facts['country']}, {facts['procedure']}, {facts['people']}   {facts['on']}"
    canvas.text(LEFT, 2, drawable(head, 90), fontsize=9, fontweight="bold", color=INK)
    colour = {"above": ALARM, "too few": QUIET}.get(facts["verdict"], INK)
    first, _, rest = facts["said"].partition("; ")
    canvas.text(LEFT, 7.5, drawable(first, 120), fontsize=8, color=colour)
    if rest:
        canvas.text(LEFT, 11.8, drawable(rest, 130), fontsize=6.5, color=INK)
    unverified = "   unverified" if facts["unverified"] else ""
    canvas.text(LEFT, 15.8, drawable(facts["source"] + unverified, 150), fontsize=5.8, color=QUIET)


def _axis(points: Sequence[Facts], facts: Facts) -> tuple[str, str]:
    if facts["rule"] == "ages":
        return "age_years", "age, years"
    if all(point["weight_kg"] is not None for point in points):
        return "weight_kg", "weight, kg"
    return "", "patient, in the order of the file"


def _activities(axes: Any, points: Sequence[Facts], facts: Facts) -> None:
    key, label = _axis(points, facts)
    level = drawable(facts["level_is"], 40)
    at = [float(point[key]) if key else float(n) for n, point in enumerate(points, start=1)]
    activities = [point["activity_MBq"] for point in points]
    axes.plot(at, activities, "o", ms=3.6, color=BLUE, mec="white", mew=0.4, label="patient")
    order = sorted(range(len(at)), key=at.__getitem__)
    stepped = facts["rule"] in ("weights", "ages")
    style = {"ls": "none", "marker": "_", "ms": 6, "mew": 1.4} if stepped or len(points) == 1 else {"lw": 1.3}
    if facts["rule"] == "fixed":
        axes.axhline(facts["level_MBq"], color=ALARM, lw=1.3, label=level)
    else:
        axes.plot([at[i] for i in order], [points[i]["level_MBq"] for i in order], color=ALARM, label=level, **style)
    axes.set_ylim(0, 1.12 * max([*activities, *(point["level_MBq"] for point in points)]))
    axes.set_xlabel(label, fontsize=7)
    axes.set_ylabel("administered activity, MBq", fontsize=7)
    axes.legend(loc="lower right", frameon=False, fontsize=6.2, ncols=2, bbox_to_anchor=(1.0, 1.0), borderaxespad=0.1)
    _quiet(axes)


def _ratios(axes: Any, points: Sequence[Facts], facts: Facts) -> None:
    ratios = sorted(point["ratio"] for point in points)
    n = len(ratios)
    spread = [0.28 * ((7 * i) % 11 - 5) / 5 for i in range(n)]
    axes.plot(spread, ratios, "o", ms=3, color=BLUE, mec="white", mew=0.4)
    axes.axhline(1.0, color=ALARM, lw=1.3)
    axes.plot([-0.62, 0.62], [facts["median_ratio"]] * 2, color=INK, lw=1.6, solid_capstyle="butt")
    if facts["ratio_interval"]:
        low, high = facts["ratio_interval"]
        axes.fill_between([-0.62, 0.62], [low, low], [high, high], color=INK, alpha=0.13, lw=0)
    axes.set_xlim(-0.75, 0.75)
    axes.set_ylim(0, 1.12 * max(*ratios, 1.0))
    axes.set_xticks([])
    coverage = facts["interval_coverage"]
    interval = f"band: {coverage:.0%} interval" if coverage else "too few for an interval"
    axes.set_xlabel(f"n = {n}\nline: median\n{interval}", fontsize=6.2)
    axes.set_ylabel("activity / level of the patient", fontsize=7)
    _quiet(axes)


def _quiet(axes: Any) -> None:
    axes.grid(axis="y", color="#e3e7ea", lw=0.5)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=6.5)
