"""Which scanner and collimator a file was acquired with, and how sensitive they are."""

import re
from dataclasses import dataclass

from hevesy.app.quantities import written
from hevesy.app.reconstruct_windows import imaged_line
from hevesy.dicom.raw_tomogram import RawTomogram
from hevesy.errors import HevesyError, InputError
from hevesy.imaging.simulate import penetration
from hevesy.imaging.systems import Camera, Collimator, camera, cameras, window_sensitivity
from hevesy.imaging.systems.naming import nearest
from hevesy.model import EnergyWindow, Measured
from hevesy.units import MBq, uCi

WORDS = re.compile(r"[A-Z]+|\d+")
# Units of a sensitivity and what they are in counts/(Bq s).
UNITS = {"cps/MBq": 1 / MBq, "1/(s MBq)": 1 / MBq, "cps/kBq": 1e-3, "cpm/uCi": 1 / (60 * uCi)}
COMPUTED = "computed from hole, septum, length and crystal, with penetration; scatter in the collimator is not in it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """The scanner of an acquisition.

    Attributes
    ----------
    camera, collimator : value or None  None where neither is needed.
    sensitivity : Measured or None      Of one head in the photopeak window [counts/(Bq s)]; None for an image in counts.
    source : str                        Where the sensitivity comes from.
    """

    camera: Camera | None
    collimator: Collimator | None
    sensitivity: Measured | None
    source: str

    @property
    def said(self) -> str:
        """In words."""
        if self.camera is None or self.collimator is None:
            return "scanner not stated"
        return f"{self.camera.title or self.camera.name}, collimator {self.collimator.name}"


def read_sensitivity(text: str) -> Measured:
    """ "9.3 cps/MBq" or "9.3 ± 3 % cps/MBq", of one head, as counts/(Bq s).

    Raises
    ------
    InputError
        No number, or a unit that is not one of a sensitivity.
    """
    found = written(text)
    unit = "" if found is None else found.unit or ("" if found.unit_u == "%" else found.unit_u)
    if found is None or unit not in UNITS:
        raise InputError(f'sensitivity {text!r}: write it as "9.3 cps/MBq" or "9.3 cps/MBq ± 3 %"; units: {", ".join(UNITS)}.')
    value = found.value * UNITS[unit]
    if value <= 0:
        raise InputError(f"sensitivity {text!r}: it must be above zero.")
    if found.u is None:
        return Measured(value=value, u=None, why_no_u="none was stated")
    return Measured(value=value, u=value * found.u / 100 if found.unit_u == "%" else found.u * UNITS[unit])


def detector_of(
    raw: RawTomogram,
    window: EnergyWindow,
    *,
    scanner: str,
    collimator: str,
    measured: Measured | None,
    counts: bool,
    response: bool,
) -> Detector:
    """Camera and collimator by name, else by the tags of the file; the sensitivity as stated, else computed.

    Raises
    ------
    InputError
        The tags name no camera or collimator of the library and nothing else was stated.
    """
    named = camera(scanner) if scanner else _by_tags(raw)
    response = response or raw.collimator_type == "PINH"  # its projector is its response
    if named is None and not response and (counts or measured is not None):
        source = "not used: the image is in counts" if counts else "as stated"
        return Detector(camera=None, collimator=None, sensitivity=None if counts else measured, source=source)
    if named is None:
        said = raw.manufacturer or "nothing"
        raise InputError(
            f"(0008,1090) Manufacturer's Model Name: {raw.name} says {said}, which is no camera of the library. Name it by "
            "--scanner "
            f"(known: {', '.join(cameras())}; or a file of the same form), and its collimator by --collimator; or state "
            "--sensitivity (or "
            "--counts) and leave out the response with response = false under [reconstruction]."
        )
    parts = named.collimators
    chosen = _collimator(named.name, parts, collimator or raw.projections.collimator, stated=bool(collimator))
    if counts:
        return Detector(camera=named, collimator=chosen, sensitivity=None, source="not used: the image is in counts")
    if measured is not None:
        return Detector(camera=named, collimator=chosen, sensitivity=measured, source="as stated")
    try:
        # Of a pinhole: to a point on the axis of rotation.
        far = float(raw.projections.radii.mean()) if chosen.shape == "pinhole" else None
        value = window_sensitivity(named, chosen, raw.projections.nuclide, window, distance=far)
        if far is None:
            value *= 1 + penetration(chosen, imaged_line(window, raw.projections.nuclide)).fraction
    except HevesyError as error:
        raise InputError(
            f"{raw.name}: no sensitivity is stated and none can be computed ({error}) State it by --sensitivity, or choose "
            "--counts."
        ) from error
    return Detector(
        camera=named, collimator=chosen, sensitivity=Measured(value=value, u=None, why_no_u=COMPUTED), source=COMPUTED
    )


def _by_tags(raw: RawTomogram) -> Camera | None:
    """The camera all of whose words stand in the tags of maker and model; the one with most words where several do."""
    there = set(WORDS.findall(f"{raw.manufacturer} {raw.projections.camera}".upper()))
    found = [name for name in cameras() if set(WORDS.findall(name.upper().partition("-")[2])) <= there]
    found.sort(key=lambda name: -len(WORDS.findall(name.upper())))
    return camera(found[0]) if found else None


def _collimator(name: str, known: tuple[Collimator, ...], text: str, *, stated: bool) -> Collimator:
    by_name = {c.name.casefold(): c for c in known}
    words = [text.casefold().strip(), *re.split(r"[-_ /]+", text.casefold().strip())]
    hits = [by_name[word] for word in words if word in by_name]
    if hits:
        return hits[0]
    if not text and len(known) == 1:
        return known[0]
    where = f"collimator {text!r}" if stated else f"(0018,1180) Collimator/Grid Name is {text or 'missing'!r}, which"
    raise InputError(
        f"{where} is none of camera {name}. {nearest(text or '-', [c.name for c in known])} Name it by --collimator."
    )
