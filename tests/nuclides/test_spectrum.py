import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import ConvergenceError, InputError
from hevesy.nuclides import Spectrum
from hevesy.nuclides.spectrum import refined, renormalised, total


def parabola(end_point=1.0, points=12):
    """n(E) = (E0 - E)^2: integral E0^3/3, mean E0/4."""
    energy = np.linspace(0, end_point, points)
    return energy, (end_point - energy) ** 2


def test_integrals_are_exact_for_lines():
    triangle = Spectrum(kind="beta-", energy=[0.0, 0.3, 2.0], per_MeV=[2.0, 1.7, 0.0])
    assert triangle.per_decay == pytest.approx(2.0, rel=1e-14)
    assert triangle.mean_energy == pytest.approx(2 / 3, rel=1e-14)
    assert triangle.end_point == 2.0


def test_refinement_passes_the_points_and_finds_the_integrals():
    energy, density = parabola()
    fine = refined("beta-", energy, density)
    coarse = Spectrum(kind="beta-", energy=energy, per_MeV=density)
    assert np.allclose(np.interp(energy, fine.energy, fine.per_MeV), density, atol=1e-12)
    assert np.max(np.diff(fine.energy)) <= 1 / 128 + 1e-12
    assert fine.per_decay == pytest.approx(1 / 3, rel=1e-4)
    assert abs(fine.per_decay - 1 / 3) < abs(coarse.per_decay - 1 / 3) / 50
    assert fine.mean_energy == pytest.approx(1 / 4, rel=1e-4)


def test_a_table_that_does_not_end_with_zero_gets_an_edge():
    box = refined("beta-", [0.0, 1.0], [1.0, 1.0])
    assert box.per_decay == pytest.approx(1, rel=2e-6)
    assert box.per_MeV[-1] == 0


@settings(max_examples=60, deadline=None)
@given(per_decay=st.floats(1e-9, 7), shift=st.floats(0.5, 2.0))
def test_renormalised_has_the_asked_integrals_and_stays_positive(per_decay, shift):
    spectrum = refined("beta+", *parabola())
    new = renormalised(spectrum, per_decay=per_decay, mean_energy=0.25 * shift)
    assert new.per_decay == pytest.approx(per_decay, rel=1e-12)
    assert new.mean_energy == pytest.approx(0.25 * shift, rel=1e-11)
    assert new.end_point == spectrum.end_point
    assert np.all(new.per_MeV[:-1] > 0)


def test_nothing_to_correct_changes_nothing():
    spectrum = refined("beta-", *parabola())
    same = renormalised(spectrum, per_decay=spectrum.per_decay, mean_energy=spectrum.mean_energy)
    assert np.allclose(same.per_MeV, spectrum.per_MeV, rtol=1e-10)


def test_a_mean_above_the_end_point_is_refused():
    with pytest.raises(ConvergenceError, match="below 1 MeV"):
        renormalised(refined("beta-", *parabola()), per_decay=1.0, mean_energy=1.5)


def test_a_sum_has_the_sum_of_the_integrals():
    one, two = refined("beta-", *parabola(1.0)), refined("beta-", *parabola(2.3, 17))
    both = total("beta-", [(0.3, one), (0.7, two), (0.0, two)])
    assert both.per_decay == pytest.approx(0.3 * one.per_decay + 0.7 * two.per_decay, rel=1e-12)
    assert both.energy_per_decay == pytest.approx(0.3 * one.energy_per_decay + 0.7 * two.energy_per_decay, rel=1e-12)
    assert total("beta-", []) is None


@pytest.mark.parametrize(
    ("energy", "per_MeV", "match"),
    [
        ([0.0, 1.0], [1.0], "one length"),
        ([1.0, 0.0], [1.0, 0.0], "increase"),
        ([0.0, 1.0], [1.0, 1.0], "end with 0"),
        ([0.0, 1.0], [-1.0, 0.0], "0 or more"),
        ([0.0, np.nan], [1.0, 0.0], "finite"),
    ],
)
def test_senseless_spectra_are_refused(energy, per_MeV, match):
    with pytest.raises(InputError, match=match):
        Spectrum(kind="beta-", energy=energy, per_MeV=per_MeV)


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        refined("beta-", *parabola()).per_MeV[0] = 1
