"""How often a PET scanner sees both photons: solid angle of a cylinder and efficiency of its crystals."""

import math
from functools import cache

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.systems.crystal import kept, stopped
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.nuclides import chain, load_nuclide

Array = npt.NDArray[np.float64]

ANNIHILATION = 0.51099895  # MeV
# Taken where the numbers of crystals or their sides are not published: shipped scanners for which they are lie from 0.86 to 0.92.
USUAL_PACKING = 0.90
# Median of published over expected sensitivity of the shipped scanners; taken where none is published.
USUAL_COUNTED = 0.67
# Taken where no window is published [keV].
USUAL_THRESHOLD = 430.0
_AZIMUTHS = 72
_NODES = 24
_PLANES = 400


def packing(scanner: PetScanner) -> tuple[float, bool]:
    """Share of the cylinder's face that is crystal [1], and whether it follows from the file rather than being usual.

    p = N_rings a_axial / L * N_crystals a_transaxial / (pi D)
    """
    across, along, _ = scanner.crystal
    if across is None or along is None or scanner.ring_pitch is None or scanner.crystal_pitch is None:
        return USUAL_PACKING, False
    return min(1.0, along / scanner.ring_pitch) * min(1.0, across / scanner.crystal_pitch), True


def photon_efficiency(scanner: PetScanner, cosine: npt.ArrayLike) -> Array:
    """Share of the photons of 511 keV onto the cylinder that are counted, by direction [1].

        eps(theta) = p (1 - exp(-mu d / sin theta)) k

    with p of :func:`packing`, d the depth of the crystals, theta the angle to the axis and k the share whose energy
    stays above the lower threshold (:func:`hevesy.imaging.systems.crystal.kept`).

    Parameters
    ----------
    cosine : array, any shape           cos theta [1].

    Neglected: photons that pass from a gap into the side of a crystal, oblique ways across the ring, escape at the two
    ends, multiple use of a photon.
    """
    share, _ = packing(scanner)
    depth = scanner.crystal[2]
    sine = np.sqrt(np.clip(1 - np.square(np.asarray(cosine, dtype=np.float64)), 1e-12, None))
    threshold = USUAL_THRESHOLD if scanner.energy_window is None else scanner.energy_window.lower
    per_mm = -math.log1p(-stopped(scanner.crystal_material, 1.0, ANNIHILATION))
    above = _kept(scanner.crystal_material, depth, threshold / 1000)
    return np.asarray(-np.expm1(-per_mm * depth / sine) * above * share)


def limits(scanner: PetScanner, z: npt.ArrayLike, offset: float) -> Array:
    """Greatest cos theta at which both photons meet crystals, by point, azimuth and sense of the axis [1].

        t <= (L/2 - z) / a_1      t <= (L/2 + z) / a_2      t <= M / (a_1 + a_2)      t = cot theta

    a_1 and a_2 are the ways across the cylinder to its face, M the greatest axial span in coincidence.

    Parameters
    ----------
    z : array, shape (n,)               From the middle of the scanner [mm].
    offset : float                      From its axis [mm].

    Returns
    -------
    array, shape (n, azimuths, 2)
    """
    R, half = scanner.radius, scanner.axial_length / 2
    if not 0 <= offset < R:
        raise InputError(f"scanner {scanner.name}: a point {offset} mm off the axis; allowed is 0 to {R:g} mm. Move it inside.")
    at = np.atleast_1d(np.asarray(z, dtype=np.float64))[:, None]
    phi = (np.arange(_AZIMUTHS) + 0.5) * (math.pi / _AZIMUTHS)
    chord = np.sqrt(R**2 - (offset * np.sin(phi)) ** 2)
    first, second = chord - offset * np.cos(phi), chord + offset * np.cos(phi)
    span = (scanner.max_axial_span or math.inf) / (first + second)
    senses = [np.minimum((half - s * at) / first, (half + s * at) / second) for s in (1, -1)]
    t = np.clip(np.stack([np.minimum(sense, span) for sense in senses], axis=-1), 0, None)
    return np.asarray(t / np.sqrt(1 + t**2))


def geometric_share(scanner: PetScanner, z: npt.ArrayLike, *, offset: float = 0.0) -> Array:
    """Share of the pairs of a point that both meet the cylinder [1], whatever is counted of them.

        Omega / 4 pi = < cos theta_max >  over azimuth;     on the axis  h / sqrt(h^2 + R^2),   h = L/2 - |z|

    Parameters
    ----------
    z : array, shape (n,)               From the middle of the scanner [mm].
    offset : float                      From its axis [mm].

    Neglected: that the two photons are not quite opposite. Reference: the solid angle of a cylinder; Cherry,
    Sorenson, Phelps, Physics in Nuclear Medicine, 4th ed., section 18.C.
    """
    return np.asarray(limits(scanner, z, offset).mean(axis=(1, 2)))


def pair_share(scanner: PetScanner, z: npt.ArrayLike, *, offset: float = 0.0) -> Array:
    """Share of the pairs of a point in air that are counted [1].

        eta(z) = < integral from 0 to cos theta_max of eps(c)^2 dc >  over azimuth

    Parameters, neglect: as for :func:`geometric_share` and :func:`photon_efficiency`.
    """
    most = limits(scanner, z, offset)
    x, w = np.polynomial.legendre.leggauss(_NODES)
    c = 0.5 * (x + 1) * most[..., None]
    return np.asarray(((photon_efficiency(scanner, c) ** 2) @ w * 0.5 * most).mean(axis=(1, 2)))


def line_sensitivity(
    scanner: PetScanner, *, length: float | None = None, offset: float = 0.0, geometric: bool = False, nuclide: str = "F-18"
) -> float:
    """Sensitivity by NEMA NU 2 of a line source in air, as geometry and crystals give it [counts/(Bq s)].

        S = Y / l * integral from -l/2 to l/2 of eta(z) dz

    Parameters
    ----------
    length : float                      l; that of the published figure, 700 mm, where not given [mm].
    offset : float                      Of the line from the axis [mm].
    geometric : bool                    Of a scanner that counts each pair onto its cylinder.
    nuclide : str                       Y is its positron yield.

    Neglected: range of the positrons, dead time, and all that :func:`pair_share` does.
    """
    whole = scanner.sensitivity_line if length is None else length
    seen = min(whole, scanner.axial_length)
    step = seen / _PLANES
    z = (np.arange(_PLANES) + 0.5) * step - seen / 2
    share = (geometric_share if geometric else pair_share)(scanner, z, offset=offset)
    return _positrons(nuclide) * float(share.sum()) * step / whole


def counted_share(scanner: PetScanner) -> tuple[float, bool]:
    """Published over expected sensitivity on the axis [1], and whether it was published; otherwise what is usual.

    A model that is to count as the scanner does multiplies its pairs by it: covers, edges of blocks, electronics.
    """
    if scanner.sensitivity_centre is None:
        return USUAL_COUNTED, False
    return scanner.sensitivity_centre / line_sensitivity(scanner), True


@cache
def _positrons(nuclide: str) -> float:
    # From the lines alone: the spectra that `radiations` refines beside them take longer than all else here.
    photons = math.fsum(
        member.decays_per_parent_decay * line.per_decay
        for member in chain(nuclide)
        if member.counted
        for line in load_nuclide(member.name).emissions
        if line.kind == "annihilation"
    )
    return photons / 2


@cache
def _kept(material: str, depth: float, threshold: float) -> float:
    return kept(material, depth, ANNIHILATION, least=threshold)
