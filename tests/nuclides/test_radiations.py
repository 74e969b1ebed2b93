import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.nuclides import available, chain, load_nuclide, radiations, radiations_of
from hevesy.nuclides.decay_data import KINDS

OUT_OF_LISTS = ("neutron", "fission fragment")


def energy_of_lists(r):
    """The budget again, from what a transport code would follow."""
    lines = ("electron", "photon", "annihilation", "alpha", "recoil")
    energy = sum(float(getattr(r, f"{k}_energy") @ getattr(r, f"{k}_yield")) for k in lines)
    return energy + sum(s.energy_per_decay for s in (r.beta_minus, r.beta_plus) if s is not None)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(available()), st.booleans())
def test_the_budget_is_what_the_members_emit(name, daughters):
    r = radiations(name, daughters=daughters)
    listed = r.energy - sum(r.energies[kind] for kind in OUT_OF_LISTS)
    assert energy_of_lists(r) == pytest.approx(listed, rel=1e-9, abs=1e-15)
    summed = sum(n * sum(load_nuclide(m).energies.values()) for m, n in r.members)
    assert r.energy == pytest.approx(summed, rel=1e-12)
    assert math.fsum(math.fsum(row.values()) for row in r.member_energies.values()) == pytest.approx(r.energy, rel=1e-12)
    assert set(r.energies) == set(KINDS)
    assert dict(r.members)[name] == 1


def test_a_nuclide_without_daughters_is_the_nuclide_itself():
    r, nuclide = radiations("177Lu"), load_nuclide("Lu-177")
    assert r.name == "Lu-177"
    assert r.members == (("Lu-177", 1.0),)
    assert r.remarks == ()
    assert dict(r.energies) == nuclide.energies
    assert r.beta_plus is None
    assert len(r.electron_energy) == sum(e.kind in ("conversion electron", "Auger electron") for e in nuclide.emissions)
    assert np.all(np.diff(r.photon_energy) >= 0)


def test_annihilation_can_be_left_out():
    """F-18: two photons of 511 keV a positron, apart from the other photons."""
    r = radiations("F-18")
    assert r.annihilation_energy == pytest.approx([0.511], abs=1e-4)
    assert r.annihilation_yield.sum() == pytest.approx(2 * r.beta_plus.per_decay, rel=1e-4)
    assert not np.any(np.abs(r.photon_energy - 0.511) < 1e-3)
    assert r.energy == pytest.approx(r.beta_plus.energy_per_decay + 2 * 0.511 * 0.9673, rel=1e-3)


@pytest.mark.parametrize("name", ["F-18", "Ga-68", "Cu-64", "I-124", "Zr-89"])
def test_positron_emitters_keep_their_energy(name):
    r = radiations(name, daughters=False)
    assert energy_of_lists(r) == pytest.approx(r.energy, rel=1e-9)
    assert r.annihilation_yield.sum() == pytest.approx(2 * r.beta_plus.per_decay, rel=1e-4)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["Ac-225", "Pb-212", "Ra-223", "Th-227", "At-211", "Sr-90"]), st.floats(0, 1))
def test_what_leaves_is_taken_from_the_daughters(name, leaving):
    stays, alone = radiations(name), radiations(name, daughters=False)
    r = radiations(name, leaving=leaving)
    assert r.energy == pytest.approx(alone.energy + (1 - leaving) * (stays.energy - alone.energy), rel=1e-12)
    assert energy_of_lists(r) == pytest.approx(r.energy, rel=1e-9)
    assert any("elsewhere" in remark for remark in r.remarks) == (leaving > 0)


def test_the_remark_says_what_left():
    r = radiations("Ra-223", leaving=0.25)
    lost = 0.25 * (radiations("Ra-223").energy - radiations("Ra-223", daughters=False).energy) * 1e3
    assert r.remarks[-1] == (
        "0.25 of the decays of the daughters of Ra-223 are taken to happen elsewhere: "
        f"{lost:.5g} keV per decay of Ra-223 are left out."
    )


def test_remarks_tell_what_counts():
    text = " ".join(radiations("At-211").remarks)
    assert "Po-211 0.582 (516 ms)" in text
    assert "exceeds that of At-211 (7.214 h): Bi-207 (32.9 a)" in text
    assert "Rn-219: a noble gas" in " ".join(radiations("Ra-223").remarks)
    assert "Xe-131m (11.84 d)" in " ".join(radiations("I-131").remarks)
    assert "its daughters Fr-221," in radiations("Ac-225", daughters=False).remarks[0]
    assert any("Fission fragments" in remark for remark in radiations("Cf-252").remarks)


def test_finite_times_by_given_decays():
    half = radiations_of("Ra-223", {"Ra-223": 0.5, "Rn-219": 0.25})
    assert half.energy == pytest.approx(
        0.5 * radiations("Ra-223", daughters=False).energy + 0.25 * radiations("Rn-219", daughters=False).energy, rel=1e-12
    )
    again = radiations_of("Ac-225", {m.name: m.decays_per_parent_decay for m in chain("Ac-225") if m.counted})
    assert again.energy == pytest.approx(radiations("Ac-225").energy, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: radiations("Ra-223", leaving=1.5), "from 0 to 1"),
        (lambda: radiations("Ra-223", leaving=math.nan), "from 0 to 1"),
        (lambda: radiations("Ra-223", leaving=0.1, daughters=False), "Leave one"),
        (lambda: radiations("Lu-175"), "not in ICRP 107"),
        (lambda: radiations_of("x", {}), "decays are none"),
        (lambda: radiations_of("x", {"Ra-223": -1.0}), "0 or more"),
        (lambda: radiations_of("x", {"Ra-223": 1.0, "Ra223": 1.0}), "twice"),
        (lambda: replace(radiations("Lu-177"), alpha_energy=[5.0]), "one yield for each energy"),
    ],
)
def test_senseless_requests_are_refused(call, match):
    with pytest.raises(InputError, match=match):
        call()


def test_arrays_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        radiations("Ac-225").alpha_yield[0] = 1


def test_computer_algebra_and_scipy_stay_out_of_the_import():
    code = (
        "import sys; from hevesy.nuclides import chain, radiations; chain('Ac-225'); "
        "print(sorted({'scipy', 'sympy', 'radioactivedecay', 'pandas'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
