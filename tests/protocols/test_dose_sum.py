"""Dose maps on one grid: sums by hand, a known shift found again, u through the gradient."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model import Grid, Image, Measured, Quantity
from hevesy.protocols.dose_sum import DoseMap, sum_doses
from hevesy.radiobiology import Repair, Tissue

SHAPE = (8, 10, 12)
T = 50 * un.h
CURVE = (np.array([1.0]), np.array([np.log(2) / T]))


def tissue(name: str = "kidney", ab: float = 2.5, u: float | None = None) -> Tissue:
    return Tissue(
        name=name, endpoint="a test", alpha_beta=Measured(value=ab, u=u, why_no_u="" if u else "none"),
        repair=Repair(half_times=(2.8 * un.h,)), repair_u=None, source="a test", how="given",
    )  # fmt: skip


def grid(spacing: float = 4.0, frame: str = "1.2.3", shape: tuple[int, int, int] = SHAPE, offset: float = 0.0) -> Grid:
    affine = np.diag([spacing, spacing, spacing, 1.0])
    affine[:3, 3] = (offset, 0.0, 0.0)
    return Grid(shape=shape, affine=affine, frame_of_reference=frame)


def uniform(value: float, on: Grid | None = None) -> Image:
    on = on or grid()
    return Image(values=np.full(on.shape, value, dtype=np.float32), grid=on, quantity=Quantity.ABSORBED_DOSE)


def cube(on: Grid | None = None) -> tuple[np.ndarray, Grid]:
    on = on or grid()
    mask = np.zeros(on.shape)
    mask[2:6, 3:7, 4:8] = 1
    return mask, on


def radionuclide(value: float = 5.0, label: str = "cycle 1", **more: object) -> DoseMap:
    return DoseMap(label=label, dose=uniform(value), whole=CURVE, **more)  # type: ignore[arg-type]


def test_bed_of_both_modalities_by_hand() -> None:
    """5 Gy with T_eff 50 h and T_rep 2.8 h, and 30 Gy in 10 fractions, alpha/beta 2.5."""
    maps = [radionuclide(masks={"Kidney": cube()}, u=0.1), DoseMap(label="beams", dose=uniform(30.0), fractions=10, u=0.03)]
    found = sum_doses(maps, tissues={"Kidney": tissue(u=0.5)}, elsewhere=tissue("muscle", 4.0))
    G = 2.8 / 52.8
    by_hand = 5 * (1 + G * 5 / 2.5) + 30 * (1 + 3 / 2.5)
    region = found.regions[0]
    assert region.bed.value == pytest.approx(by_hand, rel=1e-6)
    assert region.eqd2.value == pytest.approx(by_hand / (1 + 2 / 2.5), rel=1e-6)
    assert region.dose.value == pytest.approx(35.0)
    assert region.by_map == pytest.approx({"cycle 1": 5 * (1 + G * 2), "beams": 66.0})
    assert float(found.bed[4, 5, 6]) == pytest.approx(by_hand, rel=1e-5)
    assert float(found.bed[0, 0, 0]) == pytest.approx(5 * (1 + G * 5 / 4) + 30 * (1 + 3 / 4), rel=1e-5)
    terms = [5 * (1 + 2 * G * 2) * 0.1, 30 * (1 + 2 * 3 / 2.5) * 0.03, (G * 25 + 90) / 2.5**2 * 0.5]
    assert region.bed.u == pytest.approx(np.linalg.norm(terms), rel=1e-6)
    assert found.placed[1].method == "one frame of reference"


def test_errors_of_cycles_add_up_linearly() -> None:
    maps = [radionuclide(masks={"Kidney": cube()}, u=0.1), radionuclide(label="cycle 2", u=0.1)]
    region = sum_doses(maps, tissues={}, elsewhere=tissue()).regions[0]
    assert region.dose.u == pytest.approx(1.0)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.1, 10), st.floats(0.1, 10))
def test_the_order_of_maps_does_not_matter(a: float, b: float) -> None:
    first = sum_doses([radionuclide(a), radionuclide(b, "cycle 2")], tissues={}, elsewhere=tissue())
    second = sum_doses([radionuclide(b, "cycle 2"), radionuclide(a)], tissues={}, elsewhere=tissue())
    np.testing.assert_allclose(first.bed, second.bed, rtol=1e-6)


def ramp(slope: float, frame: str = "1.2.3") -> Image:
    on = grid(frame=frame)
    x = np.arange(SHAPE[2]) * on.spacing[0]
    return Image(
        values=np.broadcast_to(5 + slope * x, SHAPE).astype(np.float32), grid=on, quantity=Quantity.ABSORBED_DOSE
    )  # fmt: skip


def test_u_of_the_place_goes_through_the_gradient() -> None:
    """0.1 Gy/mm times 3 mm are 0.3 Gy of dose; of BED, times 1 + 2 G D / (alpha/beta) in the mean."""
    maps = [
        radionuclide(0.0, masks={"Kidney": cube()}, u=0.0),
        DoseMap(label="beams", dose=ramp(0.1, frame="9.9"), fractions=1_000_000, u=0.0),
    ]
    found = sum_doses(maps, tissues={}, elsewhere=tissue(), place_u=3.0)
    assert found.regions[0].dose.u == pytest.approx(0.3, rel=1e-4)
    assert found.regions[0].bed.u == pytest.approx(0.3, rel=1e-4)
    assert "frames of reference only" in found.placed[1].method
    assert any("laid by its coordinates only" in text for text in found.remarks)


def test_centroids_tell_the_residual() -> None:
    """The same cube drawn 6 mm away: distance 6 mm, and u of a place along each axis 6 / sqrt(3)."""
    away = grid(frame="9.9", offset=6.0)
    maps = [
        radionuclide(masks={"Kidney": cube()}, u=0.1),
        DoseMap(label="beams", dose=uniform(1.0, away), fractions=5, masks={"Kidney": cube(away)}, u=0.1),
    ]
    found = sum_doses(maps, tissues={}, elsewhere=tissue(), registration="none").placed[1]
    assert found.centroids == pytest.approx({"Kidney": 6.0})
    assert found.u_place == pytest.approx(6 / np.sqrt(3))
    assert found.u_source == "centroids of Kidney"


def phantom(shift: float, frame: str) -> Image:
    """A CT of an ellipsoid with two inserts, moved along x."""
    on = grid(5.0, frame, (30, 36, 40))
    z, y, x = np.meshgrid(*(np.arange(n) * 5.0 for n in on.shape), indexing="ij")
    x = x - shift
    hu = np.full(on.shape, -1000.0, dtype=np.float32)
    hu[((x - 100) / 75) ** 2 + ((y - 90) / 60) ** 2 + ((z - 72) / 60) ** 2 < 1] = 40
    hu[(x - 70) ** 2 + (y - 80) ** 2 + (z - 60) ** 2 < 22**2] = 250
    hu[(x - 130) ** 2 + (y - 110) ** 2 + (z - 90) ** 2 < 18**2] = -200
    return Image(values=hu, grid=on, quantity=Quantity.HOUNSFIELD)


def test_ct_to_ct_finds_a_known_shift() -> None:
    frames = ("1.2.3", "9.9")
    cts = [phantom(0.0, frames[0]), phantom(12.0, frames[1])]
    maps = []
    for i, (ct, frame) in enumerate(zip(cts, frames, strict=True)):
        hot = np.zeros(ct.grid.shape, dtype=np.float32)
        hot[np.asarray(ct.values) > 200] = 10.0
        dose = Image(values=hot, grid=Grid(shape=ct.grid.shape, affine=ct.grid.affine, frame_of_reference=frame),
                     quantity=Quantity.ABSORBED_DOSE)  # fmt: skip
        maps.append(DoseMap(label=f"cycle {i + 1}", dose=dose, whole=CURVE, ct=ct, u=0.05))
    found = sum_doses(maps, tissues={}, elsewhere=tissue())
    placed = found.placed[1]
    assert placed.method == "CT to CT"
    assert placed.alignment is not None
    assert placed.alignment.translation[0] == pytest.approx(12.0, abs=1.5)
    assert placed.alignment.similarity > placed.alignment.similarity_before
    # Laid on each other, the hot spot has twice the dose; unregistered it would have that in half of its voxels.
    hot = maps[0].dose.values > 0
    assert float(found.dose[hot].mean()) > 17.5


def test_what_lies_outside_the_grid_is_said() -> None:
    maps = [radionuclide(), DoseMap(label="beams", dose=uniform(1.0, grid(offset=24.0)), fractions=5)]
    found = sum_doses(maps, tissues={}, elsewhere=tissue())
    assert found.placed[1].kept == pytest.approx(0.5, abs=0.06)
    assert any("lies outside the grid" in text for text in found.remarks)
    assert any("one G, of the sum of all curves" in text for text in found.remarks)


def test_a_map_without_u_leaves_the_region_without() -> None:
    found = sum_doses([radionuclide(masks={"Kidney": cube()})], tissues={}, elsewhere=tissue()).regions[0]
    assert found.bed.u is None
    assert "states none" in found.bed.why_no_u


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(InputError, match="one of the two"):
        DoseMap(label="x", dose=uniform(1.0))
    with pytest.raises(InputError, match="0 fractions"):
        DoseMap(label="x", dose=uniform(1.0), fractions=0)
    wrong = Image(values=np.ones(SHAPE), grid=grid(), quantity=Quantity.DENSITY)
    with pytest.raises(InputError, match="must hold Gy"):
        DoseMap(label="x", dose=wrong, fractions=2)
    with pytest.raises(InputError, match="no dose map"):
        sum_doses([], tissues={}, elsewhere=tissue())
    with pytest.raises(InputError, match="one label"):
        sum_doses([radionuclide(), radionuclide()], tissues={}, elsewhere=tissue())
    with pytest.raises(InputError, match="allowed: rigid, none"):
        sum_doses([radionuclide()], tissues={}, elsewhere=tissue(), registration="elastic")
    with pytest.raises(InputError, match="reference map 3"):
        sum_doses([radionuclide()], tissues={}, elsewhere=tissue(), reference=3)
