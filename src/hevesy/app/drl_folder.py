"""Administered activities of one tracer from the dose reports and image headers of a folder."""

from collections.abc import Sequence
from pathlib import Path

from hevesy.dicom.read_exposures import read_exposures
from hevesy.errors import DataError
from hevesy.protection.estimated_dose import named_tracer
from hevesy.protection.record import Exposure, patient_records
from hevesy.protection.reference_levels import Level, Patient


def folder_sample(folder: Path, against: Level) -> tuple[tuple[Patient, ...], tuple[str, ...], tuple[str, ...]]:
    """Patients, the file that told of each, and what has to be said of those that were not taken.

    Taken are administrations of the level's tracer with an activity, on days on which the level holds. Weight and age are
    those stated with the examination, and those of the patient's record where none are.

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
            weight = record.patient.weight if each.weight is None else each.weight
            age = record.patient.age_years if each.age_years is None else each.age_years
            patients.append(Patient(activity=each.activity, weight=weight, age=age))
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
    if named_tracer(each) != wanted:
        return f"{each.radiopharmaceutical or 'no substance'} with {nuclide} is not known to be {wanted}"
    if each.activity is None:
        return "no activity is stated"
    if each.day is None or not all(row.holds(each.day) for row in against.rows):
        return "the level does not hold on its day, or no day is stated"
    return ""


def _of_all(patients: Sequence[Patient]) -> tuple[str, ...]:
    return (f"from a folder, administrations taken: {len(patients)}; the procedure was not read, only the tracer.",)
