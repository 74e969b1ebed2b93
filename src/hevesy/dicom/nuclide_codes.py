"""The codes by which DICOM names the nuclides of NM objects (PS3.16, CID 18)."""

from functools import cache

from pydicom.dataset import Dataset

from hevesy.dicom.coded import code
from hevesy.dicom.visit import clock, decimal, stamp
from hevesy.errors import InputError
from hevesy.model import Administration
from hevesy.model.nuclide_name import nuclide_name
from hevesy.units import MBq


@cache
def _codes() -> dict[str, tuple[str, str, str]]:
    from pydicom.sr.codedict import codes

    known = {}
    for keyword in codes.cid18.dir():
        found = getattr(codes.cid18, keyword)
        try:
            known[nuclide_name(found.meaning)] = (str(found.value), str(found.scheme_designator), str(found.meaning))
        except InputError:
            continue
    return known


def coded_nuclide(value: str, scheme: str) -> str:
    """The nuclide of a code of CID 18, in SNOMED's numbers or its older letters; "" where it is none of them."""
    from pydicom.sr._snomed_dict import mapping  # the only place where it stands

    number = mapping["SRT"].get(value, value) if scheme.upper() in ("SRT", "SNM3", "99SDM") else value
    return next((name for name, code_ in _codes().items() if code_[0] == number), "")


def nuclide_code(nuclide: str) -> tuple[str, str, str]:
    """Code value, scheme and meaning of a nuclide; three empty words where CID 18 has none."""
    return _codes().get(nuclide, ("", "", ""))


def nm_radiopharmaceutical(nuclide: str, *, half_life: float | None, given: Administration | None) -> Dataset:
    """Item of (0054,0016) of an NM object; a nuclide without a code in CID 18 is named in (0018,0031) alone.

    Parameters
    ----------
    nuclide : str                       "Lu-177"; "" where it is not known.
    half_life : float or None           [s].
    given : Administration or None      Its activity is written in MBq, as NM objects want it.
    """
    item = Dataset()
    item.Radiopharmaceutical = (given.radiopharmaceutical if given else "") or nuclide
    item.RadionuclideCodeSequence = [code(*_codes()[nuclide])] if nuclide in _codes() else []
    if half_life is not None:
        item.RadionuclideHalfLife = decimal(half_life)
    if given is not None:
        item.RadiopharmaceuticalStartTime = clock(given.time)
        item.RadiopharmaceuticalStartDateTime = stamp(given.time)
        item.RadionuclideTotalDose = decimal(given.activity / MBq)
    return item
