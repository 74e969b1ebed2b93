"""Correction of an activity image for its resolution, region by region and voxel by voxel."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError

Array = npt.NDArray[np.float32]
Box = tuple[slice, ...]

FWHM_PER_SIGMA = 2 * math.sqrt(2 * math.log(2))
REACH = 3.5  # standard deviations after which the Gaussian is cut
SHELL = 2.0  # FWHM around a region that count as its own surroundings
AIR = 0.3  # g/ml: below this and outside all regions there is no tissue


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Compartment:
    """A part of the image with uptake of its own.

    Attributes
    ----------
    name : str                          Of the region; "" for surroundings and for what is left.
    box : slices (z, y, x)              Where ``fraction`` and ``blurred`` lie: with room for the blur.
    fraction : ndarray                  Share of each voxel [1].
    blurred : ndarray                   ``fraction`` as the scanner would show it [1].
    """

    name: str
    box: Box
    fraction: Array
    blurred: Array


def compartments(
    regions: Sequence[tuple[str, Box, Array]], left: Array, *, fwhm: float, spacing: tuple[float, float, float],
    density: npt.NDArray[Any] | None = None,
) -> tuple[Compartment, ...]:  # fmt: skip
    """Divide the image: each region, the surroundings of each region, the rest of the body, and all else.

    Parameters
    ----------
    regions : (name, box, fraction)     Disjoint shares of voxels.
    left : array (z, y, x)              What no region has [1].
    fwhm : float                        Resolution, full width at half maximum [mm].
    spacing : (x, y, z)                 Voxel sides [mm].
    density : array (z, y, x) or None   Mass density [g/ml]: keeps air out of the rest of the body.
    """
    if not 0 < fwhm < 100:
        raise InputError(f"resolution is {fwhm:g} mm FWHM; allowed is above 0 and below 100.")
    sides = np.array(spacing[::-1])
    margin = np.ceil(REACH * fwhm / FWHM_PER_SIGMA / sides).astype(int)
    free = np.array(left, dtype=np.float32)
    if density is not None:
        free = np.where(density < AIR, np.float32(0), free)
    made, shells = [], []
    for name, box, fraction in sorted(regions, key=lambda r: float(r[2].sum())):
        grown = _grown(box, np.ceil(SHELL * fwhm / sides).astype(int) + margin, left.shape)
        own = _placed(box, fraction, grown)
        made.append(_compartment(name, grown, own, fwhm, sides))
        shell = _shell(own, free[grown], fwhm, sides)
        free[grown] -= shell
        if shell.sum() > 0.01 * own.sum():
            shells.append(_compartment("", grown, shell, fwhm, sides))
    whole = tuple(slice(0, n) for n in left.shape)
    body = [_compartment("", whole, free, fwhm, sides)] if density is not None and free.any() else []
    return (*made, *shells, *body, _rest((*made, *shells, *body), left.shape))


def _compartment(name: str, box: Box, fraction: Array, fwhm: float, sides: npt.NDArray[Any]) -> Compartment:
    from scipy.ndimage import gaussian_filter

    blurred = gaussian_filter(fraction, fwhm / FWHM_PER_SIGMA / sides, mode="constant", truncate=REACH)
    return Compartment(name=name, box=box, fraction=fraction, blurred=blurred)


def _shell(own: Array, free: Array, fwhm: float, sides: npt.NDArray[Any]) -> Array:
    from scipy.ndimage import distance_transform_edt

    near = distance_transform_edt(own < 0.5, sampling=sides) <= SHELL * fwhm
    return np.where(near, free, np.float32(0))


def _rest(made: Sequence[Compartment], shape: tuple[int, ...]) -> Compartment:
    """All else: what the others leave, before and after the blur, which keeps a constant a constant."""
    fraction, blurred = np.ones(shape, dtype=np.float32), np.ones(shape, dtype=np.float32)
    for each in made:
        fraction[each.box] -= each.fraction
        blurred[each.box] -= each.blurred
    np.clip(fraction, 0, 1, out=fraction)
    return Compartment(name="", box=tuple(slice(0, n) for n in shape), fraction=fraction, blurred=np.clip(blurred, 0, 1))


def _grown(box: Box, margin: npt.NDArray[Any], shape: tuple[int, ...]) -> Box:
    return tuple(slice(max(0, s.start - m), min(n, s.stop + m)) for s, m, n in zip(box, margin, shape, strict=True))


def _placed(box: Box, fraction: Array, grown: Box) -> Array:
    out = np.zeros(tuple(s.stop - s.start for s in grown), dtype=np.float32)
    out[tuple(slice(s.start - g.start, s.stop - g.start) for s, g in zip(box, grown, strict=True))] = fraction
    return out


def transfer_matrix(parts: Sequence[Compartment]) -> npt.NDArray[np.float64]:
    """Geometric transfer matrix: what compartment j shows in i, for unit uptake in j.

        G_ij = sum M_i (M_j * h) / sum M_i

    Reference: Rousset, Ma and Evans, J Nucl Med 1998;39:904-911.
    """
    G = np.zeros((len(parts), len(parts)))
    for i, a in enumerate(parts):
        total = float(np.sum(a.fraction, dtype=np.float64))
        for j, b in enumerate(parts):
            common = _common(a.box, b.box)
            if common is not None and total > 0:
                inside_a, inside_b = _within(common, a.box), _within(common, b.box)
                G[i, j] = float(np.sum(a.fraction[inside_a] * b.blurred[inside_b], dtype=np.float64)) / total
    return G


def _common(a: Box, b: Box) -> Box | None:
    box = tuple(slice(max(x.start, y.start), min(x.stop, y.stop)) for x, y in zip(a, b, strict=True))
    return box if all(s.stop > s.start for s in box) else None


def _within(inner: Box, outer: Box) -> Box:
    return tuple(slice(i.start - o.start, i.stop - o.start) for i, o in zip(inner, outer, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corrected:
    """A corrected image, and what of it belongs to each region.

    A boundary voxel of a sharp image holds parts of two compartments, each with a concentration of its own: that of
    region j in voxel x is ``means[j] * relative[x]``, in the share of the voxel that is the region's.

    Attributes
    ----------
    values : ndarray (z, y, x)          Corrected, in the unit of the observed image.
    relative : ndarray (z, y, x)        Observed by modelled [1]; 1 where the model shows nothing.
    means : dict                        True mean of each region, in that unit.
    own : dict                          Sum of the region's own parts over all voxels, in that unit.
    """

    values: Array
    relative: Array
    means: dict[str, float]
    own: dict[str, float]


def corrected(values: npt.NDArray[Any], parts: Sequence[Compartment], G: npt.NDArray[np.float64]) -> Corrected:
    """The image with each voxel corrected for what resolution moved.

        c(x) = o(x) s(x) / (s * h)(x),    s(x) = sum_j t_j M_j(x),    G t = means of o
        own part of j in x:  o(x) t_j M_j(x) / (s * h)(x)

    o observed; t true means of the compartments, none below zero. Inside a compartment the voxels keep their relation
    to each other. Neglected: resolution that varies, uptake that is not uniform in a compartment where it matters for
    neighbours. Reference: Yang et al., IEEE Trans Nucl Sci 1996;43(6), with the means of Rousset et al. 1998.
    """
    from scipy.optimize import nnls

    sizes = np.array([max(float(p.fraction.sum(dtype=np.float64)), 1e-9) for p in parts])
    means = np.array([float(np.sum(p.fraction * values[p.box], dtype=np.float64)) for p in parts]) / sizes
    # Least squares weighted by size: a large compartment is known better than a small one.
    w = np.sqrt(sizes)
    t, _ = nnls(G * w[:, None], means * w)
    sharp, shown = np.zeros(values.shape, dtype=np.float32), np.zeros(values.shape, dtype=np.float32)
    for part, mean in zip(parts, t, strict=True):
        sharp[part.box] += np.float32(mean) * part.fraction
        shown[part.box] += np.float32(mean) * part.blurred
    # Where the model shows nothing it has nothing to say: such voxels stay as they are.
    says = shown > 1e-6 * float(shown.max())
    relative = np.ones_like(shown)
    np.divide(values, shown, out=relative, where=says)
    regions = [(part, float(mean)) for part, mean in zip(parts, t, strict=True) if part.name]
    return Corrected(
        values=np.where(says, sharp * relative, values).astype(np.float32),
        relative=relative,
        means={part.name: mean for part, mean in regions},
        own={part.name: mean * float(np.sum(relative[part.box] * part.fraction, dtype=np.float64)) for part, mean in regions},
    )
