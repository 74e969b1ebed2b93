import pytest

from hevesy.errors import InputError
from hevesy.nuclides import available, data_set, daughters


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


def test_the_file_says_what_the_package_says():
    """The file is read without its package; what the package itself answers must be the same."""
    import importlib

    module = importlib.import_module("hevesy.nuclides.daughters")
    table = module._from_file()
    assert set(available()) <= set(table)
    for name in available()[::25]:
        assert table[name] == module._from_package(name)


def test_another_version_of_the_file_is_not_read(monkeypatch):
    import importlib

    module = importlib.import_module("hevesy.nuclides.daughters")
    monkeypatch.setattr(module, "KNOWN_SHA256", "0" * 64)
    assert module._from_file.__wrapped__() == {}


def test_what_is_not_in_the_table_is_stable():
    """A daughter that ICRP 107 does not list must be stable: an unknown one would end its chain unseen."""
    import math

    import radioactivedecay

    known = set(available())
    ends = {d.name for name in known for d in daughters(name) if d.name != "SF"} - known
    assert all(math.isinf(radioactivedecay.Nuclide(name).half_life()) for name in ends)
