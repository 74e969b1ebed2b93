"""The number, colour and line by which a region is known in every picture and table."""

from dataclasses import dataclass

from hevesy.model import DoseResult, RegionResult
from hevesy.reports.record import unique_names
from hevesy.reports.words import clean

# Ten colours that stay apart with colour-vision deficiency: M. A. Petroff, arXiv:2107.02270.
COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6",
    "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
LINES = ("-", "--", "-.", ":")
KINDS = ("organ", "lesion", "other", "remainder")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marked:
    """A region with its marks.

    Attributes
    ----------
    number : int                        1, 2, ... in the order of the tables.
    colour, line : str                  Colour (hexadecimal) and line style.
    name : str                          As drawn, unique in the result.
    """

    region: RegionResult
    number: int
    colour: str
    line: str
    name: str


def marked(result: DoseResult) -> tuple[Marked, ...]:
    """The regions in reading order (organs, lesions, others, remainder), each with its marks."""
    named = list(zip(unique_names(result.regions), result.regions, strict=True))
    named.sort(key=lambda pair: KINDS.index(pair[1].kind) if pair[1].kind in KINDS else len(KINDS))
    return tuple(
        Marked(
            region=region,
            number=i + 1,
            colour=COLOURS[i % len(COLOURS)],
            line=LINES[i // len(COLOURS) % len(LINES)],
            name=clean(name),
        )
        for i, (name, region) in enumerate(named)
    )
