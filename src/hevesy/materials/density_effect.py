"""The density effect on the stopping power of electrons."""

from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError, ScopeError
from hevesy.materials.composition import Material
from hevesy.materials.elements import atomic_weight
from hevesy.tables import load_table

Array = npt.NDArray[np.float64]

TABLE = "atomic_shells"

# Plasma energy of 1 mol/ml of electrons [eV]; ICRU Report 37, chapter 4.
_PLASMA = 28.81593


def density_correction(material: Material, momentum_squared: Array) -> Array:
    """Sternheimer's density-effect correction delta of a material.

        delta = sum f_i ln(1 + l^2/l_i^2) - l^2 (1 - beta^2)
        1/(beta gamma)^2 = sum f_i / (e_i^2 + l^2),      l_i^2 = e_i^2 + 2/3 f_i

    f_i is the share of the electrons in shell i, e_i its binding energy over the plasma energy, times the one factor
    with which the l_i give back the mean excitation energy: ln(I/E_p) = sum f_i ln l_i.

    Parameters
    ----------
    material : Material
    momentum_squared : array, shape (n,)    (beta gamma)^2 = tau (tau + 2), above 0 [1].

    Returns
    -------
    array, shape (n,)                       delta [1]; 0 below its threshold.

    Reference: R.M. Sternheimer, M.J. Berger, S.M. Seltzer, At. Data Nucl. Data Tables 30 (1984) 261; ICRU Report 37.
    """
    f, e2, l2_shift = _oscillators(material)
    grid = np.logspace(-6, 12, 1801)
    # (beta gamma)^2 that belongs to each l^2: it rises with l^2, so it can be inverted by interpolation.
    Y = 1 / np.sum(f / (e2 + grid[:, None]), axis=1)
    first = 1 / float(np.sum(f / e2)) if np.all(e2 > 0) else 0.0
    l2 = np.exp(np.interp(np.log(momentum_squared), np.log(Y), np.log(grid)))
    delta = np.log1p(l2[:, None] / (e2 + l2_shift)) @ f - l2 / (momentum_squared + 1)
    return np.asarray(np.where(momentum_squared > max(first, Y[0]), delta, 0.0))


@cache
def _oscillators(material: Material) -> tuple[Array, Array, Array]:
    """f_i, e_i^2 and l_i^2 - e_i^2 of a material's shells."""
    electrons = material.electrons_per_gram
    plasma = _PLASMA * np.sqrt(material.density * electrons)
    f, energy, free = [], [], []
    for Z, fraction in material.composition:
        shells = _shells(Z)
        share = fraction * Z / atomic_weight(Z) / electrons
        f += [share * number / sum(number for number, _, _ in shells) for number, _, _ in shells]
        pure = len(material.composition) == 1
        energy += [0.0 if pure and conduction else binding for _, binding, conduction in shells]
        free += [pure and conduction for _, _, conduction in shells]
    weights = np.array(f)
    shift = np.where(free, 1.0, 2.0 / 3.0) * weights
    squares = (np.array(energy) / plasma) ** 2
    return weights, squares * _scale(weights, squares, shift, material, float(plasma)), shift


def _scale(f: Array, e2: Array, shift: Array, material: Material, plasma: float) -> float:
    """The factor on e_i^2 that gives back the mean excitation energy, by Newton's method in its logarithm."""
    goal = 2 * np.log(material.mean_excitation_energy / plasma)
    factor = 1.0
    for _ in range(50):
        l2 = factor * e2 + shift
        step = (goal - np.sum(f * np.log(l2))) / np.sum(f * factor * e2 / l2)
        factor *= float(np.exp(np.clip(step, -2.0, 2.0)))
        if abs(step) < 1e-10:
            return factor
    raise ConvergenceError(
        f"material {material.name!r}: no shells give back a mean excitation energy of {material.mean_excitation_energy:g} eV "
        f"at {material.density:g} g/ml (plasma energy {plasma:.3g} eV). Check both."
    )


@cache
def _tables() -> dict[int, tuple[tuple[float, float, bool], ...]]:
    shells: dict[int, tuple[tuple[float, float, bool], ...]] = {}
    for row in load_table("hevesy.materials", TABLE).rows:
        shell = (float(row["electrons"]), float(row["binding_eV"]), row["conduction"] == "1")
        shells[int(row["Z"])] = (*shells.get(int(row["Z"]), ()), shell)
    return shells


def _shells(Z: int) -> tuple[tuple[float, float, bool], ...]:
    """Electrons, binding energy [eV], and whether they conduct, for each shell of an element."""
    tables = _tables()
    if Z not in tables:
        known = ", ".join(str(known) for known in tables)
        raise ScopeError(f"element {Z} has no shipped shells. Known are Z = {known}. Replace it in the composition.")
    return tables[Z]
