"""Triple energy windows."""

import pytest

from hevesy.errors import InputError
from hevesy.imaging.simulate import imaged_energy, triple_windows


def test_windows_touch():
    peak, lower, upper = triple_windows(0.1405)
    assert (peak.lower, peak.upper) == pytest.approx((126.45, 154.55))
    assert lower.upper == peak.lower
    assert upper.lower == peak.upper
    assert lower.width == pytest.approx(8.43)
    with pytest.raises(InputError):
        triple_windows(140.5, width=2.0)


@pytest.mark.parametrize(("nuclide", "keV"), [("Tc-99m", 140.5), ("Lu-177", 208.4), ("I-131", 364.5), ("I-123", 159.0)])
def test_the_line_that_is_imaged(nuclide, keV):
    assert 1000 * imaged_energy(nuclide) == pytest.approx(keV, abs=0.1)


def test_no_photons():
    with pytest.raises(InputError, match="no photon line"):
        imaged_energy("H-3")
