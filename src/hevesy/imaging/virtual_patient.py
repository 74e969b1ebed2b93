"""The virtual patient: one torso, its images at several times, and what is true of it."""

import math
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.imaging.clearance import mean_activity, time_integrated_activity
from hevesy.imaging.ct import computed_tomography
from hevesy.imaging.outlining import contoured, masked
from hevesy.imaging.painting import volumes
from hevesy.imaging.shapes import turned
from hevesy.imaging.spect import concentration, noisy
from hevesy.imaging.torso import ORGANS, REMAINDER, Torso, diagnostic_torso, dotatate_torso, source_of
from hevesy.imaging.true_maps import dose_by_local_deposition
from hevesy.model import Grid, Image, Outline, Quantity, Truth
from hevesy.rng import stream

# Batches of the random stream: one number a purpose and time point, so that no image depends on another.
POSES, CT_NOISE, SPECT_NOISE = 0, 1000, 2000
# Visits of a cycle are numbered from this on; those of the diagnostic scan come first of all in time.
_VISITS, _DIAGNOSTIC_VISIT = 100, 900

THERAPY, DIAGNOSTIC = "Lu-177", "Ga-68"


@dataclass(frozen=True, slots=True, kw_only=True)
class VirtualPatientSpec:
    """What the virtual patient receives and how it is scanned.

    Attributes
    ----------
    nuclide : str                       "Lu-177" for a cycle of therapy, "Ga-68" for the PET/CT before it; of DOTATATE.
    cycle : int                         Of the therapy, from 1.
    administered_activity : float       [Bq].
    times, durations : tuple of float   Start of each scan after the administration, and its length [s].
    half_life : float                   Of the nuclide, ICRP 107 [s].
    reference : int                     Time point on whose CT the regions are drawn.
    organs : tuple of str               Those that are drawn as contours; lesions always are, as masks.
    ct_shape, ct_spacing                Voxels (z, y, x) and their sides (x, y, z) [mm].
    spect_shape, spect_spacing          Likewise.
    fine : int                          Sub-voxels a SPECT voxel side.
    resolution : float                  Full width at half maximum of the reconstructed image [mm].
    noise_width : float                 That part of it which the noise shares [mm]; below ``resolution``.
    sensitivity : float                 Of both heads together [counts/(Bq s)].
    events_per_count : float            Poisson events that a voxel is worth per count of its activity in air:
                                        what the body lets through (about 0.3) by what reconstruction adds to
                                        the variance (about 5).  The liver's voxel COV is then 7 % at 24 h.
    ct_noise : float                    Standard deviation [HU].
    shift, turn : float                 Greatest displacement [mm] and rotation [degrees], each axis.
    truth_spacing : float               Voxel side for the true volumes [mm].
    emission : bool                     False: no emission images, because a scanner is simulated to make them.
    """

    nuclide: str = THERAPY
    cycle: int = 1
    administered_activity: float = 7.4 * u.GBq
    times: tuple[float, ...] = (4 * u.h, 24 * u.h, 72 * u.h, 168 * u.h)
    durations: tuple[float, ...] = (20 * u.min_, 20 * u.min_, 25 * u.min_, 25 * u.min_)
    half_life: float = 6.647 * u.d
    reference: int = 1
    organs: tuple[str, ...] = ORGANS
    ct_shape: tuple[int, int, int] = (200, 256, 256)
    ct_spacing: tuple[float, float, float] = (1.953125, 1.953125, 3.0)
    spect_shape: tuple[int, int, int] = (128, 128, 128)
    spect_spacing: tuple[float, float, float] = (4.8, 4.8, 4.8)
    fine: int = 2
    resolution: float = 9.0
    noise_width: float = 7.0
    sensitivity: float = 20e-6
    events_per_count: float = 0.06
    ct_noise: float = 12.0
    shift: float = 6.0
    turn: float = 2.0
    truth_spacing: float = 2.0
    emission: bool = True

    def __post_init__(self) -> None:
        if self.nuclide not in (THERAPY, DIAGNOSTIC) or not 1 <= self.cycle <= 8:
            raise InputError(f"nuclide {self.nuclide}, cycle {self.cycle}; there are {THERAPY} and {DIAGNOSTIC}, cycles 1 to 8.")
        if len(self.times) != len(self.durations) or not self.times:
            raise InputError(f"got {len(self.times)} times and {len(self.durations)} durations; give one each a scan.")
        if list(self.times) != sorted(set(self.times)) or min(self.times) < 0 or min(self.durations) < 0:
            raise InputError("scan times must increase from 0 and durations must not be negative.")
        if not 0 <= self.reference < len(self.times):
            raise InputError(f"reference time point {self.reference}; allowed is 0 to {len(self.times) - 1}.")
        if not 0 <= self.noise_width <= self.resolution:
            raise InputError(f"noise width {self.noise_width} mm; allowed is 0 to the resolution {self.resolution} mm.")

    @property
    def torso(self) -> Torso:
        """Anatomy and kinetics of this occasion."""
        if self.nuclide == DIAGNOSTIC:
            return diagnostic_torso(self.administered_activity, self.half_life)
        return dotatate_torso(self.administered_activity, self.cycle)

    def visit(self, n: int) -> int:
        """Number of the ``n``-th scan among all of the patient's."""
        return n + (_DIAGNOSTIC_VISIT if self.nuclide == DIAGNOSTIC else _VISITS * (self.cycle - 1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimePoint:
    """One visit to the scanner.

    Attributes
    ----------
    time, duration : float              Start after the administration, length of the acquisition [s].
    pose : ndarray, shape (4, 4)        From patient coordinates to the scanner's, LPS [mm]: rigid.
    ct : Image                          [HU], int16.
    spect : Image or None               Mean over the acquisition, not corrected for decay [Bq/ml], float32.
    activities : dict                   True mean over the acquisition by source, remainder included [Bq].
    frame_of_reference : str            Of this visit: its CT and SPECT share it.
    """

    time: float
    duration: float
    pose: npt.NDArray[np.float64]
    ct: Image
    spect: Image | None
    activities: dict[str, float]
    frame_of_reference: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VirtualPatient:
    """Images, outlines on the reference CT, and what is true.

    Attributes
    ----------
    truths : dict                       By region, the remainder included; empty for a diagnostic scan.
    total_activities : tuple of float   In the body over each scan, brought to its start by physical decay, as
                                        a scanner states it [Bq].  What is truly there at the start is more by
                                        what the body clears within the scan: 3 % at 4 h, under 0.2 % later.
    """

    spec: VirtualPatientSpec
    seed: int
    points: tuple[TimePoint, ...]
    organs: tuple[Outline, ...] = field(default=())
    lesions: tuple[Outline, ...] = field(default=())
    truths: dict[str, Truth] = field(default_factory=dict)
    total_activities: tuple[float, ...] = ()


# The PET/CT before the therapy: noise of the liver's voxels about 10 %.
PRE_THERAPY = VirtualPatientSpec(
    nuclide=DIAGNOSTIC,
    administered_activity=150 * u.MBq,
    times=(60 * u.min_,),
    durations=(3 * u.min_,),
    half_life=67.71 * u.min_,
    reference=0,
    organs=("Kidney_Left", "Kidney_Right", "Liver", "Spleen", "Heart"),
    ct_shape=(150, 170, 170),
    ct_spacing=(2.94, 2.94, 4.0),
    spect_shape=(146, 136, 136),
    spect_spacing=(4.0, 4.0, 4.0),
    resolution=6.0,
    noise_width=4.5,
    sensitivity=8e-3,
    events_per_count=0.07,
)
# Fewer scans and fewer organs drawn, now that the first cycle is known; a little less than ordered, as syringes go.
SECOND_CYCLE = VirtualPatientSpec(
    cycle=2,
    administered_activity=7.25 * u.GBq,
    times=(24 * u.h, 168 * u.h),
    durations=(20 * u.min_, 25 * u.min_),
    reference=0,
    organs=("Kidney_Left", "Kidney_Right", "Liver", "Spleen"),
)


def virtual_patient(spec: VirtualPatientSpec, *, seed: int, energy_per_decay: float) -> VirtualPatient:
    """Make the virtual patient.

        D = q Ã E_e / m,   Ã = sum_j a_j / r_j

    q, from a table made by Monte Carlo, is what photons bring and electrons take away, by local deposition.

    Parameters
    ----------
    spec : VirtualPatientSpec
    seed : int                          Of poses and noise; the anatomy and the kinetics are always the same.
    energy_per_decay : float            Mean energy of electrons per decay, all absorbed where emitted [MeV].
    """
    torso, therapy = spec.torso, spec.nuclide == THERAPY
    with ThreadPoolExecutor(max_workers=2) as pool:
        sizes = pool.submit(_true_volumes, spec.truth_spacing, spec.cycle)
        made = [pool.submit(_time_point, torso, spec, seed, n) for n in range(len(spec.times))]
        points = tuple(job.result() for job in made)
        reference = points[spec.reference]
        organs = pool.map(lambda n: contoured(torso, n, reference.ct.grid, reference.pose), spec.organs)
        lesions = pool.map(lambda n: masked(torso, n, reference.ct.grid, reference.pose), torso.lesions)
        return VirtualPatient(
            spec=spec,
            seed=seed,
            points=points,
            organs=tuple(organs),
            lesions=tuple(lesions),
            truths=_truths(torso, sizes.result(), energy_per_decay, spec.cycle) if therapy else {},
            total_activities=tuple(sum(p.activities.values()) * mean_to_start(spec.half_life, p.duration) for p in points),
        )


def mean_to_start(half_life: float, duration: float) -> float:
    """What brings the mean over a scan to its start by physical decay: lambda d / (1 - exp(-lambda d))."""
    turns = math.log(2) / half_life * duration
    return turns / -math.expm1(-turns) if turns > 0 else 1.0


def known_truths(spec: VirtualPatientSpec, *, energy_per_decay: float) -> dict[str, Truth]:
    """What is true of each region of the virtual patient, without making its images."""
    return _truths(spec.torso, _true_volumes(spec.truth_spacing, spec.cycle), energy_per_decay, spec.cycle)


def _truths(torso: Torso, sizes: dict[str, tuple[float, float]], energy_per_decay: float, cycle: int) -> dict[str, Truth]:
    truths: dict[str, Truth] = {}
    for name, curve in {**torso.clearances, REMAINDER: torso.remainder}.items():
        volume, mass = sizes[name]
        tia = time_integrated_activity(curve)
        dose = tia * energy_per_decay * u.JOULE_PER_MEV / mass * dose_by_local_deposition(cycle)[name]
        truths[name] = Truth(volume=volume, mass=mass, time_integrated_activity=tia, mean_dose=dose)
    return truths


@cache
def _true_volumes(spacing: float, cycle: int = 1) -> dict[str, tuple[float, float]]:
    """Volume [mm3] and mass [kg] of each source.

    Summed over voxels of two sides, h and 1.5 h.  The error of a smooth solid goes with h^2 (Richardson):

        V = 9/5 V_h - 4/5 V_1.5h
    """
    torso = dotatate_torso(cycle=cycle)
    sums: dict[str, tuple[float, float]] = {}
    for h, weight in ((spacing, 9 / 5), (1.5 * spacing, -4 / 5)):
        for layer, volume in volumes(torso.pieces, h).items():
            source, _ = source_of(torso, layer.region)
            v, m = sums.get(source, (0.0, 0.0))
            sums[source] = (v + weight * volume, m + weight * volume * layer.tissue.density * u.g_per_ml)
    return sums


def _time_point(torso: Torso, spec: VirtualPatientSpec, seed: int, n: int) -> TimePoint:
    time, duration = spec.times[n], spec.durations[n]
    number = spec.visit(n)
    frame = frame_uid(seed, number)
    ct_grid = _centred(spec.ct_shape, spec.ct_spacing, frame)
    pose = random_pose(spec, stream(seed, POSES + number))
    hounsfield = computed_tomography(torso, ct_grid, pose, noise=spec.ct_noise, rng=stream(seed, CT_NOISE + number))
    curves = {**torso.clearances, REMAINDER: torso.remainder}
    activities = {name: mean_activity(curve, time, duration) for name, curve in curves.items()}
    spect = None
    if spec.emission:
        spect_grid = _centred(spec.spect_shape, spec.spect_spacing, frame)
        spect = _emission(spec, activities, spect_grid, pose, duration=duration, rng=stream(seed, SPECT_NOISE + number))
    return TimePoint(
        time=time,
        duration=duration,
        pose=pose,
        ct=Image(values=hounsfield, grid=ct_grid, quantity=Quantity.HOUNSFIELD),
        spect=spect,
        activities=activities,
        frame_of_reference=frame,
    )


def _emission(
    spec: VirtualPatientSpec,
    activities: dict[str, float],
    grid: Grid,
    pose: npt.NDArray[np.float64],
    *,
    duration: float,
    rng: np.random.Generator,
) -> Image:
    """What a reconstructed image shows of ``activities``: blur, noise and the rest of the blur."""
    before = math.sqrt(spec.resolution**2 - spec.noise_width**2)
    seen = concentration(spec.torso, activities, grid, pose, fine=spec.fine, blur=before)
    counts_per_unit = grid.voxel_volume / u.ml * spec.sensitivity * max(duration, 1.0)
    seen = noisy(
        seen, events_per_unit=counts_per_unit * spec.events_per_count, fwhm=spec.noise_width, grid=grid, rng=rng
    )  # fmt: skip
    return Image(values=seen, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)


def random_pose(spec: VirtualPatientSpec, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """A rigid transform from patient to scanner: each shift and turn uniform up to its greatest value."""
    pose = np.eye(4)
    pose[:3, :3] = turned(*rng.uniform(-spec.turn, spec.turn, 3))
    pose[:3, 3] = rng.uniform(-spec.shift, spec.shift, 3)
    return pose


def frame_uid(seed: int, n: int) -> str:
    """Frame of reference UID of visit ``n``: a name-based UUID under 2.25 (DICOM PS3.5, annex B)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'hevesy virtual patient {seed} visit {n} frame').int}"


def _centred(shape: tuple[int, int, int], spacing: tuple[float, float, float], frame: str) -> Grid:
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = [-(n - 1) / 2 * side for n, side in zip(shape[::-1], spacing, strict=True)]
    return Grid(shape=shape, affine=affine, frame_of_reference=frame)
