import numpy as np
import pytest

from hevesy.errors import ScopeError
from hevesy.materials.energies import checked_energy, read_only


def test_the_ends_of_a_logarithmic_grid_are_inside():
    E = checked_energy(np.exp(np.linspace(np.log(1e-3), np.log(100), 7)), "grid")
    assert (E[0], E[-1]) == (pytest.approx(1e-3), pytest.approx(100))
    assert E.min() >= 1e-3
    assert E.max() <= 100


def test_no_energy_is_no_error():
    assert checked_energy([], "none").shape == (0,)


def test_what_is_beyond_is_refused_with_its_range():
    with pytest.raises(ScopeError, match="alpha: energies are 1 to 25 MeV; the tables hold 0.001 to 20 MeV"):
        checked_energy([1, 25], "alpha", highest=20.0)


def test_a_copy_that_cannot_be_changed():
    first = np.ones(2)
    copy = read_only(first)
    first[0] = 2
    assert copy[0] == 1
    assert not copy.flags.writeable
