"""Sizes by which an uptake is normalised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.quantify.body_size import (
    Normalisation,
    body_size,
    body_surface_area,
    lean_body_mass_james,
    lean_body_mass_janmahasatian,
)
from hevesy.units import cm, kg


def test_each_size_has_its_unit_and_source() -> None:
    for normalisation in Normalisation:
        size = body_size(normalisation, weight=70 * kg, height=175 * cm, sex="M")
        assert size.unit == ("cm2/ml" if normalisation is Normalisation.BSA else "g/ml")
        assert size.source
        assert size.text
    assert body_size(Normalisation.BW, weight=70 * kg).value == 70000


def test_by_hand() -> None:
    """70 kg, 175 cm: 1.10 70 - 128 0.16 = 56.52; BMI 22.857: 9270 70 / (6680 + 4937.1) = 55.857."""
    assert lean_body_mass_james(weight=70 * kg, height=175 * cm, sex="M") == pytest.approx(56.52)
    assert lean_body_mass_janmahasatian(weight=70 * kg, height=175 * cm, sex="M") == pytest.approx(55.857, abs=1e-3)
    assert body_surface_area(weight=70 * kg, height=175 * cm) == pytest.approx(1.848, abs=1e-3)


@given(weight=st.floats(45, 200), height=st.floats(140, 200), sex=st.sampled_from("MF"))
def test_lean_mass_is_part_of_the_weight_and_james_refuses_where_it_falls(weight: float, height: float, sex: str) -> None:
    size = {"weight": weight * kg, "height": height * cm, "sex": sex}
    if sex == "M" and weight / (height / 100) ** 2 < (9270 - 6680) / 216:  # BMI 11.99: all of the weight would be lean
        with pytest.raises(ScopeError, match="BMI"):
            lean_body_mass_janmahasatian(**size)
    else:
        assert 0 < lean_body_mass_janmahasatian(**size) / kg < weight * (1 + 1e-12)
    a, b = (1.10, 128.0) if sex == "M" else (1.07, 148.0)
    heaviest = a * height**2 / (2 * b)
    if weight > heaviest:
        with pytest.raises(ScopeError, match="lbm-janma"):
            lean_body_mass_james(**size)
    elif weight < 0.99 * heaviest:
        assert lean_body_mass_james(**size) < lean_body_mass_james(**{**size, "weight": 1.005 * weight * kg})


def test_refusals_name_the_option() -> None:
    with pytest.raises(InputError, match="--height"):
        body_size(Normalisation.BSA, weight=70 * kg)
    with pytest.raises(InputError, match="--sex"):
        body_size(Normalisation.LBM_JANMA, weight=70 * kg, height=170 * cm, sex="O")
    with pytest.raises(InputError, match="Check its unit"):
        body_size(Normalisation.BW, weight=70000 * kg)
    with pytest.raises(InputError, match="DICOM holds m"):
        body_size(Normalisation.BSA, weight=70 * kg, height=1.7)
