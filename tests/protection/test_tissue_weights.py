"""Tissue weights and effective dose from organ doses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hevesy.errors import InputError
from hevesy.protection.tissue_weights import REMAINDER_60, effective_dose_icrp60, tissue_weights

ORGANS = ("testes", "ovaries", *REMAINDER_60, *(t for t in tissue_weights("icrp-60") if t not in ("gonads", "remainder")))


@given(st.floats(0.001, 10))
def test_a_uniform_dose_is_the_effective_dose(dose: float):
    assert effective_dose_icrp60(dict.fromkeys(ORGANS, dose)) == pytest.approx(dose)


def test_splitting_of_the_remainder():
    doses = dict.fromkeys(ORGANS, 1.0) | {"kidneys": 9.0}
    # Kidneys above every weighted tissue: 0.025 x 9 + 0.025 x 1 in place of 0.05 x mean.
    assert effective_dose_icrp60(doses) == pytest.approx(0.95 + 0.025 * 9 + 0.025)
    doses["bladder"] = 10.0
    assert effective_dose_icrp60(doses) == pytest.approx(0.90 + 0.5 + 0.05 * (8 + 9) / 9)


def test_what_is_missing_is_named():
    with pytest.raises(InputError, match="liver is missing"):
        effective_dose_icrp60({name: 1.0 for name in ORGANS if name != "liver"})
    with pytest.raises(InputError, match="ovaries is missing"):
        effective_dose_icrp60({name: 1.0 for name in ORGANS if name != "ovaries"})
    with pytest.raises(InputError, match="icrp-103, icrp-60"):
        tissue_weights("icrp-26")
