"""Linear attenuation for emitted photons from CT numbers, on the grid of a reconstruction."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.materials.attenuation import photon_cross_sections
from hevesy.materials.composition import load_material
from hevesy.materials.hounsfield import density_from_hounsfield
from hevesy.materials.stoichiometry import tissue_from_hounsfield, tissue_scheme
from hevesy.model import Grid, Image
from hevesy.model.image import Quantity

Floats = npt.NDArray[np.float32]

MM_PER_CM = 10.0
# CT slices worked on at once.
_SLAB = 16
# Below it is air, which attenuates nothing to speak of [HU].
AIR = -950
# CT numbers of adipose tissue and of muscle: between them lies water.
ADIPOSE, MUSCLE = -98.0, 42.0


def attenuation_of(hounsfield: npt.ArrayLike, energy: float) -> Floats:
    """Linear attenuation coefficient of tissue from its CT number.

        mu = rho(H) (mu/rho)(tissue(H), E)         straight from adipose tissue to water at 0 HU, and from there to muscle

    Density and composition are those of Schneider et al. (2000), cross sections those of XCOM with coherent scattering:
    the narrow-beam value, right where scatter is corrected for.  A mixture of fat and muscle of 0 HU attenuates 1 % more
    than water does; phantoms and calibrations are of water, so that water is met.

    Parameters
    ----------
    hounsfield : array of any shape     CT numbers [HU].
    energy : float                      Photon energy [MeV].

    Returns
    -------
    float32 array                       [1/mm]; 0 below -950 HU (air).

    Neglected: contrast medium and metal, which the relation takes for bone.
    """
    H = np.asarray(hounsfield)
    per_mass = np.array(_per_mass(float(energy)), dtype=np.float32)
    mu = density_from_hounsfield(H).astype(np.float32) * per_mass[tissue_from_hounsfield(H)] / np.float32(MM_PER_CM)
    soft = (H > ADIPOSE) & (H < MUSCLE)
    mu = np.where(soft, np.interp(H, (ADIPOSE, 0.0, MUSCLE), _soft_anchors(float(energy))), mu)
    found: Floats = np.where(AIR > H, np.float32(0), mu).astype(np.float32)
    return found


@cache
def _soft_anchors(energy: float) -> tuple[float, float, float]:
    """mu of adipose tissue, water and muscle [1/mm]."""
    H = np.array([ADIPOSE, MUSCLE])
    per_mass = np.array(_per_mass(energy))[tissue_from_hounsfield(H)]
    adipose, muscle = density_from_hounsfield(H) * per_mass / MM_PER_CM
    water = load_material("water")
    return float(adipose), float(photon_cross_sections(water, energy).total) * water.density / MM_PER_CM, float(muscle)


@cache
def _per_mass(energy: float) -> tuple[float, ...]:
    """mu/rho of each tissue of the scheme [cm2/g]."""
    return tuple(float(photon_cross_sections(tissue, energy).total) for tissue in tissue_scheme())


def attenuation_on(ct: Image, grid: Grid, energy: float) -> Floats:
    """Linear attenuation [1/mm] on ``grid`` (z, y, x): the mean over each voxel of that of the CT's voxels.

    Averaged after the conversion, because it is the attenuation that adds up along a ray.  Outside the CT it is 0.
    """
    if ct.quantity is not Quantity.HOUNSFIELD:
        raise InputError(f"the attenuation map comes from CT numbers; got an image of {ct.quantity}. Give the CT.")
    if ct.grid.frame_of_reference and grid.frame_of_reference and ct.grid.frame_of_reference != grid.frame_of_reference:
        raise InputError("the CT and the projections lie in different frames of reference. Register the CT first.")
    along = [_shares(ct.grid, grid, axis) for axis in range(3)]
    x, y, z = along
    by_number = _by_number(ct.values, energy)
    out = np.zeros((grid.shape[0], *grid.shape[1:]), np.float32)
    for start in range(0, ct.grid.shape[0], _SLAB):
        part = z[:, start : start + _SLAB]
        if not part.any():
            continue
        mu = by_number(ct.values[start : start + _SLAB])
        flat = np.einsum("zyx,Yy->zYx", mu, y, optimize=True) @ x.T
        out += np.tensordot(part, flat, 1)
    return out


def _by_number(values: npt.NDArray[Any], energy: float) -> Callable[[npt.NDArray[Any]], Floats]:
    """Attenuation of CT numbers like ``values``: whole ones are looked up, each converted once."""
    if not np.issubdtype(values.dtype, np.integer):
        return lambda H: attenuation_of(H, energy)
    lowest, highest = int(values.min()), int(values.max())
    table = attenuation_of(np.arange(lowest, highest + 1), energy)
    return lambda H: np.take(table, H.astype(np.intp) - lowest)


def _shares(source: Grid, target: Grid, axis: int) -> Floats:
    """How much each source voxel counts in the mean of each target voxel along an axis, shape (target, source)."""
    a, b = source.affine, target.affine
    for matrix in (a, b):
        off = matrix[:3, :3] - np.diag(np.diag(matrix[:3, :3]))
        if np.abs(off).max() > 1e-3 * np.abs(matrix[:3, :3]).max():
            raise InputError("the CT does not lie along the axes of the reconstruction. Resample it upright first.")
    n, m = source.shape[2 - axis], target.shape[2 - axis]
    step, side = a[axis, axis], b[axis, axis]
    middle = a[axis, 3] + step * np.arange(n)
    lower, upper = middle - abs(step) / 2, middle + abs(step) / 2
    centre = b[axis, 3] + side * np.arange(m)
    low, high = (centre - abs(side) / 2)[:, None], (centre + abs(side) / 2)[:, None]
    shares: Floats = (np.maximum(np.minimum(high, upper) - np.maximum(low, lower), 0) / abs(side)).astype(np.float32)
    return shares


def is_attenuation(values: npt.NDArray[Any], grid: Grid) -> None:
    """Raises unless ``values`` look like linear attenuation in 1/mm on ``grid``."""
    if values.shape != grid.shape:
        raise InputError(f"the attenuation map has shape {values.shape}; the image has {grid.shape}. Resample it.")
    most = float(np.max(values, initial=0.0))
    if most > 0.08:
        raise InputError(f"the attenuation map reaches {most:.3g} per mm, more than bone at 100 keV. Give it in 1/mm.")
