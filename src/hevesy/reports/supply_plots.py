"""Pictures of supply: a generator over time, an outage of reactors, the plan of a day."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.reports.canvas import ALARM, INK, PNG, QUIET, SVG, Canvas, drawable, drawing
from hevesy.reports.palette import COLOURS

Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorPicture:
    """Times [s], activities on the column [Bq], elutions as (time, eluted activity), time of the maximum [s], Tc-99m share."""

    parent: str
    daughter: str
    time: tuple[float, ...]
    daughter_activity: tuple[float, ...]
    parent_activity: tuple[float, ...]
    elutions: tuple[tuple[float, float], ...]
    best: float
    fraction: float | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkPicture:
    """An outage: shares of stock and deliveries over time [s], and for each reactor alone the shares at the end and the least."""

    names: tuple[str, ...]
    duration: float
    time: Vector
    stock: Vector
    makers: tuple[str, ...]
    delivered: Vector
    each: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One patient of the plan: times of day [s], activity at the injection [Bq]."""

    name: str
    vial: str
    scanner: str
    injection: float
    injected: float
    scan: float
    end: float
    activity: float
    past: bool
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPicture:
    """The plan of a day; scanners as (name, opens, closes) [s]."""

    title: str
    rows: tuple[DayRow, ...]
    scanners: tuple[tuple[str, float, float], ...]
    vials: tuple[str, ...]
    now: float | None
    refused: tuple[str, ...]
    note: str


def generator_plot(picture: GeneratorPicture, *, kind: str = PNG) -> bytes:
    """The column over time as a file of that kind, "png" or "svg"."""
    with drawing():
        canvas = Canvas(78.0)
        canvas.text(12, 2.5, f"{picture.parent}/{picture.daughter} generator", fontsize=9, fontweight="bold", color=INK)
        canvas.text(12, 8.0, "Activity on the column since the last complete elution; dots: eluted.", fontsize=6.5, color=QUIET)
        axes = canvas.axes(14, 16, 158, 50)
        unit, name = (un.d, "d") if picture.time[-1] > 6 * un.d else (un.h, "h")
        if picture.time[-1] < 2 * un.h:
            unit, name = un.min_, "min"
        t = np.array(picture.time) / unit
        axes.plot(t, np.array(picture.parent_activity) / un.GBq, color=QUIET, lw=1.2, ls="--")
        axes.plot(t, np.array(picture.daughter_activity) / un.GBq, color=COLOURS[0], lw=1.6)
        # names stand by their lines, in the space that both leave free
        axes.text(
            t[-1],
            picture.parent_activity[-1] / un.GBq,
            f"{picture.parent} \n",
            fontsize=7,
            color=QUIET,
            va="bottom",
            ha="right",
            linespacing=0.6,
        )
        axes.text(
            t[-1],
            picture.daughter_activity[-1] / un.GBq,
            f"\n\n{picture.daughter} ",
            fontsize=7,
            color=COLOURS[0],
            va="top",
            ha="right",
        )
        top = 1.18 * max(picture.parent_activity) / un.GBq
        axes.axvline(picture.best / unit, color=QUIET, lw=0.6, ls=":")
        axes.text(picture.best / unit, top, f" most at {picture.best / unit:.1f} {name}", fontsize=6, color=QUIET, va="top")
        for i, (time, eluted) in enumerate(picture.elutions):
            axes.plot([time / unit], [eluted / un.GBq], "o", ms=4.5, color=INK, zorder=4)
            last = i == len(picture.elutions) - 1
            share = f", F = {picture.fraction:.3f}" if last and picture.fraction is not None else ""
            axes.annotate(
                f"{eluted / un.GBq:.3g} GBq{share}", (time / unit, eluted / un.GBq), xytext=(5, -9),
                textcoords="offset points", fontsize=6.5, color=INK,
            )  # fmt: skip
        axes.set_ylim(0, top)
        axes.set_xlim(0, t[-1])
        axes.set_xlabel(f"time since the last complete elution, {name}", fontsize=6.5)
        axes.set_ylabel("activity, GBq", fontsize=6.5)
        axes.tick_params(labelsize=6)
        return canvas.saved(SVG if kind == SVG else PNG)


def network_plot(picture: NetworkPicture, *, kind: str = PNG) -> bytes:
    """The shortage as a file of that kind, "png" or "svg"."""
    with drawing():
        canvas = Canvas(104.0)
        said = drawable(" and ".join(picture.names), 60)
        canvas.text(12, 2.5, f"Mo-99 with {said} out for {picture.duration / un.d:g} d", fontsize=9, fontweight="bold", color=INK)
        canvas.text(
            12,
            8.0,
            "A model of means over the year; who supplies whom and much of the demand are assumed.",
            fontsize=6.5,
            color=QUIET,
        )
        days = picture.time / un.d
        upper, lower = canvas.axes(14, 17, 96, 34), canvas.axes(14, 60, 96, 34)
        for axes in (upper, lower):
            axes.axvspan(0, picture.duration / un.d, color="#f4e3e2", lw=0, zorder=0)
            axes.set_xlim(0, float(days[-1]))
            axes.set_ylim(0, 105)
            axes.tick_params(labelsize=6)
        upper.plot(days, 100 * picture.stock, color=INK, lw=1.8)
        low = int(np.argmin(picture.stock))
        upper.plot([days[low]], [100 * picture.stock[low]], "o", ms=4, color=ALARM)
        upper.annotate(
            f"least {100 * picture.stock[low]:.0f} % after {days[low]:.1f} d", (days[low], 100 * picture.stock[low]),
            xytext=(4, -10), textcoords="offset points", fontsize=6.5, color=ALARM,
        )  # fmt: skip
        upper.fill_between(days, 100 * picture.stock, 100, color="#f0c9c6", lw=0, zorder=1)
        upper.set_title("world's stock in generators, % of before (shaded: out)", fontsize=7, loc="left", color=INK, pad=3)
        for k, name in enumerate(picture.makers):
            lower.step(
                days, 100 * picture.delivered[k], where="post", color=COLOURS[k % len(COLOURS)], lw=1.3, label=drawable(name)
            )
        lower.legend(fontsize=6, frameon=False, loc="lower right", handlelength=1.4)
        lower.set_title("delivered to makers of generators, % of what they want", fontsize=7, loc="left", color=INK, pad=3)
        lower.set_xlabel("days after the beginning", fontsize=6.5)
        _each(canvas.axes(134, 17, 42, 77), picture)
        return canvas.saved(SVG if kind == SVG else PNG)


def _each(axes: Any, picture: NetworkPicture) -> None:
    rows = sorted(picture.each, key=lambda row: row[2])
    y = np.arange(len(rows))
    axes.barh(y, [100 * row[1] for row in rows], height=0.55, color=COLOURS[3])
    axes.plot([100 * row[2] for row in rows], y, "|", ms=12, mew=1.8, color=ALARM)
    for i, (_, _, lowest) in enumerate(rows):
        axes.text(2, i, f"least {100 * lowest:.0f} %", fontsize=6, color=INK, va="center")
    axes.set_yticks(y, [drawable(row[0], 14) for row in rows], fontsize=6.5)
    axes.invert_yaxis()
    axes.set_xlim(0, 105)
    axes.set_xlabel("stock, %: bar at the end, red the least", fontsize=6)
    axes.set_title("each reactor alone", fontsize=7, loc="left", color=INK, pad=3)
    axes.tick_params(labelsize=6)


def day_plot(picture: DayPicture, *, kind: str = PNG) -> bytes:
    """The day as a file of that kind: above the scanners, below a line for each patient from injection to the end of the scan."""
    with drawing():
        upper_tall, lower_tall = 6.0 * len(picture.scanners), 3.4 * max(8, len(picture.rows))
        canvas = Canvas(19 + upper_tall + 9 + lower_tall + 12)
        canvas.text(18, 2.5, drawable(picture.title, 110), fontsize=9, fontweight="bold", color=INK)
        said = picture.note + (f"; no place for {', '.join(picture.refused)}" if picture.refused else "")
        canvas.text(18, 8.0, drawable(said, 150), fontsize=6.5, color=ALARM if picture.refused else QUIET)
        upper = canvas.axes(18, 17, 156, upper_tall)
        lower = canvas.axes(18, 17 + upper_tall + 9, 156, lower_tall)
        first = min([row.injection for row in picture.rows] + [opens for _, opens, _ in picture.scanners]) / un.h
        last = max([row.end for row in picture.rows] + [picture.scanners[0][1]]) / un.h
        for axes in (upper, lower):
            axes.set_xlim(first - 0.15, last + 0.4)
            ticks = np.arange(np.ceil(first), np.floor(last + 0.4) + 1)
            axes.set_xticks(ticks, [f"{int(t) % 24:02d}:00" for t in ticks])
            axes.grid(axis="x", color="#e3e7ea", lw=0.5)
            axes.set_axisbelow(True)
            axes.tick_params(labelsize=6)
            if picture.now is not None:
                axes.axvline(picture.now / un.h, color=ALARM, lw=1.0, zorder=5)
        _scanners(upper, picture)
        _patients(lower, picture)
        return canvas.saved(SVG if kind == SVG else PNG)


def _colour(picture: DayPicture, row: DayRow) -> str:
    return COLOURS[picture.vials.index(row.vial) % len(COLOURS)]


def _scanners(axes: Any, picture: DayPicture) -> None:
    names = [name for name, _, _ in picture.scanners]
    for row in picture.rows:
        y = names.index(row.scanner)
        colour = _colour(picture, row)
        shade, edge, wide = (0.45 if row.past else 0.9), (ALARM if row.late else "white"), (1.1 if row.late else 0.6)
        axes.barh(
            y, (row.end - row.scan) / un.h, left=row.scan / un.h, height=0.72,
            color=colour, alpha=shade, edgecolor=edge, lw=wide,
        )  # fmt: skip
        axes.text((row.scan + row.end) / 2 / un.h, y, drawable(row.name, 6), fontsize=4.8, ha="center", va="center", color=INK)
    axes.set_yticks(range(len(names)), [drawable(name, 12) for name in names])
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_title("scanners", fontsize=7, loc="left", color=INK, pad=2)


def _patients(axes: Any, picture: DayPicture) -> None:
    for y, row in enumerate(picture.rows):
        colour = _colour(picture, row)
        axes.plot([row.injected / un.h, row.scan / un.h], [y, y], color=QUIET, lw=0.7, zorder=2)
        shade = 0.45 if row.past else 0.95
        axes.barh(y, (row.injected - row.injection) / un.h, left=row.injection / un.h, height=0.75, color=INK, alpha=shade)
        axes.barh(y, (row.end - row.scan) / un.h, left=row.scan / un.h, height=0.75, color=colour, alpha=shade)
        axes.text(row.end / un.h + 0.04, y, f"{row.activity / un.MBq:.0f} MBq", fontsize=4.8, va="center", color=QUIET)
    axes.set_yticks(range(len(picture.rows)), [drawable(row.name, 10) for row in picture.rows])
    for label, row in zip(axes.get_yticklabels(), picture.rows, strict=True):
        label.set_fontsize(5)
        label.set_color(ALARM if row.late else INK)
    axes.set_ylim(len(picture.rows) - 0.4, -0.6)
    said = (
        "patients: injection (dark), uptake, scan (colour: vial " + ", ".join(drawable(name, 12) for name in picture.vials) + ")"
    )
    late = "; red: late, line: now" if picture.now is not None else ""
    axes.set_title(said + late, fontsize=7, loc="left", color=INK, pad=2)
