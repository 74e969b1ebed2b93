import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.nuclides import radiations
from hevesy.protocols.alpha_dose import energy_at_place
from hevesy.units import JOULE_PER_MEV

shares = st.floats(0, 1)


def test_all_retained_is_the_chain():
    found = energy_at_place("Ac-225", {})
    whole = radiations("Ac-225").energies
    assert found.alpha == pytest.approx(whole["alpha"] + whole["alpha recoil"])
    assert found.leaving == pytest.approx(0.0, abs=1e-12)


def test_fr_gone_is_the_parent_alone():
    found = energy_at_place("Ac-225", {"Fr-221": 0.0})
    alone = radiations("Ac-225", daughters=False).energies
    assert found.alpha == pytest.approx(alone["alpha"] + alone["alpha recoil"])
    assert all(n == 0 for name, n in found.decays.items() if name != "Ac-225")


@given(fr=shares, bi=shares)
def test_retentions_multiply_down_the_chain(fr, bi):
    found = energy_at_place("Ac-225", {"Fr-221": fr, "Bi-213": bi})
    whole = energy_at_place("Ac-225", {})
    for name in ("Fr-221", "At-217"):
        assert found.decays[name] == pytest.approx(fr * whole.decays[name])
    for name in ("Bi-213", "Po-213", "Tl-209", "Pb-209"):
        assert found.decays[name] == pytest.approx(fr * bi * whole.decays[name])
    assert found.alpha + found.electron + found.leaving == pytest.approx(whole.alpha + whole.electron)


@given(rbe=st.floats(1, 20))
def test_weighting_lies_between_one_and_the_rbe(rbe):
    weight = energy_at_place("Ac-225", {}).weighting(rbe)
    assert 1 <= weight <= rbe
    # 97.6 % of what stays is alpha.
    assert weight == pytest.approx(1 + 0.976 * (rbe - 1), rel=2e-3)


def test_dose_per_decay():
    found = energy_at_place("Ac-225", {})
    assert found.dose_per_decay(0.3) == pytest.approx(28.684 * JOULE_PER_MEV / 0.3, rel=1e-3)


def test_what_is_refused():
    with pytest.raises(InputError, match="no daughter that counts"):
        energy_at_place("Ac-225", {"Bi-209": 0.5})
    with pytest.raises(InputError, match="80 % is 0.8"):
        energy_at_place("Ac-225", {"Bi-213": 80})
    with pytest.raises(InputError, match="your choice"):
        energy_at_place("Ac-225", {}).weighting(0.5)
