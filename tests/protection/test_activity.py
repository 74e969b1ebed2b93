"""Activities by card: rows and limits of the card, the errors of public calculators, and what is refused."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hevesy.errors import InputError, ScopeError
from hevesy.protection.activity import NEAREST, CardActivity, card_activity, cards, listed
from hevesy.protection.tracers import tracer
from hevesy.units import MBq, kg

TODAY = date(2026, 11, 21)


def _of(text: str, weight: float, card: str = "eanm-2016", **more: object) -> CardActivity:
    return card_activity(tracer(text), weight * kg, on=TODAY, card=card, **more)  # type: ignore[arg-type]


ROWS = [(card, t, p) for card in cards() for t, p in listed(card)]


@pytest.mark.parametrize(
    ("weight", "printed"),
    list(
        zip(
            [3, 4, 6, 8, *range(10, 51, 2), 53, 57, 61, 65, 68],
            [
                15,
                15,
                18,
                20,
                23,
                26,
                28,
                30,
                32,
                34,
                36,
                38,
                40,
                41,
                43,
                45,
                46,
                48,
                50,
                51,
                52,
                54,
                55,
                57,
                58,
                60,
                62,
                65,
                67,
                69,
            ],
            strict=True,
        )
    ),
)
def test_mag3_of_the_swiss_label(weight: float, printed: float):
    # At 6 kg the multiple of the card gives 17.49 MBq; the label prints 18 from an unrounded one.
    assert _of("MAG3", weight).activity / MBq == pytest.approx(printed, abs=0.52)


def test_dmsa_is_class_b_and_its_minimum_comes_after_the_multiple():
    ten, twelve = _of("DMSA", 10), _of("DMSA", 12)
    assert ten.dosage_class == "B"
    assert ten.activity / MBq == 18.5
    assert ten.before_limits / MBq == pytest.approx(18.43, abs=0.005)
    assert ten.limited == "minimum"
    assert twelve.activity / MBq == pytest.approx(21.4, abs=0.05)
    assert twelve.limited == ""


def test_52_to_54_kg():
    assert _of("DMSA", 53).multiple == 11.29
    assert _of("I-123 iodide", 54).multiple == 24.67
    assert _of("MAG3", 52).multiple == 5.0


def test_fdg_torso_and_pet_mr():
    for weight, activity in ((10, 70.2), (20, 125.9), (68, 362.6)):
        assert _of("FDG torso", weight).activity / MBq == pytest.approx(activity, abs=0.05)
    # Dickson et al. print 11 to 149 MBq, whole numbers.
    assert _of("FDG", 3, "eanm-2022-petmr").activity / MBq == pytest.approx(11, abs=0.5)
    assert _of("FDG", 68, "eanm-2022-petmr").activity / MBq == pytest.approx(149, abs=1)


def test_nothing_is_interpolated_between_rows():
    lower, between, upper = (_of("MAG3", w) for w in (20, 21.9, 22))
    assert between.activity == lower.activity
    assert between.next_row == upper.activity
    assert between.row == (20, 20)
    assert _of("MAG3", 21.9, between=NEAREST).activity == upper.activity
    assert _of("MAG3", 21, between=NEAREST).activity == lower.activity
    assert _of("MAG3", 55, between=NEAREST).row == (52, 54)
    with pytest.raises(InputError, match="lower, nearest"):
        _of("MAG3", 21, between="linear")


@pytest.mark.parametrize(("weight", "says"), [(2.5, "begins at 3 kg"), (70, "ends at 68 kg")])
def test_no_silent_extrapolation(weight: float, says: str):
    with pytest.raises(ScopeError, match=says):
        _of("MAG3", weight)


def test_a_slip_of_the_unit_is_asked_back():
    with pytest.raises(InputError, match="grams or pounds"):
        _of("MAG3", 20000)
    with pytest.raises(InputError, match="plausible"):
        _of("MAG3", float("nan"))


def test_a_choice_is_not_guessed():
    with pytest.raises(InputError, match="'torso', 'brain'"):
        _of("FDG", 20)
    with pytest.raises(InputError, match="is not known; card eanm-2016 has 'torso', 'brain'"):
        _of("FDG", 20, procedure="heart")
    with pytest.raises(InputError, match="nearest is eanm-2016"):
        _of("FDG", 20, "eanm-2015")
    with pytest.raises(InputError, match="These cards have it: na-2024"):
        _of("F-18 DOPA", 20)
    with pytest.raises(InputError, match="fits several"):
        _of("MIBI heart one day", 20)
    with pytest.raises(ScopeError, match="only the upper limit of 37 MBq"):
        _of("pertechnetate cystography", 20, "na-2024")


def test_north_american_range_and_limits():
    fdg = _of("FDG torso", 20, "na-2024")
    assert (fdg.activity / MBq, fdg.highest / MBq) == pytest.approx((59.2, 104.0))
    assert _of("mIBG I-123", 100, "na-2024").limited == "maximum"
    assert _of("mIBG I-123", 100, "na-2024").activity == 370 * MBq
    assert _of("MAG3 with flow", 4, "na-2024").activity == 37 * MBq
    colloid = _of("colloid gastric emptying, liquid", 20, "na-2024")
    assert (colloid.activity, colloid.highest) == (18.5 * MBq, 37 * MBq)


def test_a_superseded_card_says_so():
    old = _of("DMSA", 20, "na-2010")
    assert "held until 2016-11-30" in old.remarks[0]
    in_time = card_activity(tracer("DMSA"), 20.0, on=date(2015, 1, 1), card="na-2010")
    assert not any("superseded" in text for text in in_time.remarks)
    with pytest.raises(ScopeError, match="holds from 2016-07-05"):
        card_activity(tracer("DMSA"), 20.0, on=date(2010, 1, 1))


@given(st.sampled_from(ROWS), st.floats(0.5, 250), st.sampled_from(["lower", "nearest"]))
def test_never_below_the_minimum_nor_above_the_maximum(row: tuple[str, str, str], weight: float, between: str):
    card, name, procedure = row
    # Outside the card, and where it gives an upper limit alone, the answer is a refusal: see the tests above.
    assume(procedure != "cystography" or card.startswith("eanm"))
    assume(not card.startswith("eanm") or 3 <= weight <= 68)
    found = card_activity(tracer(name), weight, on=TODAY, card=card, procedure=procedure, between=between)
    assert found.minimum is None or found.activity >= found.minimum
    assert found.maximum is None or found.highest <= found.maximum
    assert found.activity <= found.highest
    assert found.limited == "" or any("by weight alone" in text for text in found.remarks)


def test_an_own_card_is_laid_over(tmp_path: Path):
    path = tmp_path / "ours.csv"
    path.write_text(
        "card,tracer,procedure,class,baseline_MBq,low_MBq_per_kg,high_MBq_per_kg,minimum_MBq,maximum_MBq,remark,"
        "source,page,edition,valid_from,valid_until,how\n"
        "eanm-2016,Tc-99m MAG3,,A,8,,,12,,,our protocol 7,p. 1,3,,,local\n",
        "utf-8",
    )
    found = _of("MAG3", 20, own=path)
    assert found.activity / MBq == pytest.approx(8 * 2.88)
    assert found.rows[0].theirs
    assert _of("DMSA", 12, own=path).rows[0].overlay == ""
