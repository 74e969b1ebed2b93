"""From the name somebody gave a region to its standard name."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from hevesy.tables import load_table

LESION = "Lesion"

_LEFT = "left lt l li links linke linker linkes gauche g izquierdo izquierda izq sinistro sinistra sx sin"
_RIGHT = "right rt r re rechts rechte rechter rechtes droit droite derecho derecha der destro destra dx dex"
_SIDES = dict.fromkeys(_LEFT.split(), "left") | dict.fromkeys(_RIGHT.split(), "right")

# Words around a name that say nothing of the region.
_FILLER_TEXT = (
    "roi voi seg segmentation mask maske contour kontur organ whole total gesamt both beide normal healthy "
    "gesund gesunde the le la les der die das el il de du di of"
)
_FILLERS = frozenset(_FILLER_TEXT.split())

# What stands behind these is cut out of the region, not what it is.
_WITHOUT = frozenset(("minus", "without", "wo", "excl", "excluding", "except", "ohne", "sans", "zonder", "sin", "senza"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardRegion:
    """A region under its standard English name.

    Attributes
    ----------
    name : str                          "Left kidney"; "Kidney" where no side was said.
    organ : str                         Without the side: "Kidney".
    side : str                          "left", "right" or "".
    kind : str                          "organ", "lesion" or "other".
    snomed_ct : str                     Code of the organ without the side; "" where none is certain.
    """

    name: str
    organ: str
    side: str
    kind: str
    snomed_ct: str


def standard_name(name: str) -> StandardRegion | None:
    """The standard region that ``name`` means, or None where the table does not know it.

    Case, accents, spaces, underscores, hyphens and joined capitals ("WholeBody") do not matter; left and
    right are understood in front and behind, in six languages. A name with a word for lesion in it is a
    lesion wherever that lies: "lesion1 liver R lobe". None is no reason to drop a region: it stays one of its
    own.
    """
    tokens = _tokens(name)
    cut = next((i for i, token in enumerate(tokens) if i and token in _WITHOUT), len(tokens))
    tokens = tokens[:cut]
    words = _words()
    if any(words.get(re.sub(r"\d+$", "", token)) == LESION for token in tokens):
        return _region(LESION, "")
    # "der" and "sin" are a side in one language and a filler in another: the first reading that fits wins.
    for candidate, side in _readings(tokens):
        standard = words.get(" ".join(candidate))
        if standard is not None:
            return _region(standard, side)
    return None


def _tokens(name: str) -> list[str]:
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = unicodedata.normalize("NFKD", apart.replace("ß", "ss").replace("œ", "oe")).lower()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return re.findall(r"[a-z0-9]+", plain)


def _readings(tokens: list[str]) -> list[tuple[list[str], str]]:
    """The name as it stands; then without a side in front or behind; each also without fillers."""
    readings = [(tokens, "")]
    if len(tokens) > 1:
        if tokens[-1] in _SIDES:
            readings.append((tokens[:-1], _SIDES[tokens[-1]]))
        if tokens[0] in _SIDES:
            readings.append((tokens[1:], _SIDES[tokens[0]]))
        # TotalSegmentator: rib_left_5.
        if len(tokens) == 3 and tokens[1] in _SIDES:
            readings.append(([tokens[0], tokens[2]], _SIDES[tokens[1]]))
    bare = [([token for token in candidate if token not in _FILLERS], side) for candidate, side in readings]
    return readings + [(candidate, side) for candidate, side in bare if candidate]


def _region(standard: str, side: str) -> StandardRegion:
    row = _standards()[standard]
    side = side if row["paired"] == "yes" else ""
    return StandardRegion(
        name=f"{side.capitalize()} {standard[0].lower()}{standard[1:]}" if side else standard,
        organ=standard,
        side=side,
        kind=row["kind"],
        snomed_ct=row["snomed_ct"],
    )


@cache
def _words() -> dict[str, str]:
    return {row["word"]: row["standard_name"] for row in load_table("hevesy.anatomy", "region_names").rows}


@cache
def _standards() -> dict[str, dict[str, str]]:
    return {row["standard_name"]: row for row in load_table("hevesy.anatomy", "regions").rows}
