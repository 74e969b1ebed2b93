"""A scanner as single crystals in blocks: annihilations in, pairs of crystals out, as its energy window takes them."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.pet.cylinder import ANNIHILATION
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.systems.coincidence import USUAL_PACKING
from hevesy.imaging.systems.crystal import attenuation, interactions
from hevesy.imaging.systems.pet_scanner import PetScanner
from hevesy.rng import stream

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Origins = Callable[[np.random.Generator, int], tuple[Array, Array]]

# Taken where a scanner's file does not say which crystals are read as one.
USUAL_BLOCK = (8, 8)
# The shields at the ends reach this far inside the crystals [mm]: bores are 20 to 30 mm narrower than the rings.
SHIELD = 20.0
# FWHM of the angle by which the photons of a pair are not opposite, in water [rad]; Moses 2011: 0.0044 R on the axis.
ACOLLINEARITY = 2 * 0.0044
# Share of the annihilations of which both photons are followed whatever becomes of the first, for the singles.
FOR_SINGLES = 0.2
BATCH = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Crystals of a scanner as boxes that point to its axis, with the gaps between them.

    Attributes
    ----------
    radius, depth, length : float       Of the ring of crystals [mm].
    per_ring, rings : int
    crystal : (transaxial, axial)       Sides [mm].
    block : (transaxial, axial)         Crystals that are read as one.
    material : str
    window : (low, high)                [MeV].
    energy_fwhm : float                 At 511 keV, over the energy [1]; it grows as the root of the energy.
    span : float                        Largest axial distance of a coincidence [mm].
    """

    radius: float
    depth: float
    length: float
    per_ring: int
    rings: int
    crystal: tuple[float, float]
    block: tuple[int, int]
    material: str
    window: tuple[float, float]
    energy_fwhm: float
    span: float

    @property
    def pitch(self) -> float:
        """Axial distance of rings [mm]."""
        return self.length / self.rings

    @property
    def mean_radius(self) -> float:
        """Where photons stop on the mean at right angles [mm], which a scanner takes as the ends of its lines."""
        mu = attenuation(self.material, ANNIHILATION)
        return self.radius + 1 / mu - self.depth / math.expm1(mu * self.depth)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """Coincidences of a source.

    Attributes
    ----------
    crystals : array, shape (n, 4)      Place about the ring and ring of the first crystal, and of the second.
    scatters : array, shape (n,)        Of both photons in the phantom.
    singles : array, shape (rings,)     Photons counted of an annihilation, by ring [1].
    annihilations : int
    """

    crystals: Ints
    scatters: Ints
    singles: Array
    annihilations: int


def shell_of(scanner: PetScanner, *, energy_fwhm: float | None = None) -> Shell:
    """The crystals of a scanner of the library; ``energy_fwhm`` where its file has no energy resolution.

    Crystals that are not known in number leave the gaps that are usual.

    Raises
    ------
    ScopeError
        The file has no energy window, no energy resolution or no sides of a crystal.
    """
    energy_fwhm = scanner.energy_resolution if energy_fwhm is None else energy_fwhm
    across, along, depth = scanner.crystal
    if scanner.energy_window is None or energy_fwhm is None or across is None or along is None:
        raise ScopeError(
            f"scanner {scanner.name} has no energy window, energy resolution or sides of a crystal; what its crystals count "
            "cannot be simulated. Give them in your own file."
        )
    if not 0.01 <= energy_fwhm <= 0.6:
        raise InputError(f"energy resolution is {energy_fwhm}; a fraction from 0.01 to 0.6 is meant (10 % is 0.1).")
    side = math.sqrt(math.sqrt(USUAL_PACKING))  # of both directions, and of each
    return Shell(
        radius=scanner.radius,
        depth=depth,
        length=scanner.axial_length,
        per_ring=scanner.crystals_per_ring or 2 * round(math.pi * scanner.ring_diameter / (across / side) / 2),
        rings=scanner.rings or round(scanner.axial_length / (along / side)),
        crystal=(across, along),
        block=scanner.block or USUAL_BLOCK,
        material=scanner.crystal_material,
        window=(scanner.energy_window.lower / 1000, scanner.energy_window.upper / 1000),
        energy_fwhm=energy_fwhm,
        span=min(scanner.max_axial_span or scanner.axial_length, scanner.axial_length),
    )


def coincident(
    shell: Shell,
    origins: Origins,
    number: int,
    *,
    seed: int,
    body: tuple[float, float, float] | None = None,
    bent: bool = False,
) -> Pairs:
    """Play annihilations and keep the pairs of crystals that count both photons.

    Parameters
    ----------
    origins : function              Of a generator and a number n: places and directions, shape (n, 3) each [mm].
    number : int                    Of annihilations.
    body : (radius, length, mu)     Cylinder about the axis that scatters [mm, mm, 1/mm at 511 keV]; None: air.
    bent : bool                     Photons not quite opposite; matters for resolution only.

    A photon interacts in a crystal by photoelectric effect or Compton scattering and may go on into others. The block with
    most energy gives the sum of its energies, blurred, and the crystal at their centre.

    Neglected: coherent scattering, binding of electrons, X-rays that leave a crystal, light that leaves a block, photons that
    come back across the ring, cover, couch, shields (which only absorb), electronics. Klein, Nishina, Z Phys 1929;52:853.
    """
    from hevesy.imaging.pet._kernels import shell as loops
    from hevesy.transport._kernels.chance import words

    constants, (mu, photo) = _constants(shell, body, bent=bent), _tables(shell.material)
    singles = np.zeros(shell.rings, np.int64)
    found, counted = [], 0
    for batch, size in enumerate(_sizes(number)):
        rng = stream(seed, batch)
        places, directions = origins(rng, size)
        events = np.zeros((size, 5), np.int32)
        both = math.ceil(size * FOR_SINGLES)
        kept = loops.play(places, directions, constants, mu, photo, both, words(rng), events, singles)
        found.append(events[:kept].copy())
        counted += both
    pairs = np.concatenate(found)
    accepted = np.abs(pairs[:, 1] - pairs[:, 3]) * shell.pitch <= shell.span
    return Pairs(
        crystals=pairs[accepted, :4],
        scatters=pairs[accepted, 4],
        singles=singles / counted,
        annihilations=number,
    )


def lines(shell: Shell, pairs: Ints) -> tuple[Array, Array, Array, Array]:
    """Lines of pairs of crystals: normal (cos, sin) of each in the transaxial plane, its distance from the axis and the axial
    position of its ends, shapes (n, 2), (n,), (n,), (n,) [mm]."""
    angle: Array = pairs[:, [0, 2]] * np.float64(2 * math.pi / shell.per_ring)
    middle, half = angle.mean(axis=1), (angle[:, 0] - angle[:, 1]) / 2
    z: Array = (pairs[:, [1, 3]] - np.float64((shell.rings - 1) / 2)) * np.float64(shell.pitch)
    return np.stack([np.cos(middle), np.sin(middle)], axis=1), shell.mean_radius * np.cos(half), z[:, 0], z[:, 1]


def isotropic(rng: np.random.Generator, number: int, *, most: float = 1.0) -> Array:
    """Directions even over the sphere, shape (n, 3); ``most`` is the largest cosine to the axis."""
    c, phi = rng.uniform(-most, most, number), rng.uniform(0, 2 * math.pi, number)
    s = np.sqrt(1 - c * c)
    return np.stack([s * np.cos(phi), s * np.sin(phi), c], axis=1)


def _sizes(number: int) -> Iterator[int]:
    for start in range(0, number, BATCH):
        yield min(BATCH, number - start)


def _constants(shell: Shell, body: tuple[float, float, float] | None, *, bent: bool) -> Array:
    radius, length, mu = body or (1.0, 2.0, 0.0)
    return np.array([
        shell.radius, shell.depth, shell.length / 2, shell.per_ring, shell.rings, *shell.crystal, *shell.block, *shell.window,
        shell.energy_fwhm * ANNIHILATION / FWHM, radius, length / 2, mu, shell.radius - SHIELD,
        ACOLLINEARITY / FWHM if bent else 0.0,
    ], dtype=np.float64)  # fmt: skip


@cache
def _tables(material: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Attenuation coefficient [1/mm] and share of the photoelectric effect [1] by energy, without coherent scattering."""
    from hevesy.imaging.pet._kernels.shell import STEP

    energies: Array = np.arange(round(0.52 / STEP), dtype=np.float64) * STEP
    energies[:3] = energies[3]
    photoelectric, compton = interactions(material, energies)
    mu, share = photoelectric + compton, photoelectric / (photoelectric + compton)
    mu.flags.writeable = share.flags.writeable = False
    return mu, share
