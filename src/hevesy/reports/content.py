"""What a report says, in reading order: the one source of the HTML page and of the PDF."""

from typing import Any

from hevesy.model import DoseResult
from hevesy.model.result import Level
from hevesy.reports import details
from hevesy.reports.figures import Figure
from hevesy.reports.overview import facts, flagged, summary, truths
from hevesy.reports.palette import marked
from hevesy.reports.words import clean, gathered

SYNTHETIC = "Virtual patient: made by a program, not a person."
CHECK = (
    "Hevesy is for research. It is not a medical device and is not approved for clinical decisions: "
    "check these numbers by an independent way first."
)


def _sections(result: DoseResult, pictures: tuple[Figure, ...]) -> list[dict[str, Any]]:
    regions = marked(result)

    def section(key: str, title: str, figure: str = "", table: Any = None) -> dict[str, Any]:
        shown = [{"file": p.file, "caption": p.caption, "alt": p.alt} for p in pictures if figure and p.name == figure]
        return {"key": key, "title": title, "figures": shown, "table": table}

    made = [
        section("truth", "Against the known truth", table=truths(regions)),
        section("activity", "Activity in the body", "projections"),
        section("dose", "Absorbed dose", "planes"),
        section("histograms", "Dose-volume histograms", "histograms"),
        section("curves", "Activity over time", "curves", details.fits(regions) if regions else None),
        section("budget", "What the uncertainty is made of", "budget", details.budget(regions)),
        section("scans", "Time points", table=details.scans(result)),
        section("points", "Regions at each time point", table=details.points(regions) if regions else None),
    ]
    return [part for part in made if part["figures"] or part["table"]]


def content(result: DoseResult, pictures: tuple[Figure, ...]) -> dict[str, Any]:
    """Everything a page shows, as plain data: texts are not yet escaped for any page."""
    regions = marked(result)
    return {
        "title": clean(result.title),
        "patient": clean(result.patient.id or "no identifier"),
        "nuclide": result.administration.nuclide,
        "synthetic": SYNTHETIC if result.synthetic else "",
        "hevesy": result.provenance.hevesy,
        "created": result.provenance.created,
        "check": CHECK,
        "facts": facts(result),
        "warnings": gathered(result, Level.WARNING),
        "ill_posed": flagged(regions),
        "summary": summary(result, regions) if regions else None,
        "sections": _sections(result, pictures),
        "assumptions": gathered(result, Level.ASSUMED),
        "notes": gathered(result, Level.NOTE),
        "provenance": details.provenance(result),
    }
