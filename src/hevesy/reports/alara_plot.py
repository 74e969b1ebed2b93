"""Picture and page of a virtual trial: quality against activity times time, and what the images look like."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hevesy.reports.canvas import ALARM, INK, PNG, QUIET, WIDTH, Canvas, drawable, drawing
from hevesy.reports.content import CHECK
from hevesy.reports.palette import COLOURS

Facts = Mapping[str, Any]
Plane = Mapping[str, Any]

HEAD, TALL, GAP, FOOT, LEFT, LEGEND = 9.0, 52.0, 16.0, 6.0, 16.0, 50.0  # mm
LINE, BAND = 3.6, 11.0  # of the legend; titles above a row of images [mm]
SHOWN = 1.25  # of the brightest voxel of the lesion or liver: where the grey scale ends
AXES = {
    "cov": ("coefficient of variation in the liver, %", 100.0),
    "cnr": ("contrast to noise", 1.0),
    "recovery": ("recovery", 1.0),
    "detectability": ("area under the ROC curve", 1.0),
    "dose-error": ("random error of the lesion's mean, %", 100.0),
}
# What the band is, where it is not the spread from scan to scan.
SHADED = {"detectability": "shaded: 95 % interval of the area", "dose-error": "shaded: 95 % interval of the error"}


def alara_picture(facts: Facts, planes: Sequence[Plane | None]) -> bytes:
    """Curves of each target, scanners side by side, and a plane of each scanner at each activity.  A PNG file.

    Parameters
    ----------
    facts : mapping                     Of `hevesy alara`.
    planes : sequence                   For the scanner and each compared one: ``still``, ``noisy``, ``pixel_mm`` ...; or None.
    """
    rows = _rows(facts)
    kinds = [found["target"] for found in facts["targets"]]
    drawn = [(row, plane) for row, plane in zip(_all(facts), planes, strict=True) if plane is not None]
    with drawing():
        tall = _image_height(drawn[0][1]) if drawn else 0.0
        canvas = Canvas(HEAD + len(kinds) * (TALL + GAP) + len(drawn) * (tall + BAND) + FOOT)
        canvas.text(0, 0.5, drawable(_title(facts), 105), fontsize=9, fontweight="bold", color=INK)
        for n, kind in enumerate(kinds):
            _curves(canvas, HEAD + n * (TALL + GAP), kind, facts, rows)
        top = HEAD + len(kinds) * (TALL + GAP)
        for row, plane in drawn:
            _planes(canvas, top, row, plane)
            top += tall + BAND
        return canvas.saved(PNG)


def alara_page(facts: Facts, planes: Sequence[Plane | None]) -> bytes:
    """One HTML file that opens offline: the answer, the picture, what was modelled and what was not."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("hevesy.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    picture = base64.b64encode(alara_picture(facts, planes)).decode("ascii")
    page = environment.get_template("alara.html.j2").render(
        facts=facts, rows=_all(facts), title=_title(facts), picture=f"data:image/png;base64,{picture}", check=CHECK,
        number=_number,
    )  # fmt: skip
    return page.encode("utf-8")


def _all(facts: Facts) -> list[Facts]:
    return [facts, *facts["compared"]]


def _rows(facts: Facts) -> list[tuple[str, Facts]]:
    """Scanners that were not refused, with their colours."""
    return [(COLOURS[n % len(COLOURS)], row) for n, row in enumerate(_all(facts)) if not row.get("refused")]


def _title(facts: Facts) -> str:
    lesion, body = facts["lesion"], facts["body"]
    task = (
        "even liver"
        if lesion is None
        else f"lesion of {lesion['diameter_mm']:g} mm, {lesion['contrast']:g} to 1, {lesion['place']}"
    )
    return f"{facts['tracer']}, {body['weight_kg']:g} kg, {facts['time_s'] / 60:g} min: {task}"


def _curves(canvas: Canvas, top: float, kind: str, facts: Facts, rows: Sequence[tuple[str, Facts]]) -> None:
    label, factor = AXES[kind]
    axes = canvas.axes(LEFT, top, WIDTH - LEFT - LEGEND, TALL)
    axes.set_xscale("log")
    legend: list[tuple[str, str]] = []
    for colour, row in rows:
        found = next(f for f in row["targets"] if f["target"] == kind)
        points = sorted(found["curve"], key=lambda p: p["activity_MBq"])
        x = [p["activity_MBq"] for p in points]
        axes.plot(x, [p["value"] * factor for p in points], "-", marker="o", ms=3, lw=1.2, color=colour)
        if points[0].get("low") is not None:
            low, high = ([p[edge] * factor for p in points] for edge in ("low", "high"))
            axes.fill_between(x, low, high, color=colour, alpha=0.15, lw=0)
        least, interval = found["least_activity_MBq"], found["least_activity_95_MBq"]
        axes.axvline(least, color=colour, lw=1.0, ls="--")
        if interval is not None and interval[1] is not None:
            axes.axvspan(*interval, color=colour, alpha=0.10, lw=0)
        legend.append((colour, f"{row['scanner']}: {_number(least)} MBq"))
        if interval is not None:
            upper = "no limit" if interval[1] is None else _number(interval[1])
            legend.append(("", f"   {_number(interval[0])} to {upper} MBq (95 %)"))
        legend.append(("", f"   or {_number(found['shortest_time_s'])} s with {_number(facts['at_activity_MBq'])} MBq"))
    asked = next(f for f in facts["targets"] if f["target"] == kind)
    if kind == "recovery":
        still = asked["value_without_noise"]
        edges = asked["band"] or [still * (1 - asked["limit"]), still * (1 + asked["limit"])]
        for edge in edges:
            axes.axhline(edge, color=ALARM, lw=0.8)
    else:
        axes.axhline(asked["limit"] * factor, color=ALARM, lw=0.8)
    given = facts["guideline_activity_MBq"]
    if given is not None:
        axes.axvline(given, color=QUIET, lw=0.9, ls=":")
        legend.append((QUIET, f"guideline: {_number(given)} MBq"))
    legend.append((ALARM, "target" if kind == "recovery" else f"target: {_number(asked['limit'] * factor)}"))
    axes.set_ylabel(label, fontsize=7)
    axes.set_xlabel(f"administered activity, MBq (in {facts['time_s']:g} s)", fontsize=7)
    plain_ticks(axes)
    axes.grid(color="#e3e7ea", lw=0.5)
    axes.set_axisbelow(True)
    for n, (colour, text) in enumerate(legend):
        if colour:
            canvas.text(WIDTH - LEGEND + 4, top + n * LINE, "●", fontsize=6.5, color=colour)
        canvas.text(WIDTH - LEGEND + 8, top + n * LINE, drawable(text, 42), fontsize=6.2, color=INK)
    if not facts["analytic"]:
        canvas.text(
            WIDTH - LEGEND + 4, top + len(legend) * LINE + 1, SHADED.get(kind, "dots: mean of scans; shaded: 90 of 100"),
            fontsize=5.6, color=QUIET,
        )  # fmt: skip


def plain_ticks(axes: Any) -> None:
    """1, 2 and 5 of each decade, as plain numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _image_height(plane: Plane) -> float:
    columns = 1 + len(plane["noisy"])
    height, width = _cut(plane, plane["still"]).shape
    return float((WIDTH - 2.0 * (columns - 1)) / columns * height / width)


def _planes(canvas: Canvas, top: float, row: Facts, plane: Plane) -> None:
    """Without noise, then from the greatest activity down; one grey scale, from the image without noise."""
    images = [("without noise", plane["still"])] + [(f"{_number(a)} MBq", image) for a, image in plane["noisy"]]
    width = (WIDTH - 2.0 * (len(images) - 1)) / len(images)
    height = _image_height(plane)
    canvas.text(0, top, drawable(row["title"] or row["scanner"], 90), fontsize=7, fontweight="bold", color=INK)
    most = _brightest(plane)
    for n, (label, image) in enumerate(images):
        axes = canvas.axes(n * (width + 2.0), top + 7.5, width, height)
        axes.imshow(_cut(plane, image), cmap="gray_r", vmin=0, vmax=most, interpolation="bilinear")
        axes.set_axis_off()
        axes.set_title(label, fontsize=6, color=INK, pad=1.5)


def _brightest(plane: Plane) -> float:
    """Where the grey scale ends: above what lies in the lesion (or the liver) and beside it without noise; a defect is dark."""
    still = np.asarray(plane["still"], dtype=np.float64)
    x, y = ((plane["origin_mm"][k] + np.arange(still.shape[1 - k]) * plane["pixel_mm"] - plane["centre_mm"][k]) for k in (0, 1))
    inside = y[:, None] ** 2 + x[None, :] ** 2 <= max(plane["diameter_mm"], plane["pixel_mm"]) ** 2
    return SHOWN * float(still[inside].max())


def _cut(plane: Plane, image: Any) -> Any:
    """The plane without the empty border of its noise-free image."""
    still = np.asarray(plane["still"])
    some = still > 0.02 * still.max()
    rows, columns = np.flatnonzero(some.any(axis=1)), np.flatnonzero(some.any(axis=0))
    return np.asarray(image)[max(rows[0] - 2, 0) : rows[-1] + 3, max(columns[0] - 2, 0) : columns[-1] + 3]


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"
