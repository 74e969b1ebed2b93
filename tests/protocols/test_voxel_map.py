"""Voxels with a curve of their own, in the two blocks whose doses follow by hand."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hevesy.errors import InputError
from hevesy.model import DoseResult, Image
from hevesy.quantify import RecoveryCurve
from hevesy.units import ml

_SPEC = importlib.util.spec_from_file_location("two_blocks", Path(__file__).with_name("test_dosimetry.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
blocks = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(blocks)


def noisy(noise: float, **choices: object) -> DoseResult:
    """The case with independent noise in every voxel of every scan."""
    rng = np.random.default_rng(4)
    given = blocks.case(**choices)

    def spoiled(image: Image) -> Image:
        values = image.values * (1 + noise * rng.standard_normal(image.values.shape))
        return Image(values=values.astype(np.float32), grid=image.grid, quantity=image.quantity)

    points = tuple(replace(point, image=spoiled(point.image)) for point in given.points)
    return blocks.dosed(replace(given, points=points))  # type: ignore[no-any-return]


def test_without_noise_both_ways_are_the_same() -> None:
    weights, fits = blocks.dosed(blocks.case()), blocks.dosed(blocks.case(voxel_kinetics="fits", voxel_noise=0.02))
    for name, block in blocks.BLOCKS.items():
        a, b = (r.pictures.time_integrated_activity.values[block] for r in (weights, fits))
        assert b == pytest.approx(a, rel=2e-3), name
    assert fits.pictures.tia_u is not None
    assert fits.pictures.voxel_status is not None
    assert weights.pictures.tia_u is None
    said = [remark.text for remark in fits.remarks if "voxels with a curve of their own" in remark.text]
    assert len(said) == len(blocks.BLOCKS)


def test_u_is_the_spread_of_the_voxels() -> None:
    found = noisy(0.1, voxel_kinetics="fits", voxel_noise=0.1)
    assert found.pictures.tia_u is not None
    assert found.pictures.voxel_status is not None
    for block in blocks.BLOCKS.values():
        tia = found.pictures.time_integrated_activity.values[block]
        assert np.std(tia) == pytest.approx(np.mean(found.pictures.tia_u.values[block]), rel=0.3)
        assert set(np.unique(found.pictures.voxel_status.values[block])) <= {1, 2, 3, 4, 5}
    outside = np.ones(blocks.GRID.shape, bool)
    for block in blocks.BLOCKS.values():
        outside[block] = False
    assert not found.pictures.voxel_status.values[outside].any()


def test_the_mean_dose_is_that_of_the_fitted_map_with_a_correction_too() -> None:
    curve = RecoveryCurve(alpha=1.0, beta=8 * ml, covariance=np.eye(2) * 1e-4, smallest=1 * ml, largest=200 * ml)
    found = noisy(0.3, voxel_kinetics="fits", voxel_noise=0.3, partial_volume="recovery-curve", recovery_curve=curve)
    for region in found.regions:
        held = found.pictures.dose.values[blocks.BLOCKS[region.name]]
        assert region.mean_dose.value == pytest.approx(float(np.mean(held, dtype=float)), rel=1e-5)


def test_fits_and_yang_exclude_each_other() -> None:
    with pytest.raises(InputError, match="exclude each other"):
        blocks.case(voxel_kinetics="fits", voxel_noise=0.1, partial_volume="yang", resolution=8.0)


def test_fits_need_the_noise() -> None:
    with pytest.raises(InputError, match="voxel_noise_percent"):
        blocks.case(voxel_kinetics="fits")
