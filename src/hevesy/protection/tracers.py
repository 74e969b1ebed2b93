"""Names of radiopharmaceuticals as people write them, to the one name that the tables use."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from hevesy.errors import InputError
from hevesy.tables import load_table

# "99mTc", "[99mTc]", "Tc-99m", "Tc99m", "18F": mass number before or after the symbol.
_BEFORE = re.compile(r"\[?\(?(?<![A-Za-z0-9])(\d{1,3}m?)\s?-?([A-Z][a-z]?)(?![a-z])\)?\]?")
_AFTER = re.compile(r"\[?\(?(?<![A-Za-z0-9])([A-Z][a-z]?)\s?-?(\d{1,3}m?)(?![0-9])\)?\]?")
_ANY_CASE = re.compile(r"(?<![a-z0-9])(?:(\d{1,3}m?)\s?-?([a-z]{1,2})|([a-z]{1,2})\s?-?(\d{1,3}m?))(?![a-z0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracer:
    """A radiopharmaceutical: its name in the tables, and what was written beside it, such as a procedure."""

    name: str
    rest: str = ""

    @property
    def nuclide(self) -> str:
        """ "Tc-99m" of "Tc-99m MAG3"."""
        return self.name.partition(" ")[0]


def known_tracers() -> tuple[str, ...]:
    """Every name of the tables."""
    return tuple(row["tracer"] for row in load_table("hevesy.protection", "tracer_names").rows)


def tracer(text: str) -> Tracer:
    """The radiopharmaceutical that ``text`` names: "MAG3", "99mTc-MAG3", "[18F]FDG", "Tc-99m MIBI heart".

    A name without its nuclide is enough where only one nuclide carries it. Words after the name are kept as ``rest``.

    Raises
    ------
    InputError
        The name is not known, or several nuclides carry it; the message names the nearest known ones.
    """
    nuclide, words = _parts(text)
    found: list[Tracer] = []
    for cut in range(len(words), -1, -1):
        rest = " ".join(words[cut:])
        names = _carriers(_plain("".join(words[:cut])), nuclide)
        found = [Tracer(name=name, rest=rest) for name in names]
        if found:
            break
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(
            f"tracer {text!r}: several are known, {', '.join(t.name for t in found)}. Write the nuclide with it, "
            f'for example "{found[0].name}".'
        )
    raise InputError(f"tracer {text!r}: is not known; the nearest known are {', '.join(nearest(text))}. Write one of them.")


def nearest(text: str) -> tuple[str, ...]:
    """The known names that look or sound most like ``text``."""
    nuclide, words = _parts(text)
    spelt = _spellings()
    close = get_close_matches(_plain("".join(words)), sorted({key for key, _ in spelt}), n=4, cutoff=0.55)
    names = [name for key in close for plain, name in sorted(spelt) if plain == key]
    names += [name for name in known_tracers() if name.partition(" ")[0] == nuclide]
    names += get_close_matches(text, known_tracers(), n=4, cutoff=0.0)
    return tuple(dict.fromkeys(names))[:5]


def _parts(text: str) -> tuple[str, list[str]]:
    """Nuclide as "Tc-99m", or "" where none stands, and the words of the rest."""
    for pattern, mass, symbol in ((_AFTER, 2, 1), (_BEFORE, 1, 2)):
        for found in pattern.finditer(text):
            nuclide = f"{found[symbol]}-{found[mass]}"
            if nuclide in _nuclides():
                return nuclide, _words(text[: found.start()] + " " + _bare(text[found.end() :], nuclide))
    for found in _ANY_CASE.finditer(text.lower()):
        symbol_text, mass_text = (found[2], found[1]) if found[1] else (found[3], found[4])
        nuclide = f"{symbol_text.capitalize()}-{mass_text}"
        if nuclide in _nuclides():
            return nuclide, _words(text[: found.start()] + " " + _bare(text[found.end() :], nuclide))
    return "", _words(text)


def _bare(text: str, nuclide: str) -> str:
    """``text`` without the symbol that follows the label in "[99mTc]Tc-MAG3"."""
    return re.sub(rf"^[\])\s-]*{nuclide.partition('-')[0]}-", " ", text)


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\s,()\[\]]+", text) if _plain(word)]


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


@cache
def _nuclides() -> frozenset[str]:
    own = {name.partition(" ")[0] for name in known_tracers()}
    return frozenset(own | {row["nuclide"] for row in load_table("hevesy.protection", "therapy_nuclides").rows})


@cache
def _spellings() -> frozenset[tuple[str, str]]:
    """Plain spelling without the nuclide, and name."""
    out = set()
    for row in load_table("hevesy.protection", "tracer_names").rows:
        name = row["tracer"]
        out |= {(_plain(word), name) for word in (name.partition(" ")[2], *row["spellings"].split(";")) if _plain(word)}
    return frozenset(out)


def _carriers(plain: str, nuclide: str) -> list[str]:
    if not plain:
        return []
    names = {name for key, name in _spellings() if key == plain}
    order = known_tracers()
    return sorted((n for n in names if not nuclide or n.partition(" ")[0] == nuclide), key=order.index)


def nuclide_of(text: str) -> str:
    """The nuclide that ``text`` names, "" where none stands in it."""
    return _parts(text)[0]
