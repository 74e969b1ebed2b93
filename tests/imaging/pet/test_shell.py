"""Single crystals against closed forms: what stops, what stays in a slab, what leaves the phantom."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hevesy.errors import InputError, ScopeError
from hevesy.imaging.pet.shell import Shell, coincident, isotropic, lines, shell_of
from hevesy.imaging.systems import pet_scanner
from hevesy.imaging.systems.crystal import kept, stopped
from hevesy.imaging.systems.plausibility_pet import phantom_attenuation, phantom_transmission

# One block without gaps: energy is lost through the two faces only.
CLOSED = Shell(
    radius=400.0, depth=20.0, length=2000.0, per_ring=600, rings=500, crystal=(10.0, 10.0), block=(600, 500),
    unit=(600, 500), material="LSO", window=(0.0005, 4.0), energy_fwhm=0.0001, span=2000.0, cover=0.0,
)  # fmt: skip


def _across(rng, number):
    """From the axis, at right angles to it."""
    phi = rng.uniform(0, 2 * math.pi, number)
    return np.zeros((number, 3)), np.stack([np.cos(phi), np.sin(phi), 0 * phi], axis=1)


def _line(rng, number):
    places = np.zeros((number, 3))
    places[:, 1], places[:, 2] = -45.0, rng.uniform(-350, 350, number)
    return places, isotropic(rng, number)


def _shares(shell, number=20_000):
    """Share of the photons counted, by pairs and by singles."""
    found = coincident(shell, _across, number, seed=1)
    return len(found.crystals) / number, float(found.singles.sum()) / 2


def test_crystals_stop_what_their_attenuation_says():
    pairs, singles = _shares(CLOSED)
    expected = stopped("LSO", 20.0, 0.51099895)
    assert abs(pairs - expected**2) < 4 * math.sqrt(expected**2 * (1 - expected**2) / 20_000)
    assert abs(singles - expected) < 4 * math.sqrt(expected * (1 - expected) / 8_000)


@pytest.mark.parametrize("least", [0.36, 0.45])
def test_energy_that_stays_is_that_of_the_slab(least):
    """`kept` integrates what the photons do here one by one; it promises 1.5 %."""
    _, singles = _shares(replace(CLOSED, window=(least, 4.0)), 40_000)
    expected = stopped("LSO", 20.0, 0.51099895) * kept("LSO", 20.0, 0.51099895, least=least)
    assert singles == pytest.approx(expected, rel=0.015 + 4 * math.sqrt((1 - expected) / expected / 16_000))


def test_a_cover_scatters_what_its_depth_says():
    """Of photons that must keep all their energy the cover takes 1 - exp(-0.2), of pairs twice that depth."""
    shell = replace(CLOSED, window=(0.508, 0.6))
    bare, covered = (_shares(replace(shell, cover=depth), 40_000)[0] for depth in (0.0, 0.2))
    assert abs(covered / bare - math.exp(-0.4)) < 4 * math.exp(-0.4) * math.sqrt((1 + math.exp(0.4)) / bare / 40_000)


def test_small_blocks_lose_what_leaves_them():
    shell = replace(CLOSED, window=(0.43, 0.65))
    assert _shares(replace(shell, block=(2, 1), unit=(2, 1)))[0] < 0.9 * _shares(shell)[0]


def test_a_unit_adds_up_its_blocks():
    """Energies are those of the unit; places those of single crystals, which are its blocks here."""
    shell = replace(CLOSED, window=(0.43, 0.65), block=(1, 1))
    alone, whole = coincident(shell, _across, 10_000, seed=1), coincident(CLOSED, _across, 10_000, seed=1)
    added = coincident(replace(CLOSED, block=(1, 1)), _across, 10_000, seed=1)
    assert len(alone.crystals) < len(added.crystals) == len(whole.crystals)
    assert (added.crystals != whole.crystals).any()


def test_pairs_leave_the_phantom_as_the_chords_say():
    scanner = pet_scanner("siemens-quadra")
    shell = shell_of(scanner, energy_fwhm=0.1)
    body = (101.5, 700.0, phantom_attenuation())
    played, air = (coincident(shell, _line, 200_000, seed=2, body=b) for b in (body, None))
    unscattered = int((played.scatters == 0).sum())
    ratio = unscattered / len(air.crystals)
    u = ratio * math.sqrt(1 / unscattered + 1 / len(air.crystals))
    # 2 %: where the shares differ in how oblique entry counts
    assert abs(ratio - phantom_transmission(scanner)) < 4 * u + 0.02 * ratio


def test_lines_pass_where_the_source_lies():
    shell = shell_of(pet_scanner("ge-discovery-mi-4"))
    found = coincident(shell, lambda rng, n: (_line(rng, n)[0], _across(rng, n)[1]), 20_000, seed=3)
    normal, s, z1, z2 = lines(shell, found.crystals)
    beside = s + 45.0 * normal[:, 1]
    assert abs(np.median(beside)) < 0.1
    assert np.abs(beside).mean() < 4.0
    assert np.abs(z1 - z2).mean() < 4.0


def test_a_seed_is_a_result():
    one, same, other = (coincident(CLOSED, _across, 1000, seed=s).crystals for s in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_what_is_not_known_is_asked_for():
    with pytest.raises(ScopeError, match="energy resolution"):
        shell_of(pet_scanner("siemens-quadra"))
    with pytest.raises(InputError, match="10 % is 0.1"):
        shell_of(pet_scanner("siemens-quadra"), energy_fwhm=10.0)


def test_blocks_come_from_the_file():
    scanner = pet_scanner("ge-discovery-mi-4")
    assert scanner.block == shell_of(scanner).block == (4, 9)
    assert shell_of(replace(scanner, block=None, unit=None)).unit == (8, 8)
    with pytest.raises(InputError, match="1 to 100 a side"):
        replace(scanner, block=(0, 9))
    with pytest.raises(InputError, match="whole blocks"):
        replace(scanner, unit=(6, 9))
