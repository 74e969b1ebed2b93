"""What dose reports and image headers say of one patient's exposures, as read: activities, organ doses, CT dose indices."""

from dataclasses import dataclass, field
from datetime import date, datetime

from hevesy.errors import InputError
from hevesy.model.study import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganDose:
    """Absorbed dose to an organ as a report states it.

    Attributes
    ----------
    organ : str                         As the report names it: "Bladder".
    laterality : str                    "right", "left", "bilateral", "unilateral", or "" where none is stated.
    dose : float                        [Gy].
    authority : str                     Whose coefficients or method gave it, as stated; "" where none is stated.
    mass : float or None                Of the organ, as used for the dose [kg].
    mass_method : str                   Where that mass is from, as stated.
    """

    organ: str
    dose: float
    laterality: str = ""
    authority: str = ""
    mass: float | None = None
    mass_method: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.dose < float("inf"):
            raise InputError(f"{self.organ}: its dose is {self.dose:g} Gy; a finite number from 0 on is allowed. Check its unit.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveDose:
    """An effective dose as a report states it; Gy stands for J/kg, here the sievert.

    Attributes
    ----------
    value : float                       [Sv].
    authority : str                     Coefficients or weights, as stated; "" where none is stated.
    method : str                        How it was obtained, as stated.
    """

    value: float
    authority: str = ""
    method: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.value < float("inf"):
            raise InputError(f"effective dose is {self.value:g} Sv; a finite number from 0 on is allowed. Check its unit.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which object says it.

    Attributes
    ----------
    kind : str                          "RRDSR", "RDSR", "P-RDSR", "PET header" or "NM header".
    file : str                          Its name, without a folder.
    study_uid, instance_uid : str       (0020,000D), (0008,0018).
    study_date : date or None           (0008,0020).
    manufacturer : str                  Of the equipment.
    """

    kind: str
    file: str
    study_uid: str = ""
    instance_uid: str = ""
    study_date: date | None = None
    manufacturer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdministrationReport:
    """One radiopharmaceutical administration as one object states it; what it does not say is None or "".

    Attributes
    ----------
    event_uid : str                     (113503, DCM) or (0008,3012).
    nuclide : str                       "F-18".
    activity : float or None            Administered [Bq].
    start, stop : datetime or None
    half_life : float or None           As used by the writer [s].
    pre, post : float or None           Activity measured before and after the administration [Bq].
    route, intent, procedure : str      As stated.
    """

    origin: Origin
    patient: Patient
    event_uid: str = ""
    nuclide: str = ""
    radiopharmaceutical: str = ""
    activity: float | None = None
    start: datetime | None = None
    stop: datetime | None = None
    half_life: float | None = None
    pre: float | None = None
    post: float | None = None
    route: str = ""
    intent: str = ""
    procedure: str = ""
    organ_doses: tuple[OrganDose, ...] = ()
    effective_doses: tuple[EffectiveDose, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CtEvent:
    """One irradiation event of a CT dose report.

    Attributes
    ----------
    ctdi_vol : float or None            Mean CTDIvol [Gy].
    dlp : float or None                 Dose-length product [Gy mm].
    phantom : str                       To which both refer: "body" (32 cm), "head" (16 cm), as stated, or "".
    """

    uid: str
    protocol: str = ""
    acquisition: str = ""
    region: str = ""
    start: datetime | None = None
    ctdi_vol: float | None = None
    dlp: float | None = None
    phantom: str = ""
    effective_doses: tuple[EffectiveDose, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CtReport:
    """A CT radiation dose report (TID 10011).

    Attributes
    ----------
    start, end : datetime or None       Of the irradiation.
    dlp_total : float or None           As the report accumulates it [Gy mm].
    events_total : int or None          As the report counts them.
    """

    origin: Origin
    patient: Patient
    start: datetime | None = None
    end: datetime | None = None
    dlp_total: float | None = None
    events_total: int | None = None
    events: tuple[CtEvent, ...] = ()
    effective_doses: tuple[EffectiveDose, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseModel:
    """How the doses of a patient radiation dose report were obtained.

    Attributes
    ----------
    patient_model, transport, method : str   Words of CID 10064, CID 10065 and CID 10068.
    reference : str                     What describes it, in words.
    """

    patient_model: str
    transport: str
    method: str
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDoseReport:
    """A patient radiation dose report (TID 10030): organ doses with the model that gave them."""

    origin: Origin
    patient: Patient
    model: DoseModel
    source_uids: tuple[str, ...] = ()  # SOP Instance UIDs of the reports that it rests on
    organ_doses: tuple[OrganDose, ...] = ()
    effective_doses: tuple[EffectiveDose, ...] = ()
    comment: str = ""
    remarks: tuple[str, ...] = field(default=())
