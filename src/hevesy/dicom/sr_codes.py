"""Codes of DICOM's context groups by the words that the house uses."""

import re
from collections.abc import Iterator
from functools import cache

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from hevesy.dicom._uids import uid
from hevesy.dicom.coded import code
from hevesy.errors import InputError
from hevesy.model.nuclide_name import nuclide_name

LOCAL = "99HEVESY"
# How FHIR names DICOM's coding schemes.
SYSTEMS = {"SCT": "http://snomed.info/sct", "DCM": "http://dicom.nema.org/resources/ontology/DCM"}
Coded = tuple[str, str, str]
ROUTES = {
    "intravenous": Code("47625008", "SCT", "Intravenous route"),
    "oral": Code("26643006", "SCT", "Oral route"),
    "intra-arterial": Code("58100008", "SCT", "Intra-arterial route"),
    "inhalation": Code("446406008", "SCT", "By inhalation"),
    "intra-articular": Code("12130007", "SCT", "Intra-articular route"),
    "subcutaneous": Code("34206005", "SCT", "Subcutaneous route"),
    "intrathecal": Code("72607000", "SCT", "Intrathecal route"),
    "intraperitoneal": Code("38239002", "SCT", "Intraperitoneal route"),
}
INTENTS = {
    "diagnostic": Code("261004008", "SCT", "Diagnostic Intent"),
    "therapeutic": Code("262202000", "SCT", "Therapeutic Intent"),
    "both": Code("1279505009", "SCT", "Combined Diagnostic and Therapeutic Intent"),
}
SIDES = {
    "right": Code("24028007", "SCT", "Right"),
    "left": Code("7771000", "SCT", "Left"),
    "bilateral": Code("51440002", "SCT", "Bilateral"),
    "unilateral": Code("66459002", "SCT", "Unilateral"),
}
# "Lutetium^177^" and "^177^Lutetium"; "[177Lu]Lu-".
_MARKED = re.compile(r"[A-Za-z]+ ?\^\d+m?\^|\^\d+m?\^[A-Za-z]+")
_BRACKETED = re.compile(r"\[\d+m?[A-Z][a-z]?\](?:[A-Z][a-z]?-)?")
_SPELT = {"fdg": "fluorodeoxyglucose", "2-fdg": "fluorodeoxyglucose"}
# Context groups: radionuclides, radiopharmaceuticals, radiosensitive organs, NM and PET procedures.
_NUCLIDES, _AGENTS, _ORGANS, _PROCEDURES = ("cid18", "cid4020"), ("cid25", "cid4021"), ("cid10044", "cid10060"), ("cid3108",)


def _members(groups: tuple[str, ...]) -> Iterator[Code]:
    for group in groups:
        members = getattr(codes, group)
        for word in members.dir():
            yield getattr(members, word)


@cache
def _by_meaning(groups: tuple[str, ...]) -> dict[str, Code]:
    return {code.meaning.casefold(): code for code in _members(groups)}


@cache
def _by_nuclide() -> dict[str, Code]:
    out: dict[str, Code] = {}
    for found in _members(_NUCLIDES):
        try:
            out.setdefault(nuclide_name(found.meaning), found)
        except InputError:
            continue
    return out


def local_code(text: str) -> Dataset:
    """A code of our own for what no context group has, the same for the same text."""
    if not text.strip():
        raise InputError("a code needs a meaning; got an empty text. State what is to be coded.")
    return code("H" + uid("code", text)[5:19], LOCAL, text[:64])


def nuclide_code(nuclide: str) -> Dataset:
    """Item of CID 18 or CID 4020; one of our own where neither has the nuclide."""
    found = _by_nuclide().get(nuclide_name(nuclide))
    return local_code(nuclide_name(nuclide)) if found is None else item(found)


def agent_code(text: str, nuclide: str) -> Dataset:
    """Item of CID 25 or CID 4021 with that meaning, or for its words and the nuclide; else one of our own."""
    found = _by_meaning(_AGENTS).get(text.casefold().strip())
    words = _compound(text)
    if found is None and words and nuclide:
        found = _by_compound().get((nuclide_name(nuclide), words))
    return local_code(text.strip() or f"{nuclide} compound, not stated") if found is None else item(found)


@cache
def _by_compound() -> dict[tuple[str, frozenset[str]], Code]:
    out: dict[tuple[str, frozenset[str]], Code] = {}
    for found in _members(_AGENTS):
        marked = _MARKED.search(found.meaning)
        try:
            if marked is not None:
                out.setdefault((nuclide_name(marked[0]), _compound(found.meaning)), found)
        except InputError:
            continue
    return out


def _compound(text: str) -> frozenset[str]:
    """The words of a radiopharmaceutical's name without its nuclide, in one spelling."""
    plain = text
    for pattern in (_MARKED, _BRACKETED):
        plain = pattern.sub(" ", plain)
    out = set()
    for word in plain.split():
        bare = word.strip("-,;()[]").casefold()
        try:
            nuclide_name(bare)
        except InputError:
            out.add(_SPELT.get(bare, bare))
    return frozenset(out - {""})


def organ_code(name: str) -> Dataset:
    """Item of CID 10044 or CID 10060; one of our own for a lesion or an organ that neither has."""
    found = _by_meaning(_ORGANS).get(name.casefold().strip())
    return local_code(name) if found is None else item(found)


def procedure_code(name: str) -> Dataset:
    """Item of CID 3108; one of our own where it has none: it knows no therapy."""
    found = _by_meaning(_PROCEDURES).get(name.casefold().strip())
    return local_code(name) if found is None else item(found)


def systems_of(agent: str, nuclide: str, route: str) -> tuple[Coded | None, Coded | None, Coded | None]:
    """Agent, nuclide and route as (system, code, display) of FHIR; None for what only we have a code for, or no word."""
    way = word_of(ROUTES, route)
    found = (
        agent_code(agent, nuclide) if agent else None,
        nuclide_code(nuclide) if nuclide else None,
        item(ROUTES[way]) if way else None,
    )
    return (_system(found[0]), _system(found[1]), _system(found[2]))


def _system(found: Dataset | None) -> Coded | None:
    system = None if found is None else SYSTEMS.get(str(found.CodingSchemeDesignator))
    return None if found is None or system is None else (system, str(found.CodeValue), str(found.CodeMeaning))


def word_of(table: dict[str, Code], text: str) -> str:
    """The word of ``table`` that ``text`` is, as word or as code meaning; "" where it is none."""
    plain = text.casefold().strip()
    return next((word for word, found in table.items() if plain in (word, found.meaning.casefold())), "")


def item(found: Code) -> Dataset:
    """A code as an item."""
    return code(found.value, found.scheme_designator, found.meaning)
