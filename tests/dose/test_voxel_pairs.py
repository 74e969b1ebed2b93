"""Averages over pairs of points: sums of shares, the closed form beside the lattice, exactness of the rules."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.dose import voxel_pairs
from hevesy.dose.voxel_pairs import mirror_images, rule_for, shell_shares, triangle_rule

side = st.floats(0.5, 6.0)


@pytest.mark.parametrize("n", [2, 3, 5, 8])
def test_rules_are_exact_for_even_powers(n: int) -> None:
    u, w = triangle_rule(n)
    for power in range(0, 2 * n, 2):
        assert w @ u**power == pytest.approx(2 / ((power + 1) * (power + 2)), rel=1e-10)


@pytest.mark.parametrize(("a", "distance"), [(1.0, 6.0), (1.0, 2.0), (4.0, 6.0), (1.0, 30.0)])
def test_the_chosen_rule_averages_an_inverse_square(a: float, distance: float) -> None:
    (u, w), (v, q) = rule_for(a, distance), triangle_rule(40)
    assert w @ (distance**2 + (u * a) ** 2) ** -1.0 == pytest.approx(q @ (distance**2 + (v * a) ** 2) ** -1.0, rel=2e-5)


@settings(max_examples=20, deadline=None)
@given(sides=st.tuples(side, side, side), r=st.floats(0.01, 12.0))
def test_shares_add_to_one(sides: tuple[float, float, float], r: float) -> None:
    z, y, x = (int(r / a) + 1 for a in sides)
    shares = shell_shares(np.array([r]), sides, (z, y, x))[0]
    assert np.sum(shares * mirror_images((z, y, x))) == pytest.approx(1, abs=1e-12)


def test_the_lattice_meets_the_closed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voxel_pairs, "DIRECTIONS", 40_000)
    sides = (2.0, 3.0, 5.0)
    closed = shell_shares(np.array([1.9]), sides, (1, 1, 1))[0]
    lattice = voxel_pairs._lattice_shares(1.9, sides, (2, 2, 2), 0) / mirror_images((1, 1, 1))
    assert lattice == pytest.approx(closed, rel=2e-3, abs=1e-6)
