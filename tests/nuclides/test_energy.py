import pytest

from hevesy.nuclides import electron_energy_of_full_decay, load_nuclide
from hevesy.units import JOULE_PER_MEV


def test_it_is_decays_times_energy():
    nuclide = load_nuclide("I-131")
    decays = 5e6 * nuclide.half_life / 0.6931471805599453
    expected = decays * nuclide.electron_energy * JOULE_PER_MEV
    assert electron_energy_of_full_decay("I-131", 5e6) == pytest.approx(expected, rel=1e-12)
