"""BED, EQDX, repopulation: laws and limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.radiobiology import bed, dose_from_bed, eqd, fractionated_bed, repopulation_loss

doses, ratios, shares, rbes = st.floats(0, 300), st.floats(0.5, 20), st.floats(0, 1), st.floats(0.5, 20)


@given(D=doses, G=shares, ab=ratios, rbe=rbes)
def test_the_inverse_gives_the_dose_back(D, G, ab, rbe):
    assert dose_from_bed(bed(D, G, ab, rbe=rbe), G, ab, rbe=rbe) == pytest.approx(D, rel=1e-9, abs=1e-9)


@given(n=st.integers(1, 40), ab=ratios)
def test_fractions_of_two_gray_are_their_own_eqd2(n, ab):
    assert eqd(fractionated_bed(n, 2.0, ab), ab) == pytest.approx(2.0 * n)


@given(D=doses, ab=ratios, x=st.floats(0.5, 10))
def test_eqdx_of_an_x_is_the_dose_that_many_fractions_of_x_need(D, ab, x):
    B = bed(D, 0.05, ab)
    E = eqd(B, ab, per_fraction=x)
    assert fractionated_bed(E / x, x, ab) == pytest.approx(B) if E > 0 else B == 0


def test_arrays_are_their_voxels():
    D = np.array([[0.0, 1.0], [5.0, 50.0]])
    B = bed(D, 0.05, 2.6, rbe=3.0)
    assert B[1, 0] == pytest.approx(bed(5.0, 0.05, 2.6, rbe=3.0))
    assert np.allclose(dose_from_bed(B, 0.05, 2.6, rbe=3.0), D)
    assert np.allclose(eqd(B, 2.6), B / (1 + 2 / 2.6))
    assert bed(D, np.full(D.shape, 0.05), 2.6).shape == D.shape
    assert fractionated_bed(3, D, 2.6)[1, 1] == pytest.approx(150 * (1 + 50 / 2.6))


def test_an_rbe_raises_the_linear_part_alone():
    assert bed(5.0, 0.05, 2.6, rbe=5.0) - bed(5.0, 0.05, 2.6) == pytest.approx(20.0)


def test_repopulation_after_its_delay():
    assert repopulation_loss(20 * un.d, alpha=0.3, doubling_time=5 * un.d, delay=21 * un.d) == 0
    loss = repopulation_loss(31 * un.d, alpha=0.3, doubling_time=5 * un.d, delay=21 * un.d)
    assert loss == pytest.approx(math.log(2) * 2 / 0.3)
    assert bed(1.0, 0.05, 10.0, loss=loss) == 0.0
    assert (bed(np.array([1.0, 9.0]), 0.05, 10.0, loss=loss)[0], bed(9.0, 0.05, 10.0, loss=loss) > 0) == (0.0, True)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: bed(-1.0, 0.5, 10.0), "dose is -1"),
        (lambda: bed(1.0, 1.5, 10.0), "G is 1.5; from 0 to 1"),
        (lambda: bed(1.0, 0.5, 0.0), "alpha/beta is 0"),
        (lambda: bed(np.array([1.0, math.nan]), 0.5, 3.0), "dose is nan"),
        (lambda: bed(1.0, 0.5, 3.0, rbe=0.0), "RBE_max is 0"),
        (lambda: fractionated_bed(0, 2.0, 3.0), "number of fractions"),
        (lambda: repopulation_loss(1.0, alpha=0.3, doubling_time=0.0), "doubling time"),
    ],
)
def test_refusals(call, said):
    with pytest.raises(InputError, match=said):
        call()


def test_an_empty_map_has_an_empty_bed():
    assert bed(np.array([]), 0.05, 2.6).size == 0
