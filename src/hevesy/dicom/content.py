"""Content items of a structured report, found by what they mean: old SNOMED codes count as the new ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pydicom.dataset import Dataset

from hevesy.dicom.headers import moment, number
from hevesy.errors import DataError
from hevesy.units import GBq, MBq, kBq, mGy, mm

OLD_SCHEMES = ("SRT", "SNM3", "99SDM")
# Retired codes of every concept that is asked for, by DICOM's own table of them; pydicom has it whole, and slow to load.
_RETIRED = {
    "C-B02C9": "349358000", "C-10072": "89457008", "R-42806": "304283002", "G-C340": "410675002", "G-C581": "272737002",
    "G-C0E3": "363698007", "G-C171": "272741003", "G-D701": "118538004", "G-C2D0": "363589002", "G-C0E8": "363703001",
    "G-C036": "370129005", "G-D101": "47625008", "G-D103": "78421000", "G-A100": "24028007", "G-A101": "7771000",
    "G-A102": "51440002", "G-A103": "66459002",
    "F-61FDB": "349358000",  # in Siemens RRDSRs; DICOM's table does not list it
}  # fmt: skip
_mCi = 37 * MBq
mGy_cm = mGy * 10 * mm
# UCUM codes, and what vendors write instead; the factor is into the units of the house.
ACTIVITY = {"MBq": MBq, "kBq": kBq, "Bq": 1.0, "GBq": GBq, "mCi": _mCi, "uCi": 1e-3 * _mCi}
ABSORBED = {"mGy": mGy, "Gy": 1.0, "cGy": 1e-2, "uGy": 1e-6}
EFFECTIVE = {"mSv": 1e-3, "Sv": 1.0, "uSv": 1e-6}
LENGTH_PRODUCT = {"mGy.cm": mGy_cm, "mGycm": mGy_cm, "mGy*cm": mGy_cm, "Gy.cm": 1e3 * mGy_cm}
MASS = {"g": 1e-3, "kg": 1.0}
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
# The first code of each table is the one that the templates ask for.
Units = dict[str, float]


@dataclass(frozen=True)
class Item:
    """A content item with its way to look below; what was looked up once is kept, for a report is walked many times."""

    ds: Dataset

    @cached_property
    def kind(self) -> str:
        """Value type: "NUM", "CODE", "CONTAINER" ... ; one vendor spells PNAME out."""
        said = str(self.ds.get("ValueType") or "").strip()
        return {"PERSON NAME": "PNAME"}.get(said, said)

    @cached_property
    def name(self) -> Dataset | None:
        """Item of (0040,A043), or None where it is missing."""
        return next(iter(self.ds.get("ConceptNameCodeSequence") or []), None)

    @property
    def title(self) -> str:
        """Meaning of the concept name; "" where there is none."""
        return "" if self.name is None else str(self.name.get("CodeMeaning") or "")

    @cached_property
    def children(self) -> tuple["Item", ...]:
        """The items directly below, in order."""
        return tuple(Item(child) for child in self.ds.get("ContentSequence") or [])

    @cached_property
    def _concept(self) -> tuple[str, str]:
        return _coded(self.name)

    def all(self, concept: str, kind: str = "") -> list["Item"]:
        """The items directly below that bear ``concept`` ("DCM:113507" or "SCT:89457008")."""
        return [c for c in self.children if _means(c._concept, concept) and (not kind or c.kind == kind)]

    def first(self, concept: str, kind: str = "") -> "Item | None":
        """The first of :meth:`all`, or None."""
        return next(iter(self.all(concept, kind)), None)

    def walk(self) -> Iterator["Item"]:
        """Every item below, depth first."""
        for child in self.children:
            yield child
            yield from child.walk()

    def code(self) -> Dataset | None:
        """The code of a CODE item; None where its sequence is missing or empty, as GE and Philips leave it."""
        return next(iter(self.ds.get("ConceptCodeSequence") or []), None)

    def meaning(self, concept: str = "") -> str:
        """Code meaning of the item, or of the one below that bears ``concept``; "" where there is none."""
        item = self.first(concept) if concept else self
        code = None if item is None else item.code()
        return "" if code is None else str(code.get("CodeMeaning") or "").strip()

    def text(self, concept: str) -> str:
        """The text below that bears ``concept``; a coded one gives its meaning."""
        item = self.first(concept)
        if item is None:
            return ""
        return str(item.ds.get("TextValue") or "").strip() or item.meaning()

    def uid(self, concept: str) -> str:
        """The UIDREF below that bears ``concept``, "" where it is missing or empty."""
        item = self.first(concept, "UIDREF")
        return "" if item is None else str(item.ds.get("UID") or "").strip()

    def time(self, concept: str) -> datetime | None:
        """The DATETIME below that bears ``concept``."""
        item = self.first(concept, "DATETIME")
        return None if item is None else moment(item.ds.get("DateTime"))

    def amount(self, concept: str, units: Units, where: str, remarks: list[str]) -> float | None:
        """The NUM below that bears ``concept`` in the house's unit; None where it is missing or without a value."""
        item = self.first(concept, "NUM")
        return None if item is None else item.value(units, where, remarks)

    def value(self, units: Units, where: str, remarks: list[str]) -> float | None:
        """The number of this NUM item by its unit; a unit other than the template's is followed and remarked.

        Raises
        ------
        DataError
            The unit is none of ``units``: the number cannot be understood.
        """
        measured = next(iter(self.ds.get("MeasuredValueSequence") or []), None)
        # (0040,A161) holds all digits; (0040,A30A) at most 16 characters.
        found = None if measured is None else number(measured.get("FloatingPointValue", measured.get("NumericValue")))
        if measured is None or found is None:
            return None
        unit = next(iter(measured.get("MeasurementUnitsCodeSequence") or []), Dataset())
        code = str(unit.get("CodeValue") or "").strip()
        title = self.title
        if code not in units:
            raise DataError(
                f"{where}: {title} is {found:g} in unit {code!r}; allowed are {', '.join(units)}. "
                "The report cannot be used before its writer is corrected."
            )
        wanted = next(iter(units))
        if code != wanted:
            remarks.append(f"{title} is given in {code}, where the template asks for {wanted}; it was converted.")
        return found * units[code]


def named(code: Dataset | None, concept: str) -> bool:
    """Whether ``code`` means ``concept``; retired SNOMED codes are compared by what replaced them."""
    return _means(_coded(code), concept)


def _coded(code: Dataset | None) -> tuple[str, str]:
    """Scheme and value, as they stand."""
    return ("", "") if code is None else (_scheme(code), str(code.get("CodeValue") or "").strip())


def _means(coded: tuple[str, str], concept: str) -> bool:
    scheme, _, value = concept.partition(":")
    theirs, own = coded
    if (own, theirs) == (value, scheme):
        return True
    return scheme == "SCT" and theirs in OLD_SCHEMES and _RETIRED.get(own) == value


def root(ds: Dataset) -> Item:
    """The document as its root item."""
    return Item(ds)


def template(ds: Dataset) -> str:
    """(0040,DB00) of the root: "10021"; "" where it is not stated."""
    items = ds.get("ContentTemplateSequence") or []
    return str(items[0].get("TemplateIdentifier") or "") if items else ""


def _scheme(code: Dataset) -> str:
    return str(code.get("CodingSchemeDesignator") or "").strip()


def quirks(top: Item) -> list[str]:
    """What of the coding of a document is not as the standard asks today, said once each."""
    schemes: set[str] = set()
    private: dict[str, None] = {}
    empty: dict[str, None] = {}
    odd: dict[str, None] = {}
    for item in top.walk():
        scheme, value = item._concept
        code = item.code()
        theirs, coded = _coded(code)
        schemes |= {scheme, theirs}
        if scheme.startswith("99") and scheme not in OLD_SCHEMES:
            private[f"{item.title} ({value}, {scheme})"] = None
        if item.kind == "CODE" and not coded:
            empty[item.title] = None
        if str(item.ds.get("ValueType") or "") != item.kind:
            odd[f"{item.title}: {item.ds.get('ValueType')}"] = None
    out = []
    old = sorted(schemes & set(OLD_SCHEMES))
    if old and "SCT" in schemes:
        out.append(f"retired SNOMED codes ({', '.join(old)}) and today's (SCT) stand side by side; both were understood.")
    elif old:
        out.append(f"codes are of the retired scheme {', '.join(old)}; they were read as the SNOMED CT codes that replaced them.")
    if private:
        out.append(f"private content was read where its items are coded: {', '.join(private)}.")
    if empty:
        out.append(f"coded items without a code: {', '.join(empty)}; what they would say is not known.")
    if odd:
        out.append(f"value types that DICOM does not know: {', '.join(odd)}; read by their meaning.")
    return out
