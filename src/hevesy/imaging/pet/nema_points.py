"""Images of a point source by filtered backprojection, from simulated events, as NEMA NU 2 asks for."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.pet.shell import Array, Pairs, Shell, coincident, isotropic, lines

POSITRON_RANGE = 0.54  # mm, FWHM of a Gaussian for F-18 in water; Moses 2011, table 1
PIXEL = 0.5  # mm
REACH = 16.0  # mm from the point to the border of the images


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointImages:
    """A point as it is reconstructed.

    Attributes
    ----------
    transaxial : array, shape (groups, y, x)    One image for each group of events; the point lies in the middle, y is radial.
    axial : array, shape (groups, z)            Profiles along the axis.
    pixel : float                               Of both [mm].
    events : int
    """

    transaxial: Array
    axial: Array
    pixel: float
    events: int


def point_images(shell: Shell, offset: float, *, decays: float = 4e5, groups: int = 4, seed: int) -> PointImages:
    """Simulate a point of F-18 beside the axis, in the middle of the scanner, and reconstruct it without a filter.

    Parameters
    ----------
    offset : float          From the axis, upwards [mm]; 10, 100 and 200 by NEMA.
    decays : float          Annihilations within the angle that the scanner sees, about.
    groups : int            Of events, reconstructed apart: their spread tells the noise.

    Lines are sorted into sinograms with bins of half a crystal, as many views as crystals on half a ring; ramp filter to the
    Nyquist frequency, linear interpolation. Along the axis a line counts where it passes the point.

    Neglected: errors in finding the crystal, capillary, the flat faces of blocks. NEMA NU 2-2018, section 3; Kak, Slaney,
    Principles of Computerized Tomographic Imaging (1988), ch. 3.
    """
    if not 0 <= offset <= 0.9 * shell.radius or groups < 1:
        raise InputError(
            f"a point {offset} mm beside the axis, {groups} groups; allowed are 0 to {0.9 * shell.radius:g} mm, 1 on."
        )
    across = shell.radius - offset
    reach = min(shell.length / 2, shell.span)
    most = min(1.0, 1.05 * reach / math.hypot(reach, across))

    def origins(rng: np.random.Generator, number: int) -> tuple[Array, Array]:
        places = rng.standard_normal((number, 3)) * (POSITRON_RANGE / FWHM)
        places[:, 1] += offset
        return places, isotropic(rng, number, most=most)

    played = coincident(shell, origins, round(decays), seed=seed, bent=True)
    parts = np.array_split(np.arange(len(played.crystals)), groups)
    if min(len(part) for part in parts) < 1000:
        raise DataError(f"{len(played.crystals)} events in {groups} groups; 1000 in each are needed. Ask for more decays.")
    made = [_reconstructed(shell, played, part, offset) for part in parts]
    return PointImages(
        transaxial=np.stack([image for image, _ in made]),
        axial=np.stack([profile for _, profile in made]),
        pixel=PIXEL,
        events=len(played.crystals),
    )


def _reconstructed(shell: Shell, played: Pairs, part: npt.NDArray[Any], offset: float) -> tuple[Array, Array]:
    normal, s, z1, z2 = lines(shell, played.crystals[part])
    along = normal @ np.array([0.0, offset])
    # place on the line nearest to the point, from its middle to its ends
    half = np.sqrt(np.maximum(shell.mean_radius**2 - s**2, 1.0))
    beside = normal[:, 0] * offset  # of the point, along the line's direction (-sin, cos)
    first = _first_is_ahead(shell, played.crystals[part], normal)
    z = (z1 + z2) / 2 + np.where(first, 1, -1) * (z1 - z2) / 2 * beside / half
    return backprojected(normal, s - along, shell, offset), _profile(z, shell.pitch / 2)


def _first_is_ahead(shell: Shell, pairs: npt.NDArray[np.int32], normal: Array) -> npt.NDArray[np.bool_]:
    """Whether the first crystal lies ahead along (-sin, cos) of the line's normal (cos, sin)."""
    angle = pairs[:, 0] * (2 * math.pi / shell.per_ring)
    return np.asarray(normal[:, 0] * np.sin(angle) - normal[:, 1] * np.cos(angle) > 0)


def backprojected(normal: Array, beside: Array, shell: Shell, offset: float) -> Array:
    """Filtered backprojection of lines about a point, shape (y, x).

    Parameters
    ----------
    normal : array, shape (n, 2)        Of each line.
    beside : array, shape (n,)          Its signed distance from the point along the normal [mm].
    offset : float                      Of the point from the axis, along y [mm]; it fixes where the bins' middles lie.
    """
    views, width = shell.per_ring // 2, math.pi * shell.mean_radius / shell.per_ring
    angle = np.arctan2(normal[:, 1], normal[:, 0])
    turned = np.floor(angle / math.pi)  # a line and its opposite are one
    beside = np.where(turned % 2 == 0, beside, -beside)
    view = ((angle / math.pi - turned) * views).astype(np.int64) % views
    middle = (np.arange(views) + 0.5) * (math.pi / views)
    # bins are whole steps from the axis: from the point they begin at another place in each view
    shift = (offset * np.sin(middle)) / width
    bins = 2 * math.ceil(3 * REACH / width)
    place = beside / width + (shift - np.floor(shift))[view] + bins // 2
    low = np.floor(place).astype(np.int64)
    inside = (low >= 0) & (low + 1 < bins)
    sinogram = np.zeros(views * bins)
    for step, weight in ((0, low + 1 - place), (1, place - low)):
        sinogram += np.bincount((view * bins + low + step)[inside], weights=weight[inside], minlength=views * bins)
    filtered = _ramped(sinogram.reshape(views, bins))
    side = np.arange(-round(REACH / PIXEL), round(REACH / PIXEL) + 1) * PIXEL
    image = np.zeros((side.size, side.size))
    columns = np.arange(bins)
    for row in range(views):
        at = (side[:, None] * math.sin(middle[row]) + side * math.cos(middle[row])) / width
        image += np.interp(at + (shift[row] - math.floor(shift[row])) + bins // 2, columns, filtered[row])
    return image


def _ramped(sinogram: Array) -> Array:
    """Rows filtered by the ramp to the Nyquist frequency, as sampled in space (Kak and Slaney, eq. 61)."""
    bins = sinogram.shape[1]
    size = 2 ** math.ceil(math.log2(2 * bins))
    n = np.minimum(np.arange(size), size - np.arange(size))
    kernel = np.where(n % 2 == 1, -1 / (np.pi * np.maximum(n, 1)) ** 2, 0.0)
    kernel[0] = 0.25
    spectrum = np.fft.rfft(sinogram, size, axis=1) * np.fft.rfft(kernel)
    return np.asarray(np.fft.irfft(spectrum, size, axis=1)[:, :bins])


def _profile(z: Array, width: float) -> Array:
    """Counts along the axis, shared between planes ``width`` apart, on pixels of the images."""
    planes = 2 * math.ceil(REACH / width) + 3
    place = z / width + planes // 2
    low = np.floor(place).astype(np.int64)
    inside = (low >= 0) & (low + 1 < planes)
    counts = np.zeros(planes)
    for step, weight in ((0, low + 1 - place), (1, place - low)):
        counts += np.bincount((low + step)[inside], weights=weight[inside], minlength=planes)
    side = np.arange(-round(REACH / PIXEL), round(REACH / PIXEL) + 1) * PIXEL
    return np.asarray(np.interp(side / width + planes // 2, np.arange(planes), counts), np.float64)
