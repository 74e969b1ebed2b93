"""Noise of a PET image of a body in closed form, in milliseconds: for choosing activity and time."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.pet.cylinder import POSITRONS_F18, Cylinder, from_scanner, pair_efficiency, pair_share
from hevesy.imaging.pet.randoms import MM_PER_S
from hevesy.imaging.pet.rebinned import MM_PER_PS
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.systems.pet_scanner import PetScanner

Array = npt.NDArray[np.float64]

# Attenuation of soft tissue at 511 keV, water [1/mm]; the body is taken to be of 1 g/ml.
MU_WATER = 0.00960
# mu times diameter of the cylinder in which NEMA NU 2 measures the scatter fraction: 20.3 cm of polyethylene.
NEMA_PATH = 0.0092 * 203

# Half axes of the trunk of the reference man of 73 kg and 176 cm [mm], as in the bodies of `phantoms`.
_HALF_WIDTH, _HALF_DEPTH, _MASS, _HEIGHT = 184.0, 124.0, 73.0, 1760.0
_AZIMUTHS = 32

# Middle of the virtual patient's liver in half axes of its trunk (x, y).
LIVER = (-0.43, -0.12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """An elliptic cylinder of water for the body.

    Attributes
    ----------
    half_width, half_depth : float      Half axes [mm].
    length : float                      [mm].
    """

    half_width: float
    half_depth: float
    length: float

    def __post_init__(self) -> None:
        if not (10 <= self.half_depth <= 500 and 10 <= self.half_width <= 500 and 50 <= self.length <= 2500):
            raise InputError(f"the trunk is {self}; half axes of 10 to 500 mm and a length of 50 to 2500 mm are meant. Give mm.")

    @property
    def area(self) -> float:
        """Of the cross-section [mm2]."""
        return math.pi * self.half_width * self.half_depth

    def chords(self, place: tuple[float, float] = (0.0, 0.0)) -> Array:
        """Lengths of lines through a place (x, y), in half axes, at even azimuths [mm]."""
        phi = (np.arange(_AZIMUTHS) + 0.5) * math.pi / _AZIMUTHS
        u, v = np.cos(phi) / self.half_width, np.sin(phi) / self.half_depth  # the ellipse as a unit circle
        square, half = u**2 + v**2, u * place[0] + v * place[1]
        inside = 1 - place[0] ** 2 - place[1] ** 2
        if not inside > 0:
            raise InputError(f"the place {place} lies outside the trunk; give it in half axes, within the unit circle.")
        return np.asarray(2 * np.sqrt(half**2 + square * inside) / square)


def trunk_of(mass: float, height: float = _HEIGHT) -> Trunk:
    """Trunk of a body: volume goes with mass, shape with the reference man.

        half axes = those of 73 kg and 176 cm times sqrt((m / 73 kg) / (H / 176 cm)),   length = m / (1 g/ml area)

    Parameters
    ----------
    mass : float            [kg], 2 to 250.
    height : float          [mm], 400 to 2300.
    """
    if not (2 <= mass <= 250 and 400 <= height <= 2300):
        raise InputError(f"a body of {mass} kg and {height} mm; 2 to 250 kg and 400 to 2300 mm are meant. Give kg and mm.")
    t = math.sqrt((mass / _MASS) / (height / _HEIGHT))
    half_width, half_depth = _HALF_WIDTH * t, _HALF_DEPTH * t
    return Trunk(half_width=half_width, half_depth=half_depth, length=mass * 1e6 / (math.pi * half_width * half_depth))


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseModel:
    """Relative noise against concentration at one place of one body on one scanner.

        COV^2 = K (1 + S + rho c T_rho) / (c T)

    Attributes
    ----------
    per_exposure : float        K [Bq s/ml]: COV^2 of trues alone times concentration and time.
    scatter_ratio : float       S, scattered to true counts on the lines through the place [1].
    randoms_ratio : float       rho, random to true counts per concentration [ml/Bq].
    sensitivity : float         Share of the annihilations at the place that is counted, with attenuation [1].
    geometric_sensitivity : float   The same without the body.
    tof_gain : float            Variance without time of flight over that with it, both converged [1].
    """

    per_exposure: float
    scatter_ratio: float
    randoms_ratio: float
    sensitivity: float
    geometric_sensitivity: float
    tof_gain: float

    def cov(self, concentration: npt.ArrayLike, duration: npt.ArrayLike) -> Array:
        """Coefficient of variation of voxels [1] at a concentration [Bq/ml] after a time [s]."""
        c, T = np.asarray(concentration, float), np.asarray(duration, float)
        return np.asarray(np.sqrt(self.per_exposure * (1 + self.scatter_ratio + self.randoms_ratio * c) / (c * T)))

    def concentration_for(self, cov: float, duration: float) -> float:
        """Concentration that reaches a coefficient of variation in a time [Bq/ml]; refused where randoms never let it."""
        left = cov**2 * duration - self.per_exposure * self.randoms_ratio
        if not left > 0:
            least = math.sqrt(self.per_exposure * self.randoms_ratio / duration)
            raise ScopeError(
                f"a variation of {cov:.3g} is not reached in {duration:g} s by any activity "
                f"(randoms leave {least:.3g} at best). Scan longer."
            )
        return self.per_exposure * (1 + self.scatter_ratio) / left

    def duration_for(self, cov: float, concentration: float) -> float:
        """Time that reaches a coefficient of variation at a concentration [s]."""
        return float(self.cov(concentration, 1.0)) ** 2 / cov**2


def noise_model(
    scanner: PetScanner,
    trunk: Trunk,
    *,
    filter_fwhm: float,
    updates: int | None = None,
    place: tuple[float, float] = (0.0, 0.0),
    z: float = 0.0,
    positrons: float = POSITRONS_F18,
    scatter_fraction: float | None = None,
    coincidence_window: float | None = None,
) -> NoiseModel:
    """Noise at one place of an evenly filled trunk after OSEM and a Gaussian filter.

        K = 1 / (g eps^2 Y)  int |H(q) G(q)|^2 / I(q) d2q  int |H_z|^2 dq_z
        I(q) = e^-u I_0(u),  u = 2 pi^2 q^2 sigma^2      with time of flight sigma;     I(q) = 1 / (pi D q) without

    the variance that the Fisher information of the lines through the place leaves, stationary around it; the larger of
    both I. G is what the updates have reached (`plane_integral`): what is not yet resolved is not yet noisy either.

    Parameters
    ----------
    filter_fwhm : float             Of the Gaussian after reconstruction without resolution model [mm].
    updates : int or None           Iterations times subsets; None for convergence.
    place : (x, y)                  In half axes of the trunk; `LIVER` for the liver, the middle by default.
    z : float                       Place along the axis from the middle of the scanner [mm].
    positrons : float               A decay [1]; that of F-18 by default.
    scatter_fraction, coincidence_window : float    Instead of those of the scanner [1], [s].

    Scatter is that of the NEMA cylinder in proportion to the attenuation path; randoms are 2 tau S1 S2 of singles that
    leave the trunk unscattered. Neglected: voxel size, lungs and fat, randoms in G. Noise of the iterates: Barrett et al., Phys
    Med Biol 1994;39:833.
    The kernel is that of Tomitani, IEEE Trans Nucl Sci 1981;28:4582, here as Fisher information.
    """
    fraction = scatter_fraction if scatter_fraction is not None else scanner.scatter_fraction
    if fraction is None or not 0 <= fraction < 0.9:
        raise ScopeError(
            f"scanner {scanner.name} has no scatter fraction (got {fraction}); noise cannot be predicted. Give scatter_fraction."
        )
    window = coincidence_window if coincidence_window is not None else scanner.coincidence_window
    if window is None:
        raise ScopeError(
            f"scanner {scanner.name} has no coincidence window; randoms cannot be predicted. Give coincidence_window [s]."
        )
    if not 1 <= filter_fwhm <= 50:
        raise InputError(f"the filter is {filter_fwhm} mm wide; 1 to 50 mm is meant. Give its FWHM in mm.")
    cylinder, efficiency = from_scanner(scanner), pair_efficiency(scanner)
    chords = trunk.chords(place)
    tilt = cylinder.most_tilt(0.0, z)
    shares = pair_share(tilt, chords * MU_WATER, cylinder.stopping)
    sensitivity = float(shares.mean()) * efficiency * positrons
    if not sensitivity > 0:
        raise InputError(f"z = {z} mm lies outside the scanner of {cylinder.length} mm. Give the place from its middle.")
    sigma = (scanner.tof_resolution or 0.0) * 1e12 * MM_PER_PS / FWHM
    chord = float((chords * shares).sum() / shares.sum())
    spread = filter_fwhm / FWHM
    path = -math.log(float(np.exp(-chords * MU_WATER).mean()))
    scatter = fraction / (1 - fraction) * path / NEMA_PATH
    plane = plane_integral(spread, sigma, chord, updates=updates, background=1 + scatter)
    gained = plane_integral(spread, 0.0, chord) / plane_integral(spread, sigma, chord)
    per_exposure = plane / (2 * math.sqrt(math.pi) * spread) / (sensitivity * 1e-3)
    depth = min(chord, 2 * math.sqrt(math.pi) * sigma) if sigma > 0 else chord
    randoms = _randoms_density(cylinder, trunk, efficiency, positrons, window, z)
    span = window * MM_PER_S if sigma > 0 else depth
    return NoiseModel(
        per_exposure=per_exposure,
        scatter_ratio=scatter,
        randoms_ratio=randoms * (1 / span if sigma > 0 else 1 / depth) / (sensitivity * 1e-3),
        sensitivity=sensitivity,
        geometric_sensitivity=float(pair_share(tilt, 0.0, cylinder.stopping)) * efficiency * positrons,
        tof_gain=gained,
    )


def plane_integral(spread: float, sigma: float, chord: float, *, updates: int | None = None, background: float = 1.0) -> float:
    """int |H(q) G(q)|^2 / I(q) 2 pi q dq of a Gaussian filter of standard deviation ``spread`` [mm]; [1/mm2].

        G(q) = 1 - (1 - I(q) / b)^n

    is what ``updates`` n of expectation maximisation (iterations times subsets) have reached where all counts are b times the
    trues: each update moves a frequency by the share I/b of what is missing. Without ``updates`` it has converged, G = 1.
    """
    from scipy.special import ive

    q = (np.arange(600) + 0.5) / 600 * (0.75 / spread)
    information = 1 / (math.pi * chord * q)
    if sigma > 0:
        information = np.maximum(information, ive(0, 2 * (math.pi * q * sigma) ** 2))
    information = np.minimum(information, 1.0)  # that of a point known to lie at its place
    reached = 1.0 if updates is None else 1 - (1 - information / background) ** updates
    return float(np.sum(np.exp(-4 * (math.pi * q * spread) ** 2) * reached**2 / information * 2 * math.pi * q) * (q[1] - q[0]))


def _randoms_density(cylinder: Cylinder, trunk: Trunk, efficiency: float, positrons: float, window: float, z: float) -> float:
    """Randoms on lines through the axis at z, per mm of radial distance, mm of z, half a turn of azimuth, second and
    squared concentration [ml2/(Bq2 s mm2)]; over the whole width of the coincidence window."""
    place = (np.arange(400) + 0.5) / 400 * trunk.length - trunk.length / 2
    R, half = cylinder.diameter / 2, cylinder.length / 2
    seen = 0.5 * (np.sin(np.arctan((half - place) / R)) + np.sin(np.arctan((half + place) / R)))
    leaving = float(np.exp(-trunk.chords() / 2 * MU_WATER).mean())
    singles = 2 * positrons * math.sqrt(efficiency) * leaving * trunk.area * 1e-3 * float(seen.sum()) * (place[1] - place[0])
    per_length = singles / cylinder.length
    # ring pairs with their middle at z, times rate: 2 tau S_a S_b, each pair of rings once per ordered difference
    reach = min(cylinder.acceptance, 2 * max(half - abs(z), 0))
    return float(2 * window * per_length**2 * reach / (math.pi * R))


def activity_for(
    model: NoiseModel, *, cov: float, duration: float, mass: float, uptake: float = 1.0, decay: float = 1.0
) -> float:
    """Administered activity that reaches a coefficient of variation where the uptake is ``uptake`` times even [Bq].

        A = c m / (uptake decay 1 g/ml)

    ``decay`` is the share left at the scan; ``mass`` [kg].
    """
    return model.concentration_for(cov, duration) * mass * 1000 / (uptake * decay)
