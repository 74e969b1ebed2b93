"""`hevesy eligible`: words for people."""

import pytest

from hevesy.cli.eligible import _chance


@pytest.mark.parametrize(("p", "said"), [(0.0, "below 0.01"), (0.05, "0.05"), (0.5, "0.50"), (0.99999, "above 0.99")])
def test_no_probability_is_certain(p: float, said: str) -> None:
    assert _chance(p) == said
