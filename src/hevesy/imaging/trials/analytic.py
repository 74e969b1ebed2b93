"""The noise of a PET scan in closed form, in place of a trial: milliseconds instead of minutes."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.pet import NoiseModel, Trunk, from_scanner, noise_model, trunk_of
from hevesy.imaging.pet.analytic import MU_WATER
from hevesy.imaging.pet.cylinder import pair_share
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.phantoms import Body, Tracer, body_with, concentrations
from hevesy.imaging.systems import PetScanner
from hevesy.imaging.trials.protocol import PET, Protocol
from hevesy.imaging.trials.scene import healthy
from hevesy.imaging.trials.target import CNR, COV, Target
from hevesy.imaging.trials.task import Task
from hevesy.nuclides import load_nuclide, radiations
from hevesy.units import MBq, kg

# Path through a body by that through as much water: organs and muscle of 1.05 g/ml and bone; fat under the skin.
ORGANS, FAT = 1.055, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyticScan:
    """Noise at the place of a task.

    Attributes
    ----------
    noise : NoiseModel
    concentration : float               In the tissue at the place, mean over the scan [Bq/ml for 1 MBq].
    mean_concentration : float          In the whole body, by which randoms go [Bq/ml for 1 MBq].
    recovered : float                   Contrast minus one, as seen: sphere of the lesion through resolution and filter [1].
    """

    noise: NoiseModel
    concentration: float
    mean_concentration: float
    recovered: float

    def cov(self, activity: npt.ArrayLike, duration: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Coefficient of variation of voxels for ``activity`` [MBq] after ``duration`` [s].

        COV^2 = K (1 + S + rho c_body A) / (c A T)
        """
        A, T, n = np.asarray(activity, float), np.asarray(duration, float), self.noise
        prompts = 1 + n.scatter_ratio + n.randoms_ratio * self.mean_concentration * A
        return np.asarray(np.sqrt(n.per_exposure * prompts / (self.concentration * A * T)))

    def value(self, target: Target, activity: npt.ArrayLike, duration: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Of the quality that ``target`` is about."""
        cov = self.cov(activity, duration)
        return cov if target.kind == COV else abs(self.recovered) / cov

    def _wanted(self, target: Target) -> float:
        if target.kind == COV:
            return target.limit
        if target.kind != CNR:
            raise ScopeError(f"target {target.kind}: the analytic layer knows cov and cnr. Leave --analytic out for a trial.")
        return abs(self.recovered) / target.limit

    def activity_for(self, target: Target, duration: float) -> float:
        """Least activity [MBq] in a time [s]; refused where randoms never let it."""
        n, cov = self.noise, self._wanted(target)
        left = cov**2 * self.concentration * duration / n.per_exposure - n.randoms_ratio * self.mean_concentration
        if not left > 0:
            raise ScopeError(
                f"target {target.kind} {target.limit:g}: no activity meets it in {duration:g} s; randoms grow with its square "
                "and set the noise. Scan longer."
            )
        return (1 + n.scatter_ratio) / left

    def duration_for(self, target: Target, activity: float) -> float:
        """Shortest scan [s] with an activity [MBq]."""
        return float(self.cov(activity, 1.0)) ** 2 / self._wanted(target) ** 2


def analytic_scan(
    scanner: PetScanner,
    body: Body,
    tracer: Tracer,
    task: Task,
    *,
    duration: float,
    wait: float | None = None,
    protocol: Protocol = PET,
) -> AnalyticScan:
    """The closed form of the trial with the same scanner, patient and task.

    The body is an evenly filled elliptic trunk of its mass for scatter and randoms, attenuated as organs and fat; the
    concentration at the place is that of the virtual patient's liver.
    Neglected: lungs, and what `PetScan` neglects.
    """
    if task.lesion is not None and task.lesion.place != "liver":
        raise InputError(f"place {task.lesion.place}: the analytic layer knows the liver. Leave --analytic out for a trial.")
    nuclide = tracer.nuclides[0]
    half_life = load_nuclide(nuclide).half_life
    start = tracer.wait if wait is None else wait
    contents = healthy(body_with(body, tracer, activity=MBq, half_life=half_life))
    trunk = trunk_of(body.mass, body.height)
    x, y, _ = task.liver.centre  # the noise of both COV and CNR is that of the liver
    noise = noise_model(
        scanner, trunk, filter_fwhm=max(protocol.filter_fwhm, 1.0), updates=protocol.iterations * protocol.subsets,
        place=(x / trunk.half_width, y / trunk.half_depth), positrons=float(radiations(nuclide).annihilation_yield.sum()) / 2,
    )  # fmt: skip
    inner, outer, _ = body.factors
    noise = _behind(noise, _denser(scanner, trunk, (x, y), ORGANS * inner / outer + FAT * (1 - inner / outer)))
    sharp = math.hypot(scanner.resolution_transverse or 0.0, protocol.filter_fwhm)
    recovered = 0.0 if task.lesion is None else (task.lesion.contrast - 1) * sphere_recovery(task.lesion.diameter, sharp)
    return AnalyticScan(
        noise=noise,
        concentration=concentrations(contents, start, duration)["Liver"],
        mean_concentration=MBq * 2 ** (-start / half_life) / (body.mass / kg * 1000),
        recovered=recovered,
    )


def _denser(scanner: PetScanner, trunk: Trunk, place: tuple[float, float], density: float) -> float:
    """Share of the trues that is left where lines cross ``density`` times as much as water."""
    cylinder, chords = from_scanner(scanner), trunk.chords((place[0] / trunk.half_width, place[1] / trunk.half_depth))
    tilt = cylinder.most_tilt(0.0, 0.0)
    water, body = (float(np.mean(pair_share(tilt, chords * MU_WATER * d, cylinder.stopping))) for d in (1.0, density))
    return body / water


def _behind(noise: NoiseModel, left: float) -> NoiseModel:
    return replace(
        noise, per_exposure=noise.per_exposure / left, sensitivity=noise.sensitivity * left,
        randoms_ratio=noise.randoms_ratio / left,
    )  # fmt: skip


def sphere_recovery(diameter: float, fwhm: float) -> float:
    """Mean over a sphere of what a Gaussian blur leaves in it [1].

        RC = int_0^D 4 pi s^2 G(s) (1 - 3 s / 2D + s^3 / 2D^3) ds

    the overlap of the sphere with itself at distance s (Kendall and Moran, Geometrical Probability (1963)), weighted by the
    Gaussian G of the blur.
    """
    if fwhm <= 0:
        return 1.0
    sigma = fwhm / FWHM
    s = (np.arange(2000) + 0.5) / 2000 * diameter
    density = np.sqrt(2 / np.pi) * s**2 / sigma**3 * np.exp(-(s**2) / (2 * sigma**2))
    overlap = 1 - 1.5 * s / diameter + 0.5 * (s / diameter) ** 3
    return float((density * overlap).sum() * (s[1] - s[0]))
