"""The pictures of a report, each drawn once for all pages, with its caption and its description."""

from dataclasses import dataclass

from hevesy import units as un
from hevesy.model import DoseResult
from hevesy.reports.budget_bars import budget_bars
from hevesy.reports.canvas import PNG, SVG, drawing
from hevesy.reports.curves import activity_curves
from hevesy.reports.histograms import dose_volume_histograms
from hevesy.reports.numbers import significant
from hevesy.reports.palette import marked
from hevesy.reports.planes import CT_WINDOW, LOWEST, planes
from hevesy.reports.projections import projections, seen_from_the_front
from hevesy.reports.views import Window, turned, upright, window_around

BODY = -400.0  # HU: what is denser is body (or couch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture as a file, with what stands below it and what a reader who cannot see it is told."""

    name: str
    kind: str  # "png" or "svg"
    data: bytes
    caption: str
    alt: str
    part: int = 1  # of several pictures of one name

    @property
    def file(self) -> str:
        """Its file name."""
        return f"{self.name}-{self.part}.{self.kind}"


def drawn_part(result: DoseResult) -> Window:
    """The part of the grid that shows something: body (CT) or activity, dose and every region."""
    pictures = result.pictures
    frame = upright(pictures.dose.grid)
    dose = turned(pictures.dose.values, frame)
    inside = dose > 0.02 * float(dose.max()) if dose.max() > 0 else dose > -1
    for mask in pictures.masks.values():
        inside = inside | (turned(mask, frame) >= 0.5)
    if pictures.ct is not None:
        inside = inside | (turned(pictures.ct.values, frame) > BODY)
    else:
        for image in pictures.activity:
            values = turned(image.values, frame)
            inside = inside | (values > 0.02 * float(values.max()))
    return window_around(inside, frame)


def _projection_words(result: DoseResult, window: Window) -> tuple[str, str]:
    scale = ""
    if len(result.scans) > 1:
        scale = " Above: one scale for all; below: each on its own, so its greys differ in meaning."
    caption = (
        f"Maximum-intensity projections of the activity concentration at the start of each scan, not "
        f"decay-corrected, as resampled to the dose grid. {seen_from_the_front(window.frame)}{scale}"
    )
    times = ", ".join(f"{significant(scan.time / un.h)} h" for scan in result.scans)
    return caption, f"Grey-scale projections of the activity seen from the front at {times}."


def _plane_words(result: DoseResult) -> tuple[str, str]:
    low, high = CT_WINDOW
    if result.pictures.ct is not None:
        under = f"Grey: CT, {low:.0f} to {high:.0f} HU, on the dose grid.".replace("-", "\N{MINUS SIGN}")
    else:
        scan = result.scans[result.reference_scan]
        under = (
            f"There is no CT: the grey is the activity at {significant(scan.time / un.h)} h and shows no "
            "anatomy. Judge the position of a region with care."
        )
    caption = (
        f"Absorbed dose in colour, not painted below {100 * LOWEST:.0f} % of the scale; doses beyond the end "
        "of the colours have the last colour. Each row has its own colours: those of a lesion end at the "
        "largest D2 of all regions, those of an organ at the largest without lesions. "
        f"{under} Lines: the regions, with the numbers of the table. Dotted: where the other planes cut."
    )
    what = "the CT" if result.pictures.ct is not None else "the activity image"
    return caption, f"Absorbed dose in colour over {what}, axial, coronal and sagittal, with region contours."


CURVES = (
    "Activity at the start of each scan (points, bars: 1 u of what differs from scan to scan; open points: u "
    "not known), fitted curve and its band (1 u, from the covariance of the fit alone; no band where there "
    "is none). Dashed: before the first and after the last scan, where nothing was measured. Each panel has "
    "its own activity axis, which may cut a steep rise. T½ eff: effective half-life of the last phase.",
    "One panel a region: activity in MBq against time in hours, with the fitted curve.",
)
HISTOGRAMS = (
    "Cumulative dose-volume histograms of the voxel doses. Image noise and blur widen them; they carry no u. "
    "Numbers and colours as in the table.",
    "Lines that show the share of each region's volume that receives at least a dose.",
)
BUDGET = (
    "Relative standard uncertainty of each mean dose (k = 1), divided by what its variance is made of: the widest part is what "
    "to improve first. Hatched: random. Right: now, and with one more scan at the time given in the table.",
    "One bar a region, divided into the sources of its uncertainty.",
)


def _pictures(name: str, kind: str, parts: list[bytes], words: tuple[str, str]) -> list[Figure]:
    """Pictures that belong together: the caption stands below the last."""
    return [
        Figure(name=name, kind=kind, data=data, caption=words[0] * (i == len(parts)), alt=words[1], part=i)
        for i, data in enumerate(parts, start=1)
    ]


def figures(result: DoseResult) -> tuple[Figure, ...]:
    """All pictures of ``result``."""
    window, regions = drawn_part(result), marked(result)
    made: list[Figure] = []
    with drawing():
        if result.pictures.activity:
            words = _projection_words(result, window)
            made += _pictures("projections", PNG, [projections(result, window)], words)
        made += _pictures("planes", PNG, planes(result, regions, window), _plane_words(result))
        if regions:
            made += _pictures("curves", SVG, activity_curves(regions), CURVES)
            made += _pictures("histograms", SVG, [dose_volume_histograms(regions)], HISTOGRAMS)
        if any(m.region.terms for m in regions):
            made += _pictures("budget", SVG, [budget_bars(regions)], BUDGET)
    return tuple(made)
