"""The detector as a cylinder: which lines it sees, and how many pairs of photons reach it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.imaging.systems.pet_scanner import PetScanner

Array = npt.NDArray[np.float64]

ANNIHILATION = 0.51099895  # MeV
POSITRONS_F18 = 0.967  # a decay of F-18; ICRP Publication 107 (2008)

# Twelve nodes integrate exp(-L / cos d) over the tilts of any scanner to 1e-6.
_NODES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Cylinder:
    """A closed cylinder of crystals.

    Attributes
    ----------
    diameter : float        Between the faces of opposite crystals [mm].
    length : float          Along the axis [mm].
    acceptance : float      Largest axial distance of two crystals in coincidence [mm]; the length where all are taken.
    stopping : float        Attenuation coefficient of the crystal times its depth [1], for the gain of oblique entry.
    """

    diameter: float
    length: float
    acceptance: float
    stopping: float = 1.7

    def __post_init__(self) -> None:
        if not 20 <= self.diameter <= 2000:
            raise InputError(f"the ring's diameter is {self.diameter} mm; 20 to 2000 mm is meant. Give mm.")
        if not 5 <= self.length <= 3000:
            raise InputError(f"the axial length is {self.length} mm; 5 to 3000 mm is meant. Give mm.")
        if not 0 < self.acceptance <= self.length:
            raise InputError(
                f"the axial acceptance is {self.acceptance} mm; it is above 0 and at most the length, {self.length} mm."
            )

    def most_tilt(self, s: npt.ArrayLike, z: npt.ArrayLike) -> Array:
        """Largest angle of a line at distance ``s`` from the axis through ``z`` to the transaxial plane [rad].

        tan d = min(H/2 - |z|, acceptance/2) / sqrt(R^2 - s^2), 0 outside. Exact for the middle of the chord.
        """
        s, z = np.asarray(s, float), np.asarray(z, float)
        half = np.sqrt(np.maximum((self.diameter / 2) ** 2 - s**2, 1e-9))
        room = np.minimum(np.maximum(self.length / 2 - np.abs(z), 0), self.acceptance / 2)
        return np.asarray(np.arctan2(room, half))

    def seen(self, s: npt.ArrayLike, z: npt.ArrayLike, path: npt.ArrayLike = 0.0) -> Array:
        """Share of the photon pairs that reach the crystals unattenuated, weighted by `pair_share` at the largest tilt.

        Parameters
        ----------
        s, z : arrays           Distance of the line from the axis, and axial position [mm]; broadcast together.
        path : array            mu times length through the body in the transaxial plane, L [1].

        Returns
        -------
        array                   [1]; sin d_max without attenuation and with crystals that stop all.
        """
        return pair_share(self.most_tilt(s, z), path, self.stopping)


def pair_share(d: npt.ArrayLike, path: npt.ArrayLike, stopping: float) -> Array:
    """Share of isotropic photon pairs within the tilt ``d`` that leave the body, as seen by crystals of one depth.

        g(d, L) = int_0^d  exp(-L / cos u) [(1 - exp(-k / cos u)) / (1 - exp(-k))]^2  cos u  du

    Parameters
    ----------
    d : array               Largest tilt to the transaxial plane [rad].
    path : array            L, mu times length in the transaxial plane [1]; broadcasts with ``d``.
    stopping : float        k, attenuation coefficient of the crystal times its depth [1].

    Neglected: that off the middle of the chord the largest tilt is another one, and that the body may change along
    oblique lines. Derived from the solid angle: directions are even in sin u.
    """
    d, L = np.broadcast_arrays(np.asarray(d, float), np.asarray(path, float))
    total = np.zeros(d.shape)
    x, w = np.polynomial.legendre.leggauss(_NODES)
    for node, weight in zip((x + 1) / 2, w / 2, strict=True):
        cosine = np.cos(node * d)
        stopped = (1 - np.exp(-stopping / cosine)) / (1 - np.exp(-stopping))
        total += weight * d * cosine * stopped**2 * np.exp(-L / cosine)
    return total


def pair_share_table(d: Array, path: Array, stopping: float) -> Array:
    """`pair_share` for millions of lines: linear in a table of ln(g / d), within 2e-4."""
    from scipy.ndimage import map_coordinates

    top_d, top_L = float(d.max()) + 1e-6, float(path.max()) + 1e-6
    nodes_d, nodes_L = np.linspace(1e-4, top_d + 2e-4, 65), np.linspace(0, top_L, 65)
    table = np.log(pair_share(nodes_d[:, None], nodes_L, stopping) / nodes_d[:, None]).astype(np.float32)
    places = np.stack(np.broadcast_arrays((d - 1e-4) / (nodes_d[1] - nodes_d[0]), path / (nodes_L[1] - nodes_L[0])))
    return np.asarray(d * np.exp(map_coordinates(table, places.astype(np.float32), order=1, mode="nearest")))


def from_scanner(scanner: PetScanner) -> Cylinder:
    """The cylinder of a scanner: its crystals stop as their material does at 511 keV."""
    from hevesy.imaging.systems.crystal import attenuation

    return Cylinder(
        diameter=scanner.ring_diameter,
        length=scanner.axial_length,
        acceptance=min(scanner.max_axial_span or scanner.axial_length, scanner.axial_length),
        stopping=attenuation(scanner.crystal_material, ANNIHILATION) * scanner.crystal[2],
    )


def line_source_share(cylinder: Cylinder, line: float, s: float = 0.0) -> float:
    """Mean of `Cylinder.seen` over a line source parallel to the axis, of length ``line`` [mm], at distance ``s`` [mm]."""
    z = (np.arange(2000) + 0.5) / 2000 * line - line / 2
    inside = np.abs(z) < cylinder.length / 2
    return float(np.where(inside, cylinder.seen(s, z), 0).mean())


def pair_efficiency(scanner: PetScanner) -> float:
    """Share of the pairs that meet the crystals at normal entry and are counted [1], from the NEMA sensitivity.

        eps^2 = S / (Y < g(0, z, 0) >_line)

    with S the sensitivity on the axis [counts/(Bq s)], Y the positrons of F-18 a decay and g the geometric share. It holds
    what geometry does not: crystals that stop nothing, gaps, energy window.
    """
    if scanner.sensitivity_centre is None:
        raise ScopeError(
            f"scanner {scanner.name} has no published NEMA sensitivity; counts cannot be predicted. "
            "Give sensitivity_centre in your own file of the scanner."
        )
    share = line_source_share(from_scanner(scanner), scanner.sensitivity_line)
    efficiency = scanner.sensitivity_centre / (POSITRONS_F18 * share)
    if not efficiency <= 1:
        raise DataError(
            f"scanner {scanner.name}: a sensitivity of {scanner.sensitivity_centre:g} counts/(Bq s) would need crystals that "
            f"count {efficiency:.2f} of the pairs; at most 1 is possible. Check its length, diameter and sensitivity."
        )
    return efficiency
