import pytest

from hevesy.app.radiations import counted_radiations
from hevesy.errors import InputError


def test_daughters_that_could_leave():
    whole = counted_radiations("Ac-225", daughters=True, leaving=0.0).energy
    half = counted_radiations("Ac-225", daughters=True, leaving=0.5).energy
    alone = counted_radiations("Ac-225", daughters=False, leaving=0.0).energy
    assert half == pytest.approx((whole + alone) / 2)


def test_a_fraction_that_would_do_nothing_is_refused():
    with pytest.raises(InputError, match="no daughters that count"):
        counted_radiations("Y-90", daughters=True, leaving=0.1)
    with pytest.raises(InputError, match="Leave one of the two out"):
        counted_radiations("Ac-225", daughters=False, leaving=0.1)
    with pytest.raises(InputError, match="from 0 to 1"):
        counted_radiations("Ac-225", daughters=True, leaving=1.5)
