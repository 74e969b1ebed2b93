"""Content items of a structured report, found by what they mean: old SNOMED codes count as the new ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code

from hevesy.dicom.headers import moment, number
from hevesy.errors import DataError
from hevesy.units import GBq, MBq, kBq, mGy, mm

OLD_SCHEMES = ("SRT", "SNM3", "99SDM")
# In Siemens RRDSRs; the table of retired codes that comes with DICOM does not list it.
_RETIRED = {"F-61FDB": "349358000"}
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


@dataclass(frozen=True, slots=True)
class Item:
    """A content item with its way to look below."""

    ds: Dataset

    @property
    def kind(self) -> str:
        """Value type: "NUM", "CODE", "CONTAINER" ... ; one vendor spells PNAME out."""
        said = str(self.ds.get("ValueType") or "").strip()
        return {"PERSON NAME": "PNAME"}.get(said, said)

    @property
    def name(self) -> Dataset | None:
        """Item of (0040,A043), or None where it is missing."""
        return next(iter(self.ds.get("ConceptNameCodeSequence") or []), None)

    def children(self) -> Iterator["Item"]:
        """The items directly below, in order."""
        for child in self.ds.get("ContentSequence") or []:
            yield Item(child)

    def all(self, concept: str, kind: str = "") -> list["Item"]:
        """The items directly below that bear ``concept`` ("DCM:113507" or "SCT:89457008")."""
        return [c for c in self.children() if named(c.name, concept) and (not kind or c.kind == kind)]

    def first(self, concept: str, kind: str = "") -> "Item | None":
        """The first of :meth:`all`, or None."""
        return next(iter(self.all(concept, kind)), None)

    def walk(self) -> Iterator["Item"]:
        """Every item below, depth first."""
        for child in self.children():
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
        title = "" if self.name is None else str(self.name.get("CodeMeaning") or "")
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
    if code is None:
        return False
    scheme, _, value = concept.partition(":")
    own, theirs = str(code.get("CodeValue") or "").strip(), str(code.get("CodingSchemeDesignator") or "").strip()
    if (own, theirs) == (value, scheme):
        return True
    if scheme != "SCT" or theirs not in OLD_SCHEMES or not own:
        return False
    return _RETIRED.get(own) == value or bool(Code(own, "SRT", "-") == Code(value, "SCT", "-"))


def root(ds: Dataset) -> Item:
    """The document as its root item."""
    return Item(ds)


def template(ds: Dataset) -> str:
    """(0040,DB00) of the root: "10021"; "" where it is not stated."""
    items = ds.get("ContentTemplateSequence") or []
    return str(items[0].get("TemplateIdentifier") or "") if items else ""


def _scheme(code: Dataset) -> str:
    return str(code.get("CodingSchemeDesignator") or "").strip()


def quirks(ds: Dataset) -> list[str]:
    """What of the coding is not as the standard asks today, said once each."""
    schemes: set[str] = set()
    private: dict[str, None] = {}
    empty: dict[str, None] = {}
    odd: dict[str, None] = {}
    for item in root(ds).walk():
        name, code = item.name or Dataset(), item.code()
        title = str(name.get("CodeMeaning") or "")
        schemes |= {_scheme(name), _scheme(code or Dataset())}
        if _scheme(name).startswith("99") and _scheme(name) not in OLD_SCHEMES:
            private[f"{title} ({name.get('CodeValue')}, {_scheme(name)})"] = None
        if item.kind == "CODE" and (code is None or not str(code.get("CodeValue") or "").strip()):
            empty[title] = None
        if str(item.ds.get("ValueType") or "") != item.kind:
            odd[f"{title}: {item.ds.get('ValueType')}"] = None
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
