import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as u
from hevesy.errors import InputError
from hevesy.kinetics.compartments import Transfer, compartment_model, solve_compartments
from hevesy.nuclides import chain_decays, load_nuclide


def path(source, target, rate, nuclide=""):
    return Transfer(source=source, target=target, rate=rate, nuclide=nuclide)


RATES = st.floats(0, 50 / u.d)


@settings(deadline=None, max_examples=30)
@given(k=st.lists(RATES, min_size=4, max_size=4), share=st.floats(0.1, 1))
def test_every_atom_decays_somewhere(k, share):
    transfers = [path(a, b, rate) for (a, b), rate in zip(("AB", "BA", "BC", "AC"), k, strict=True)]
    curves = solve_compartments(compartment_model("I-131", transfers), {"A": share, "B": 1 - share}, [1 * u.d, 30 * u.d])
    lam = load_nuclide("I-131").decay_constant
    decays = chain_decays("I-131", math.inf)
    for i, member in enumerate(curves.members):
        assert curves.tiac[i].sum() * lam == pytest.approx(decays[member], rel=1e-9)
    assert curves.activity[:, 0].sum(axis=1) == pytest.approx(np.exp(-lam * curves.t), rel=1e-9)


@pytest.mark.parametrize("nuclide", ["Ac-225", "Ra-223", "Th-227", "Lu-177", "Mo-99"])
@pytest.mark.parametrize("whose", ["", "all"])
def test_the_sum_over_compartments_is_bateman(nuclide, whose):
    model = compartment_model(nuclide, [path("A", "B", 1 / u.d, whose), path("B", "A", 0.3 / u.d, whose)])
    curves = solve_compartments(model, {"A": 1.0}, [5 * u.h, 100 * u.h])
    lam = load_nuclide(nuclide).decay_constant
    for row, t in enumerate(curves.t):
        expected = chain_decays(nuclide, float(t))
        for i, member in enumerate(curves.members):
            # What decays at once would be late by up to a second, and what grows as t^2 is lower by twice as much.
            assert curves.tiac_to[row, i].sum() * lam == pytest.approx(expected[member], rel=1e-7 + 2 * 1.0 / t)


@settings(deadline=None, max_examples=30)
@given(k=st.floats(1e-3 / u.d, 50 / u.d), back=st.floats(1e-3 / u.d, 50 / u.d), hours=st.floats(0.1, 300))
def test_two_compartments_in_closed_form(k, back, hours):
    curves = solve_compartments(
        compartment_model("Lu-177", [path("A", "B", k), path("B", "A", back)], alone=True), {"A": 1.0}, [hours * u.h]
    )
    lam, t = load_nuclide("Lu-177").decay_constant, hours * u.h
    both = k + back
    in_B = k / both * (1 - math.exp(-both * t)) * math.exp(-lam * t)
    assert curves.activity[0, 0, 1] == pytest.approx(in_B, rel=1e-9, abs=1e-14)
    assert curves.tiac[0, 1] == pytest.approx(k / (lam * (lam + both)), rel=1e-10)
    to_t = k / both * (-math.expm1(-lam * t) / lam + math.expm1(-(lam + both) * t) / (lam + both))
    assert curves.tiac_to[0, 0, 1] == pytest.approx(to_t, rel=1e-7, abs=1e-9)


def test_a_daughter_that_moves():
    """Bi-213 leaves with its own coefficient: its decays in each place are in the ratio of the rates."""
    k = 2 / u.h
    model = compartment_model("Ac-225", [path("Tumour", "Urine", 0.0), path("Tumour", "Kidneys", k, "Bi-213")])
    curves = solve_compartments(model, {"Tumour": 1.0}, [24 * u.h])
    at = {name: i for i, name in enumerate(curves.compartments)}
    bi, fr, tl, po = (curves.members.index(name) for name in ("Bi-213", "Fr-221", "Tl-209", "Po-213"))
    lam = load_nuclide("Bi-213").decay_constant
    away = curves.tiac[bi, at["Kidneys"]] / curves.tiac[bi].sum()
    assert away == pytest.approx(k / (k + lam), rel=1e-9)
    assert curves.tiac[fr, at["Kidneys"]] == 0
    # What Bi-213 gives rise to is born where Bi-213 is, at once or later.
    for name in (po, tl):
        assert curves.tiac[name, at["Kidneys"]] / curves.tiac[name].sum() == pytest.approx(away, rel=1e-9)
    assert any("Po-213" in text and "below 1 s" in text for text in model.remarks)
    assert any("Fr-221" in text and "no transfer" in text for text in model.remarks)


def test_members_that_decay_at_once_need_not():
    """Following them makes no difference."""
    transfers = [path("A", "B", 1 / u.h), path("A", "B", 0.5 / u.h, "Bi-213")]
    with_zero = [*transfers, *(path("B", "A", 0.0, name) for name in ("At-217", "Po-213"))]
    at_once, followed = (
        solve_compartments(compartment_model("Ac-225", some), {"A": 1.0}, [10 * u.h]) for some in (transfers, with_zero)
    )
    for name in ("At-217", "Po-213", "Pb-209"):
        a, b = (curves.tiac[curves.members.index(name)] for curves in (at_once, followed))
        assert a == pytest.approx(b, rel=1e-5)


def test_steps_of_any_length_agree():
    model = compartment_model("I-131", [path("A", "B", 3 / u.d), path("B", "C", 0.1 / u.d)])
    many = solve_compartments(model, {"A": 1.0}, np.linspace(0, 200, 41) * u.h)
    one = solve_compartments(model, {"A": 1.0}, [200 * u.h])
    assert many.activity[-1] == pytest.approx(one.activity[0], rel=1e-9)
    assert many.tiac_to[-1] == pytest.approx(one.tiac_to[0], rel=1e-9)
    late = solve_compartments(model, {"A": 1.0}, [100 * 8 * u.d])
    assert late.tiac_to[0] == pytest.approx(late.tiac, rel=1e-9)


@pytest.mark.parametrize(
    ("transfers", "message"),
    [
        ([], "got none"),
        ([("A", "B", 1.0, "Bi-213")], "not a radioactive member"),
        ([("A", "B", 1.0, ""), ("A", "B", 2.0, "all")], "twice"),
    ],
)
def test_models_that_are_refused(transfers, message):
    with pytest.raises(InputError, match=message):
        compartment_model("I-131", [path(*row) for row in transfers])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"source": "A", "target": "A", "rate": 1.0}, "ends where it starts"),
        ({"source": "A", "target": "", "rate": 1.0}, "no name"),
        ({"source": "A", "target": "B", "rate": -1.0}, "unit of its column"),
        ({"source": "A", "target": "B", "rate": 1000.0}, "unit of its column"),
        ({"source": "A", "target": "B", "rate": math.nan}, "unit of its column"),
    ],
)
def test_transfers_that_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        Transfer(**given)


@pytest.mark.parametrize(
    ("shares", "times", "message"),
    [
        ({"Blod": 1.0}, [1.0], "no such compartment"),
        ({"A": 70.0}, [1.0], "percentage"),
        ({"A": 0.7, "B": 0.6}, [1.0], "add up to 1.3"),
        ({}, [1.0], "Say where"),
        ({"A": 1.0}, [2.0, 1.0], "must increase"),
        ({"A": 1.0}, [-1.0], "must increase"),
        ({"A": 1.0}, [], "must increase"),
    ],
)
def test_input_that_is_refused(shares, times, message):
    model = compartment_model("I-131", [path("A", "B", 1e-5)])
    with pytest.raises(InputError, match=message):
        solve_compartments(model, shares, times)


def test_an_unknown_nuclide():
    with pytest.raises(InputError, match="Xx-1"):
        compartment_model("Xx-1", [path("A", "B", 1e-5)])
