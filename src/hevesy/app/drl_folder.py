"""Administered activities of one tracer from the dose reports and image headers of a folder."""

from collections.abc import Sequence
from pathlib import Path

from hevesy.dicom.read_exposures import read_exposures
from hevesy.errors import DataError, InputError
from hevesy.protection.record import Exposure, patient_records
from hevesy.protection.reference_levels import Level, Patient
from hevesy.protection.tracers import tracer


def folder_sample(folder: Path, against: Level) -> tuple[tuple[Patient, ...], tuple[str, ...], tuple[str, ...]]:
    """Patients, the file that told of each, and what has to be said of those that were not taken.

    Taken are administrations of the level's tracer with an activity, on days on which the level holds. Weight and age are
    those of the patient's record, one for all examinations.

    Raises
    ------
    DataError
        No administration of that tracer is in the folder.
    """
    wanted = against.rows[0]["tracer"]
    patients: list[Patient] = []
    files: list[str] = []
    missed: list[str] = []
    for record in patient_records(read_exposures([folder]).reports):
        for each in record.exposures:
            if each.kind != "administration":
                continue
            why = _why_not(each, wanted, against)
            if why or each.activity is None:
                missed.append(why)
                continue
            patients.append(Patient(activity=each.activity, weight=record.patient.weight, age=record.patient.age_years))
            files.append(each.files[0])
    said = tuple(f"not taken, {missed.count(why)}: {why}." for why in dict.fromkeys(missed))
    if not patients:
        raise DataError(
            f"{folder.name}: no administration of {wanted} that can be compared; "
            f"{' '.join(said) or 'no dose report or image header tells of one.'} Give another folder, or a CSV."
        )
    return tuple(patients), tuple(files), (*said, *_of_all(patients))


def _why_not(each: Exposure, wanted: str, against: Level) -> str:
    nuclide = wanted.partition(" ")[0]
    if each.nuclide != nuclide:
        return f"the nuclide is not {nuclide}"
    if _name(each) != wanted:
        return f"{each.radiopharmaceutical or 'no substance'} with {nuclide} is not known to be {wanted}"
    if each.activity is None:
        return "no activity is stated"
    if each.day is None or not all(row.holds(each.day) for row in against.rows):
        return "the level does not hold on its day, or no day is stated"
    return ""


def _name(each: Exposure) -> str:
    """The tracer that the object names; "" where it is not one that is known."""
    nuclide = each.nuclide
    for text in (each.radiopharmaceutical.partition("^")[0].strip().rstrip("0123456789"), each.label):
        words = text.removesuffix(f" {nuclide.partition('-')[0]}")
        try:
            return tracer(words if words.startswith(nuclide) else f"{nuclide} {words}").name
        except InputError:
            continue
    return ""


def _of_all(patients: Sequence[Patient]) -> tuple[str, ...]:
    return (f"from a folder, administrations taken: {len(patients)}; the procedure was not read, only the tracer.",)
