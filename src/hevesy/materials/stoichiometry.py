"""Materials of the voxels of a CT or of a density map."""

from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.materials.composition import Material, load_material, mean_excitation_energy
from hevesy.materials.elements import elements
from hevesy.materials.hounsfield import density_from_hounsfield
from hevesy.tables import load_table

Index = npt.NDArray[np.uint8]

TABLE = "tissue_scheme"

# Limits between lung, soft tissue and bone where only the density is known [g/ml].
LUNG_BELOW = 0.6
BONE_ABOVE = 1.2

# The publication's last bin ends here [HU].
_LAST = 1600.0
_LUNG_BIN = 1
_CHUNK = 1 << 18


def tissue_from_hounsfield(hounsfield: npt.ArrayLike) -> Index:
    """Material of each voxel from its CT number, by the stoichiometric scheme of Schneider et al.

    Parameters
    ----------
    hounsfield : array of any shape     CT numbers [HU].

    Returns
    -------
    array of the same shape, uint8      Index into :func:`tissue_scheme`.

    A bin begins at its first CT number and ends before that of the next. Neglected: contrast medium and metal, which
    the scheme takes for bone; above 1600 HU the last bin goes on (see :func:`hounsfield_remarks`).

    Reference: W. Schneider, T. Bortfeld, W. Schlegel, Phys. Med. Biol. 45 (2000) 459, table 6.
    """
    H = np.asarray(hounsfield)
    edges = np.array([float(row["from_HU"]) for row in load_table("hevesy.materials", TABLE).rows][1:])
    return _binned(H, edges, "a CT number is not finite. Rescale the CT again or mask what is not patient.")


@cache
def tissue_scheme() -> tuple[Material, ...]:
    """The materials of Schneider's scheme: air, lung, fat to soft tissue in four up to 7 HU and three up to 119 HU, 15 of bone.

    Compositions are those published; the mean excitation energy follows by Bragg additivity; the density is that
    of the density relation in the middle of the bin, for the density effect only. Lung takes 1.05 g/ml, the
    tissue without its air.
    """
    table = load_table("hevesy.materials", TABLE)
    starts = [float(row["from_HU"]) for row in table.rows]
    # The first bin is air: its density is that at -1000 HU.
    middles = [-1000.0, *((a + b) / 2 for a, b in zip(starts[1:], [*starts[2:], _LAST], strict=True))]
    densities = density_from_hounsfield(np.array(middles))
    densities[_LUNG_BIN] = load_material("lung").density
    return tuple(
        _material(i, row, float(density), source=table.certificate.source)
        for i, (row, density) in enumerate(zip(table.rows, densities, strict=True))
    )


def materials_from_density(density: npt.ArrayLike) -> tuple[Index, tuple[Material, Material, Material]]:
    """Lung, soft tissue or bone for each voxel where only its density is known.

        lung below 0.6 g/ml <= soft tissue <= 1.2 g/ml < bone

    Parameters
    ----------
    density : array of any shape        [g/ml], at least 0.

    Returns
    -------
    array of the same shape, uint8      Index into the materials.
    tuple of Material                   Lung, soft tissue and cortical bone of ICRP, as in ESTAR.

    Air, below some 0.05 g/ml, is given the composition of lung: in a voxel of air photons are then absorbed 10 % too
    much per mass, which moves no other voxel. Spongy bone up to 1.2 g/ml is taken for soft tissue and denser one for
    cortical: where a CT is at hand, :func:`tissue_from_hounsfield` knows better.
    """
    rho = np.asarray(density)
    if rho.size and not np.min(rho) >= 0:  # also where it is not a number
        raise InputError(f"density goes down to {np.min(rho)} g/ml; it must be a number of at least 0. Mask what is not patient.")
    # A voxel at the upper limit itself is still soft tissue.
    edges = np.array([LUNG_BELOW, np.nextafter(rho.dtype.type(BONE_ABOVE) if rho.dtype.kind == "f" else BONE_ABOVE, np.inf)])
    index = _binned(rho, edges, "a density is not finite. Mask what is not patient.")
    return index, (load_material("lung"), load_material("soft"), load_material("bone"))


def _binned(image: npt.NDArray[np.generic], edges: npt.NDArray[np.float64], message: str) -> Index:
    index = np.empty(image.shape, dtype=np.uint8)
    flat_in, flat_out = image.reshape(-1), index.reshape(-1)
    dtype = np.float32 if image.dtype in (np.float32, np.float16, np.int16, np.uint16, np.int8, np.uint8) else np.float64
    limits = edges.astype(dtype)
    for start in range(0, flat_in.size, _CHUNK):
        part = flat_in[start : start + _CHUNK].astype(dtype, copy=False)
        if not np.all(np.isfinite(part)):
            raise InputError(message)
        flat_out[start : start + _CHUNK] = np.searchsorted(limits, part, side="right")
    return index


def _material(number: int, row: dict[str, str], density: float, *, source: str) -> Material:
    symbols = {atom.symbol: Z for Z, atom in elements().items()}
    percent = {symbols[name.removesuffix("_percent")]: float(value) for name, value in row.items() if name != "from_HU"}
    total = sum(percent.values())
    composition = tuple((Z, value / total) for Z, value in sorted(percent.items()) if value > 0)
    first = f"tissue from {row['from_HU']} HU" if number else "air below -950 HU"
    return Material(
        name=f"schneider {number}",
        title=first,
        density=density,
        mean_excitation_energy=mean_excitation_energy(composition),
        composition=composition,
        source=source,
    )
