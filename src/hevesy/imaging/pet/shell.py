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
Floats = npt.NDArray[np.float32]
Origins = Callable[[np.random.Generator, int], tuple[Array, Array]]

# Taken where a scanner's file does not say which crystals are read as one.
USUAL_BLOCK = (8, 8)
# The shields at the ends reach this far inside the crystals [mm]: bores are 20 to 30 mm narrower than the rings.
SHIELD = 20.0
# Plastic before the crystals, which no paper gives: 5 mm, in mean free paths at 511 keV.
COVER = 0.05
# FWHM of the angle by which the photons of a pair are not opposite, in water [rad]; Moses 2011: 0.0044 R on the axis.
ACOLLINEARITY = 2 * 0.0044
# Share of the annihilations of which both photons are followed whatever becomes of the first, for the singles.
FOR_SINGLES = 0.2
BATCH = 500_000
# The random numbers of the reading of energies; a batch of annihilations never has this number.
READING = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Crystals of a scanner as boxes that point to its axis, with the gaps between them.

    Attributes
    ----------
    radius, depth, length : float       Of the ring of crystals [mm].
    per_ring, rings : int
    crystal : (transaxial, axial)       Sides [mm].
    block : (transaxial, axial)         Crystals of which one place is read.
    unit : (transaxial, axial)          Crystals of which one energy is read; whole blocks.
    material : str
    window : (low, high)                [MeV].
    energy_fwhm : float                 At 511 keV, over the energy [1]; it grows as the root of the energy.
    span : float                        Largest axial distance of a coincidence [mm].
    cover : float                       Of the bore, at right angles [mean free paths at 511 keV].
    """

    radius: float
    depth: float
    length: float
    per_ring: int
    rings: int
    crystal: tuple[float, float]
    block: tuple[int, int]
    unit: tuple[int, int]
    material: str
    window: tuple[float, float]
    energy_fwhm: float
    span: float
    cover: float = COVER

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
class Deposits:
    """What the photons of a source leave in blocks, before any window.

    Attributes
    ----------
    pairs : array, shape (n, 7)         Place about the ring and ring of the centre of the energy [crystals] and energy [MeV]
                                        of the unit in which the first photon left most, the same of the second, scatters of
                                        both in the phantom.
    singles : array, shape (m, 3)       Place, ring and energy of every unit in which photons left some, of a part of the
                                        annihilations.
    annihilations, for_singles : int    All, and that part.
    """

    pairs: Floats
    singles: Floats
    annihilations: int
    for_singles: int


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
        unit=scanner.unit or scanner.block or USUAL_BLOCK,
        material=scanner.crystal_material,
        window=(scanner.energy_window.lower / 1000, scanner.energy_window.upper / 1000),
        energy_fwhm=energy_fwhm,
        span=min(scanner.max_axial_span or scanner.axial_length, scanner.axial_length),
    )


def deposits(
    shell: Shell,
    origins: Origins,
    number: int,
    *,
    seed: int,
    least: float,
    body: tuple[float, float, float] | None = None,
    bent: bool = False,
) -> Deposits:
    """Play annihilations and keep what both photons leave in blocks.

    Parameters
    ----------
    origins : function              Of a generator and a number n: places and directions, shape (n, 3) each [mm].
    number : int                    Of annihilations.
    least : float                   Energy in a unit below which nothing is kept [MeV].
    body : (radius, length, mu)     Cylinder about the axis that scatters [mm, mm, 1/mm at 511 keV]; None: air.
    bent : bool                     Photons not quite opposite; matters for resolution only.

    A photon interacts in a crystal by photoelectric effect or Compton scattering and may go on into others. Each unit gives the
    sum of the energies, and their centre in the block with most of it.

    Neglected: coherent scattering, binding of electrons, X-rays that leave a crystal, light that leaves a block, photons that
    come back across the ring, couch, shields that scatter, more than one scatter in the cover. Klein, Nishina, Z Phys
    1929;52:853.
    """
    from hevesy.imaging.pet._kernels import shell as loops
    from hevesy.transport._kernels.chance import words

    constants, (mu, photo) = _constants(shell, body, bent=bent, least=least), _tables(shell.material)
    pairs: list[Floats] = [np.empty((0, 7), np.float32)]
    singles: list[Floats] = [np.empty((0, 3), np.float32)]
    counted = 0
    for batch, size in enumerate(_sizes(number)):
        rng = stream(seed, batch)
        places, directions = origins(rng, size)
        both = math.ceil(size * FOR_SINGLES)
        events, single = np.zeros((size, 7), np.float32), np.empty((8 * both, 3), np.float32)
        kept, seen = loops.play(places, directions, constants, mu, photo, both, words(rng), events, single)
        pairs.append(events[:kept].copy())
        singles.append(single[:seen].copy())
        counted += both
    return Deposits(pairs=np.concatenate(pairs), singles=np.concatenate(singles), annihilations=number, for_singles=counted)


def coincident(
    shell: Shell,
    origins: Origins,
    number: int,
    *,
    seed: int,
    body: tuple[float, float, float] | None = None,
    bent: bool = False,
) -> Pairs:
    """Play annihilations as :func:`deposits` does, and keep the pairs of crystals of which both count in the energy window.

    The unit with most of a photon's energy is read: its energy is blurred, and the crystal at the centre is named. At low
    activity; what more of it does: :mod:`hevesy.imaging.pet.pile_up`.
    """
    # below it nothing comes into the window
    least = max(0.01, shell.window[0] - 6 * float(blur(shell, np.asarray(shell.window[0]))))
    played = deposits(shell, origins, number, seed=seed, least=least, body=body, bent=bent)
    rng = stream(seed, READING)
    pairs, singles = played.pairs, played.singles
    counts = [in_window(shell, pairs[:, side], rng.standard_normal(len(pairs))) for side in (2, 5)]
    crystals = nearest(shell, pairs[counts[0] & counts[1]])
    ring = nearest(shell, singles[in_window(shell, singles[:, 2], rng.standard_normal(len(singles)))])[:, 1]
    return Pairs(
        crystals=crystals[apart(shell, crystals)],
        scatters=pairs[counts[0] & counts[1], 6].astype(np.int32)[apart(shell, crystals)],
        singles=np.bincount(ring, minlength=shell.rings) / played.for_singles,
        annihilations=number,
    )


def blur(shell: Shell, energy: npt.NDArray[Any]) -> Array:
    """Standard deviation of a measured energy [MeV]; it grows as the root of the energy."""
    return np.asarray(shell.energy_fwhm / FWHM * np.sqrt(ANNIHILATION * energy), np.float64)


def in_window(shell: Shell, energy: npt.NDArray[Any], chance: Array) -> npt.NDArray[np.bool_]:
    """Whether energies [MeV], blurred by standard normal numbers ``chance``, lie in the window."""
    measured = energy + blur(shell, energy) * chance
    return np.asarray((measured >= shell.window[0]) & (measured <= shell.window[1]))


def nearest(shell: Shell, read: npt.NDArray[Any]) -> Ints:
    """Crystals at centres of energy: the columns place, ring (, energy, place, ring) as (n, 2) or (n, 4)."""
    columns = [0, 1, 3, 4] if read.shape[1] > 3 else [0, 1]
    crystals = np.floor(read[:, columns] + 0.5).astype(np.int32)
    crystals[:, ::2] %= shell.per_ring
    return crystals


def apart(shell: Shell, crystals: Ints) -> npt.NDArray[np.bool_]:
    """Whether two crystals lie within the accepted axial distance."""
    return np.asarray(np.abs(crystals[:, 1] - crystals[:, 3]) * shell.pitch <= shell.span)


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


def _constants(shell: Shell, body: tuple[float, float, float] | None, *, bent: bool, least: float) -> Array:
    radius, length, mu = body or (1.0, 2.0, 0.0)
    return np.array([
        shell.radius, shell.depth, shell.length / 2, shell.per_ring, shell.rings, *shell.crystal, *shell.block, *shell.unit,
        radius, length / 2, mu, shell.radius - SHIELD, ACOLLINEARITY / FWHM if bent else 0.0, least, shell.cover,
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
