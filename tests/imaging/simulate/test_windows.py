"""Triple energy windows."""

import pytest

from hevesy.errors import InputError
from hevesy.imaging.simulate import imaged_energy, line_near, triple_windows, windows_about


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


def test_windows_about_several_lines_are_named_by_them():
    lines = [line_near("Lu-177", energy) for energy in (0.113, 0.21)]
    assert lines == pytest.approx([0.11295, 0.20837], abs=1e-4)
    named = {w.name: w for w in windows_about(lines)}
    assert list(named) == ["Peak 113", "Lower 113", "Upper 113", "Peak 208", "Lower 208", "Upper 208"]
    assert named["Upper 113"].lower == named["Peak 113"].upper
    assert windows_about(lines[:1]) == triple_windows(lines[0])
    assert line_near("In-111", 0.24) == pytest.approx(0.2454, abs=1e-3)
    with pytest.raises(InputError, match="overlap"):
        windows_about([0.159, 0.171])
    with pytest.raises(InputError, match="113, .*208"):
        line_near("Lu-177", 0.15)
