"""A patient's course of treatment: cycles and external beams, as frozen values that fit together."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from hevesy import units as un
from hevesy.anatomy import standard_name
from hevesy.errors import InputError
from hevesy.model import Measured

Vector = npt.NDArray[np.float64]

SYSTEMATIC, RANDOM = "systematic", "random"
# Of an earlier cycle's time-integrated activity, at the next administration: above this the cycles overlap, and a fit of
# one has counted the other's activity.
OVERLAP = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPart:
    """One source of the uncertainty of a region's mean dose.

    Attributes
    ----------
    source : str                        "calibration", "outline", ...
    relative : float                    Its standard uncertainty as a share of the dose [1].
    kind : str                          "systematic": the same error in each cycle. "random": new in each cycle.
    shared : bool                       Whether one error moves all regions of a cycle together.
    """

    source: str
    relative: float
    kind: str
    shared: bool

    def __post_init__(self) -> None:
        if self.kind not in (SYSTEMATIC, RANDOM):
            raise InputError(f"error {self.source}: kind is {self.kind!r}; allowed: {SYSTEMATIC}, {RANDOM}.")

    def key(self, region: str, cycle: str) -> tuple[str, ...]:
        """Doses whose parts have one key err together; those with different keys independently."""
        where = () if self.shared else (region,)
        return (self.source, *where, *(() if self.kind == SYSTEMATIC else (cycle,)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CycleRegion:
    """A region in one cycle.

    Attributes
    ----------
    name, standard_name, kind : str     As drawn; "" where no standard name is known; "organ", "lesion", ...
    volume, mass, dose : Measured       [mm3], [kg], mean absorbed dose [Gy].
    uptake : Measured                   Time-integrated activity coefficient [s].
    effective_half_life : Measured      [s].
    amplitudes, rates : ndarray (k,)    Fitted curve sum_i a_i exp(-r_i t), whose shape is taken for the dose rate [Bq], [1/s].
    errors : tuple of ErrorPart         Of the dose; empty where the dose has no u.
    well_posed : bool                   Whether the fit's integral may be used.
    """

    name: str
    standard_name: str
    kind: str
    volume: Measured
    mass: Measured
    dose: Measured
    uptake: Measured
    effective_half_life: Measured
    amplitudes: Vector
    rates: Vector
    errors: tuple[ErrorPart, ...]
    well_posed: bool = True

    @property
    def identity(self) -> str:
        """By which it is found again in another cycle: the standard name of an organ, else the name as drawn."""
        return identity(self.name, self.standard_name, self.kind)

    @property
    def organ(self) -> str:
        """Standard name without the side; "" where it has none."""
        found = standard_name(self.standard_name) if self.standard_name and self.kind == "organ" else None
        return "" if found is None else found.organ

    def left_after(self, t: float) -> float:
        """Share of the time-integrated activity that comes later than ``t`` [1]."""
        parts = self.amplitudes / self.rates
        total = float(parts.sum())
        return float((parts * np.exp(-self.rates * t)).sum()) / total if total > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cycle:
    """One administration: what was planned, what was given, what was measured.

    Attributes
    ----------
    label : str                         "cycle 1".
    patient_id, nuclide, radiopharmaceutical : str
    administered : datetime
    administered_activity : float       [Bq].
    planned_activity : float or None    [Bq]; None where no plan was stated.
    planned_dose : mapping              Region to planned mean dose [Gy]; empty where none was planned.
    aim, comment : str                  Of the plan; on the deviation from it.
    regions : mapping                   Identity to region.
    source : str                        What tells this result from another: provenance or file.
    sul_peak : float or None            Of the hottest lesion on an FDG PET of this cycle, stated by hand [1].
    new_lesions : int or None           Counted by a reader; None: not stated.
    """

    label: str
    patient_id: str
    nuclide: str
    radiopharmaceutical: str
    administered: datetime
    administered_activity: float
    regions: Mapping[str, CycleRegion]
    source: str
    planned_activity: float | None = None
    planned_dose: Mapping[str, float] = field(default_factory=dict)
    aim: str = ""
    comment: str = ""
    sul_peak: float | None = None
    new_lesions: int | None = None

    @property
    def deviation(self) -> float | None:
        """(given - planned) / planned [1]; None where nothing was planned."""
        return None if not self.planned_activity else self.administered_activity / self.planned_activity - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BeamRegion:
    """A region in a dose grid of external beams.

    Attributes
    ----------
    name, standard_name, kind : str
    mean : float                        Mean dose D of its voxels [Gy].
    mean_square : float                 Mean of D^2 [Gy2], of which the mean BED is made.
    """

    name: str
    standard_name: str
    kind: str
    mean: float
    mean_square: float

    @property
    def identity(self) -> str:
        """As of a :class:`CycleRegion`."""
        return identity(self.name, self.standard_name, self.kind)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExternalBeam:
    """A course of external beams: ``fractions`` equal ones, with full repair between them.

    ``u`` is the relative standard uncertainty of its dose, common to all regions; None where none is stated.
    """

    label: str
    fractions: int
    regions: Mapping[str, BeamRegion]
    u: float | None = None
    patient_id: str = ""
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.fractions < 1:
            raise InputError(f"{self.label}: {self.fractions} fractions; one or more is needed.")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """Cycles in the order of time, external beams, and what had to be said about them."""

    patient_id: str
    nuclides: tuple[str, ...]
    cycles: tuple[Cycle, ...]
    beams: tuple[ExternalBeam, ...]
    remarks: tuple[str, ...]


def identity(name: str, standard: str, kind: str) -> str:
    """The standard name of an organ; of a lesion and of what has none, the name as drawn."""
    return standard if standard and kind == "organ" else name


def make_course(cycles: Sequence[Cycle], beams: Sequence[ExternalBeam] = (), *, several_nuclides: bool = False) -> Course:
    """Cycles sorted by time and checked against each other.

    Parameters
    ----------
    several_nuclides : bool             Whether cycles with different nuclides are meant to be one course.

    Raises
    ------
    InputError
        No cycle, another patient, the same result twice, different nuclides that were not announced, or an administration
        while more than 5 % of an earlier cycle's time-integrated activity in some region was still to come.
    """
    if not cycles:
        raise InputError("a course needs one cycle or more; got none. Give the results of `hevesy dose`.")
    ordered = sorted(cycles, key=lambda cycle: cycle.administered)
    _same_patient(ordered, beams)
    _once(ordered)
    nuclides = tuple(dict.fromkeys(cycle.nuclide for cycle in ordered))
    if len(nuclides) > 1 and not several_nuclides:
        listed = ", ".join(f"{cycle.label}: {cycle.nuclide}" for cycle in ordered)
        raise InputError(
            f"the cycles have different nuclides ({listed}). If they are one course, say so with several_nuclides = true; "
            "their doses are then added as BED or dose, their uptake is not compared."
        )
    for before, after in zip(ordered, ordered[1:], strict=False):
        _apart(before, after)
    remarks = []
    if [id(cycle) for cycle in ordered] != [id(cycle) for cycle in cycles]:
        order = ", ".join(f"{cycle.label} of {cycle.administered:%Y-%m-%d}" for cycle in ordered)
        remarks.append(f"The cycles were not given in the order of time; sorted by administration: {order}.")
    if not ordered[0].patient_id:
        remarks.append("The results carry no patient identifier: that they are of one patient was not checked.")
    return Course(
        patient_id=ordered[0].patient_id,
        nuclides=nuclides,
        cycles=tuple(ordered),
        beams=tuple(beams),
        remarks=(*remarks, *(text for beam in beams for text in beam.remarks)),
    )


def _same_patient(cycles: Sequence[Cycle], beams: Sequence[ExternalBeam]) -> None:
    first = cycles[0]
    for cycle in cycles[1:]:
        if cycle.patient_id != first.patient_id:
            raise InputError(
                f"{cycle.label} is of another patient identifier than {first.label}; a course is of one patient. "
                "Give the results of one patient, or correct the identifier where it was made anonymous twice."
            )
    for beam in beams:
        if beam.patient_id and first.patient_id and beam.patient_id != first.patient_id:
            raise InputError(
                f"{beam.label} is of another patient identifier than {first.label}; a course is of one patient. "
                "If it is the same person under another number, state same_patient = true."
            )


def _once(cycles: Sequence[Cycle]) -> None:
    for i, cycle in enumerate(cycles):
        for other in cycles[:i]:
            if cycle.source == other.source or cycle.administered == other.administered:
                raise InputError(
                    f"{cycle.label} and {other.label} are the same administration, {cycle.administered:%Y-%m-%d %H:%M}; "
                    "each counts once. Leave one out."
                )


def _apart(before: Cycle, after: Cycle) -> None:
    interval = (after.administered - before.administered).total_seconds()
    left = {region.name: region.left_after(interval) for region in before.regions.values() if region.well_posed}
    if not left:
        return
    worst = max(left, key=lambda name: left[name])
    if left[worst] > OVERLAP:
        raise InputError(
            f"{before.label} and {after.label} overlap: {interval / un.d:.3g} d apart, when {left[worst]:.0%} of the "
            f"time-integrated activity of {worst} was still to come; {OVERLAP:.0%} is allowed. Check the dates; if they are "
            "right, subtract what is left of the earlier cycle from the scans of the later one, and fit it again."
        )


def root_sum_square(values: Sequence[float]) -> float:
    """Standard uncertainty of independent parts."""
    return math.sqrt(math.fsum(value * value for value in values))
