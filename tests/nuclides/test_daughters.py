import pytest

from hevesy.errors import InputError
from hevesy.nuclides import data_set, daughters


def test_direct_daughters_the_likeliest_first():
    assert [(d.name, d.mode) for d in daughters("99mTc")] == [("Tc-99", "IT"), ("Ru-99", "beta-")]
    assert [(d.name, d.fraction, d.mode) for d in daughters("Ac-225")] == [("Fr-221", 1.0, "alpha")]


@pytest.mark.parametrize("name", ["Lu-177", "Bi-213", "Th-227", "Cu-64", "Tb-161"])
def test_branches_add_to_one(name):
    assert sum(d.fraction for d in daughters(name)) == pytest.approx(1, abs=1e-3)


def test_an_unknown_nuclide_is_refused():
    with pytest.raises(InputError, match="Lu-175"):
        daughters("Lu-175")


def test_the_data_set_is_named():
    assert "icrp107" in data_set()
