"""The photopeak is the window of the strong line, or nobody's: a window of another nuclide is never taken for it."""

from dataclasses import replace

import numpy as np
import pytest
from tests.dicom.tomo_files import WINDOWS, projections

from hevesy.app.reconstruct_windows import photopeak, windows_remarks
from hevesy.errors import InputError
from hevesy.model import EnergyWindow
from hevesy.nuclides import load_nuclide


def w(lower, upper):
    return EnergyWindow(name=f"{lower:g}", lower=lower, upper=upper)


PEAK = w(187.2, 228.8)


@pytest.mark.parametrize(
    ("windows", "nuclide", "lower"),
    [
        (WINDOWS[::-1], "Lu-177", 187.2),
        ((w(160, 180), PEAK, w(236, 256)), "Lu-177", 187.2),  # the 249.7 keV line is in the upper window
        ((PEAK,), "Lu-177", 187.2),
        ((w(101, 125), *WINDOWS), "Lu-177", 187.2),  # only this one has a window below
        ((w(328, 400), w(580, 694)), "I-131", 328),
        ((w(63, 77), w(150, 184)), "Tl-201", 63),
        ((w(22, 40),), "I-125", 22),
        ((w(126, 154), w(111, 126)), "Tc-99m", 126),
        ((w(220, 255),), "Pb-212", 220),
    ],
)
def test_the_window_of_the_strong_line(windows, nuclide, lower):
    assert photopeak(windows, nuclide, stated=None, name="t").lower == lower


@pytest.mark.parametrize(
    ("windows", "nuclide", "words"),
    [
        ((w(126, 154),), "Lu-177", "none holds a strong line"),
        ((w(18720, 22880),), "Lu-177", "none holds a strong line"),  # in hundredths of a keV
        ((WINDOWS[0],), "Lu-177", "none holds a strong line"),
        (WINDOWS, "Tc-99m", "photopeak of Tc-99m"),
        ((w(90, 125),), "Y-90", "none holds a strong line"),
        ((w(154, 188), w(221, 270)), "In-111", "2 fit"),
    ],
)
def test_none_or_several(windows, nuclide, words):
    with pytest.raises(InputError, match=words):
        photopeak(windows, nuclide, stated=None, name="t")


def test_what_is_stated_wins():
    assert photopeak((w(90, 125),), "Y-90", stated=0.1, name="t").lower == 90
    with pytest.raises(InputError, match="300 keV lies in 0"):
        photopeak(WINDOWS, "Lu-177", stated=0.3, name="t")


def test_what_is_odd_about_windows_is_said():
    made, half_life = projections(), load_nuclide("Lu-177").half_life

    def said(windows=WINDOWS, peak=WINDOWS[1], life=half_life, shares=(1, 1, 1)):
        counts = made.counts * np.array(shares, np.float32)[:, None, None, None]
        odd = replace(made, windows=windows, counts=counts)
        return " ".join(windows_remarks(odd, peak, "Lu-177", half_life=life, expected=half_life))

    assert said() == ""
    assert "no line of Lu-177" in said(peak=WINDOWS[0])
    apart = (w(160, 180), PEAK, w(236, 256))
    assert "160 to 180, 236 to 256 keV do not touch" in said(windows=apart, peak=PEAK)
    assert "(0018,1075)" in said(life=21600.0)
    assert "little of the photopeak is left" in said(shares=(4, 1, 4))
