"""A collimator for an energy: its walls stop what does not come through a hole."""

import pytest

from hevesy.errors import InputError
from hevesy.imaging.systems import camera
from hevesy.imaging.systems.choice import STOPS, suited, suits
from hevesy.imaging.systems.collimator import geometric_efficiency, septal_penetration


@pytest.mark.parametrize("energy", [0.0705, 0.1405, 0.1711, 0.2084])
def test_the_most_sensitive_of_those_that_stop_it(energy: float) -> None:
    found = camera("siemens-intevo")
    chosen = suited(found, energy)
    assert septal_penetration(chosen, energy) < STOPS
    for other in found.collimators:
        if suits(other, energy):
            assert geometric_efficiency(other, energy) <= geometric_efficiency(chosen, energy)


def test_a_pinhole_is_asked_for_by_name_only() -> None:
    assert not any(suits(one, 0.1405) for one in camera("siemens-intevo").collimators if one.shape == "pinhole")


def test_none_is_said() -> None:
    with pytest.raises(InputError, match="ge-starguide|StarGuide.*no collimator for 511 keV"):
        suited(camera("ge-starguide"), 0.511)
