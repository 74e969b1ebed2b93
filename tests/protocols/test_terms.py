"""The budget of the two blocks whose doses follow by hand: terms, kinds, what regions share, corrections for resolution."""

import importlib.util
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from hevesy.model import DoseResult, Image, RegionResult
from hevesy.quantify import RecoveryCurve, recovery_at
from hevesy.units import h, ml

_SPEC = importlib.util.spec_from_file_location("two_blocks", Path(__file__).with_name("test_dosimetry.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
blocks = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(blocks)

CURVE = RecoveryCurve(
    alpha=1.0, beta=8 * ml, covariance=np.array([[0.01, 0.002], [0.002, 0.04]]), smallest=1 * ml, largest=200 * ml
)


def dosed(**choices: Any) -> DoseResult:
    return blocks.dosed(blocks.case(**choices))  # type: ignore[no-any-return]


def by_name(result: DoseResult) -> dict[str, RegionResult]:
    return {region.name: region for region in result.regions}


@pytest.fixture(scope="module")
def plain() -> DoseResult:
    return dosed(registration_u=2.0)


def test_the_terms_make_up_the_u_of_the_dose_and_of_the_integral(plain: DoseResult) -> None:
    for region in plain.regions:
        for measured, parts in (
            (region.mean_dose, [t.of_dose for t in region.terms.values()]),
            (region.time_integrated_activity, [t.of_tia for t in region.terms.values()]),
        ):
            assert measured.relative == pytest.approx(math.hypot(*parts))
        assert set(region.budget) == {name for name, term in region.terms.items() if term.of_dose}


def test_the_scans_make_up_what_the_fit_says(plain: DoseResult) -> None:
    for region in plain.regions:
        parts = [region.terms[name].of_tia for name in ("scan to scan", "registration", "curve fit") if name in region.terms]
        assert math.hypot(*parts) == pytest.approx(region.fit.time_integrated_activity.relative, rel=1e-3)


def test_regions_share_calibration_and_density(plain: DoseResult) -> None:
    liver, spleen = plain.regions
    shared = sum(liver.terms[n].of_dose * spleen.terms[n].of_dose for n in ("calibration", "density"))
    assert plain.correlation is not None
    assert liver.mean_dose.relative is not None
    assert spleen.mean_dose.relative is not None
    assert plain.correlation[0, 1] == pytest.approx(shared / (liver.mean_dose.relative * spleen.mean_dose.relative), rel=1e-6)
    assert np.all(np.linalg.eigvalsh(plain.correlation) > 0)


def test_calibration_alone_makes_regions_one() -> None:
    nothing = {"point_u": 1e-6, "registration_u": 0.0, "boundary_u": 0.0, "density_u": 0.0}
    found = dosed(calibration_u=0.5, **nothing)
    assert found.correlation is not None
    assert found.correlation[0, 1] > 0.8  # what resolution hides is each region's own


def test_one_more_scan_lowers_u(plain: DoseResult) -> None:
    for region in plain.regions:
        assert region.next_scan is not None
        assert region.next_scan.u_then < region.next_scan.u_now
        assert 0.5 * h <= region.next_scan.time <= 240 * h


def test_outlines_drawn_anew_count_by_themselves() -> None:
    """The same outline on every scan moves the integral by one amount; outlines of their own average out."""
    given = blocks.case()
    anew = replace(
        given, points=tuple(replace(point, outlines=tuple(map(blocks.outline, blocks.BLOCKS))) for point in given.points)
    )
    # Activity outside the blocks, so that the boundary matters to the activity too: the neighbouring voxels are empty here,
    # and the term of the integral is what the surface of the mask holds.
    once, each = by_name(blocks.dosed(given)), by_name(blocks.dosed(anew))
    for name in blocks.BLOCKS:
        assert each[name].terms["outline"].of_tia < 0.9 * once[name].terms["outline"].of_tia


def test_a_recovery_curve_scales_activity_and_dose_and_brings_its_covariance() -> None:
    plain, told = by_name(dosed()), by_name(dosed(partial_volume="recovery-curve", recovery_curve=CURVE))
    for name, region in told.items():
        R, _ = recovery_at(CURVE, region.volume.value)
        assert region.time_integrated_activity.value == pytest.approx(
            plain[name].time_integrated_activity.value / R.value, rel=1e-4
        )
        assert region.mean_dose.value == pytest.approx(plain[name].mean_dose.value / R.value, rel=1e-4)
        assert region.recovery == pytest.approx(R.value, rel=1e-4)
        parts = [term.of_dose for key, term in region.terms.items() if key.startswith("recovery curve")]
        assert math.hypot(*parts) == pytest.approx(R.u / R.value, rel=1e-6)
        assert any("corrected for" in remark.text for remark in region.remarks)


def test_a_larger_outline_needs_less_correction() -> None:
    """The boundary's effect on the integral is smaller with a recovery curve: the correction goes the other way."""
    plain = by_name(dosed(boundary_u=1.0))
    told = by_name(dosed(boundary_u=1.0, partial_volume="recovery-curve", recovery_curve=CURVE))
    for name in plain:
        assert told[name].terms["outline"].of_tia < plain[name].terms["outline"].of_tia


def test_richardson_lucy_brings_back_what_blur_took_and_says_so() -> None:
    def blurred(image: Image) -> Image:
        values = gaussian_filter(image.values, 8.0 / 2.3548 / blocks.SIDE)
        return Image(values=values, grid=image.grid, quantity=image.quantity)

    found = {}
    for name, choices in (("none", {}), ("corrected", {"partial_volume": "richardson-lucy", "resolution": 8.0})):
        given = blocks.case(**choices)
        points = tuple(replace(point, image=blurred(point.image)) for point in given.points)
        found[name] = by_name(blocks.dosed(replace(given, points=points)))
    for name in blocks.BLOCKS:
        _, A_tilde, _ = blocks.truth(name)
        lost, left = (1 - found[which][name].time_integrated_activity.value / A_tilde for which in ("none", "corrected"))
        assert 0 < left < 0.6 * lost
        region = found["corrected"][name]
        assert region.terms["partial volume"].kind == "systematic"
        assert any("10 iterations of richardson-lucy" in remark.text for remark in region.remarks)
