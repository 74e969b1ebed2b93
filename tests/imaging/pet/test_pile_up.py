"""Photons that come while a block integrates: against Poisson's distribution and a block that is one crystal."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hevesy.imaging.pet.pile_up import MOST, PileUp, pulses
from hevesy.imaging.pet.shell import Deposits, Shell

# Four blocks of 2 x 2 crystals; energies are measured exactly.
SHELL = Shell(
    radius=100.0, depth=20.0, length=40.0, per_ring=8, rings=2, crystal=(10.0, 10.0), block=(2, 2), unit=(2, 2), material="LSO",
    window=(0.4, 0.6), energy_fwhm=1e-6, span=40.0,
)  # fmt: skip
LOAD = 0.2


def _deposits(first, second, other, number=4000):
    """Pairs of two energies in the lower left crystals of opposite blocks; others of one energy in the upper right crystals."""
    pairs = np.tile(np.array([0, 0, first, 4, 0, second, 1], np.float32), (number, 1))
    singles = np.array([[1 + 2 * block, 1, other] for block in range(4)] * 10, np.float32)
    return Deposits(pairs=pairs, singles=singles, annihilations=number, for_singles=number)


def test_pulses_are_all_that_no_other_precedes():
    assert sum(float(pulses(np.array(LOAD), k)) for k in range(MOST + 1)) == pytest.approx(math.exp(-LOAD), rel=2e-3)


@pytest.mark.parametrize(
    ("first", "other", "ways"),
    [(0.5, 0.3, {0}), (0.25, 0.3, {1}), (0.45, 0.05, {0, 1, 2}), (0.36, 0.05, {1, 2})],
)
def test_energies_add_up(first, other, ways):
    """Both photons are counted with as many others as the window bears, and no more."""
    found = PileUp(SHELL, _deposits(first, first, other), seed=1).pairs()
    assert set(found.others[:, 0]) == set(found.others[:, 1]) == ways
    share = found.weights(LOAD).sum() / 4000
    assert share == pytest.approx(sum(math.exp(-2 * LOAD) * LOAD**k / math.factorial(k) for k in ways) ** 2, rel=1e-9)


def test_the_place_goes_to_the_centre_of_energy():
    found = PileUp(SHELL, _deposits(0.25, 0.5, 0.3), seed=1).pairs()
    alone, moved = found.crystals[:, 2:], found.crystals[:, :2]
    assert np.all(alone == (4, 0))
    assert np.all(moved == (1, 1))


def test_a_ring_that_nobody_saw_has_no_others():
    shell = replace(SHELL, rings=4, length=80.0, span=80.0)
    pairs = np.array([[0, 3, 0.5, 4, 3, 0.5, 0]] * 10, np.float32)
    singles = np.array([[1, 1, 0.5]] * 10, np.float32)
    found = PileUp(shell, Deposits(pairs=pairs, singles=singles, annihilations=10, for_singles=10), seed=1).pairs()
    assert found.weights(LOAD).sum() == pytest.approx(10)


def test_singles_of_a_dead_block():
    """Alone in the window they fall with twice the load: none before, none after."""
    piled = PileUp(SHELL, _deposits(0.5, 0.5, 0.5), seed=1)
    found = piled.singles(np.array([0.0, LOAD])).sum(axis=1)
    assert found[1] / found[0] == pytest.approx(math.exp(-2 * LOAD))
    assert piled.photons * piled.units * 4000 == pytest.approx(40)
