"""What tests and reference cases simulate: a body with lung, bone and lesions, a box of one medium, single particles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from reference_cases import module_of_tests

from hevesy.materials import load_material
from hevesy.nuclides import Radiations, radiations
from hevesy.nuclides.decay_data import KINDS
from hevesy.transport import Phantom, simulate

kept = module_of_tests("cases/kept").kept

SHAPE = (40, 40, 48)  # (z, y, x)
SIDE = 4.8  # mm
MEDIA = ("air", "lung", "soft", "bone")
# Label by label: name, index into MEDIA, density [g/ml], activity concentration relative to the kidney's.
REGIONS = (
    ("air", 0, 0.0012, 0.0),
    ("body", 2, 1.04, 0.02),
    ("lung_left", 1, 0.26, 0.02),
    ("lung_right", 1, 0.26, 0.02),
    ("spine", 3, 1.40, 0.05),
    ("kidney", 2, 1.05, 1.0),
    ("liver", 2, 1.05, 0.3),
    ("lesion_liver", 2, 1.05, 3.0),
    ("lesion_lung", 2, 1.00, 2.0),
    ("lesion_bone", 3, 1.40, 2.0),
)
# In this order: label, label it is carved from, centre and half axes (x, y, z) [mm], volume [ml].
ORGANS = (
    (2, 1, (52, 0, 35), (38, 68, 55), 600),
    (3, 1, (-52, 0, 35), (38, 68, 55), 600),
    (6, 1, (-42, 2, -40), (60, 62, 51), 800),
    (5, 1, (52, 38, -52), (30, 25, 38), 112),
    (7, 6, (-50, -5, -46), (1, 1, 1), 8),
    (8, 2, (52, -5, 38), (1, 1, 1), 4),
    (9, 4, (2.4, 52, -8), (1, 1, 1), 4),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PatientLike:
    """A body of 40 x 40 x 48 voxels of 4.8 mm.

    Attributes
    ----------
    labels : ndarray, shape (z, y, x)       Index into REGIONS.
    phantom : Phantom
    activity : ndarray, shape (z, y, x)     Share of the decays in each voxel; the sum is 1.
    """

    labels: np.ndarray
    phantom: Phantom
    activity: np.ndarray

    @property
    def regions(self) -> dict[str, np.ndarray]:
        """Voxels of each region, without the air around the body."""
        return {name: self.labels == k for k, (name, *_) in enumerate(REGIONS) if k > 0}


@cache
def patient_like() -> PatientLike:
    """A superellipsoid of soft tissue with a spine; organs are the voxels nearest to a centre, to a volume."""
    # The voxels are told apart with x as first axis, so that of two equally near ones the same is taken as elsewhere.
    n = SHAPE[::-1]
    x, y, z = np.meshgrid(*((np.arange(k) - (k - 1) / 2) * SIDE for k in n), indexing="ij")
    labels = np.zeros(n, np.uint8)
    labels[((np.abs(x) / 110) ** 2.5 + (np.abs(y) / 92) ** 2.5 <= 1) & (np.abs(z) < 92)] = 1
    spine = np.zeros(n, bool)
    spine[22:27, 29:34, :] = True
    labels[spine & (labels == 1)] = 4
    for label, inside, centre, axes, volume in ORGANS:
        far = sum(((q - c) / a) ** 2 for q, c, a in zip((x, y, z), centre, axes, strict=True))
        nearest = np.argsort(np.where(labels == inside, far, np.inf).ravel(), kind="stable")
        labels.reshape(-1)[nearest[: round(volume / (SIDE**3 / 1000))]] = label
    labels = np.ascontiguousarray(labels.transpose(2, 1, 0))
    _, medium, density, concentration = (np.array(column) for column in zip(*REGIONS, strict=True))
    activity = concentration[labels]
    return PatientLike(
        labels=labels,
        phantom=Phantom(
            density=density[labels],
            medium=medium[labels],
            media=tuple(load_material(name) for name in MEDIA),
            voxel=(SIDE, SIDE, SIDE),
        ),
        activity=activity / activity.sum(),
    )


def box(shape: tuple[int, int, int], side: float, *, medium: str = "soft", density: float = 1.0) -> Phantom:
    """Cubic voxels of one medium [mm, g/ml]."""
    return Phantom(
        density=np.full(shape, density),
        medium=np.zeros(shape, np.uint8),
        media=(load_material(medium),),
        voxel=(side, side, side),
    )


def middle(shape: tuple[int, int, int]) -> np.ndarray:
    """One decay in the voxel in the middle."""
    tia = np.zeros(shape)
    tia[tuple(n // 2 for n in shape)] = 1.0
    return tia


def particles(energy: float, kind: str = "electron") -> Radiations:
    """One electron or one photon of that energy a decay [MeV]."""
    lines = {
        f"{name}_{what}": np.array([value]) if name == kind else np.empty(0)
        for name in ("electron", "photon", "annihilation", "alpha", "recoil")
        for what, value in (("energy", energy), ("yield", 1.0))
    }
    of_kind = "conversion electron" if kind == "electron" else "gamma"
    energies = {name: energy if name == of_kind else 0.0 for name in KINDS}
    return Radiations(
        name=f"{kind} of {energy:g} MeV",
        **lines,
        beta_minus=None,
        beta_plus=None,
        energies=energies,
        member_energies={},
        members=(),
        remarks=(),
    )


def s_values(*, side: float, offsets: Sequence[str], uncertainty: float, nuclide: str = "", electron: float = 0.0) -> np.ndarray:
    """S values of cubic voxels in soft tissue of 1 g/ml [mGy/(MBq s)].

    ``offsets`` as in "S210": voxels away from the source along each axis, all orders and signs averaged. ``electron``
    [MeV] instead of a nuclide: one electron a decay. ``uncertainty`` is that of S000 and S100.
    """
    return s_values_and_u(side=side, offsets=offsets, uncertainty=uncertainty, nuclide=nuclide, electron=electron)[0]


def s_values_and_u(
    *, side: float, offsets: Sequence[str], uncertainty: float, nuclide: str = "", electron: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """The same with their relative standard uncertainties; the voxels of one offset count as independent."""
    found = _s_values(nuclide or electron, side, uncertainty)
    dose, u = np.transpose([found[offset] for offset in offsets])
    return dose, u


@kept
def _s_values(emitter: str | float, side: float, uncertainty: float) -> dict[str, tuple[float, float]]:
    shape = (31, 31, 31)  # 13 cm: what more tissue scatters back adds less than 0.01 % to the farthest offset asked for
    away = np.stack(np.meshgrid(*(np.abs(np.arange(n) - n // 2) for n in shape), indexing="ij"), axis=-1)
    away = -np.sort(-away, axis=-1)
    offsets = {f"S{i}{j}{k}": np.all(away == (i, j, k), axis=-1) for i in range(4) for j in range(i + 1) for k in range(j + 1)}
    done = simulate(
        box(shape, side),
        middle(shape),
        radiations(emitter) if isinstance(emitter, str) else particles(emitter),
        seed=20,
        uncertainty=uncertainty,
        regions=[offsets["S000"], offsets["S100"]],
        threads=2,
    )
    return {name: _mean(1e9 * done.dose[voxels], 1e9 * done.u[voxels]) for name, voxels in offsets.items()}


def _mean(dose: np.ndarray, u: np.ndarray) -> tuple[float, float]:
    """Mean, and its relative standard uncertainty."""
    return float(dose.mean()), float(np.sqrt(np.sum(u**2)) / np.sum(dose))


def region_doses(*, nuclide: str, regions: Sequence[str]) -> np.ndarray:
    """Mean absorbed dose of regions of the patient-like body, by one decay in the whole of it [Gy/(Bq s)]."""
    return np.array([region_dose_and_u(nuclide)[region][0] for region in regions])


@kept
def region_dose_and_u(nuclide: str, uncertainty: float = 0.003) -> dict[str, tuple[float, float]]:
    """Absorbed dose and its standard uncertainty for every region [Gy/(Bq s)]."""
    patient = patient_like()
    done = simulate(
        patient.phantom,
        patient.activity,
        radiations(nuclide),
        seed=48,
        uncertainty=uncertainty,
        regions=list(patient.regions.values()),
        threads=2,
    )
    return {name: (float(d), float(u)) for name, d, u in zip(patient.regions, done.region_dose, done.region_u, strict=True)}
