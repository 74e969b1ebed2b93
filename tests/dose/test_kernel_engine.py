"""The kernel engine: uniform media, mass of the voxel, what is refused."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hevesy.dose import cache, kernel_engine
from hevesy.dose.engine import DoseEngine
from hevesy.dose.kernel import dose_per_decay
from hevesy.dose.kernel_engine import KernelConvolution
from hevesy.dose.local import LocalDeposition
from hevesy.dose.point_kernels import PointKernels
from hevesy.dose.radial import RadialKernel, radial_kernel
from hevesy.errors import InputError
from hevesy.model import Grid, Image, Quantity
from hevesy.nuclides import load_nuclide, radiations

# Column, row and slice sides of 3, 4 and 5 mm: an order that is mixed up would be seen.
GRID = Grid(shape=(15, 17, 19), affine=np.diag([3.0, 4.0, 5.0, 1.0]))


@pytest.fixture(autouse=True)
def made_up(kernels: PointKernels, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    def radial(name: str, medium: str, daughters: bool = True, leaving: float = 0.0) -> RadialKernel:
        return radial_kernel(radiations(name, daughters=daughters, leaving=leaving), kernels)

    for module in (cache, kernel_engine):
        monkeypatch.setattr(module, "nuclide_radial_kernel", radial)
    monkeypatch.setattr(cache, "load_point_kernels", lambda medium: kernels)
    monkeypatch.setenv("HEVESY_CACHE", str(tmp_path))
    cache._kernel.cache_clear()
    yield
    cache._kernel.cache_clear()


def image(values: np.ndarray, quantity: Quantity, grid: Grid = GRID) -> Image:
    return Image(values=values.astype(np.float32), grid=grid, quantity=quantity)


def dose(tia: np.ndarray, rho: np.ndarray, name: str, engine: DoseEngine | None = None) -> np.ndarray:
    engine = engine or KernelConvolution()
    concentration = image(tia, Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION)
    return engine.absorbed_dose(concentration, image(rho, Quantity.DENSITY), load_nuclide(name)).dose.values


def test_a_point_in_water_gives_the_s_values() -> None:
    tia = np.zeros(GRID.shape)
    tia[7, 8, 9] = 1e9 / 0.06  # 1e9 decays in a voxel of 0.06 ml
    kernel = cache.nuclide_voxel_kernel("Lu-177", (5.0, 4.0, 3.0))
    found = dose(tia, np.ones(GRID.shape), "Lu-177")
    assert found[4:11, 5:12, 6:13] == pytest.approx(1e9 * dose_per_decay(kernel, (7, 7, 7)), rel=1e-3)


def test_dose_is_linear_and_positive() -> None:
    tia = np.random.default_rng(1).random(GRID.shape) * 1e9
    one, three = dose(tia, np.ones(GRID.shape), "Y-90"), dose(3 * tia, np.ones(GRID.shape), "Y-90")
    assert three == pytest.approx(3 * one, rel=1e-5)
    assert one.min() > 0


def test_charged_particles_go_by_the_mass_of_the_voxel() -> None:
    """In light tissue the energy stays and the mass is less: the engine meets local deposition, photons apart."""
    tia = np.full(GRID.shape, 1e9)
    middle = (7, 8, 9)
    for rho in (0.26, 1.0, 1.9):
        density = np.full(GRID.shape, rho)
        local = dose(tia, density, "Y-90", LocalDeposition())
        assert dose(tia, density, "Y-90")[middle] == pytest.approx(local[middle], rel=0.01)


def test_photon_dose_does_not_rise_in_light_tissue(monkeypatch: pytest.MonkeyPatch) -> None:
    tia = np.zeros(GRID.shape)
    tia[7, 8, 2] = 1e9
    light = np.ones(GRID.shape)
    light[:, :, 12:] = 0.26
    even, found = dose(tia, np.ones(GRID.shape), "I-131"), dose(tia, light, "I-131")
    assert found[7, 8, 15] == pytest.approx(even[7, 8, 15], rel=1e-3)


def test_air_is_computed_with_the_floor_and_said() -> None:
    tia, thin = np.full(GRID.shape, 1e9), np.full(GRID.shape, 0.001)
    concentration = image(tia, Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION)
    found = KernelConvolution().absorbed_dose(concentration, image(thin, Quantity.DENSITY), load_nuclide("Y-90"))
    assert found.dose.values == pytest.approx(dose(tia, np.full(GRID.shape, 0.1), "Y-90"), rel=1e-5)
    assert any("air" in text for text in found.remarks)


def test_daughters_count_unless_they_leave() -> None:
    nuclide = load_nuclide("Ac-225")
    whole = KernelConvolution().energy_per_decay(nuclide)
    alone = KernelConvolution(daughters=False).energy_per_decay(nuclide)
    half = KernelConvolution(leaving=0.5).energy_per_decay(nuclide)
    assert whole > 4 * alone
    assert half == pytest.approx((whole + alone) / 2, rel=1e-6)
    found = KernelConvolution(leaving=0.5).absorbed_dose(
        image(np.ones(GRID.shape), Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION),
        image(np.ones(GRID.shape), Quantity.DENSITY),
        nuclide,
    )
    assert any("elsewhere" in text for text in found.remarks)


def test_names_and_text() -> None:
    engine: DoseEngine = KernelConvolution(medium="soft", density=1.03)
    assert engine.name == "kernel"
    assert "1.03 g/ml" in engine.description


def test_wrong_images_are_refused() -> None:
    right = image(np.ones(GRID.shape), Quantity.DENSITY)
    tia = image(np.ones(GRID.shape), Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION)
    with pytest.raises(InputError, match="Bq s/ml"):
        KernelConvolution().absorbed_dose(right, right, load_nuclide("Y-90"))
    sheared = GRID.affine.copy()
    sheared[0, 1] = 1.0
    grid = Grid(shape=GRID.shape, affine=sheared)
    with pytest.raises(InputError, match="share a grid"):
        KernelConvolution().absorbed_dose(tia, image(np.ones(GRID.shape), Quantity.DENSITY, grid), load_nuclide("Y-90"))
    leaning = image(np.ones(GRID.shape), Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION, grid)
    with pytest.raises(InputError, match="right angles"):
        KernelConvolution().absorbed_dose(leaning, image(np.ones(GRID.shape), Quantity.DENSITY, grid), load_nuclide("Y-90"))
