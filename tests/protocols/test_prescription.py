import pytest

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.prescription import Compliance, RegionDose

ONE = Measured(value=1.0, u=0.1)


def test_levels_are_those_of_the_position_paper():
    assert "patient-averaged" in Compliance(level=1, reason="r").words
    assert "patient-specific dosimetry" in Compliance(level=2, reason="r").words
    assert "dosimetry-guided" in Compliance(level=3, reason="r").words
    with pytest.raises(InputError, match="1, 2 or 3"):
        Compliance(level=4, reason="r")


def test_a_weighted_dose_needs_its_rbe():
    with pytest.raises(InputError, match="RBE beside it"):
        RegionDose(region="Kidneys", dose=ONE, basis="b", weighted=ONE)


def test_a_limit_holds_the_weighted_dose_where_there_is_one():
    plain = RegionDose(region="Kidneys", dose=ONE, basis="b", limit=4.0)
    weighted = RegionDose(region="Kidneys", dose=ONE, basis="b", weighted=Measured(value=5.0, u=0.5), rbe=5.0, limit=4.0)
    assert plain.share == 0.25
    assert weighted.share == 1.25
    assert RegionDose(region="Kidneys", dose=ONE, basis="b").share is None


def test_chances():
    dose = Measured(value=40.0, u=4.0)
    assert RegionDose(region="Liver", dose=dose, basis="b", limit=40.0).exceeds == pytest.approx(0.5)
    assert RegionDose(region="Tumour", dose=dose, basis="b", goal=40.0).misses == pytest.approx(0.5, abs=1e-6)
    assert RegionDose(region="Tumour", dose=dose, basis="b", goal=80.0).misses > 0.999
    assert RegionDose(region="Liver", dose=dose, basis="b", limit=40.0, chance=0.2).exceeds == 0.2
    assert RegionDose(region="Liver", dose=dose, basis="b").exceeds is None
    exact = RegionDose(region="Tumour", dose=Measured(value=40.0, u=0.0), basis="b", goal=40.0, limit=40.0)
    assert (exact.misses, exact.exceeds) == (0.0, 0.0)


def test_the_chance_is_of_the_weighted_dose():
    weighted = RegionDose(region="Kidneys", dose=ONE, basis="b", weighted=Measured(value=5.0, u=0.5), rbe=5.0, limit=4.0)
    assert weighted.exceeds > 0.9
