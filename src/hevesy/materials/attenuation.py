"""Photon cross sections of materials."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.errors import ScopeError
from hevesy.materials.composition import Material
from hevesy.materials.elements import atomic_weight
from hevesy.materials.energies import checked_energy, read_only
from hevesy.materials.splines import Piecewise, cubic_spline
from hevesy.tables import load_table

Array = npt.NDArray[np.float64]

TABLE = "photon_cross_sections"

# Avogadro's number times 1 b in cm2 [mol cm2 / (g b) for A in g/mol], and the thresholds 2 m c2 and 4 m c2 [MeV].
_AVOGADRO_BARN = 0.602214076
PAIR_THRESHOLD = 1.02199790
TRIPLET_THRESHOLD = 2.04399580

# The two rows of an absorption edge lie 0.1 eV apart.
_EDGE_WIDTH = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhotonCrossSections:
    """Photon cross sections of one material, per mass.

    Attributes
    ----------
    energy : array                  [MeV].
    coherent : array                Rayleigh scattering [cm2/g].
    incoherent : array              Compton scattering from bound electrons [cm2/g].
    photoelectric : array           [cm2/g].
    pair : array                    Pair production in the field of the nucleus [cm2/g].
    triplet : array                 Pair production in the field of an electron [cm2/g].
    """

    energy: Array
    coherent: Array
    incoherent: Array
    photoelectric: Array
    pair: Array
    triplet: Array

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, read_only(getattr(self, field.name)))

    @property
    def total(self) -> Array:
        """Mass attenuation coefficient mu/rho with coherent scattering [cm2/g]."""
        return self.coherent + self.incoherent + self.photoelectric + self.pair + self.triplet


def photon_cross_sections(material: Material, energy: npt.ArrayLike) -> PhotonCrossSections:
    """Cross sections per mass of ``material``, by mixture of its elements.

        mu/rho = sum_Z w_Z N_A sigma_Z(E) / A_Z

    Parameters
    ----------
    material : Material         From :func:`load_material` or made by hand.
    energy : array, any shape   Photon energy [MeV], 1 keV to 100 MeV.

    The element's cross sections are those of XCOM (NIST SRD 8): splines of ln sigma in ln E, for the photoelectric
    effect between absorption edges, and for pairs of sigma / (1 - threshold/E)^3, which is smooth at the threshold.

    Neglected: molecular and solid-state structure (coherent scattering below 10 keV and at small angles),
    the fine structure above edges, the nuclear photoeffect (above 8 MeV; a few per cent around 20 MeV).

    Raises
    ------
    ScopeError
        An energy lies outside the table, or an element is not in it.
    """
    E = checked_energy(energy, f"photons in {material.name}")
    log_E = np.log(E).reshape(-1)
    sums = np.zeros((5, log_E.size))
    for Z, fraction in material.composition:
        sums += (fraction * _AVOGADRO_BARN / atomic_weight(Z)) * _element_barns(Z)(log_E)
    coherent, incoherent, photoelectric, pair, triplet = sums.reshape(5, *E.shape)
    return PhotonCrossSections(
        energy=E, coherent=coherent, incoherent=incoherent, photoelectric=photoelectric, pair=pair, triplet=triplet
    )


def photoelectric_jump(Z: int) -> float:
    """Share of the K shell in the photoelectric effect just above the K edge of element ``Z`` [1]; 0 below sodium."""
    rows = _rows(Z)
    edges = _edges(rows)
    if not edges.size:
        return 0.0
    last = int(edges[-1])
    return float(1 - rows[last, 3] / rows[last + 1, 3])


@cache
def _tables() -> dict[int, Array]:
    columns: dict[int, list[list[float]]] = {}
    for row in load_table("hevesy.materials", TABLE).rows:
        values = [float(value) for value in row.values()]
        columns.setdefault(int(values[0]), []).append(values[1:])
    return {Z: read_only(rows) for Z, rows in columns.items()}


def _rows(Z: int) -> Array:
    """Energy [MeV], then coherent, incoherent, photoelectric, pair, triplet [b] of one element, a row an energy."""
    tables = _tables()
    if Z not in tables:
        known = ", ".join(str(known) for known in tables)
        raise ScopeError(
            f"element {Z} has no shipped photon cross sections. Known are Z = {known}. Replace it in the composition."
        )
    return tables[Z]


def _edges(rows: Array) -> npt.NDArray[np.intp]:
    """Indices of the rows just below an absorption edge."""
    E, photoelectric = rows[:, 0], rows[:, 3]
    return np.flatnonzero((np.diff(photoelectric) > 0) & (np.diff(E) < _EDGE_WIDTH * E[:-1]))


@cache
def _element_barns(Z: int) -> Callable[[Array], Array]:
    """The five cross sections [b] of one element as a function of ln E, shape (5, energies)."""
    rows = _rows(Z)
    log_E = np.log(rows[:, 0])
    # Two scattering values at one edge are equal as printed: kept both, they would bend the spline.
    apart = np.setdiff1d(np.arange(len(rows)), _edges(rows))
    scattering = cubic_spline(log_E[apart], np.log(rows[apart, 1:3]))
    photoelectric = _between_edges(log_E, np.log(rows[:, 3]), _edges(rows))
    pairs = [_above_threshold(rows[:, 0], rows[:, 4 + i], t) for i, t in enumerate((PAIR_THRESHOLD, TRIPLET_THRESHOLD))]

    def barns(log_energy: Array) -> Array:
        found = np.empty((5, log_energy.size))
        found[:2] = np.exp(scattering(log_energy)).T
        found[2] = np.exp(photoelectric(log_energy))
        for i, pair in enumerate(pairs):
            found[3 + i] = pair(log_energy)
        return found

    return barns


def _between_edges(x: Array, y: Array, edges: npt.NDArray[np.intp]) -> Callable[[Array], Array]:
    """A spline through each run of points between edges; straight where a run has fewer than four points."""
    coefficients: list[Array] = []
    starts = [0, *(int(edge) + 1 for edge in edges)]
    for start, stop in zip(starts, [*starts[1:], len(x)], strict=True):
        if coefficients:  # the step of 0.1 eV at the edge itself
            coefficients.append(_straight(x[start - 1 : start + 1], y[start - 1 : start + 1]))
        run = slice(start, stop)
        if stop - start >= 4:
            coefficients.append(cubic_spline(x[run], y[run]).coefficients)
        elif stop - start > 1:
            coefficients.append(_straight(x[run], y[run]))
    return Piecewise(knots=x, coefficients=np.concatenate(coefficients, axis=1))


def _straight(x: Array, y: Array) -> Array:
    slope = np.diff(y) / np.diff(x)
    return np.stack([np.zeros_like(slope), np.zeros_like(slope), slope, y[:-1]])


def _above_threshold(E: Array, barns: Array, threshold: float) -> Callable[[Array], Array]:
    above = barns > 0
    reduced = cubic_spline(np.log(E[above]), np.log(barns[above] / (1 - threshold / E[above]) ** 3))
    log_threshold = float(np.log(threshold))

    def pair(log_energy: Array) -> Array:
        found = np.zeros_like(log_energy)
        open_ = log_energy > log_threshold
        x = log_energy[open_]
        # From the threshold to the first point the reduced value keeps that point's: it hardly varies there.
        found[open_] = np.exp(reduced(np.maximum(x, reduced.knots[0]))) * (1 - threshold * np.exp(-x)) ** 3
        return found

    return pair
