"""Use case: the voxel kernel of a nuclide as a NIfTI file."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.app.radiations import counted_radiations
from hevesy.app.volumes import checked_output
from hevesy.dicom.nifti import RAS_TO_LPS, write_nifti
from hevesy.dose.cache import nuclide_voxel_kernel
from hevesy.dose.kernel import S_VALUES, VoxelKernel, dose_per_decay, mirrored, octant
from hevesy.dose.point_kernels import point_kernel_media
from hevesy.dose.voxel_pairs import mirror_images
from hevesy.errors import InputError
from hevesy.materials import load_material, reference_tissue
from hevesy.model import Grid, Image, Quantity
from hevesy.nuclides import Radiations

Array = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]
Half = tuple[int, int, int]

# Share of the energy that a file holds by default, and the most voxels along a side.
SHARE, MOST = 0.9995, 257
S_UNIT = "mGy/(MBq s)"
PER_MBQ_S = u.mGy / u.MBq  # Gy/(Bq s)


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelMedium:
    """Medium of a kernel: short name, title, density [g/ml] and where the density is from."""

    name: str
    title: str
    density: float
    density_source: str


def kernel_medium(name: str, density: float | None = None) -> KernelMedium:
    """The medium called ``name`` with the density [g/ml] that is given, else its own.

    Lung's own is that of the breathing lung with its air, 0.26 g/ml; its source lists the tissue without air, 1.05 g/ml.

    Raises
    ------
    InputError
        No such medium has point kernels.
    """
    allowed = point_kernel_media()
    try:
        material = load_material(name)
    except InputError:
        material = None
    if material is None or material.name not in allowed:
        raise InputError(f"medium {name!r} has no point kernels; allowed: {', '.join(allowed)}.")
    if density is not None:
        own, source = density, "given"
    elif material.name == "lung":
        tissue = reference_tissue("lung")
        own, source = tissue.density, f"that of lung with its air, {tissue.density_source}"
    else:
        own, source = material.density, f"that of {material.title} in NIST's ESTAR"
    return KernelMedium(name=material.name, title=material.title, density=own, density_source=source)


def _quiet(_: str, __: float) -> None:
    pass


def kernel(
    nuclide: str,
    voxel: tuple[float, float, float],
    output: Path,
    *,
    medium: str = "soft",
    density: float | None = None,
    extent: float | None = None,
    daughters: bool = True,
    leaving: float = 0.0,
    progress: Progress = _quiet,
) -> dict[str, Any]:
    """Write the voxel kernel of a nuclide, Gy per decay, with the source in the middle voxel.

    Parameters
    ----------
    nuclide : str
    voxel : (x, y, z)                   Sides of a voxel [mm].
    output : path                       .nii or .nii.gz.
    medium, density                     As in :func:`kernel_medium`; the density in g/ml.
    extent : float, optional            Side of the file's box [mm]; by default the smallest box that holds 99.95 % of
                                        the energy, at most 257 voxels a side.
    daughters, leaving                  As in :func:`hevesy.nuclides.radiations`.

    Returns
    -------
    dict                                Voxel S values, energy in the file and beyond it, energy budget; the unit is in
                                        each key, that of the S values in ``S_unit``.
    """
    checked_output(output)
    found = counted_radiations(nuclide, daughters=daughters, leaving=leaving)
    chosen = kernel_medium(medium, density)
    progress("kernel", 0.1)
    x, y, z = (float(side) for side in voxel)
    made = nuclide_voxel_kernel(
        found.name, (z, y, x), medium=chosen.name, density=chosen.density, daughters=daughters, leaving=leaving
    )
    progress("box", 0.4)
    half, energy = _box(made) if extent is None else _stated_box(made, extent)
    dose = np.asarray(mirrored(energy) * (u.JOULE_PER_MEV / made.voxel_mass), dtype=np.float32)
    progress("file", 0.7)
    to_source = np.diag([x, y, z, 1.0])
    to_source[:3, 3] = -np.array(half[::-1]) * np.array([x, y, z])
    grid = Grid(shape=dose.shape, affine=RAS_TO_LPS @ to_source)
    image = Image(values=dose, grid=grid, quantity=Quantity.ABSORBED_DOSE)
    write_nifti(output, image, holds="Hevesy, voxel kernel, Gy/(Bq s)")
    held = float(np.sum(dose, dtype=np.float64)) * made.voxel_mass / u.JOULE_PER_MEV
    return _facts(made, found, chosen, held=held, shape=dose.shape) | {"file": str(output)}


def _facts(made: VoxelKernel, found: Radiations, chosen: KernelMedium, *, held: float, shape: tuple[int, ...]) -> dict[str, Any]:
    budget = {kind: E / u.keV for kind, E in found.energies.items() if E > 0 and kind != "neutron"}
    near = dose_per_decay(made, (7, 7, 7)) / PER_MBQ_S
    sides = made.sides[::-1]
    facts = {
        "nuclide": found.name,
        "members": dict(found.members),
        "medium": chosen.name,
        "medium_title": chosen.title,
        "density_g_per_ml": chosen.density,
        "density_source": chosen.density_source,
        "voxel_mm": list(sides),
        "S_unit": S_UNIT,
        **{f"S{name}": _at(near, name) for name in S_VALUES},
        "energy_per_decay_keV": made.energy_per_decay / u.keV,
        "energy_in_file_keV_per_decay": held / u.keV,
        "energy_beyond_file_keV_per_decay": (made.energy_per_decay - held) / u.keV,
        "energy_budget_keV_per_decay": sum(budget.values()),
        "energy_budget_by_kind_keV_per_decay": budget,
        "shape": list(shape[::-1]),
        "box_mm": [n * side for n, side in zip(shape[::-1], sides, strict=True)],
        "remarks": list(made.radial.remarks),
    }
    if len(set(sides)) > 1:
        facts["S_of_all_neighbours"] = {
            f"S{''.join(order)}": _at(near, "".join(order)) for name in S_VALUES for order in _orders(name)
        }
    return facts


def _orders(name: str) -> list[tuple[str, ...]]:
    """210, 201, 120, ...: the neighbour along each axis."""
    return sorted(set(permutations(name)), reverse=True)


def _at(near: Array, name: str) -> float:
    x, y, z = (int(digit) for digit in name)
    return float(near[3 + z, 3 + y, 3 + x])


def _octant(made: VoxelKernel, half: Half) -> Array:
    return octant(made, half, charged=True) + octant(made, half, charged=False)


def _stated_box(made: VoxelKernel, extent: float) -> tuple[Half, Array]:
    """The smallest odd box with sides of at least ``extent`` [mm], and its octant of energies."""
    if not 0 < extent < np.inf:
        raise InputError(f"the extent of the file is {extent} mm; it must be above 0. Give the side of its box in mm.")
    z, y, x = (max(0, int(np.ceil((extent / side - 1) / 2 - 1e-9))) for side in made.sides)
    if max(z, y, x) > MOST // 2:
        most = MOST * min(made.sides)
        raise InputError(
            f"an extent of {extent:g} mm needs {2 * max(z, y, x) + 1} voxels a side, {MOST} are allowed. "
            f"Ask for at most {most:g} mm."
        )
    return (z, y, x), _octant(made, (z, y, x))


def _box(made: VoxelKernel) -> tuple[Half, Array]:
    """The smallest odd box, as long in mm along each axis as voxels allow, that holds SHARE of the energy, and its octant."""
    radial = made.radial
    within = radial.charged + radial.photons
    reach = float(radial.r[np.searchsorted(within, SHARE * within[-1])]) * u.cm / made.density
    steps = min(MOST // 2, int(reach / min(made.sides)) + 2)
    # Half a side of the box is (m + 1/2) of the shortest voxel side; halves[m] are the voxels that cover it.
    width = (np.arange(steps + 1) + 0.5) * min(made.sides)
    halves = [np.ceil(width / side - 0.5 - 1e-9).astype(int) for side in made.sides]
    z, y, x = (int(half[-1]) for half in halves)
    energy = _octant(made, (z, y, x))
    enters = [np.searchsorted(half, np.arange(half[-1] + 1)) for half in halves]
    step = np.maximum(np.maximum(enters[0][:, None, None], enters[1][:, None]), enters[2])
    held = np.cumsum(np.bincount(step.reshape(-1), (energy * mirror_images((z, y, x))).reshape(-1), steps + 1))
    m = min(steps, int(np.searchsorted(held, SHARE * made.energy_per_decay)))
    z, y, x = (int(half[m]) for half in halves)
    return (z, y, x), energy[: z + 1, : y + 1, : x + 1]
