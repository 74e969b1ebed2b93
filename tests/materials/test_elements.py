import pytest

from hevesy.errors import InputError
from hevesy.materials import atomic_weight, element


def test_atomic_data():
    assert atomic_weight(1) == pytest.approx(1.008, rel=2e-4)  # IUPAC
    assert element(20).symbol == "Ca"
    assert element(20).K_edge == pytest.approx(4.0381e-3)  # XCOM's edge
    assert element(82).K_energy == pytest.approx(0.0765, rel=0.02)  # between K alpha 74.2 keV and K beta 85 keV
    assert element(8).K_yield == 0


def test_an_element_beyond_uranium_is_refused():
    with pytest.raises(InputError, match="atomic number 93 has no data. Known are 1 to 92"):
        atomic_weight(93)
