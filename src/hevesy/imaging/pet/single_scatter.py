"""Scatter by simulation of one Compton scatter of one photon of the pair, and its scaling to the tails."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.imaging.pet.cylinder import ANNIHILATION
from hevesy.imaging.pet.field import Field, checked
from hevesy.imaging.pet.rebinned import MM_PER_PS
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.pet.simulate import Detection
from hevesy.model.arrays import handed_over

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScatterSampling:
    """How finely single scatter is sampled; it is smooth.

    Attributes
    ----------
    spacing : float         Distance of the scatter points [mm].
    places, rings : int     Coarse detectors about the ring and along the axis.
    tof_bin : float         Bin of the offset by time of flight [mm]; used where the detector has time of flight.
    """

    spacing: float = 24.0
    places: int = 32
    rings: int = 5
    tof_bin: float = 50.0

    def __post_init__(self) -> None:
        if not (2 <= self.spacing <= 100 and 8 <= self.places <= 200 and 1 <= self.rings <= 100 and 5 <= self.tof_bin <= 500):
            raise InputError(
                f"scatter sampling is {self}; allowed are 2 to 100 mm, 8 to 200 places, 1 to 100 rings, bins of 5 to 500 mm."
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScatterEstimate:
    """Expected scattered pairs a second per area of both crystals.

    Attributes
    ----------
    table : array, shape (rings, places, rings, places, bins)   [1/(s mm4)], with time of flight per mm of the offset.
    detection : Detection
    lowest, width : float       Offset of the first bin and distance of bins [mm]; one bin without time of flight.
    """

    table: Floats
    detection: Detection
    lowest: float
    width: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", handed_over(self.table))

    def at(self, pairs: npt.NDArray[Any], offset: npt.NDArray[Any] | None = None) -> Array:
        """Expected scattered counts a second of pairs of crystals [1/s]; given the offsets of events [mm], per mm [1/(s mm)].

        Without offsets all of them together. Linear between the coarse detectors.
        """
        from hevesy.imaging.pet._kernels import scatter

        rings = self.detection.rings
        n_r, n_p = self.table.shape[:2]
        places = np.empty((len(pairs), 4), np.float32)
        for end in range(2):
            ring, place = np.divmod(np.asarray(pairs[:, end]), rings.per_ring)
            places[:, 2 * end] = (ring + 0.5) / rings.rings * n_r - 0.5
            places[:, 2 * end + 1] = place * (n_p / rings.per_ring)
        area = rings.pitch * 2 * math.pi * rings.radius / rings.per_ring
        table, bins = self.table, np.zeros(len(pairs), np.float32)
        if offset is None:
            table = table.sum(axis=-1, keepdims=True) * np.float32(self.width)
        else:
            bins = ((np.asarray(offset) - self.lowest) / self.width).astype(np.float32)
        out = np.empty(len(pairs))
        scatter.at_pairs(np.ascontiguousarray(table), places, n_r, bins, out)
        return np.asarray(out * area**2)


def single_scatter(
    field: Field,
    activity: npt.NDArray[Any],
    mu: npt.NDArray[Any],
    detection: Detection,
    *,
    gain: float = 1.0,
    sampling: ScatterSampling | None = None,
) -> ScatterEstimate:
    """Single-scatter simulation.

        S_AB = 1/(2 pi) sum_S mu_S V_S p(theta) dA cos_A dB cos_B / (R_A^2 R_B^2)
               { int_S^A f dl  e^-(M_A + r M_B) + int_S^B f dl  e^-(M_B + r M_A) }  w(E')

    Parameters
    ----------
    activity : array, shape (z, y, x)       f [Bq/ml], from a first reconstruction.
    mu : array, shape (z, y, x)             At 511 keV [1/mm].
    gain : float                            Positron yield times decay factor [1]; the pair efficiency is the detection's.

    p is Klein and Nishina's distribution, M the path in the body at 511 keV, r = mu(E')/mu(511), w the share kept by the
    energy window over that of unscattered photons. With time of flight the place on the way gives the offset.

    Neglected: two or more scatters (`tail_fit` scales for them), coherent scattering, scatter in detectors and from
    activity outside the field. Watson, IEEE Trans Nucl Sci 2000;47:1587; Ollinger, Phys Med Biol 1996;41:153; with time of
    flight Watson, IEEE Trans Nucl Sci 2007;54:1679.
    """
    from hevesy.imaging.pet._kernels import scatter

    sampling = sampling or ScatterSampling()
    f, body = checked(field, np.transpose(activity), "the activity"), checked(field, np.transpose(mu), "the attenuation map")
    points, strength = scatter_points(field, body, sampling.spacing)
    if not len(points):
        raise DataError("the attenuation map holds nothing that scatters (all below 0.0005 1/mm). Check its unit, 1/mm.")
    detectors = _coarse_detectors(detection, sampling)
    bin_ = min(field.side, field.thickness) if detection.tof_fwhm == 0 else sampling.tof_bin / 2
    sides = np.array([field.side, field.thickness])
    reach = math.hypot(field.side * field.shape[0], field.thickness * field.shape[2])
    steps = 1 if detection.tof_fwhm == 0 else math.ceil(reach / bin_)
    seen = np.zeros((len(points), len(detectors), steps), np.float32)
    path = np.zeros((len(points), len(detectors)), np.float32)
    scatter.profiles(f, body, sides, points, detectors, bin_, seen, path)
    width = sampling.tof_bin
    half = 0 if detection.tof_fwhm == 0 else math.ceil(0.75 * reach / width)
    out = np.zeros((len(detectors), len(detectors), 2 * half + 1), np.float32)
    chance, ratio = by_cosine(detection)
    scatter.single(
        points, strength, detectors, seen, path, chance, ratio, detection.rings.stopping, bin_, -half * width, width, out
    )
    out += np.transpose(out, (1, 0, 2))[:, :, ::-1]
    table = _timed(out, detection, width) * np.float32(gain * detection.pair_efficiency * 1e-3)
    n_r, n_p = sampling.rings, sampling.places
    shaped = table.reshape(n_r, n_p, n_r, n_p, -1).astype(np.float32)
    return ScatterEstimate(table=shaped, detection=detection, lowest=-half * width, width=width if half else 1.0)


def scatter_points(field: Field, mu: Floats, spacing: float) -> tuple[Array, Array]:
    """Middles of blocks of voxels that scatter, shape (n, 3) [mm], and mu times volume of each [mm2]."""
    n = [max(1, round(spacing / d)) for d in (field.side, field.side, field.thickness)]
    pads = [-size % k for size, k in zip(field.shape, n, strict=True)]
    padded = np.pad(mu, [(0, pad) for pad in pads]).astype(float)
    x, y, z = (size // k for size, k in zip(padded.shape, n, strict=True))
    blocks = padded.reshape(x, n[0], y, n[1], z, n[2])
    strength = blocks.sum(axis=(1, 3, 5)) * field.voxel_volume * 1000
    kept = strength > 0.0005 * np.prod(n) * field.voxel_volume * 1000
    centres = [
        np.pad(c, (0, pad), mode="linear_ramp", end_values=(0, c[-1] + pad * (c[1] - c[0])))
        for c, pad in zip(field.centres(), pads, strict=True)
    ]
    # the middle of what scatters in the block, not of the block: half-filled blocks lie at the skin
    moments = [(blocks * c.reshape(_axis_shape(a, c, n))).sum(axis=(1, 3, 5)) for a, c in enumerate(centres)]
    total = np.where(kept, blocks.sum(axis=(1, 3, 5)), 1)
    return np.stack([(m / total)[kept] for m in moments], axis=-1), strength[kept]


def _axis_shape(axis: int, centres: Array, n: list[int]) -> tuple[int, ...]:
    shape = [1] * 6
    shape[2 * axis], shape[2 * axis + 1] = centres.size // n[axis], n[axis]
    return tuple(shape)


def by_cosine(detection: Detection, samples: int = 401) -> tuple[Floats, Floats]:
    """Against the cosine of scattering from -1 to 1: chance per steradian times the share kept, and mu(E') / mu(511)."""
    cosine = np.linspace(-1, 1, samples)
    share = 1 / (2 - cosine)  # E' / E at 511 keV
    density = share**2 * (share + 1 / share - (1 - cosine**2))
    x, w = np.polynomial.legendre.leggauss(64)
    whole = 2 * math.pi * float(w @ ((1 / (2 - x)) ** 2 * (1 / (2 - x) + (2 - x) - (1 - x**2))))
    window = detection.taken(share * ANNIHILATION)
    chance = density / whole * window
    chance[window < 1e-3] = 0
    return chance.astype(np.float32), (klein_nishina_total(share) / klein_nishina_total(np.array(1.0))).astype(np.float32)


def klein_nishina_total(k: npt.NDArray[Any]) -> Array:
    """Total cross section of a free electron at energy k m c2, over pi r_e^2 x 2 [1]. Klein and Nishina (1929)."""
    k = np.asarray(k, float)
    log = np.log1p(2 * k)
    return np.asarray((1 + k) / k**2 * (2 * (1 + k) / (1 + 2 * k) - log / k) + log / (2 * k) - (1 + 3 * k) / (1 + 2 * k) ** 2)


def tail_fit(
    prompts: npt.NDArray[Any],
    randoms: npt.NDArray[Any],
    scatter: npt.NDArray[Any],
    *,
    transmission: npt.NDArray[Any],
    outside: float = 0.98,
) -> float:
    """Factor of the simulated scatter that fits the bins whose line misses the body.

        a = sum_tails (y - r) / sum_tails s

    ``transmission`` of each bin [1]; tails are bins above ``outside``. It makes up for multiple scatter. Refused where the
    tails hold too little: u(a)/a above 10 %.
    """
    tails = transmission > outside
    expected, net = float(scatter[tails].sum()), float((prompts[tails] - randoms[tails]).sum())
    spread = math.sqrt(float((prompts[tails] + randoms[tails]).sum()))
    if not expected > 0 or not net > 10 * spread:
        raise DataError(
            f"the tails outside the body hold {net:.0f} +- {spread:.0f} scattered counts; a fit needs 10 % or better. "
            "Use more counts, a wider field, or the scatter unscaled."
        )
    return net / expected


def _coarse_detectors(detection: Detection, sampling: ScatterSampling) -> Array:
    rings = detection.rings
    angle = np.arange(sampling.places) * (2 * math.pi / sampling.places)
    z = ((np.arange(sampling.rings) + 0.5) / sampling.rings - 0.5) * rings.length
    places = np.stack([np.tile(rings.radius * np.cos(angle), z.size), np.tile(rings.radius * np.sin(angle), z.size)], axis=1)
    return np.column_stack([places, np.repeat(z, angle.size)])


def _timed(table: Floats, detection: Detection, width: float) -> Floats:
    """Blur the offset by the timing and turn counts of a bin into a density."""
    from scipy.ndimage import gaussian_filter1d

    if detection.tof_fwhm == 0:
        return table
    sigma = detection.tof_fwhm * MM_PER_PS / FWHM / width
    return (
        np.asarray(gaussian_filter1d(table, sigma, axis=2, mode="constant") / width) if sigma > 0.2 else table / np.float32(width)
    )
