"""Trends against their uncertainty, and categories against the thresholds of the papers."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.course import Course, Cycle, CycleRegion, ErrorPart
from hevesy.planning.response import (
    COMPLETE,
    PROGRESSION,
    RESPONSE,
    STABLE,
    Criteria,
    Response,
    category,
    changed,
    criteria,
    response,
)


def lesion(name: str = "Lesion 1", *, volume: float = 20.0, uptake: float = 1.0, u: float = 0.05) -> CycleRegion:
    def known(value: float) -> Measured:
        return Measured(value=value, u=u * value)

    return CycleRegion(
        name=name, standard_name="Lesion", kind="lesion", volume=known(volume * un.ml),
        mass=known(volume * un.g), dose=known(20.0),
        uptake=known(uptake * un.h), effective_half_life=known(90 * un.h), amplitudes=np.array([1.0]), rates=np.array([1e-6]),
        errors=(
            ErrorPart(source="calibration", relative=0.04, kind="systematic", shared=True),
            ErrorPart(source="noise", relative=0.03, kind="random", shared=False),
        ),
    )  # fmt: skip


def course(*cycles: list[CycleRegion], nuclides: tuple[str, ...] = (), **last: object) -> Course:
    made = [
        Cycle(
            label=f"cycle {n + 1}", patient_id="P", nuclide=nuclides[n] if nuclides else "Lu-177", radiopharmaceutical="",
            source=str(n), administered=datetime(2024, 1, 1) + timedelta(days=60 * n), administered_activity=7.4 * un.GBq,
            regions={each.identity: each for each in regions},
        )
        for n, regions in enumerate(cycles)
    ]  # fmt: skip
    made[-1] = replace(made[-1], **last)  # type: ignore[arg-type]
    return Course(
        patient_id="P", nuclides=tuple(dict.fromkeys(nuclides or ("Lu-177",))), cycles=tuple(made), beams=(), remarks=()
    )


def named(name: str) -> Criteria:
    return next(each for each in criteria() if each.name == name)


def says(found: Response, name: str) -> str:
    return next(each.category for each in found.verdicts if each.criteria.name == name)


def trend(found: Response, quantity: str):  # type: ignore[no-untyped-def]
    return next(each for each in found.trends if each.quantity == quantity)


def test_a_volume_that_halved_and_its_u() -> None:
    """x/x0 = 0.5, each with 5 %: u = 0.5 sqrt(2) 0.05."""
    change = trend(response(course([lesion()], [lesion(volume=10.0)])), "volume").changes[0]
    assert change.value == pytest.approx(-0.5)
    assert change.u == pytest.approx(0.5 * math.sqrt(2) * 0.05)
    assert change.telling is True


def test_a_shared_calibration_falls_out_of_the_ratio_of_uptakes() -> None:
    change = trend(response(course([lesion()], [lesion(uptake=1.05)])), "uptake").changes[0]
    assert change.u == pytest.approx(1.05 * math.sqrt(2) * 0.03)
    assert change.telling is False


def test_without_u_nothing_is_said_of_it() -> None:
    before = Measured(value=1.0, u=None, why_no_u="none")
    assert changed("cycle 2", before, Measured(value=2.0, u=0.1)).telling is None
    with pytest.raises(InputError, match="relative to zero"):
        changed("cycle 2", Measured(value=0.0, u=0.1), before)


@pytest.mark.parametrize(
    ("name", "change", "new", "expected"),
    [
        ("RECIP 1.0", -0.30, 0, RESPONSE),
        ("RECIP 1.0", -0.29, 0, STABLE),
        ("RECIP 1.0", -0.50, 1, STABLE),
        ("RECIP 1.0", 0.20, 1, PROGRESSION),
        ("RECIP 1.0", 0.50, 0, STABLE),
        ("RECIP 1.0", 0.19, 2, STABLE),
        ("RECIP 1.0", -1.0, 0, COMPLETE),
        ("RECIST 1.1 in volume", -0.66, 0, RESPONSE),
        ("RECIST 1.1 in volume", -0.65, 0, STABLE),
        ("RECIST 1.1 in volume", 0.73, 0, PROGRESSION),
        ("RECIST 1.1 in volume", -0.9, 1, PROGRESSION),
    ],
)
def test_categories(name: str, change: float, new: int, expected: str) -> None:
    assert category(named(name), change, new=new) == expected


def test_percist_needs_the_step_as_well() -> None:
    percist = named("PERCIST 1.0")
    assert category(percist, -0.4, new=0, step=1.0) == RESPONSE
    assert category(percist, -0.4, new=0, step=0.7) == STABLE
    assert category(percist, 0.4, new=0, step=0.7) == STABLE


@given(st.floats(-0.99, 3), st.integers(0, 3))
def test_a_new_lesion_is_never_a_response(change: float, new: int) -> None:
    for each in criteria():
        found = category(each, change, new=new)
        assert not (new and found in (RESPONSE, COMPLETE))


def test_volume_of_all_lesions_and_new_ones() -> None:
    found = response(course([lesion(volume=20)], [lesion(volume=20), lesion("Lesion 2", volume=10)]))
    assert found.volume is not None
    assert found.volume.value == pytest.approx(0.5)
    assert (found.new_lesions, found.new_count) == (("Lesion 2",), 1)
    assert says(found, "RECIP 1.0") == PROGRESSION
    assert "new, or not drawn then" in " ".join(found.remarks)


def test_what_a_reader_counted_wins_and_it_is_said() -> None:
    found = response(course([lesion()], [lesion(), lesion("Lesion 2", volume=10)], new_lesions=0))
    assert found.new_count == 0
    assert says(found, "RECIP 1.0") == STABLE
    assert "as stated; 1 were drawn anew" in " ".join(found.remarks)


def test_a_threshold_within_the_uncertainty_is_named() -> None:
    found = response(course([lesion(u=0.1)], [lesion(volume=13.5, u=0.1)]))
    recip = next(each for each in found.verdicts if each.criteria.name == "RECIP 1.0")
    assert recip.category == RESPONSE
    assert "threshold of response lies within the uncertainty" in recip.why


def test_percist_from_stated_values_and_without() -> None:
    of = course([lesion()], [lesion()])
    assert says(response(of), "PERCIST 1.0") == ""
    cycles = (replace(of.cycles[0], sul_peak=5.0), replace(of.cycles[1], sul_peak=3.0))
    assert says(response(replace(of, cycles=cycles)), "PERCIST 1.0") == RESPONSE


def test_lesions_that_were_not_drawn_again_are_named() -> None:
    found = response(course([lesion(), lesion("Lesion 2")], [lesion()]))
    assert found.gone_lesions == ("Lesion 2",)
    assert "counted as volume 0" in " ".join(found.remarks)


def test_one_cycle_has_no_response() -> None:
    found = response(course([lesion()]))
    assert (found.verdicts, found.volume) == ((), None)


def test_uptake_of_different_nuclides_is_not_compared() -> None:
    found = response(course([lesion()], [lesion()], nuclides=("Lu-177", "Ac-225")))
    assert trend(found, "uptake").changes == ()
    assert len(trend(found, "volume").changes) == 1


def test_thresholds_in_volume_are_the_cubes_of_those_in_diameter() -> None:
    recist = named("RECIST 1.1 in volume")
    assert (recist.response, recist.progression) == (pytest.approx(0.7**3 - 1, abs=5e-4), pytest.approx(1.2**3 - 1, abs=5e-4))
    assert all(each.source and each.how and each.not_claimed for each in criteria())


def test_the_table_is_what_its_script_writes() -> None:
    """The rows of tools/data/make_response_criteria.py, read as text."""
    import importlib.util
    import sys
    from pathlib import Path

    from hevesy.tables import load_table

    tools = Path(__file__).parents[2] / "tools" / "data"
    sys.path.insert(0, str(tools))
    try:
        spec = importlib.util.spec_from_file_location("make_response_criteria", tools / "make_response_criteria.py")
        assert spec is not None
        assert spec.loader is not None
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
    finally:
        sys.path.remove(str(tools))
    written = [tuple(row.values()) for row in load_table("hevesy.planning", "response_criteria").rows]
    assert written == [tuple(str(value) for value in row) for row in script.ROWS]
