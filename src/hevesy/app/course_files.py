"""The course file and what it names: results, plans and external beams as values of a course."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hevesy import units as un
from hevesy.anatomy import standard_name
from hevesy.app.quantities import Activity, Dose, Fraction, Length
from hevesy.app.result_file import ResultFile, ResultRegion, read_result
from hevesy.errors import DataError, InputError
from hevesy.model import Grid, Image, Measured, Outline
from hevesy.planning.course import (
    RANDOM,
    SYSTEMATIC,
    BeamRegion,
    Cycle,
    CycleRegion,
    ErrorPart,
    ExternalBeam,
    identity,
)

LEAST_ACTIVITY = 10 * un.kBq  # as for the activity administered
STRICT = ConfigDict(extra="forbid", frozen=True)
# An RTSTRUCT of external beams names these beside organs: they have no place in a ledger.
NOT_ORGANS = ("external", "body", "outline", "couch")


class CycleSettings(BaseModel):
    """[[cycle]]"""

    model_config = STRICT

    result: str = Field(description="result.json of hevesy dose, or its folder")
    label: str = Field(default="", description='Name in the report; "cycle 1" if left out')
    planned_activity: Activity | None = Field(default=None, description='"7.4 GBq"')
    planned_dose: dict[str, Dose] = Field(default_factory=dict, description='Region to planned mean dose: "6 Gy"')
    plan: str = Field(default="", description="plan.json of hevesy plan, for what is not stated here")
    aim: str = Field(default="", description="Of this cycle, in words")
    comment: str = Field(default="", description="On a deviation from the plan")
    new_lesions: int | None = Field(default=None, ge=0, description="Counted by a reader; else those drawn anew")
    sul_peak: float | None = Field(default=None, gt=0, description="SULpeak of the hottest lesion on an FDG PET of this cycle")
    regions: str | list[str] = Field(default_factory=list, description="RTSTRUCT or SEG files on the scan of the dose map")
    ct: str = Field(default="", description="Folder of the CT in the frame of reference of the dose map")


class BeamSettings(BaseModel):
    """[[external_beam]]"""

    model_config = STRICT

    rtdose: str = Field(description="RTDOSE file of the whole plan")
    label: str = Field(default="", description='Name in the report; "external beams" if left out')
    fractions: int | None = Field(default=None, ge=1, description="Equal fractions; from rtplan if left out")
    rtplan: str = Field(default="", description="RTPLAN file that the dose names")
    rtstruct: str = Field(default="", description="RTSTRUCT or SEG file of its organs")
    ct: str = Field(default="", description="Folder of the planning CT")
    u: Fraction | None = Field(default=None, description='Relative standard uncertainty of its dose: "3 %"')


class SumSettings(BaseModel):
    """[sum]"""

    model_config = STRICT

    elsewhere: str = Field(description="Tissue of all voxels outside regions that have one")
    reference: str = Field(default="", description="Label of the map whose grid is taken; the first if left out")
    registration: Literal["rigid", "none"] = Field(default="rigid", description="CT to CT")
    place_u: Length | None = Field(default=None, description='u of the registration along each axis: "3 mm"')


class RecordSettings(BaseModel):
    """[record]"""

    model_config = STRICT

    indication: str = Field(default="", description="What is treated")
    justification: str = Field(default="", description="Why this exposure does more good than harm, for this patient")
    planning: str = Field(default="", description="How the exposure was planned individually")
    verification: str = Field(default="", description="How its delivery was verified")
    comment: str = Field(default="", description="On deviations of the whole course")


class CourseSettings(BaseModel):
    """A course file."""

    model_config = STRICT

    title: str = Field(default="Course of treatment", description="Of the report")
    cycle: list[CycleSettings] = Field(min_length=1, description="Each administration with a dose result")
    external_beam: list[BeamSettings] = Field(default_factory=list, description="External beams of this patient")
    eligibility: str = Field(default="", description="eligible.json of hevesy eligible, from before the therapy")
    limits: str = Field(default="", description="Limits file, as of hevesy plan")
    tissues: dict[str, str] = Field(default_factory=dict, description="Region or organ to tissue, for BED and EQD2")
    tissues_file: str = Field(default="", description="Tissues file, as of hevesy biology, for tissues of your own")
    next_activity: Activity | None = Field(default=None, description="Intended for the next cycle; that of the last if left out")
    between_cycles: Fraction | None = Field(
        default=None,
        description="Standard deviation of a patient's dose per activity from cycle to cycle; the course's own if left out",
    )
    several_nuclides: bool = Field(default=False, description="Whether cycles of different nuclides are one course")
    same_patient: bool = Field(default=False, description="Whether external beams under another identifier are of this patient")
    sum: SumSettings | None = Field(default=None, description="Sum of the dose maps voxel by voxel; none if left out")
    record: RecordSettings = Field(default_factory=RecordSettings, description="Texts of the Article 56 record")


def read_course_file(path: Path) -> CourseSettings:
    """The settings of a course file.

    Raises
    ------
    InputError
        The file is missing, is no TOML, has an unknown key, or a number has no unit.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: not a readable course file: {error}.") from error
    try:
        made = CourseSettings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "file"
        allowed = f" Allowed at the top: {', '.join(CourseSettings.model_fields)}." if first["type"] == "extra_forbidden" else ""
        said = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise InputError(f"{path}: {key}: {said}.{allowed}") from error
    _check_sizes(made, path)
    return made


def _check_sizes(made: CourseSettings, path: Path) -> None:
    """Refuse activities that nobody gives, doses below zero and a spread that is no share."""
    activities = {"next_activity": made.next_activity}
    activities |= {f"cycle.{i}.planned_activity": each.planned_activity for i, each in enumerate(made.cycle)}
    for name, activity in activities.items():
        if activity is not None and activity < LEAST_ACTIVITY:
            raise InputError(
                f"{path}: {name}: {activity / un.MBq:g} MBq; at least {LEAST_ACTIVITY / un.MBq:g} MBq is allowed. Check its unit."
            )
    for i, each in enumerate(made.cycle):
        if wrong := [name for name, dose in each.planned_dose.items() if dose <= 0]:
            raise InputError(
                f"{path}: cycle.{i}.planned_dose of {wrong[0]}: {each.planned_dose[wrong[0]]:g} Gy; above zero is allowed."
            )
    if made.between_cycles is not None and not 0 <= made.between_cycles <= 2:
        raise InputError(f"{path}: between_cycles: {100 * made.between_cycles:g} %; 0 to 200 % is allowed.")


def short_settings(results: Sequence[Path]) -> CourseSettings:
    """The settings of a course that is a row of results."""
    return CourseSettings(cycle=[CycleSettings(result=str(path)) for path in results])


def cycle_of(result: ResultFile, given: CycleSettings, *, label: str, folder: Path) -> Cycle:
    """A result and what was planned, as a cycle.

    Raises
    ------
    InputError
        A planned dose is of a region that the result does not have.
    """
    planned_activity, planned_dose = given.planned_activity, dict(given.planned_dose)
    if given.plan:
        activity, doses = read_plan(folder / given.plan)
        planned_activity = planned_activity if planned_activity is not None else activity
        planned_dose = doses | planned_dose
    regions = [_region(region, result) for region in result.regions.values()]
    by_name = {region.name: region for region in regions} | {region.identity: region for region in regions}
    for name in given.planned_dose:
        if name not in by_name:
            raise InputError(
                f"{label}: planned_dose of {name}: the result has no such region; there are {', '.join(result.regions)}."
            )
    return Cycle(
        label=label,
        patient_id=str(result.patient.get("id") or ""),
        nuclide=result.nuclide,
        radiopharmaceutical=result.radiopharmaceutical,
        administered=result.administered,
        administered_activity=result.administered_activity,
        planned_activity=planned_activity,
        planned_dose={by_name[name].identity: dose for name, dose in planned_dose.items() if name in by_name},
        aim=given.aim,
        comment=given.comment,
        regions={region.identity: region for region in regions},
        source=_source(result),
        sul_peak=given.sul_peak,
        new_lesions=given.new_lesions,
    )


def _source(result: ResultFile) -> str:
    """The scans a result was made of: the same scans are the same cycle, whoever computed it."""
    uids = sorted(entry["series_uid"] for entry in result.provenance.get("inputs", []) if entry.get("series_uid"))
    return " ".join(uids) or str(result.path.resolve())


def _region(region: ResultRegion, result: ResultFile) -> CycleRegion:
    tia, A0 = region.time_integrated_activity, result.administered_activity
    return CycleRegion(
        name=region.name,
        standard_name=region.standard_name,
        kind=region.kind,
        volume=region.volume,
        mass=region.mass,
        dose=region.mean_dose,
        uptake=Measured(value=tia.value / A0, u=None if tia.u is None else tia.u / A0, why_no_u=tia.why_no_u),
        effective_half_life=region.effective_half_life,
        amplitudes=region.amplitudes,
        rates=region.rates,
        errors=_errors(region),
        well_posed=region.well_posed,
    )


def _errors(region: ResultRegion) -> tuple[ErrorPart, ...]:
    """By the terms of the budget where the result has them, else by kind; a u without either is taken as systematic."""
    relative = region.mean_dose.relative
    if relative is None:
        return ()
    parts = [
        ErrorPart(source=name, relative=term["u_dose_percent"] / 100, kind=term["kind"], shared=bool(term["shared"]))
        for name, term in region.terms.items()
        if term.get("u_dose_percent") and term.get("kind") in (SYSTEMATIC, RANDOM)
    ]
    if parts:
        return tuple(parts)
    if region.u_random is not None and region.u_systematic is not None:
        return (
            ErrorPart(source="random", relative=region.u_random, kind=RANDOM, shared=False),
            ErrorPart(source="systematic", relative=region.u_systematic, kind=SYSTEMATIC, shared=True),
        )
    return (ErrorPart(source="all", relative=relative, kind=SYSTEMATIC, shared=True),)


def read_plan(path: Path) -> tuple[float, dict[str, float]]:
    """Activity of each cycle [Bq] and the mean doses by region that it was to give [Gy], of a plan of `hevesy plan`.

    Raises
    ------
    InputError
        It cannot be read.
    DataError
        It is no JSON, or states no activity.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read ({error}). Give a plan.json of `hevesy plan`, or planned_activity.") from error
    except json.JSONDecodeError as error:
        raise DataError(f"{path}: is no JSON: {error}. Give a plan.json of `hevesy plan`, or planned_activity.") from error
    given = data if isinstance(data, dict) else {}
    number = given.get("activity_MBq")
    if not isinstance(number, int | float) or isinstance(number, bool) or number <= 0:
        raise DataError(f"{path}: states no activity_MBq. Give a plan.json of `hevesy plan`, or planned_activity.")
    activity, doses = float(number) * un.MBq, {}
    regions = given.get("regions")
    for name, region in regions.items() if isinstance(regions, dict) else ():
        by_activity = region.get("dose_per_activity_Gy_per_GBq") if isinstance(region, dict) else None
        if isinstance(by_activity, int | float):
            doses[str(name)] = float(by_activity) * un.Gy / un.GBq * activity
    return activity, doses


def cycles_of(settings: CourseSettings, folder: Path) -> tuple[list[Cycle], list[ResultFile]]:
    """All cycles in the order given, each with its result."""
    results = [read_result(folder / given.result) for given in settings.cycle]
    order = sorted(range(len(results)), key=lambda i: results[i].administered)
    labels = {i: settings.cycle[i].label or f"cycle {place + 1}" for place, i in enumerate(order)}
    if len(set(labels.values())) < len(labels):
        raise InputError(f"two cycles have one label: {', '.join(labels.values())}. Name each.")
    cycles = [cycle_of(result, settings.cycle[i], label=labels[i], folder=folder) for i, result in enumerate(results)]
    return cycles, results


def beam_of(given: BeamSettings, *, label: str, folder: Path, same_patient: bool) -> tuple[ExternalBeam, Image, list[Outline]]:
    """External beams with mean doses by region, their dose grid and outlines.

    Raises
    ------
    InputError
        Neither fractions nor an RTPLAN say how many there were.
    """
    from hevesy.dicom.read_rtdose import plan_fractions, read_dose_object

    dose = read_dose_object(folder / given.rtdose)
    fractions = given.fractions
    remarks = list(dose.remarks)
    if given.rtplan:
        planned = plan_fractions(folder / given.rtplan, plan_uid=dose.plan_uid)
        if fractions is not None and fractions != planned:
            remarks.append(f"{label}: {fractions} fractions as stated; its RTPLAN plans {planned}.")
        fractions = fractions or planned
    if fractions is None:
        raise InputError(f"{label}: how many fractions is not stated. Give fractions = 25, or rtplan.")
    outlines = outlines_of([folder / given.rtstruct]) if given.rtstruct else []
    if not outlines:
        remarks.append(f"{label}: no rtstruct was given, so its dose is in no organ's sum.")
    regions = {}
    for outline in outlines:
        known = standard_name(outline.name)
        if any(word in outline.name.casefold() for word in NOT_ORGANS):
            continue
        region = _beam_region(outline, dose.image, known.name if known else "", known.kind if known else "other")
        if region is not None:
            regions[region.identity] = region
    beam = ExternalBeam(
        label=label,
        fractions=fractions,
        regions=regions,
        u=given.u,
        patient_id="" if same_patient else dose.patient_id,
        remarks=tuple(remarks),
    )
    return beam, dose.image, outlines


def _beam_region(outline: Outline, dose: Image, standard: str, kind: str) -> BeamRegion | None:
    """Mean of D and D^2 in an outline; None where it lies outside the grid."""
    from hevesy.segmentation import mask_on

    try:
        region = mask_on(*mask_of(outline), dose.grid, name=outline.name)
    except DataError:
        return None
    weights = region.fraction / region.fraction.sum(dtype=np.float64)
    values = dose.values[region.box].astype(np.float64)
    return BeamRegion(
        name=outline.name,
        standard_name=standard,
        kind=kind,
        mean=float((weights * values).sum()),
        mean_square=float((weights * values**2).sum()),
    )


def mask_of(outline: Outline) -> tuple[Any, Grid]:
    """An outline as a mask on a grid of its own."""
    from hevesy.segmentation import contours_to_mask

    if outline.mask is not None and outline.grid is not None:
        return outline.mask, outline.grid
    return contours_to_mask(outline.contours, name=outline.name, frame_of_reference=outline.frame_of_reference)


def outlines_of(paths: Sequence[Path]) -> list[Outline]:
    """All outlines of RTSTRUCT and SEG files.

    Raises
    ------
    InputError
        A file cannot be read as DICOM.
    DataError
        It is neither.
    """
    import pydicom

    from hevesy.dicom.segments import read_seg
    from hevesy.dicom.structures import read_rtstruct

    found: list[Outline] = []
    for path in paths:
        try:
            ds = pydicom.dcmread(path)
        except (OSError, pydicom.errors.InvalidDicomError) as error:
            raise InputError(f"{path}: cannot be read as DICOM ({type(error).__name__}). Check the path.") from error
        readers = {"RTSTRUCT": read_rtstruct, "SEG": read_seg}
        reader = readers.get(str(ds.get("Modality") or ""))
        if reader is None:
            raise DataError(f"{path.name}: (0008,0060) Modality is {ds.get('Modality')!r}; allowed are RTSTRUCT and SEG.")
        found += reader(ds, path.name)[0]
    return found


def mask_key(outline: Outline) -> str:
    """As the regions of a course are found again."""
    known = standard_name(outline.name)
    return identity(outline.name, known.name if known else "", known.kind if known else "other")
