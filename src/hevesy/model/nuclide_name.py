"""One spelling of a nuclide's name, from the many that headers and people use."""

import re
import unicodedata

from hevesy.errors import InputError

_SYMBOLS = """
H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr
Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W
Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm
"""
_NAMES = """
hydrogen helium lithium beryllium boron carbon nitrogen oxygen fluorine neon sodium magnesium aluminium
silicon phosphorus sulfur chlorine argon potassium calcium scandium titanium vanadium chromium manganese
iron cobalt nickel copper zinc gallium germanium arsenic selenium bromine krypton rubidium strontium
yttrium zirconium niobium molybdenum technetium ruthenium rhodium palladium silver cadmium indium tin
antimony tellurium iodine xenon caesium barium lanthanum cerium praseodymium neodymium promethium
samarium europium gadolinium terbium dysprosium holmium erbium thulium ytterbium lutetium hafnium
tantalum tungsten rhenium osmium iridium platinum gold mercury thallium lead bismuth polonium astatine
radon francium radium actinium thorium protactinium uranium neptunium plutonium americium curium
berkelium californium einsteinium fermium
"""
SYMBOLS = tuple(_SYMBOLS.split())

_ELEMENTS = {symbol.lower(): symbol for symbol in SYMBOLS}
_ELEMENTS |= dict(zip(_NAMES.split(), SYMBOLS, strict=True))
_ELEMENTS |= {
    "aluminum": "Al", "cesium": "Cs", "sulphur": "S", "lutecium": "Lu", "fluor": "F", "iod": "I", "jod": "I",
    "wolfram": "W", "columbium": "Nb", "natrium": "Na", "kalium": "K",
}  # fmt: skip

# Isomers: ICRP 107 names the first m and the second n; others write m1 and m2.
_ISOMERS = {"": "", "m": "m", "n": "n", "m1": "m", "m2": "n"}


def nuclide_name(text: str) -> str:
    """The name of a nuclide as ICRP Publication 107 spells it: "Lu-177", "Tc-99m".

    Understood are symbol or English element name (British or American), mass number before or after it, with
    or without separators, brackets and DICOM's carets: "177Lu", "lu-177", "^177^Lutetium", "Fluorine F^18^",
    "99m Technetium", "[177Lu]Lu".

    Raises
    ------
    InputError
        ``text`` is not the name of one nuclide. Whether ICRP 107 knows that nuclide is not asked here.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    tokens = re.findall(r"[a-z]+|\d+", plain)
    numbers = [i for i, token in enumerate(tokens) if token.isdigit()]
    strange = re.search(r"[^a-z0-9\s^\-_()\[\]/.,]", plain)
    # "m1" and "m2": the digit behind an isomer's letter is no mass number.
    if len(numbers) == 2 and "".join(tokens[numbers[1] - 1 : numbers[1] + 1]) in _ISOMERS:
        second = numbers.pop()
        tokens[second - 1 : second + 1] = ["".join(tokens[second - 1 : second + 1])]
    if strange or len(numbers) != 1:
        raise _not_a_nuclide(text)
    at = numbers[0]
    mass = int(tokens[at])
    for isomer, words in _readings(tokens[at + 1 :]):
        elements = {_ELEMENTS.get(word) for word in (*tokens[:at], *words)}
        symbol = elements.pop() if len(elements) == 1 else None
        if symbol is not None and SYMBOLS.index(symbol) + 1 <= mass <= 300:
            return f"{symbol}-{mass}{isomer}"
    raise _not_a_nuclide(text)


def _readings(behind: list[str]) -> list[tuple[str, list[str]]]:
    """The ways to read what stands behind the mass number: (isomer, element words), the likeliest first."""
    readings = [("", behind)]
    if behind:
        first, rest = behind[0], behind[1:]
        if first in _ISOMERS:
            readings.append((_ISOMERS[first], rest))
        elif first[0] in "mn":
            readings.append((first[0], [first[1:], *rest]))
    return readings


def _not_a_nuclide(text: str) -> InputError:
    return InputError(
        f"{text!r} is not the name of a nuclide. Give element and mass number, with m for a metastable "
        "state: "
        '"Lu-177", "177Lu", "Tc-99m".'
    )
