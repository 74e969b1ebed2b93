"""What is left, and keep, reduce, stop or image again."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning.advice import Allowance, Suggestion, above, allowances, rows_of, suggest
from hevesy.planning.course import Course, Cycle, CycleRegion, ErrorPart
from hevesy.planning.ledger import ledger
from hevesy.planning.limits import Limit
from hevesy.radiobiology import Repair, Tissue

A = 7.4 * un.GBq
KIDNEY = Tissue(
    name="kidney", endpoint="nephropathy", alpha_beta=Measured(value=2.6, u=None, why_no_u="none"),
    repair=Repair(half_times=(2.8 * un.h,)), repair_u=None, source="a test", how="given",
)  # fmt: skip


def kidney(dose: float, *, side: str = "Left", u: float = 0.05, well_posed: bool = True) -> CycleRegion:
    import numpy as np

    known = Measured(value=1.0, u=0.0)
    return CycleRegion(
        name=f"Kidney_{side}", standard_name=f"{side} kidney", kind="organ", volume=known, mass=known,
        dose=Measured(value=dose, u=u * dose), uptake=known, effective_half_life=Measured(value=50 * un.h, u=0.0),
        amplitudes=np.array([1.0]), rates=np.array([math.log(2) / (50 * un.h)]),
        errors=(ErrorPart(source="calibration", relative=u, kind="systematic", shared=True),), well_posed=well_posed,
    )  # fmt: skip


def course(*cycles: list[CycleRegion]) -> Course:
    from datetime import datetime, timedelta

    made = tuple(
        Cycle(
            label=f"cycle {n + 1}", patient_id="P", nuclide="Lu-177", radiopharmaceutical="", source=str(n),
            administered=datetime(2024, 1, 1) + timedelta(days=60 * n), administered_activity=A,
            regions={each.identity: each for each in regions},
        )
        for n, regions in enumerate(cycles)
    )  # fmt: skip
    return Course(patient_id="P", nuclides=("Lu-177",), cycles=made, beams=(), remarks=())


def advise(of: Course, limit: Limit, *, between: float = 0.0, activity: float = A) -> tuple[tuple[Allowance, ...], Suggestion]:
    rows = ledger(of, {"Kidney": KIDNEY})
    found = allowances(of, rows, [limit], tissue_named=lambda name: KIDNEY, activity=activity, between_cycles=between)
    return found, suggest(of, found, activity=activity, between_cycles=between)


def test_the_largest_activity_by_hand() -> None:
    """One systematic error of 5 % in all: (D1 + D2) exp(1.645 s) = L at the 5 % quantile, s^2 = ln(1 + 0.05^2)."""
    found, said = advise(course([kidney(6.0)]), Limit(region="Kidney", quantity="dose", value=10.0))
    D2 = 10 / math.exp(1.6448536 * math.sqrt(math.log1p(0.05**2))) - 6
    assert found[0].largest == pytest.approx(A * D2 / 6, rel=1e-5)
    assert (said.kind, said.deciding) == ("reduce", "Left kidney")
    assert said.activity == pytest.approx(found[0].largest)
    assert "GBq hold it with a probability of 95 %" in said.reason


def test_the_change_between_cycles_makes_it_smaller() -> None:
    limit = Limit(region="Kidney", quantity="dose", value=10.0)
    assert advise(course([kidney(6.0)]), limit, between=0.2)[0][0].largest < advise(course([kidney(6.0)]), limit)[0][0].largest  # type: ignore[operator]


def test_keep_where_every_limit_holds() -> None:
    found, said = advise(course([kidney(6.0)]), Limit(region="Kidney", quantity="dose", value=23.0))
    assert (said.kind, said.activity) == ("keep", A)
    assert found[0].next_exceeded < 1e-6
    assert "below 0.1 %" in said.reason


def test_stop_where_the_limit_is_reached_or_nearly() -> None:
    of = course([kidney(6.0)], [kidney(6.0)])
    reached = advise(of, Limit(region="Kidney", quantity="dose", value=11.0))
    assert (reached[1].kind, reached[1].activity, reached[0][0].largest) == ("stop", None, 0.0)
    assert "was reached: 12 ± 0.6 Gy so far" in reached[1].reason
    nearly = advise(of, Limit(region="Kidney", quantity="dose", value=13.3))[1]
    assert nearly.kind == "stop"
    assert "less than a tenth" in nearly.reason


def test_image_first_where_the_fit_is_ill_posed_or_the_organ_was_not_drawn() -> None:
    limit = Limit(region="Kidney", quantity="dose", value=23.0)
    said = advise(course([kidney(6.0, well_posed=False)]), limit)[1]
    assert said.kind == "re-image"
    assert "ill-posed in cycle 1" in said.reason
    other = replace(kidney(6.0), name="Liver", standard_name="Liver")
    assert "lower bound" in advise(course([other], [kidney(6.0)]), limit)[1].reason
    assert (
        "uncertainty of 40%"
        in advise(course([kidney(6.0, u=0.4)]), Limit(region="Kidney", quantity="dose", value=60.0))[1].reason
    )


def test_bed_counts_the_next_cycle_on_its_own() -> None:
    G = 2.8 / 52.8
    found = advise(course([kidney(6.0)]), Limit(region="Kidney", quantity="BED", value=40.0, tissue="kidney"))[0][0]
    assert found.next_total.value == pytest.approx(2 * 6 * (1 + G * 6 / 2.6))


@given(st.floats(1, 12), st.floats(13, 60), st.floats(0.01, 0.2), st.floats(0, 0.4), st.sampled_from(["dose", "BED", "EQD2"]))
def test_the_largest_activity_meets_its_probability(dose: float, limit: float, u: float, between: float, quantity: str) -> None:
    wanted = Limit(region="Kidney", quantity=quantity, value=limit, tissue="" if quantity == "dose" else "kidney")
    of = course([kidney(dose, u=u)])
    found = advise(of, wanted, between=between)[0][0]
    if found.largest:
        at = advise(of, wanted, between=between, activity=found.largest)[0][0]
        assert at.next_exceeded == pytest.approx(0.05, abs=1e-6)


def test_each_side_of_an_organ_has_the_limit_and_absent_ones_are_refused() -> None:
    rows = ledger(course([kidney(6.0), kidney(5.0, side="Right")]), {})
    names = [row.name for row in rows_of(Limit(region="Kidneys", quantity="dose", value=23.0), rows)]
    assert names == ["Kidney, both"]
    assert len(rows_of(Limit(region="Kidney", quantity="dose", value=23.0), rows)) == 2
    assert [row.name for row in rows_of(Limit(region="Kidney_Right", quantity="dose", value=23.0), rows)] == ["Right kidney"]
    assert [row.name for row in rows_of(Limit(region="Kidney, both", quantity="dose", value=23.0), rows)] == ["Kidney, both"]
    with pytest.raises(InputError, match="limit of Liver: the course has no such region; there are Left kidney"):
        rows_of(Limit(region="Liver", quantity="dose", value=23.0), rows)


def test_one_side_alone_is_said() -> None:
    limit = Limit(region="Kidneys", quantity="dose", value=23.0)
    assert "the other side is under no limit" in " ".join(advise(course([kidney(6.0)]), limit)[1].remarks)
    both = course([kidney(6.0), kidney(5.0, side="Right")])
    assert "other side" not in " ".join(advise(both, limit)[1].remarks)


def test_an_organ_absent_from_the_last_cycle_is_refused() -> None:
    other = replace(kidney(6.0), name="Liver", standard_name="Liver")
    with pytest.raises(InputError, match="not drawn in cycle 2, the last cycle. Draw it there"):
        advise(course([kidney(6.0)], [other]), Limit(region="Kidney", quantity="dose", value=23.0))


def test_without_limits_no_activity_is_suggested() -> None:
    said = suggest(course([kidney(6.0)]), [], activity=A, between_cycles=None)
    assert (said.kind, said.activity) == ("none", None)


def test_the_chance_of_a_log_normal_distribution() -> None:
    assert above(Measured(value=10.0, u=1.0), 10.0) == pytest.approx(0.5)
    assert above(Measured(value=10.0, u=1.0), 10 * math.exp(1.6448536 * math.sqrt(math.log(1.01)))) == pytest.approx(
        0.05, rel=1e-6
    )
    assert above(Measured(value=10.0, u=None, why_no_u="none"), 9.0) == 1.0
