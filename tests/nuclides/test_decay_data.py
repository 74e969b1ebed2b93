import math

import pytest

from hevesy.errors import InputError
from hevesy.nuclides import available, load_nuclide
from hevesy.nuclides.decay_data import KINDS


@pytest.fixture(scope="module")
def every():
    return [load_nuclide(name) for name in available()]


def test_every_nuclide_loads(every):
    assert len(every) == 1252
    for nuclide in every:
        assert math.isfinite(nuclide.half_life)
        assert nuclide.decay_constant * nuclide.half_life == pytest.approx(math.log(2))
        assert set(nuclide.energies) == set(KINDS)
        assert all(math.isfinite(energy) and energy >= 0 for energy in nuclide.energies.values()), nuclide.name
        assert len(nuclide.sha256) == 64


def test_every_nuclide_gives_off_energy(every):
    """Unknown and stable are never zero: what loads has radiations."""
    assert all(sum(nuclide.energies.values()) > 0 for nuclide in every)


def test_two_annihilation_photons_a_positron(every):
    """A law across two tables of the source; the rounding of its yields is 1e-4 at the most."""
    for nuclide in every:
        positrons = sum(e.per_decay for e in nuclide.emissions if e.kind == "beta+")
        photons = sum(e.per_decay for e in nuclide.emissions if e.kind == "annihilation")
        assert photons == pytest.approx(2 * positrons, rel=2e-3, abs=1e-7), nuclide.name


def test_alpha_recoil_is_momentum_balance():
    """E_recoil / E_alpha = m_alpha / m_daughter, with mass numbers good to 0.1 %."""
    nuclide = load_nuclide("Ac-225")
    ratio = nuclide.energies["alpha recoil"] / nuclide.energies["alpha"]
    assert ratio == pytest.approx(4.0026 / 221.014, rel=1e-3)


def test_sums_and_lines():
    lutetium = load_nuclide("177Lu")
    assert lutetium.name == "Lu-177"
    assert lutetium.electron_energy == pytest.approx(lutetium.beta_energy + lutetium.discrete_electron_energy)
    yields = [line.per_decay for line in lutetium.lines]
    assert yields == sorted(yields, reverse=True)
    gammas = [line for line in lutetium.lines if line.kind == "gamma"]
    assert (gammas[0].energy, gammas[0].per_decay) == (0.208366, 0.11)
    assert sum(branch.per_decay for branch in lutetium.beta_branches) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "near"),
    [("Lu-175", "Lu-174"), ("I-132n", "I-132"), ("Tc-199", "Tc-105"), ("He-4", "not in ICRP 107")],
)
def test_stable_and_misspelt_nuclides_are_refused_with_near_ones(name, near):
    with pytest.raises(InputError, match=near) as error:
        load_nuclide(name)
    assert name in str(error.value)


def test_nothing_heavy_is_imported():
    import subprocess
    import sys

    code = (
        "import sys; from hevesy.nuclides import load_nuclide; load_nuclide('Lu-177'); "
        "print(sorted({'scipy', 'radioactivedecay', 'pandas', 'icrp107_database'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
