import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from hevesy import units as u
from hevesy.app.amounts import amount
from hevesy.app.quantities import EXAMPLES, UNITS, Activity, Fraction, Volume, quantity, written
from hevesy.errors import InputError

PAIRS = [(kind, unit) for kind, known in UNITS.items() for unit in known]
numbers = st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-12)


@given(number=numbers, pair=st.sampled_from(PAIRS), space=st.sampled_from(["", " ", "  ", "\u00a0"]))
def test_what_is_written_is_read(number, pair, space):
    """Both readers, one table: what one reads the other reads."""
    kind, unit = pair
    text = f"{number!r}{space}{unit}"
    assert quantity(text, kind) == pytest.approx(number * UNITS[kind][unit], rel=1e-15)
    assert amount(text, kind).value == quantity(text, kind)
    assert amount(text, kind).u is None


@given(number=numbers, own=st.floats(0, 1e6), pair=st.sampled_from(PAIRS))
def test_uncertainty_is_in_the_unit_of_the_value(number, own, pair):
    kind, unit = pair
    found = amount(f"{number!r} ± {own!r} {unit}", kind)
    assert found.value == pytest.approx(number * UNITS[kind][unit], rel=1e-15)
    assert found.u == pytest.approx(own * UNITS[kind][unit], rel=1e-15)


@given(text=st.text(max_size=20), kind=st.sampled_from(sorted(UNITS)))
def test_any_text_is_read_or_refused_in_words(text, kind):
    if written(text) is None:
        with pytest.raises(InputError, match="--limit: got"):
            quantity(text, kind, name="--limit")
        with pytest.raises(ValueError, match=f"is no {kind}"):
            amount(text, kind)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("7.4 GBq", "activity", 7.4e9),
        ("23Gy", "dose", 23.0),
        (".5 kg", "mass", 0.5),
        ("5.3 L", "volume", 5.3e6 * u.mm3),
        ("2 weeks", "time", 14 * u.d),
        ("5 %", "fraction", 0.05),
        ("0.05", "fraction", 0.05),
        (0.05, "fraction", 0.05),
        ("1 mGy/MBq", "dose per activity", 1e-9),
    ],
)
def test_values(text, kind, value):
    assert quantity(text, kind) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("23", "dose", 'write a number with its unit, one of Gy, cGy, mGy, for example limit = "23 Gy"'),
        (23, "dose", "limit: got 23"),
        ("23 Sv", "dose", "one of Gy"),
        ("23 Gy", "mass", "one of kg"),
        ("23 ± 1 Gy", "dose", "taken as exact"),
        ("1e400 Gy", "dose", "write a number"),
        ("nan Gy", "dose", "write a number"),
        ("2,5 Gy", "dose", "write a number"),
        (True, "fraction", "write a number"),
        (None, "time", "write a number"),
        ("", "time", "write a number"),
    ],
)
def test_what_is_refused(text, kind, message):
    with pytest.raises(InputError, match=message):
        quantity(text, kind, name="limit")


def test_every_example_reads():
    assert set(EXAMPLES) == set(UNITS)
    for kind, text in EXAMPLES.items():
        assert quantity(text, kind) > 0


def test_the_parts():
    found = written("2 GBq ± 5 %")
    assert (found.value, found.unit, found.u, found.unit_u) == (2.0, "GBq", 5.0, "%")
    assert written([2]) is None


class File(BaseModel):
    """A file for these tests."""

    activity: Activity
    volume: Volume | None = None
    chance: Fraction = 0.05


def test_fields_of_a_file():
    found = File.model_validate({"activity": "7.4 GBq", "volume": "2 ml", "chance": "10 %"})
    assert (found.activity, found.volume, found.chance) == (7.4e9, 2000.0, 0.1)
    with pytest.raises(ValidationError, match="write a number with its unit"):
        File.model_validate({"activity": "7.4"})
