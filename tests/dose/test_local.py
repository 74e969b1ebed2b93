"""Local deposition against D = A_tilde Delta / m by hand."""

import numpy as np
import pytest

from hevesy.dose import MASS_DENSITY_FLOOR, LocalDeposition, engine
from hevesy.errors import InputError, ScopeError
from hevesy.model import Grid, Image, Quantity
from hevesy.nuclides import load_nuclide
from hevesy.units import GBq, d

GRID = Grid(shape=(2, 3, 4), affine=np.diag([4.0, 4.0, 4.0, 1.0]))


def tia(value: float) -> Image:
    values = np.full(GRID.shape, value, dtype=np.float32)
    return Image(values=values, grid=GRID, quantity=Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION)


def density(value: float) -> Image:
    return Image(values=np.full(GRID.shape, value, dtype=np.float32), grid=GRID, quantity=Quantity.DENSITY)


def dose(concentration: float, rho: float, name: str = "Lu-177") -> float:
    found = LocalDeposition().absorbed_dose(tia(concentration), density(rho), load_nuclide(name)).dose.values
    assert np.ptp(found) == 0
    return float(found[0, 0, 0])


@pytest.mark.parametrize(("name", "joule", "half_life"), [("Lu-177", 19.64, 6.647 * d), ("Y-90", 49.77, 64.10 / 24 * d)])
def test_full_decay_of_a_gigabecquerel_in_a_kilogram(name: str, joule: float, half_life: float) -> None:
    """Energy of full decay with all electrons absorbed, J per GBq, ICRP 107: 1 GBq in 1 kg of water gives as many Gy."""
    decays = 1 * GBq * half_life / np.log(2)
    assert dose(decays / 1000, 1.0, name) == pytest.approx(joule, rel=1e-3)  # four printed digits


def test_linear_in_activity_and_inverse_in_density() -> None:
    assert dose(2e9, 1.0) == pytest.approx(2 * dose(1e9, 1.0), rel=1e-6)
    assert dose(1e9, 0.25) == pytest.approx(4 * dose(1e9, 1.0), rel=1e-6)


def test_spheres_approach_local_deposition_from_below() -> None:
    """Published self-dose S of soft-tissue spheres: the larger, the less escapes; photons add a little in the largest."""
    nuclide = load_nuclide("Lu-177")
    for mass, S, low, high in ((0.116e-3, 1.93e-10, 0.90, 1.0), (2.21e-3, 1.06e-11, 0.97, 1.0), (116e-3, 2.07e-13, 0.99, 1.02)):
        local = LocalDeposition().energy_per_decay(nuclide) * 1.602176634e-13 / mass
        assert low < S / local < high


def test_air_is_computed_with_the_floor_and_said() -> None:
    found = LocalDeposition().absorbed_dose(tia(1e9), density(0.001), load_nuclide("Lu-177"))
    assert float(found.dose.values.max()) == pytest.approx(dose(1e9, MASS_DENSITY_FLOOR), rel=1e-6)
    assert any("air" in text for text in found.remarks)


def test_lung_is_not_clipped_to_water() -> None:
    assert dose(1e9, 0.26) == pytest.approx(dose(1e9, 1.0) / 0.26, rel=1e-5)


def test_a_pure_photon_emitter_is_out_of_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hevesy.dose.local.charged_energy", lambda found: 0.0)
    with pytest.raises(ScopeError, match="no charged particles"):
        LocalDeposition().absorbed_dose(tia(1e9), density(1.0), load_nuclide("Lu-177"))


def test_wrong_quantities_and_names_are_refused() -> None:
    with pytest.raises(InputError, match="Bq s/ml"):
        LocalDeposition().absorbed_dose(density(1.0), density(1.0), load_nuclide("Lu-177"))
    with pytest.raises(InputError, match="allowed: montecarlo, kernel, local"):
        engine("magic")
