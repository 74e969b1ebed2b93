"""Picture of a release: dose rate with measurements and fit, and how long each person keeps away."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from hevesy.reports.canvas import ALARM, INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

Facts = Mapping[str, Any]
LEFT, TOP, TALL = 15.0, 22.0, 62.0  # mm
BARS_LEFT, ROW = 62.0, 6.2
COVER = 1.959963984540054


def release_plot(facts: Facts, *, kind: str = PNG) -> bytes:
    """The picture as a file of that kind, "png" or "svg"."""
    with drawing():
        rows = len(facts["persons"])
        canvas = Canvas(TOP + TALL + 24.0 + rows * ROW + 16.0)
        patient = f" of {facts['patient']}" if facts["patient"] else ""
        canvas.text(LEFT, 2.5, drawable(f"Release{patient}, {facts['nuclide']}", 80), fontsize=9, fontweight="bold", color=INK)
        leave = facts["release"]
        why = leave["decided_by"]
        said = f"leaves {leave['leaves_at'].replace('T', ' ')}" + (f": {why['text']}" if why else "")
        canvas.text(LEFT, 7.8, drawable(said, 110), fontsize=8, color=COLOURS[0])
        canvas.text(
            LEFT, 13.0, drawable(f"{facts['dose_rate']['basis']}; distance: {facts['law']}", 120), fontsize=6, color=QUIET
        )
        _rate(canvas.axes(LEFT, TOP, WIDTH - LEFT - 6.0, TALL), facts)
        _people(canvas.axes(BARS_LEFT, TOP + TALL + 20.0, WIDTH - BARS_LEFT - 6.0, rows * ROW), facts)
        return canvas.saved(kind)


def _rate(axes: Any, facts: Facts) -> None:
    curve = facts["dose_rate"]["curve"]
    t = np.array([point["time_h"] for point in curve])
    rate = np.array([point["uSv_per_h"] for point in curve])
    if all(point["u_uSv_per_h"] is not None for point in curve):
        relative = np.array([point["u_uSv_per_h"] for point in curve]) / rate
        axes.fill_between(t, rate * np.exp(-COVER * relative), rate * np.exp(COVER * relative), color=COLOURS[0], alpha=0.2, lw=0)
    axes.plot(t, rate, color=COLOURS[0], lw=1.4, label="at 1 m" + ("" if curve[0]["u_uSv_per_h"] is None else "; band: 95 %"))
    points = facts["dose_rate"]["points"]
    if points:
        u = [0.0 if p["u_uSv_per_h"] is None else p["u_uSv_per_h"] for p in points]
        axes.errorbar(
            [p["time_h"] for p in points], [p["at_1m_uSv_per_h"] for p in points], yerr=u, fmt="o", ms=3.2, lw=0.8,
            color=INK, label="measured, brought to 1 m",
        )  # fmt: skip
    leave = facts["release"]["leaves_after_h"]
    axes.axvline(leave, color=COLOURS[4], lw=1.0)
    axes.annotate("leaves", (leave, float(rate.min())), xytext=(3, 2), textcoords="offset points", fontsize=6, color=COLOURS[4])
    for rule in facts["release"]["rules"]:
        if rule["quantity"] == "dose rate" and rule["source"] == (facts["release"]["decided_by"] or {}).get("source"):
            now = facts["dose_rate"]["at_release_1m_uSv_per_h"]
            axes.plot([leave], [now], "s", ms=4, color=ALARM, label=drawable(rule["text"], 60))
            break
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(_plain)
    axes.yaxis.set_minor_formatter(_plain_few)
    axes.tick_params(which="both", labelsize=6)
    axes.set_ylim(max(float(rate.min()) / 1.3, 1e-3), 1.6 * float(rate.max()))
    axes.set_xlim(0, float(t[-1]))
    axes.set_xlabel("hours after the administration", fontsize=6.5)
    axes.set_title("dose rate, µSv/h", fontsize=7, loc="left", color=INK, pad=3)
    axes.legend(loc="upper right", fontsize=6, frameon=False)


def _people(axes: Any, facts: Facts) -> None:
    persons, leave = facts["persons"], facts["release"]["leaves_after_h"] / 24
    for i, person in enumerate(persons):
        days, safe = person["restriction_h"] / 24, person["restriction_95_h"]
        if safe is not None:
            axes.barh(i, safe / 24 - leave, left=leave, height=0.62, color=COLOURS[1], alpha=0.35, lw=0)
        axes.barh(i, days - leave, left=leave, height=0.62, color=COLOURS[1], lw=0)
        none = days <= leave and (safe is None or safe / 24 <= leave)
        said = f"{days:.1f} d" + ("" if safe is None else f"; with 95 % {safe / 24:.1f} d")
        said = "no restriction" if none else said
        at = max(days, 0.0 if safe is None else safe / 24)
        free = f"; free {person['dose_unrestricted_mSv']:.2g} mSv, limit {person['constraint_mSv']:g} mSv"
        axes.annotate(said + free, (at, i), xytext=(3, 0), textcoords="offset points", fontsize=5.6, va="center", color=INK)
    most = max(max(p["restriction_h"], p["restriction_95_h"] or 0.0) for p in persons) / 24
    axes.set_xlim(max(0.0, leave - 0.1 * (most - leave) - 0.05), leave + max(2.1 * (most - leave), 1.0))
    axes.set_ylim(len(persons) - 0.5, -0.5)
    axes.set_yticks(range(len(persons)), [drawable(p["name"], 36) for p in persons], fontsize=6)
    axes.tick_params(axis="x", labelsize=6)
    axes.set_xlabel("days after the administration", fontsize=6.5)
    axes.set_title(
        "keep away until (dark: best value; light: with 95 % probability; free: dose without restriction)",
        fontsize=7,
        loc="left",
        color=INK,
        pad=3,
    )
    axes.axvline(leave, color=COLOURS[4], lw=1.0)


def _plain(value: float, _: int) -> str:
    """A number without powers of ten."""
    return f"{value:g}"


def _plain_few(value: float, _: int) -> str:
    """The same at 2 and 5 alone."""
    return f"{value:g}" if f"{value:e}"[0] in "25" else ""
