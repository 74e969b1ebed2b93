"""Monte Carlo as a dose engine: what it hands to transport, and what it says of the result."""

import numpy as np
import pytest

from hevesy.dose import EngineSettings, engine
from hevesy.dose.montecarlo import MonteCarlo
from hevesy.errors import InputError
from hevesy.materials import load_material
from hevesy.model import Grid, Image, Quantity
from hevesy.nuclides import load_nuclide
from hevesy.units import JOULE_PER_MEV

# Slices of 5 mm, rows of 4 mm, columns of 3 mm: an order that is mixed up would be seen.
GRID = Grid(shape=(9, 11, 13), affine=np.diag([3.0, 4.0, 5.0, 1.0]))


def tia(values: np.ndarray) -> Image:
    return Image(values=values.astype(np.float32), grid=GRID, quantity=Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION)


def density(values: np.ndarray) -> Image:
    return Image(values=values.astype(np.float32), grid=GRID, quantity=Quantity.DENSITY)


def point() -> np.ndarray:
    values = np.zeros(GRID.shape)
    values[4, 5, 6] = 1e9 / 0.06  # 1e9 decays in a voxel of 0.06 ml
    return values


def test_in_one_medium_it_meets_the_kernel_with_voxels_of_unequal_sides() -> None:
    even = density(np.full(GRID.shape, 1.04))
    regions = [np.zeros(GRID.shape, bool) for _ in range(4)]
    for region, at in zip(regions, [(4, 5, 6), (5, 5, 6), (4, 6, 6), (4, 5, 7)], strict=True):
        region[at] = True
    by_chance = MonteCarlo(uncertainty=0.009).absorbed_dose(tia(point()), even, load_nuclide("Y-90"), regions=regions)
    by_kernel = engine("kernel").absorbed_dose(tia(point()), even, load_nuclide("Y-90"))
    for region, u in zip(regions, by_chance.region_u, strict=True):
        assert u <= 0.009
        assert by_chance.dose.values[region] == pytest.approx(by_kernel.dose.values[region], rel=0.01 + 3 * u)


def test_an_alpha_emitter_gives_its_energy_to_its_own_voxel() -> None:
    made = MonteCarlo(uncertainty=0.01, daughters=False).absorbed_dose(
        tia(point()), density(np.ones(GRID.shape)), load_nuclide("Ac-225")
    )
    joule = 1e9 * made.local_energy * JOULE_PER_MEV
    assert made.dose.values[4, 5, 6] * 0.06e-3 == pytest.approx(joule, rel=0.005)


def test_a_seed_gives_the_same_map_on_any_number_of_threads() -> None:
    even = density(np.ones(GRID.shape))
    one, two, other = (
        engine("montecarlo", EngineSettings(uncertainty=0.02, seed=seed, threads=threads)).absorbed_dose(
            tia(point()), even, load_nuclide("I-131")
        )
        for seed, threads in ((1, 1), (1, 2), (2, 1))
    )
    assert np.array_equal(one.dose.values, two.dose.values)
    assert not np.array_equal(one.dose.values, other.dose.values)
    assert one.ensemble is not None
    assert one.ensemble.seed == 1
    assert one.ensemble.histories > 0


def test_media_by_density_and_as_given_differ_where_the_media_do() -> None:
    heavy = density(np.full(GRID.shape, 1.3))  # bone by its density
    run = MonteCarlo(uncertainty=0.005)
    everywhere = [np.ones(GRID.shape, bool)]
    soft = (np.zeros(GRID.shape, np.uint8), (load_material("soft"),))
    as_bone = run.absorbed_dose(tia(point()), heavy, load_nuclide("Tc-99m"), regions=everywhere)
    as_soft = run.absorbed_dose(tia(point()), heavy, load_nuclide("Tc-99m"), regions=everywhere, media=soft)
    assert as_bone.dose.values.mean() > 1.02 * as_soft.dose.values.mean()


def test_activity_in_air_is_remarked() -> None:
    half = np.ones(GRID.shape)
    half[:4] = 0.0
    made = MonteCarlo(uncertainty=0.05).absorbed_dose(tia(np.ones(GRID.shape)), density(half), load_nuclide("Lu-177"))
    assert any("44.4 % of the time-integrated activity lies in voxels below 0.1 g/ml" in remark for remark in made.remarks)
    assert np.all(np.isfinite(made.dose.values))


def test_a_map_without_activity_is_refused() -> None:
    with pytest.raises(InputError, match="zero everywhere"):
        MonteCarlo().absorbed_dose(tia(np.zeros(GRID.shape)), density(np.ones(GRID.shape)), load_nuclide("Lu-177"))
