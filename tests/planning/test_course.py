"""Cycles that fit together, and those that do not."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.course import Cycle, CycleRegion, ErrorPart, ExternalBeam, make_course

START = datetime(2024, 3, 4, 9, 30)


def measured(value: float, share: float = 0.05) -> Measured:
    return Measured(value=value, u=share * value)


def kidney(*, dose: float = 6.0, half_life: float = 50.0) -> CycleRegion:
    return CycleRegion(
        name="Kidney_Left", standard_name="Left kidney", kind="organ", volume=measured(150 * un.ml), mass=measured(0.15),
        dose=measured(dose), uptake=measured(2 * un.h), effective_half_life=measured(half_life * un.h),
        amplitudes=np.array([1e8]), rates=np.array([np.log(2) / (half_life * un.h)]),
        errors=(ErrorPart(source="calibration", relative=0.05, kind="systematic", shared=True),),
    )  # fmt: skip


def cycle(n: int, *, days: float | None = None, **more: object) -> Cycle:
    region = kidney()
    given = {
        "label": f"cycle {n}", "patient_id": "P-1", "nuclide": "Lu-177", "radiopharmaceutical": "", "source": f"uid {n}",
        "administered": START + timedelta(days=60.0 * n if days is None else days), "administered_activity": 7.4 * un.GBq,
        "regions": {region.identity: region},
    } | more  # fmt: skip
    return Cycle(**given)  # type: ignore[arg-type]


def test_cycles_are_sorted_and_it_is_said() -> None:
    course = make_course([cycle(2), cycle(1)])
    assert [each.label for each in course.cycles] == ["cycle 1", "cycle 2"]
    assert "not given in the order of time" in course.remarks[0]
    assert make_course([cycle(1), cycle(2)]).remarks == ()


def test_overlapping_cycles_are_refused() -> None:
    with pytest.raises(InputError, match=r"overlap: 8 d apart, when 7% .* of Kidney_Left .*; 5% is allowed.*subtract"):
        make_course([cycle(1, days=0), cycle(2, days=8)])
    assert len(make_course([cycle(1, days=0), cycle(2, days=10)]).cycles) == 2


@given(st.floats(1, 200), st.floats(0, 2000))
def test_what_is_left_of_one_exponential(half_life: float, hours: float) -> None:
    region = kidney(half_life=half_life)
    assert region.left_after(hours * un.h) == pytest.approx(2 ** -(hours / half_life), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ({"patient_id": "P-2"}, "another patient identifier"),
        ({"source": "uid 1"}, "same administration"),
        ({"administered": START + timedelta(days=60)}, "same administration"),
        ({"nuclide": "Ac-225"}, r"different nuclides .*several_nuclides = true"),
    ],
)
def test_what_does_not_fit_together(second: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        make_course([cycle(1), cycle(2, **second)])


def test_messages_hold_no_identifier() -> None:
    with pytest.raises(InputError) as error:
        make_course([cycle(1, patient_id="SECRET-1"), cycle(2, patient_id="SECRET-2")])
    assert "SECRET" not in str(error.value)


def test_several_nuclides_are_one_course_where_it_is_said() -> None:
    course = make_course([cycle(1), cycle(2, nuclide="Ac-225")], several_nuclides=True)
    assert course.nuclides == ("Lu-177", "Ac-225")


def test_beams_of_another_patient_are_refused() -> None:
    beam = ExternalBeam(label="beams", fractions=7, regions={}, patient_id="P-9")
    with pytest.raises(InputError, match="same_patient = true"):
        make_course([cycle(1)], [beam])
    assert make_course([cycle(1)], [replace(beam, patient_id="")]).beams


def test_no_cycle_no_fraction_and_no_kind_are_refused() -> None:
    with pytest.raises(InputError, match="one cycle or more"):
        make_course([])
    with pytest.raises(InputError, match="0 fractions"):
        ExternalBeam(label="beams", fractions=0, regions={})
    with pytest.raises(InputError, match="allowed: systematic, random"):
        ErrorPart(source="x", relative=0.1, kind="other", shared=False)


def test_without_an_identifier_it_is_said() -> None:
    assert "no patient identifier" in make_course([cycle(1, patient_id="")]).remarks[0]


def test_deviation() -> None:
    assert cycle(1, planned_activity=7.4 / 1.02 * un.GBq).deviation == pytest.approx(0.02)
    assert cycle(1).deviation is None
