"""Simulated spheres: what is measured of them against the closed form of a Gaussian blur, and the whole way from a study."""

import math
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.ndimage import gaussian_filter
from tests.app.reconstruct_study import study

from hevesy.app import recovery_spheres as module
from hevesy.app.reconstruct import Options
from hevesy.app.recovery import Spheres, simulated_recovery
from hevesy.app.recovery_spheres import SpheresAsked, see_spheres, spheres_phantom
from hevesy.app.settings import Settings, choices
from hevesy.errors import InputError
from hevesy.imaging.phantoms import activity_map, concentrations, grid_around
from hevesy.imaging.reconstruct.spect import SpectProtocol, SpectSystem, reconstruct_spect
from hevesy.imaging.simulate import PEAK, Effects, expected_counts, step_and_shoot, triple_windows
from hevesy.imaging.systems import camera, detector_response
from hevesy.model import Image, Quantity

SIGMA = 1 / 2.354820045


def gaussian_recovery(diameter, fwhm):
    """Mean of a sphere in itself after a Gaussian, from the overlap of two spheres at distance r.

    R = int_0^2a 4 pi r^2 G(r) (1 - 3 r / 4a + r^3 / 16 a^3) dr
    """
    a, s = diameter / 2, fwhm * SIGMA

    def part(r):
        return (
            4
            * np.pi
            * r**2
            * np.exp(-(r**2) / (2 * s**2))
            / (2 * np.pi * s**2) ** 1.5
            * (1 - 3 * r / (4 * a) + r**3 / (16 * a**3))
        )

    return quad(part, 0, 2 * a)[0]


def without_scatter(activity, body, setup, *, seed, histories):
    """Expected counts of what is not scattered: a fast stand-in."""
    return expected_counts(activity, body, setup, effects=Effects(scatter=False, penetration=False)), None


def test_a_gaussian_blur_gives_the_closed_form():
    asked = SpheresAsked(counts=1e6, diameters=(13.0, 22.0, 37.0), contrast=math.inf)
    who = spheres_phantom(asked, "Lu-177", radius=250.0)
    grid = grid_around((40, 60, 60), 3.0)
    fwhm, hot = 12.0, concentrations(who, 0.0)
    values = gaussian_filter(activity_map(who, grid, start=0.0).values, fwhm * SIGMA / 3.0)
    images = [Image(values=2 * values, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)] * 2
    found = module._measured(who, images, hot)
    assert found.normalisation == pytest.approx(2.0, rel=1e-3)
    # A voxel of 3 mm holds a mean: its blur has the variance 3^2 / 12 on each side of the comparison.
    expected = [gaussian_recovery(d, math.hypot(fwhm, 3.0 / math.sqrt(12) / SIGMA)) for d in found.diameters]
    assert found.recovery == pytest.approx(expected, abs=0.01)
    assert np.all(found.spread == 0)


def test_a_camera_without_response_model_blurs_like_its_response(monkeypatch):
    """Converged OSEM without the response: spheres recover as under a Gaussian of the width at the orbit's radius."""
    monkeypatch.setattr(module, "expected_with_coarse_scatter", without_scatter)
    used = camera("siemens-intevo")
    hole = next(c for c in used.collimators if c.name == "LEHR")
    setup = step_and_shoot(
        used, hole, nuclide="Tc-99m", windows=triple_windows(0.1405), duration=1200, views=24, radius=180, matrix=52, pixel=6.0
    )
    setup = replace(setup, orbit=replace(setup.orbit, rows=20))
    response = detector_response(used, hole, 0.1405)
    system = SpectSystem(sensitivity=1e-4, response=None, half_life=setup.half_life, peak=PEAK, energy=0.1405)

    def image_of(projections, ct):
        settings = SpectProtocol(iterations=10, subsets=6)
        return reconstruct_spect(projections, system, mu=ct, settings=settings).image

    asked = SpheresAsked(counts=1e9, diameters=(17.0, 22.0, 28.0, 37.0), contrast=100.0, realisations=2)
    found = see_spheres(setup, image_of, asked)
    expected = [gaussian_recovery(d, float(response.fwhm(180.0))) for d in found.diameters]
    # Views from nearer and farther than the axis, sampling by 6 mm, a hundredth of the concentration around.
    assert found.recovery == pytest.approx(expected, abs=0.03)
    assert np.all(np.diff(found.recovery) > 0)
    assert np.all(found.core < 1.03)  # no model of the response, no overshoot


def test_from_a_study_to_settings(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "expected_with_coarse_scatter", without_scatter)
    study(tmp_path / "in")
    (tmp_path / "p.toml").write_text('[reconstruction]\niterations = 4\nsubsets = 6\nscatter = "none"\n')
    told = []
    facts = simulated_recovery(
        tmp_path / "in", Spheres(diameters=(22, 28, 37, 60), realisations=2), options=Options(protocol=tmp_path / "p.toml"),
        output=tmp_path / "r.toml", picture=tmp_path / "r.png", progress=lambda text, share: told.append(share),
    )  # fmt: skip
    assert told == sorted(told)
    rows = facts["spheres"]
    assert [row["recovery"] for row in rows] == sorted(row["recovery"] for row in rows)
    assert rows[-1]["core"] > 1.05  # with its response the camera overshoots
    assert any("Gibbs" in text for text in facts["simulated"]["remarks"])
    text = (tmp_path / "r.toml").read_text("utf-8")
    assert text.startswith("# simulated: Lu-177, Siemens Symbia Intevo")
    made = choices(Settings.model_validate(tomllib.loads(text + '[dosimetry]\npartial_volume = "recovery-curve"\n')))
    assert made.recovery_curve is not None
    assert made.recovery_curve.alpha == pytest.approx(facts["parameters"]["alpha"], rel=1e-4)
    assert (tmp_path / "r.png").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"diameters": (10.0, 13.0)}, "allowed are 3 to 18"),
        ({"contrast": 1.0}, "contrast above 1"),
        ({"realisations": 1}, "2 realisations or more"),
        ({"circle": 130.0}, "reaches out of the body"),
        ({"circle": 10.0}, "overlap"),
    ],
)
def test_spheres_that_do_not_fit(changes, said):
    with pytest.raises(InputError, match=said):
        spheres_phantom(SpheresAsked(**{"counts": 1e6, **changes}), "Lu-177", radius=215.0)
