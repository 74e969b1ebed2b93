"""Sums over a course, and what may not be summed."""

import math

import pytest

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.radiobiology import Delivery, sum_bed, tissue_named

RATE = math.log(2) / (50 * un.h)


def cycle(start_days, *, tissue="kidney", bed=5.5, u=0.5, name=None):
    return Delivery(
        name=name or f"cycle at {start_days} d", start=start_days * un.d, end=start_days * un.d,
        bed=Measured(value=bed, u=u), tissue=tissue_named(tissue), amplitudes=[1.0], rates=[RATE],
    )  # fmt: skip


def beam(start_days, end_days):
    return Delivery(
        name="external beam", start=start_days * un.d, end=end_days * un.d, bed=Measured(value=20.0, u=0.4),
        tissue=tissue_named("kidney"), amplitudes=[], rates=[],
    )  # fmt: skip


def test_a_sum_in_any_order_with_shared_and_with_own_u():
    cycles = [cycle(56), cycle(0), cycle(112)]
    shared, own = sum_bed(cycles), sum_bed(cycles, correlation=0.0)
    assert shared.value == own.value == pytest.approx(16.5)
    assert shared.u == pytest.approx(1.5)
    assert own.u == pytest.approx(0.5 * math.sqrt(3))
    assert own.u < sum_bed(cycles, correlation=0.5).u < shared.u


def test_a_beam_and_cycles():
    assert sum_bed([beam(-60, -25), cycle(0)]).value == pytest.approx(25.5)


def test_a_cycle_without_u_leaves_none():
    one = Delivery(
        name="cycle 1", start=0, end=0, bed=Measured(value=5.0, u=None, why_no_u="one scan"), tissue=tissue_named("kidney"),
        amplitudes=[1.0], rates=[RATE],
    )  # fmt: skip
    found = sum_bed([one, cycle(56)])
    assert found.u is None
    assert "cycle 1" in found.why_no_u


@pytest.mark.parametrize("days", [0, 1, 5])
def test_overlapping_cycles_are_refused(days):
    with pytest.raises(InputError, match="overlapping cycles: second begins"):
        sum_bed([cycle(0), cycle(days, name="second")])


def test_a_beam_that_ends_inside_the_repair_is_refused():
    with pytest.raises(InputError, match="overlapping cycles"):
        sum_bed([beam(0, 30), cycle(30.5)])


def test_different_tissues_do_not_add():
    with pytest.raises(InputError, match="one alpha/beta and repair"):
        sum_bed([cycle(0), cycle(56, tissue="liver")])


def test_nothing_and_wrong_correlation():
    with pytest.raises(InputError, match="no delivery"):
        sum_bed([])
    with pytest.raises(InputError, match="from 0 to 1"):
        sum_bed([cycle(0)], correlation=2)


def test_the_rest_after_a_half_life_is_half():
    assert cycle(0).rest_after(50 * un.h) == pytest.approx(0.5)
    assert beam(0, 30).rest_after(29 * un.d) == 1.0
    with pytest.raises(InputError, match="must not be earlier"):
        beam(0, -1)
