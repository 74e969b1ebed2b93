"""Distance laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.protection.distance import LAWS, METRE, DistanceLaw, relative_dose_rate


@given(st.sampled_from(LAWS), st.floats(0.05, 20), st.floats(1.01, 3))
def test_one_at_a_metre_and_falling(law, distance, further):
    known = DistanceLaw(name=law)
    assert relative_dose_rate(METRE, known) == pytest.approx(1)
    near = relative_dose_rate(distance * METRE, known)
    assert relative_dose_rate(distance * further * METRE, known) < near


def test_a_short_line_is_a_point():
    short, point = DistanceLaw(name="line", height=1.0), DistanceLaw(name="point")
    for d in (0.5, 2.0, 4.0):
        assert relative_dose_rate(d * METRE, short) == pytest.approx(relative_dose_rate(d * METRE, point), rel=1e-5)


def test_a_line_far_away_is_a_point():
    line = DistanceLaw(name="line")
    assert relative_dose_rate(80 * METRE, line) / relative_dose_rate(40 * METRE, line) == pytest.approx(0.25, rel=1e-3)


def test_unknown_laws_and_senseless_distances_are_refused():
    with pytest.raises(InputError, match="point, power-1.5, line"):
        DistanceLaw(name="cubic")
    with pytest.raises(InputError, match="above zero"):
        DistanceLaw(name="line", height=0)
    with pytest.raises(InputError, match="metres"):
        relative_dose_rate(1.0, DistanceLaw(name="point"))
