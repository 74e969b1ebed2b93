"""The virtual patient as a hospital would have stored it: a folder of DICOM files, and what is true of it."""

import math
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from hevesy import units as u
from hevesy.dicom._uids import uid
from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_ct import write_ct
from hevesy.dicom.write_nm import Emission, write_nm
from hevesy.dicom.write_pt import write_pt
from hevesy.dicom.write_rtstruct import write_rtstruct
from hevesy.dicom.write_seg import write_seg
from hevesy.errors import InputError
from hevesy.imaging import DIAGNOSTIC, TimePoint, VirtualPatient, VirtualPatientSpec, mean_to_start, virtual_patient
from hevesy.model import Administration, DecayCorrection, Image, Truth
from hevesy.nuclides import load_nuclide

Progress = Callable[[str, float], None]

MARKER = ".hevesy-virtual-study"
GIVEN_AT = datetime(2024, 3, 4, 9, 30)
DIAGNOSTIC_AT = datetime(2024, 2, 20, 8, 45)
BETWEEN_CYCLES = timedelta(weeks=8)
ORGANS_FILE, LESIONS_FILE = "RTSTRUCT/organs.dcm", "SEG/lesions.dcm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How one time point is stored: as PET slices or as NM tomogram, and with which decay correction."""

    as_pt: bool
    correction: DecayCorrection
    says_correction: bool = True
    says_time: bool = False
    coincidences: bool = False


# Each way in which vendors store quantitative SPECT occurs once; further time points repeat the third.
FORMS = (
    Form(as_pt=False, correction=DecayCorrection.START),
    Form(as_pt=False, correction=DecayCorrection.START, says_correction=False, says_time=True),
    Form(as_pt=False, correction=DecayCorrection.NONE, says_correction=False),
    Form(as_pt=True, correction=DecayCorrection.ADMIN),
)
PET = Form(as_pt=True, correction=DecayCorrection.START, coincidences=True)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VirtualStudy:
    """Where the files are, and what is true.

    Attributes
    ----------
    truths : dict                       Truth by region; "Remainder" is all that has no region of its own.
    regions : tuple of str              Regions that are drawn: contours, then masks.
    total_activities : tuple of float   In the body over each scan, brought to its start by decay [Bq].
    """

    folder: Path
    seed: int
    truths: dict[str, Truth]
    regions: tuple[str, ...]
    total_activities: tuple[float, ...]


def make_virtual_study(
    folder: Path,
    *,
    seed: int = 177,
    spec: VirtualPatientSpec | None = None,
    progress: Progress | None = None,
) -> VirtualStudy:
    """Write the virtual patient into ``folder``, one subfolder a time point; the same seed gives the same
    files.

    Raises
    ------
    InputError
        The folder holds something that was not written by this function.
    """
    tell = progress or (lambda text, fraction: None)
    spec = spec or VirtualPatientSpec()
    with staged(folder) as part:
        tell("Making a virtual patient", 0.0)
        patient = patient_of(spec, seed)
        for n, point in enumerate(patient.points):
            name = label_of(patient, n)
            tell(f"Writing {name}", 0.5 + 0.45 * n / len(patient.points))
            write_anatomy(part, patient, n)
            _write_emission(part / name, visit_of(patient, n), point, _form(n, spec), spec)
        tell("Writing contours and masks", 0.95)
        write_regions(part, patient)
    tell("Virtual patient written", 1.0)
    return study_of(folder, patient)


def patient_of(spec: VirtualPatientSpec, seed: int) -> VirtualPatient:
    """The virtual patient with the nuclide's own energy."""
    nuclide = load_nuclide(spec.nuclide)
    if abs(spec.half_life / nuclide.half_life - 1) > 1e-3:
        lives, expected = spec.half_life / u.d, nuclide.half_life / u.d
        raise InputError(f"the virtual patient's nuclide has T = {lives:.4f} d; {spec.nuclide} has {expected:.4f} d.")
    return virtual_patient(spec, seed=seed, energy_per_decay=nuclide.electron_energy)


def study_of(folder: Path, patient: VirtualPatient) -> VirtualStudy:
    """What is true of the patient whose files are in ``folder``."""
    return VirtualStudy(
        folder=folder,
        seed=patient.seed,
        truths=patient.truths,
        regions=tuple(outline.name for outline in (*patient.organs, *patient.lesions)),
        total_activities=patient.total_activities,
    )


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A folder for the files of a study; they replace those in ``folder`` when all are written, and not before.

    Raises
    ------
    InputError
        The folder holds something that is not a virtual study.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())) and not (folder / MARKER).is_file():
        raise InputError(
            f"{folder} holds something that is not a virtual study and is not overwritten. Give a new or an empty folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARKER).write_text("Made by hevesy; may be overwritten by it.\n", encoding="utf-8")
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder))
    try:
        yield part
        for old in folder.glob("T[0-9]*_*h"):
            shutil.rmtree(old)
        for made in sorted(part.iterdir()):
            made.replace(folder / made.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def label_of(patient: VirtualPatient, n: int) -> str:
    """Folder of a time point."""
    return f"T{n + 1}_{patient.points[n].time / u.h:.0f}h"


def _form(n: int, spec: VirtualPatientSpec) -> Form:
    if spec.nuclide == DIAGNOSTIC:
        return PET
    return FORMS[n] if n < len(FORMS) else FORMS[2]


def given_at(spec: VirtualPatientSpec) -> datetime:
    """When the virtual patient was given the activity of this occasion."""
    return DIAGNOSTIC_AT if spec.nuclide == DIAGNOSTIC else GIVEN_AT + (spec.cycle - 1) * BETWEEN_CYCLES


def visit_of(patient: VirtualPatient, n: int) -> Visit:
    """What the headers of a time point say."""
    spec, seed, point = patient.spec, patient.seed, patient.points[n]
    number = spec.visit(n)
    return Visit(
        patient_name="VIRTUAL^PATIENT",
        patient_id=f"HEVESY-{seed}",
        sex="M",
        birth_date=date(1961, 7, 14),
        weight=78.0 * u.kg,
        height=1760.0 * u.mm,
        study_uid=uid("virtual study", seed, number),
        study_id=f"V{seed}-{number + 1}",
        study_start=given_at(spec) + timedelta(seconds=point.time),
        study_description=f"{_tracer(spec)} {'PET/CT' if spec.nuclide == DIAGNOSTIC else 'post-therapy SPECT/CT'}",
        frame_of_reference=point.frame_of_reference,
    )


def _tracer(spec: VirtualPatientSpec) -> str:
    return f"{spec.nuclide} DOTATATE"


def _series(visit: Visit, number: int, description: str, duration: float) -> Series:
    return Series(
        uid=uid(visit.study_uid, "series", number),
        number=number,
        description=description,
        start=visit.study_start,
        duration=duration,
    )


def given_of(spec: VirtualPatientSpec) -> Administration:
    """What the virtual patient was given on this occasion."""
    return Administration(
        nuclide=spec.nuclide,
        activity=spec.administered_activity,
        time=given_at(spec),
        radiopharmaceutical=_tracer(spec),
    )


def _write_emission(folder: Path, visit: Visit, point: TimePoint, form: Form, spec: VirtualPatientSpec) -> None:
    """Store one SPECT or PET as its form says; scanners correct for physical decay alone.

    f = lambda d / (1 - exp(-lambda d)) brings the mean over the acquisition to its start, exp(lambda t) from
    there to the administration.
    """
    lam = math.log(2) / spec.half_life
    to_start = mean_to_start(spec.half_life, point.duration)
    factor = {
        DecayCorrection.NONE: 1.0,
        DecayCorrection.START: to_start,
        DecayCorrection.ADMIN: to_start * math.exp(lam * point.time),
    }[form.correction]
    emission = Emission(
        administration=given_of(spec),
        half_life=spec.half_life,
        correction=form.correction,
        correction_time=visit.study_start if form.says_time else None,
        decay_factor=factor,
        frame_reference_time=math.log(to_start) / lam,
        says_correction=form.says_correction,
        coincidences=form.coincidences,
    )
    if point.spect is None:
        raise InputError("the virtual patient has no emission images. Make it with emission = True, or name a scanner.")
    values = point.spect.values * np.float32(factor)
    image = Image(values=values, grid=point.spect.grid, quantity=point.spect.quantity)
    kind = "PET" if form.coincidences else "SPECT"
    series = _series(visit, 2, "PET AC" if form.coincidences else "SPECT 208 keV OSEM AC SC", point.duration)
    if form.as_pt:
        write_pt(folder / kind, image, visit=visit, series=series, emission=emission)
    else:
        write_nm(folder / kind / f"{kind}.dcm", image, visit=visit, series=series, emission=emission)


def write_anatomy(folder: Path, patient: VirtualPatient, n: int) -> None:
    """The CT of a time point."""
    point, visit = patient.points[n], visit_of(patient, n)
    write_ct(folder / label_of(patient, n) / "CT", point.ct, visit=visit, series=_series(visit, 1, "CT", point.duration))


def write_regions(folder: Path, patient: VirtualPatient) -> None:
    """Contours and masks on the CT of the reference, whose files are there."""
    n = patient.spec.reference
    point, visit, place = patient.points[n], visit_of(patient, n), folder / label_of(patient, n)
    slices = sorted((place / "CT").glob("*.dcm"))
    organs, lesions = (_series(visit, k, text, point.duration) for k, text in ((11, "Organs"), (12, "Lesions")))
    write_rtstruct(place / ORGANS_FILE, patient.organs, visit=visit, series=organs, slices=slices)
    write_seg(place / LESIONS_FILE, patient.lesions, series=lesions, slices=slices)
