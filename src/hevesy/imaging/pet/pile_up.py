"""What more activity does to a pair of photons: others that come while a unit of crystals integrates."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.errors import ScopeError
from hevesy.imaging.pet.shell import READING, Array, Deposits, Ints, Shell, apart, in_window, nearest
from hevesy.rng import stream

# Energy below which a unit neither starts nor is noticed [MeV].
TRIGGER = 0.05
# Decay time of the light [s], as Knoll gives it (Radiation Detection and Measurement, 4th ed. 2010, table 8.3; recalled).
SCINTILLATION = {"NaI": 230e-9, "LSO": 47e-9, "LYSO": 41e-9, "BGO": 300e-9, "GSO": 56e-9}
# Decay times after which light is gone (less than a hundredth is left), and longer than which no block can add up.
INTEGRATED = 5.0
# Further photons that are followed in each unit; of a load of 0.3 four in a thousand have more.
MOST = 2
SECTORS = 48
TURNS = np.array([(a, b) for a in range(MOST + 1) for b in range(MOST + 1)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readings:
    """Ways in which pairs of photons are counted, with up to two others in each of both units.

    Attributes
    ----------
    crystals : array, shape (n, 4)      As they are read: place and ring, twice.
    scatters : array, shape (n,)        Of the pair in the phantom.
    others : array, shape (n, 2)        Further photons in each unit.
    share : array, shape (n, 2)         Photons that each of the units sees, over the mean of all.
    """

    crystals: Ints
    scatters: Ints
    others: Ints
    share: Array

    def weights(self, load: float) -> Array:
        """How often each way comes about [1], where a unit meets ``load`` photons on the mean while it integrates once.

            w = product over both units of e^-m m^k / k! e^-m,      m = load share

        k others come within the time after the photon and add to it; within the same time before it there is none, or
        the photon would be taken for part of an earlier pulse, too early for its partner.
        """
        return np.asarray(pulses(load * self.share, self.others).prod(axis=1), np.float64)


def pulses(mean: Array, others: npt.ArrayLike) -> Array:
    """Share of the photons before which none came, and after which ``others`` do; ``mean`` in each of both times [1]."""
    k = np.asarray(others)
    factorial = np.array([math.factorial(n) for n in range(MOST + 1)])[k]
    return np.asarray(np.exp(-2 * mean) * np.power(mean, k) / factorial)


def longest_integration(material: str) -> float:
    """Time in which a scintillator has given its light, five decay times [s]; a block adds no photons up for longer."""
    if material not in SCINTILLATION:
        known = ", ".join(SCINTILLATION)
        raise ScopeError(f"how long {material} gives light is not known; piled-up pulses cannot be simulated. Known are {known}.")
    return INTEGRATED * SCINTILLATION[material]


class PileUp:
    """Pulses of a unit as sums over photons, from what single photons leave in blocks.

    A unit adds up all that comes within its integration time, and names the crystal at the centre of the energy in a block:
    photons that lay in the window leave it, others come into it, and places move. Others are taken to come at all azimuths
    alike. Neglected: what rejects piled-up pulses by their shape, lutetium's own decays.
    """

    def __init__(self, shell: Shell, played: Deposits, *, seed: int) -> None:
        self.shell, self.played = shell, played
        self.rng = stream(seed, READING)
        across, along = shell.unit
        self.rows = math.ceil(shell.rings / along)
        row = self._row(played.singles[:, 1])
        self.single = played.singles[np.argsort(row, kind="stable")].astype(np.float64)
        self.many = np.bincount(row, minlength=self.rows)
        self.first = np.concatenate([[0], np.cumsum(self.many)[:-1]])
        self.share = self.many / self.many.mean()
        self.units = self.rows * math.ceil(shell.per_ring / across)

    @property
    def photons(self) -> float:
        """Photons that a unit sees of an annihilation, mean of all [1]."""
        return len(self.played.singles) / self.played.for_singles / self.units

    def _row(self, ring: npt.NDArray[np.float32] | Array) -> npt.NDArray[np.int64]:
        return np.minimum(np.floor(ring + 0.5).astype(np.int64) // self.shell.unit[1], self.rows - 1)

    def _sums(self, read: npt.NDArray[np.float32] | Array) -> Array:
        """Place, ring and energy with 0, 1, ... others, shape (others, n, 3)."""
        across, along = self.shell.unit
        row = self._row(read[:, 1])
        start = np.floor(read[:, 0] + 0.5) // across * across, row * along
        sums = np.empty((MOST + 1, len(read), 3))
        sums[0] = read
        for k in range(1, MOST + 1):
            drawn = self.first[row] + (self.rng.random(len(read)) * self.many[row]).astype(np.int64)
            # where none was seen in a ring of units its share is 0, whatever is drawn
            other = self.single[np.minimum(drawn, len(self.single) - 1)]
            energy = sums[k - 1, :, 2] + other[:, 2]
            moved = np.stack([
                start[0] + other[:, 0] - np.floor(other[:, 0] + 0.5) // across * across,
                start[1] + other[:, 1] - self._row(other[:, 1]) * along,
            ], axis=1)  # fmt: skip
            sums[k, :, :2] = self._centre(sums[k - 1], np.column_stack([moved, other[:, 2]]))
            sums[k, :, 2] = energy
        return sums

    def _centre(self, one: Array, other: Array) -> Array:
        """Place of two in a unit: their centre of energy in one block, of two blocks that of the one with more."""
        block = [np.floor(read[:, :2] + 0.5) // self.shell.block for read in (one, other)]
        same = (block[0] == block[1]).all(axis=1)[:, None]
        a, b = one[:, 2:], other[:, 2:]
        return np.asarray(
            np.where(same, (one[:, :2] * a + other[:, :2] * b) / (a + b), np.where(a >= b, one[:, :2], other[:, :2]))
        )

    def _counted(self, sums: Array) -> npt.NDArray[np.bool_]:
        chance = np.asarray(self.rng.standard_normal(sums.shape[1]), np.float64)
        return np.stack([in_window(self.shell, one[:, 2], chance) for one in sums])

    def pairs(self) -> Readings:
        """All ways in which the pairs are counted."""
        pairs = self.played.pairs
        ends = [self._sums(pairs[:, :3]), self._sums(pairs[:, 3:6])]
        counted = [self._counted(end) for end in ends]
        crystals, scatters, others, share = [], [], [], []
        by_row = [self.share[self._row(pairs[:, column])] for column in (1, 4)]
        for a, b in TURNS:
            at = np.flatnonzero(counted[0][a] & counted[1][b])
            named = nearest(self.shell, np.hstack([ends[0][a, at], ends[1][b, at]]))
            near = apart(self.shell, named)
            at = at[near]
            crystals.append(named[near])
            scatters.append(pairs[at, 6].astype(np.int32))
            others.append(np.tile(np.array([a, b], np.int32), (at.size, 1)))
            share.append(np.stack([one[at] for one in by_row], axis=1))
        return Readings(
            crystals=np.concatenate(crystals), scatters=np.concatenate(scatters), others=np.concatenate(others),
            share=np.concatenate(share),
        )  # fmt: skip

    def singles(self, loads: Array) -> Array:
        """Photons counted of an annihilation by load and ring, shape (loads, rings) [1]."""
        sums = self._sums(self.single)
        counted, row = self._counted(sums), self._row(self.single[:, 1])
        found = np.zeros((len(loads), self.shell.rings))
        for k in range(MOST + 1):
            at = np.flatnonzero(counted[k])
            ring = nearest(self.shell, sums[k, at])[:, 1]
            for i, load in enumerate(loads):
                weight = pulses(load * self.share[row[at]], k)
                found[i] += np.bincount(ring, weights=weight, minlength=self.shell.rings)[: self.shell.rings]
        return found / self.played.for_singles

    def facing(self, reach: float) -> float:
        """Mean product of the singles at both ends of lines within ``reach`` of the axis, over the square of their mean [1].

        A source beside the axis is nearer to one side, and the other side sees less than its share.
        """
        window = self.shell.window
        inside = (self.single[:, 2] >= window[0]) & (self.single[:, 2] <= window[1])
        sector = (self.single[inside, 0] * (SECTORS / self.shell.per_ring)).astype(np.int64) % SECTORS
        seen = np.bincount(sector, minlength=SECTORS) / max(1, int(inside.sum())) * SECTORS
        most = round(2 * math.asin(min(1.0, reach / self.shell.mean_radius)) / (2 * math.pi) * SECTORS)
        turns = SECTORS // 2 + np.arange(-most, most + 1)
        return float(np.mean([seen @ np.roll(seen, turn) / SECTORS for turn in turns]))
