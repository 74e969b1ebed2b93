"""Weight, age, day and dose-length product as people write them."""

from datetime import date

import pytest

from hevesy.app.patient_quantities import age_of, day_of, dose_length_product_of, weight_of
from hevesy.errors import InputError


@pytest.mark.parametrize(("text", "kilograms"), [("20", 20), (20, 20), ("20 kg", 20), ("3500 g", 3.5), ("44 lb", 19.958)])
def test_weight(text: object, kilograms: float):
    assert weight_of(text) == pytest.approx(kilograms, abs=5e-4)


@pytest.mark.parametrize(("text", "years"), [("40", 40), ("40 y", 40), ("6 months", 0.5), ("12 weeks", 0.23)])
def test_age(text: str, years: float):
    assert age_of(text) == pytest.approx(years, abs=5e-4)


def test_dose_length_product():
    # 1 mGy cm is 1e-3 Gy x 10 mm.
    for text in ("800 mGy cm", "800 mGy*cm", "800mGy.cm", "800 mGycm", "0.8 Gy cm"):
        assert dose_length_product_of(text) == pytest.approx(8.0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: weight_of("20 GBq"),
        lambda: weight_of("heavy"),
        lambda: weight_of("-3 kg"),
        lambda: weight_of("20 ± 1 kg"),
        lambda: age_of("40 kg"),
        lambda: dose_length_product_of("800"),
        lambda: dose_length_product_of("1.2.3 mGy cm"),
        lambda: day_of("31.01.2026"),
    ],
)
def test_what_is_none_of_these_is_refused_with_an_example(call):
    with pytest.raises(InputError, match=r"example|2026-01-31"):
        call()


def test_day():
    assert day_of("2026-01-31") == date(2026, 1, 31)
    assert day_of("") >= date(2024, 1, 1)
