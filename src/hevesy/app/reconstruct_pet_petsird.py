"""A PETSIRD file as events and header: what the file does not say is stated under [acquisition], or refused by name."""

from dataclasses import replace
from pathlib import Path

from hevesy.app.reconstruct_protocol import AcquisitionSettings
from hevesy.dicom.nuclide_codes import coded_nuclide
from hevesy.errors import DataError, HevesyError
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.petsird_reading import PetsirdScan, read_petsird
from hevesy.imaging.pet.rings import rings_of
from hevesy.imaging.pet.scan_header import ScanHeader
from hevesy.imaging.systems import PetScanner, pet_scanner
from hevesy.imaging.systems.library import pet_scanners
from hevesy.model.nuclide_name import nuclide_name


def petsird_bed(
    path: Path, acquisition: AcquisitionSettings, scanner: str
) -> tuple[ListMode, ScanHeader, PetScanner, tuple[str, ...]]:
    """Events on the crystals of their scanner, header, scanner, remarks.

    Crystals lie where photons are taken to stop, as in all of the house: that and how much the crystals stop is of the
    scanner's table, the number of crystals and which rings are in coincidence of the file.

    Raises
    ------
    DataError
        Nuclide, start or scanner are not in the file and were not stated.
    """
    found = read_petsird(path)
    if not len(found.events):
        raise DataError(f"{path.name}: holds no events. Acquire it again.")
    nuclide, start = acquisition.nuclide or _nuclide(found), acquisition.start or found.start
    missing = [name for name, value in (("nuclide", nuclide), ("start", start)) if not value]
    if missing or start is None:
        raise DataError(f"{path.name}: does not say {' and '.join(missing)}. State it under [acquisition] of the protocol.")
    name = scanner or _scanner(found.model)
    if not name:
        raise DataError(
            f"{path.name}: the scanner calls itself {found.model or 'nothing'}, which is none of the library. "
            f"Name it by --scanner; known are {', '.join(pet_scanners())}, or a file of the same form."
        )
    machine = pet_scanner(name)
    header = ScanHeader(
        scanner=name, nuclide=nuclide, start=start, activity=found.activity, administered=found.administered,
        radiopharmaceutical=found.radiopharmaceutical, centre=found.centre, frame_of_reference=found.frame_of_reference,
        live_share=found.live_share, coincidence_window=found.coincidence_window, singles=found.singles,
        crystal_efficiency=found.crystal_efficiency,
    )  # fmt: skip
    events = _placed(path, found, machine)
    return events, header, machine, found.remarks


def _placed(path: Path, found: PetsirdScan, machine: PetScanner) -> ListMode:
    theirs, ours = found.events.rings, rings_of(machine)
    if (theirs.per_ring, theirs.rings) != (ours.per_ring, ours.rings):
        raise DataError(
            f"{path.name}: {theirs.rings} rings of {theirs.per_ring} crystals, {machine.name} has {ours.rings} of "
            f"{ours.per_ring}. Name the scanner that acquired it by --scanner."
        )
    if abs(theirs.radius - ours.radius) > machine.crystal[2]:
        raise DataError(
            f"{path.name}: crystals {theirs.radius:.1f} mm from the axis, those of {machine.name} {ours.radius:.1f} mm. "
            "Name the scanner that acquired it by --scanner."
        )
    most = theirs.most_rings_apart if found.rings_stated else ours.most_rings_apart
    return replace(found.events, rings=replace(ours, most_rings_apart=most))


def _nuclide(found: PetsirdScan) -> str:
    """By code, else by the words beside it; "" where neither names one."""
    value, scheme, meaning = found.nuclide
    if value and (name := coded_nuclide(value, scheme)):
        return name
    try:
        return nuclide_name(meaning) if meaning else ""
    except HevesyError:
        return ""


def _scanner(model: str) -> str:
    """The scanner of the library that is called so; "" where none is."""
    for name in pet_scanners():
        if model.casefold() in (name.casefold(), (pet_scanner(name).title or name).casefold()):
            return name
    return ""
