"""How NEMA NU 2 reads counts, against closed forms."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.imaging.pet import nema
from hevesy.imaging.pet.shell import shell_of
from hevesy.imaging.systems import pet_scanner

X = np.arange(-165, 166, 2.0)
SHELL = shell_of(pet_scanner("ge-discovery-mi-4"))
FLAT = nema.Sensitivity(value=0.01, u=1e-4)


@pytest.mark.parametrize("slope", [0.0, 0.02])
def test_a_narrow_line_on_a_straight_background(slope):
    background = 10 + slope * X
    profile = background + 5000 * np.exp(-0.5 * (X / 2) ** 2)
    assert nema.strip_scatter(profile) == pytest.approx(background.sum(), rel=1e-6)
    with pytest.raises(InputError, match="Use a wider one"):
        nema.strip_scatter(profile[70:96])


def test_randoms_of_even_singles():
    """2 tau N^2/2, less the planes beyond and the lines beside."""
    found = nema.used_randoms(SHELL, np.full(SHELL.rings, 100.0), 2e-9)
    beside = 2 / math.pi * math.asin(120 / SHELL.mean_radius)
    assert found == pytest.approx(2e-9 * (100.0 * SHELL.rings) ** 2 * beside)
    long = replace(SHELL, length=1060.0, rings=200, span=1060.0)
    z = (np.arange(200) - 99.5) * 5.3
    inside = np.mean(np.abs(z[:, None] + z) / 2 <= 325)
    assert nema.used_randoms(long, np.ones(200), 2e-9) == pytest.approx(2e-9 * 4e4 * inside * beside, rel=2e-3)


def test_noise_equivalent_counts():
    """Rates that fall as exp(-4 load), which lines through their logarithms hold exactly."""
    loads = np.array([0.0, 0.1, 0.3, 0.8])
    rates = nema.CountRates(
        load=loads, trues=1e-3 * np.exp(-4 * loads), scatters=5e-4 * np.exp(-4 * loads), randoms=1e-12 * np.exp(-4 * loads),
        singles=0.1, photons=1e-3, integration=1e-6, u_scatter_fraction=0.0, scattered=0.3, multiple=0.1, events=1,
        sensitivity=FLAT,
    )  # fmt: skip
    assert [rates.scatter_fraction(), rates.scatter_fraction(1e9, 3e-7)] == pytest.approx([1 / 3, 1 / 3])
    A, t = 5e8, 2e-7
    whole = (1e-3 * A) ** 2 / (1.5e-3 * A + 1e-12 * A**2)
    assert rates.necr(A, 0.0) == pytest.approx(whole)
    assert rates.necr(A, t) == pytest.approx(whole * math.exp(-4 * 1e-3 * A * t))
    scanner = replace(pet_scanner("ge-discovery-mi-4"), peak_necr_concentration=20e3)
    peak = 20e3 * nema.PHANTOM_VOLUME
    dead_time = nema.block_dead_time(scanner, rates)
    places = np.linspace(0.5, 1.5, 1001) * peak
    assert places[rates.necr(places, dead_time).argmax()] == pytest.approx(peak, rel=5e-3)
    assert nema.peak_necr(scanner, rates) == pytest.approx(rates.necr(places, dead_time).max(), rel=1e-4)
    assert nema.fitted_dead_time(scanner, rates) * 0.1 == pytest.approx(4 * 1e-3 * dead_time)


def test_the_strip_finds_the_scattered_of_the_phantom():
    """What NEMA takes as scattered is within some per cent what did scatter: there is little of it in the strip's curve."""
    rates = nema.count_rates(pet_scanner("siemens-quadra"), decays=1e5, seed=5, energy_fwhm=0.1)
    assert rates.scatter_fraction() == pytest.approx(rates.scattered, abs=0.02 + 3 * rates.u_scatter_fraction)
    assert 0.1 < rates.multiple < 0.2


def test_what_is_missing_is_named():
    with pytest.raises(ScopeError, match="coincidence window"):
        nema.count_rates(pet_scanner("uih-uexplorer"), seed=1)
    with pytest.raises(DataError, match="annihilations"):
        nema.sensitivity(pet_scanner("ge-discovery-mi-4"), decays=10, seed=1)
