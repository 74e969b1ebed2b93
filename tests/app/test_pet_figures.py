"""Simulated beside published figures of NEMA NU 2: what is compared, what is said, what is refused."""

from dataclasses import replace
from functools import partial

import pytest

import hevesy.app.pet_figures as figures
from hevesy.app.scanner import describe_scanner
from hevesy.errors import InputError
from hevesy.imaging.pet.shell import shell_of
from hevesy.imaging.systems import pet_scanner


@pytest.fixture(scope="module")
def found():
    return figures.simulated_figures(pet_scanner("ge-discovery-mi-4"), decays=1e5)


def test_each_published_figure_has_a_verdict(found):
    rows = {row["figure"]: row for row in found["rows"]}
    assert list(rows)[:4] == ["sensitivity, axis", "scatter, low activity", "scatter, peak NECR", "peak NECR"]
    assert list(rows)[4:6] == ["FWHM transverse 1 cm", "FWHM axial 1 cm"]
    low, peak = rows["scatter, low activity"], rows["scatter, peak NECR"]
    assert low["verdict"] == "not published"
    assert (low["computed"] < peak["computed"], peak["published"]) == (True, 40.6)
    assert rows["FWHM radial 20 cm"]["verdict"] == "not published"
    sensitivity = rows["sensitivity, axis"]
    assert sensitivity["published"] == 13.7
    assert sensitivity["ratio"] == pytest.approx(sensitivity["computed"] / 13.7, rel=5e-3)  # three digits
    assert sensitivity["verdict"] == "within"
    assert all(row["u"] > 0 and row["why"] for row in rows.values())
    assert (
        rows["FWHM radial 20 cm"]["computed"] > rows["FWHM radial 10 cm"]["computed"] > rows["FWHM transverse 1 cm"]["computed"]
    )


def test_what_is_assumed_is_said(monkeypatch):
    monkeypatch.setattr(figures, "resolution", partial(figures.resolution, decays=3e4))
    scanner = replace(
        pet_scanner("siemens-vision-600"), energy_resolution=None, block=None, coincidence_window=None, sensitivity_centre=None
    )
    said = figures.simulated_figures(scanner, decays=1e5)
    assert [row["figure"] for row in said["rows"]][1:3] == ["scatter, low activity", "FWHM transverse 1 cm"]
    assert said["rows"][1]["published"] == 38.7
    assert said["rows"][0]["verdict"] == "not published"
    for word in ("energy resolution", "blocks of 8 x 8", "coincidence window"):
        assert any(word in remark for remark in said["remarks"])
    nothing = figures.simulated_figures(replace(scanner, energy_window=None))
    assert nothing["rows"] == []
    assert "cannot be simulated" in nothing["remarks"][-1]
    with pytest.raises(InputError, match="1e5 to 1e9"):
        figures.simulated_figures(scanner, decays=10)


def test_lines_of_a_long_scanner_are_cut(monkeypatch):
    asked = []
    monkeypatch.setattr(figures, "point_images", lambda shell, *rest, **more: asked.append(shell.span) or 1 / 0)
    for name in ("siemens-quadra", "siemens-vision-600"):
        with pytest.raises(ZeroDivisionError):
            figures.resolution(shell_of(pet_scanner(name), energy_fwhm=0.1), 10.0, seed=1)
    assert asked == [282.0, pytest.approx(263.3)]


def test_a_camera_has_none():
    with pytest.raises(InputError, match="Leave --nema out"):
        describe_scanner("siemens-intevo", nema=True)
