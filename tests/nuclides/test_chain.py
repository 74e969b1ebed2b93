import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.nuclides import available, chain, chain_decays, daughters, load_nuclide


def counted(name):
    return [m.name for m in chain(name) if m.counted]


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("Lu-177", ["Lu-177"]),
        ("Mo-99", ["Mo-99", "Tc-99m"]),
        ("Sr-90", ["Sr-90", "Y-90"]),
        ("I-131", ["I-131"]),
        ("At-211", ["At-211", "Po-211"]),
        ("Pb-212", ["Pb-212", "Bi-212", "Po-212", "Tl-208"]),
        ("Ac-225", ["Ac-225", "Fr-221", "At-217", "Bi-213", "Po-213", "Tl-209", "Pb-209"]),
        ("Ra-223", ["Ra-223", "Rn-219", "Po-215", "Pb-211", "Bi-211", "Tl-207", "Po-211"]),
        ("Th-227", ["Th-227", "Ra-223", "Rn-219", "Po-215", "Pb-211", "Bi-211", "Tl-207", "Po-211"]),
    ],
)
def test_which_members_count(name, members):
    assert counted(name) == members


def test_reasons_are_given():
    reasons = {m.name: m.reason for m in chain("At-211")}
    assert reasons["At-211"] == "the parent"
    assert reasons["Po-211"] == "counted: 516 ms against 7.214 h of At-211"
    assert reasons["Bi-207"] == "not counted: 32.9 a against 7.214 h of At-211"
    assert reasons["Pb-207"] == "stable"
    assert {m.name: m.reason for m in chain("Mo-99")}["Tc-99"].startswith("not counted: 2.111e+05 a")
    assert "comes after Bi-210" in {m.name: m.reason for m in chain("Rn-222")}["Po-210"]


def test_every_chain_is_in_order_and_counts_by_the_rule():
    for name in available():
        members = chain(name)
        place = {m.name: i for i, m in enumerate(members)}
        own = members[0].half_life
        assert members[0].name == name
        assert members[0].counted
        for member in members:
            assert not member.counted or member.half_life <= own, name
            assert 0 <= member.decays_per_parent_decay <= 1 + 1e-4, (name, member)
            if math.isinf(member.half_life):
                assert member.decays_per_parent_decay == 0
                continue
            assert all(place[d.name] > place[member.name] for d in daughters(member.name) if d.name != "SF"), name


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(available()))
def test_all_decays_are_the_products_of_the_branches(name):
    """Bateman at infinity, by quite another way than the products."""
    decays = chain_decays(name, math.inf)
    assert decays[name] == pytest.approx(1, rel=1e-12)
    for member in chain(name):
        if not member.counted and not math.isinf(member.half_life):
            assert decays[member.name] == pytest.approx(member.decays_per_parent_decay, rel=1e-9)
    assert set(decays) == {m.name for m in chain(name) if not math.isinf(m.half_life)}


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(available()), st.floats(1e-3, 1e12), st.floats(1.01, 100))
def test_decays_grow_with_time_towards_the_limit(name, time, factor):
    early, late, end = chain_decays(name, time), chain_decays(name, time * factor), chain_decays(name, math.inf)
    parent = load_nuclide(name)
    assert early[name] == pytest.approx(-math.expm1(-parent.decay_constant * time), rel=1e-12)
    for member in early:
        assert 0 <= early[member] <= late[member] * (1 + 1e-12) <= end[member] * (1 + 2e-12)


def test_at_the_start_nothing_has_decayed():
    assert set(chain_decays("Th-227", 0.0).values()) == {0.0}


@pytest.mark.parametrize("name", ["Th-227", "Ac-225", "Pb-212", "Mo-99", "Sr-90"])
def test_an_independent_program_counts_the_same_decays(name):
    """radioactivedecay in double precision; its year is shorter by 1e-6."""
    import radioactivedecay

    theirs = radioactivedecay.Inventory({name: 1.0}, "num").cumulative_decays(20, "d")
    ours = chain_decays(name, 20 * u.d)
    for member, decays in theirs.items():
        assert ours[member] == pytest.approx(decays, rel=5e-6, abs=1e-12), member


def test_small_times_and_long_chains_do_no_harm():
    """First orders of the series: n_1 = lambda t, n_2 = lambda_1 lambda_2 t^2 / 2."""
    decays = chain_decays("U-238", 1.0)
    rate = {name: load_nuclide(name).decay_constant for name in ("U-238", "Th-234")}
    assert decays["U-238"] == pytest.approx(rate["U-238"], rel=1e-9)
    assert decays["Th-234"] == pytest.approx(rate["U-238"] * rate["Th-234"] / 2, rel=1e-6)
    assert all(n >= 0 for n in decays.values())


def test_equal_half_lives(monkeypatch):
    """Two members of one half-life: n_2 = 1 - (1 + lambda t) exp(-lambda t)."""
    import importlib

    module = importlib.import_module("hevesy.nuclides.chain")
    monkeypatch.setattr(module, "_half_life", lambda name: 100.0 if name in ("Sr-90", "Y-90") else math.inf)
    t, lam = 150.0, math.log(2) / 100
    assert chain_decays("Sr-90", t)["Y-90"] == pytest.approx(1 - (1 + lam * t) * math.exp(-lam * t), rel=1e-12)


@pytest.mark.parametrize("time", [-1.0, math.nan])
def test_a_senseless_time_is_refused(time):
    with pytest.raises(InputError, match="0 or more"):
        chain_decays("Th-227", time)


def test_unknown_nuclides_are_refused():
    with pytest.raises(InputError, match="Lu-175"):
        chain("Lu-175")
