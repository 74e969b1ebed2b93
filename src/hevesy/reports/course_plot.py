"""Pictures of a course: what was used of each limit, and how the lesions changed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hevesy.reports.canvas import ALARM, INK, QUIET, SVG, WIDTH, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS, LINES

Facts = Mapping[str, Any]

LEFT, RIGHT, BAR, HEAD, FOOT = 38.0, 50.0, 7.0, 12.0, 11.0  # mm
CYCLES = ("#1f5f99", "#4a90c2", "#9ecae1", "#c6dbef", "#2f7f8f", "#7fc0c9")
BEAMS = ("#d9772b", "#fdae6b", "#8c4a14")
MOST_LESIONS = 12  # of one picture: more would be a web of lines
PANELS = (("volume", "volume"), ("uptake", "uptake (TIA coefficient)"), ("effective half-life", "effective half-life"))


def limit_bars(facts: Facts, *, kind: str = SVG) -> bytes:
    """One bar a limit, in per cent of it: each cycle and beam, and hatched one more cycle; a line at the limit."""
    limits: Sequence[Facts] = facts["limits"]
    beams = [beam["label"] for beam in facts["external_beams"]]
    labels = [cycle["label"] for cycle in facts["cycles"]] + beams
    colours = {label: (BEAMS if label in beams else CYCLES)[_place(label, labels, beams)] for label in labels}
    tall = BAR * 1.35 * len(limits)
    with drawing():
        canvas = Canvas(HEAD + tall + FOOT)
        axes = canvas.axes(LEFT, HEAD, WIDTH - LEFT - RIGHT, tall)
        longest = 100.0
        for row, limit in enumerate(limits):
            longest = max(longest, _limit_bar(axes, row, limit, colours))
        axes.axvline(100, color=ALARM, lw=1.1, zorder=4)
        axes.set_ylim(len(limits) - 0.4, -0.6)
        axes.set_xlim(0, longest * 1.06)
        names = [f"{drawable(limit['region'], 22)}\n{limit['quantity']} {limit['limit_Gy']:g} Gy" for limit in limits]
        axes.set_yticks(range(len(limits)), names, fontsize=6.2, linespacing=1.1)
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=6.5)
        axes.grid(axis="x", color="#e3e7ea", lw=0.5)
        axes.set_axisbelow(True)
        axes.set_xlabel("share of the limit, %", fontsize=7)
        _legend(canvas, colours)
        return canvas.saved(kind)


def lesion_trends(facts: Facts, *, kind: str = SVG) -> bytes:
    """Volume, uptake and effective half-life of each lesion, in per cent of the first cycle, with u (k = 1)."""
    trends = [trend for trend in facts["response"]["trends"] if trend["kind"] == "lesion" and len(trend["labels"]) > 1]
    names = list(dict.fromkeys(trend["region"] for trend in trends))[:MOST_LESIONS]
    cycles = [cycle["label"] for cycle in facts["cycles"]]
    wide, gap = (WIDTH - 10.0 - 2 * 10.0) / 3, 10.0
    legend = 5.0 + 4.0 * ((len(names) + 5) // 6)
    with drawing():
        canvas = Canvas(58.0 + legend)
        for i, (quantity, title) in enumerate(PANELS):
            axes = canvas.axes(10.0 + i * (wide + gap), 7.0, wide, 40.0)
            for k, name in enumerate(names):
                found = [trend for trend in trends if trend["region"] == name and trend["quantity"] == quantity]
                if found:
                    _trend(axes, found[0], cycles, k, shift=0.035 * (k - (len(names) - 1) / 2))
            axes.axhline(100, color=QUIET, lw=0.6, zorder=1)
            axes.set_xticks(range(len(cycles)), [drawable(label, 14) for label in cycles], fontsize=6.2)
            axes.set_xlim(-0.3, len(cycles) - 0.7)
            axes.set_ylim(bottom=0)
            axes.set_title(title, fontsize=7, loc="left", color=INK, pad=3)
            axes.tick_params(axis="y", labelsize=6.2)
            axes.grid(axis="y", color="#e3e7ea", lw=0.5)
            if not i:
                axes.set_ylabel("% of the first cycle", fontsize=6.5)
        _names(canvas, names, 55.0)
        return canvas.saved(kind)


def _place(label: str, labels: Sequence[str], beams: Sequence[str]) -> int:
    if label in beams:
        return list(beams).index(label) % len(BEAMS)
    return list(labels).index(label) % len(CYCLES)


def _limit_bar(axes: Any, row: int, limit: Facts, colours: Mapping[str, str]) -> float:
    """Draws a bar; its length with one more cycle and that uncertainty [% of the limit]."""
    whole, left = limit["limit_Gy"], 0.0
    for label, value in limit["by_part_Gy"].items():
        share = 100 * value / whole
        axes.barh(row, share, left=left, height=0.62, color=colours[label], edgecolor="white", lw=0.5, zorder=2)
        left += share
    after = 100 * limit["next_total_Gy"] / whole
    axes.barh(row, after - left, left=left, height=0.62, color="white", hatch="//////", edgecolor=QUIET, lw=0.5, zorder=2)
    for at, u in ((left, limit["u_used_Gy"]), (after, limit["u_next_total_Gy"])):
        if u:
            axes.errorbar(at, row, xerr=100 * u / whole, color=INK, lw=0.9, capsize=2.0, zorder=3)
    largest = limit["largest_activity_GBq"]
    then = "no activity searched passes it" if largest is None else f"at most {largest:.1f} GBq more"
    used = f"{limit['used_Gy']:.3g}" + (f" ± {limit['u_used_Gy']:.2g}" if limit["u_used_Gy"] else "")
    passed = limit["exceeded_percent"] > limit["probability_percent"]
    said = f"{used} Gy used\n{'limit reached' if passed else then}"
    axes.text(
        1.015, row, said, transform=axes.get_yaxis_transform(), fontsize=6.2, va="center", ha="left",
        color=ALARM if passed else INK, linespacing=1.15,
    )  # fmt: skip
    return float(after + 100 * (limit["u_next_total_Gy"] or 0.0) / whole)


def _legend(canvas: Canvas, colours: Mapping[str, str]) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: list[Any] = [Patch(facecolor=colour, label=drawable(label, 22)) for label, colour in colours.items()]
    marks.append(Patch(facecolor="white", edgecolor=QUIET, hatch="//////", label="one more cycle"))
    marks.append(Line2D([], [], color=ALARM, lw=1.1, label="limit"))
    axes = canvas.axes(0, 0, WIDTH, HEAD)
    axes.set_axis_off()
    axes.legend(handles=marks, ncols=7, fontsize=6.2, frameon=False, loc="upper left", handlelength=1.6, columnspacing=1.2)


def _trend(axes: Any, trend: Facts, cycles: Sequence[str], k: int, *, shift: float) -> None:
    first = trend["values"][0]
    x = np.array([cycles.index(label) for label in trend["labels"]]) + shift
    y = 100 * np.array(trend["values"]) / first
    u = np.array([0.0 if value is None else 100 * value / first for value in trend["u"]])
    axes.errorbar(
        x, y, yerr=u, color=COLOURS[k % len(COLOURS)], ls=LINES[k // len(COLOURS) % len(LINES)], lw=1.1, marker="o", ms=3,
        capsize=1.6, elinewidth=0.7, zorder=3,
    )  # fmt: skip


def _names(canvas: Canvas, names: Sequence[str], top: float) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D(
            [],
            [],
            color=COLOURS[k % len(COLOURS)],
            ls=LINES[k // len(COLOURS) % len(LINES)],
            marker="o",
            ms=3,
            label=drawable(name, 22),
        )
        for k, name in enumerate(names)
    ]
    axes = canvas.axes(0, top, WIDTH, 6.0 + 4.0 * ((len(names) + 5) // 6))
    axes.set_axis_off()
    axes.legend(handles=marks, ncols=6, fontsize=6.2, frameon=False, loc="upper left", handlelength=2.0, columnspacing=1.2)
