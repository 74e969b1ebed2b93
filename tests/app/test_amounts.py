import pytest
from pydantic import ValidationError

from hevesy import units as u
from hevesy.app.amounts import Activity, Amounts, Dose, Fraction, Mass, amount
from hevesy.app.quantities import UNITS


@pytest.mark.parametrize(
    ("text", "kind", "value", "own"),
    [
        ("2 GBq", "activity", 2e9, None),
        ("2 ± 0.1 GBq", "activity", 2e9, 1e8),
        ("2 GBq ± 100 MBq", "activity", 2e9, 1e8),
        ("2 GBq +- 5 %", "activity", 2e9, 1e8),
        ("2 +/- 0.1 GBq", "activity", 2e9, 1e8),
        ("200 g", "mass", 0.2, None),
        ("176 cm", "length", 1760.0, None),
        ("5 %", "fraction", 0.05, None),
        ("5 ± 1 %", "fraction", 0.05, 0.01),
        ("5 % ± 1 %", "fraction", 0.05, 0.01),
        ("3.5", "number", 3.5, None),
        (3.5, "number", 3.5, None),
        ("3.5 ± 0.5", "number", 3.5, 0.5),
        ("3.5 ± 10 %", "number", 3.5, 0.35),
        ("0.65 Gy/GBq", "dose per activity", 0.65e-9, None),
        ("1.5e3 kBq/ml", "concentration", 1.5e6, None),
        ("0.0006 h/ml", "time per volume", 0.0006 * u.h, None),
        ("5.3 l", "volume", 5.3e6, None),
    ],
)
def test_what_people_write(text, kind, value, own):
    found = amount(text, kind)
    assert found.value == pytest.approx(value)
    assert found.u == (None if own is None else pytest.approx(own))


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("40", "dose", 'has no unit.*Write for example "23 Gy"'),
        (40, "dose", "has no unit"),
        ("40 Sv", "dose", "has the unit 'Sv'"),
        ("forty Gy", "dose", "is no dose"),
        ("2 GBq ± 1 Gy", "activity", "in that of the value"),
        ("2 ± -1 GBq", "activity", "0 or more"),
        (True, "number", "is no number"),
        ("0.05", "fraction", "has no unit"),
        ("2,5 Gy", "dose", "is no dose"),
        ("nan Gy", "dose", "is no dose"),
    ],
)
def test_what_is_refused_says_what_to_write(text, kind, message):
    with pytest.raises(ValueError, match=message):
        amount(text, kind)


def test_every_unit_reads_itself():
    for kind, known in UNITS.items():
        for unit, factor in known.items():
            assert amount(f"2 {unit}", kind).value == pytest.approx(2 * factor)


class Case(Amounts):
    """A case for these tests."""

    tumour_mass: Mass
    activity: Activity | None = None
    limit: Dose | None = None
    shunt: Fraction | None = None


def test_a_unit_may_stand_in_the_key():
    found = Case.model_validate({"tumour_mass_g": 200, "activity_MBq": 500.0, "limit_Gy": 40, "shunt_percent": 5})
    assert found.tumour_mass.value == pytest.approx(0.2)
    assert found.activity.value == pytest.approx(5e8)
    assert found.limit.value == 40
    assert found.shunt.value == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tumour_mass": "1 kg", "tumour_mass_g": 1000}, "given twice"),
        ({"tumour_mass": "1 kg", "tumor": 1}, "Extra inputs"),
        ({"tumour_mass_Gy": 1}, "has the unit"),
        ({"tumour_mass_g": "0.2 kg"}, "takes a bare number"),
        ({}, "Field required"),
    ],
)
def test_keys_that_are_refused(given, message):
    with pytest.raises(ValidationError, match=message):
        Case.model_validate(given)
