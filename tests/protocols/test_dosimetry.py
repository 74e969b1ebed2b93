"""The recipe on a case whose answer follows by hand: exponentials in two blocks, no CT."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from hevesy.errors import DataError, InputError
from hevesy.model import Administration, DoseResult, Grid, Image, Outline, Patient, Provenance, Quantity
from hevesy.nuclides import load_nuclide
from hevesy.protocols import Choices, DosimetryCase, TimePoint, run
from hevesy.units import GBq, g, h, ml

SIDE = 5.0
GRID = Grid(shape=(20, 22, 24), affine=np.diag([SIDE, SIDE, SIDE, 1.0]), frame_of_reference="1")
BLOCKS = {"Liver": (slice(4, 12), slice(5, 13), slice(3, 11)), "Spleen": (slice(6, 12), slice(12, 18), slice(14, 20))}
LEVEL = {"Liver": 40e3, "Spleen": 90e3}  # Bq/ml at the administration
T_EFF = {"Liver": 60 * h, "Spleen": 75 * h}
TIMES = (4 * h, 24 * h, 72 * h, 168 * h)
PROVENANCE = Provenance(hevesy="", created="", python="", platform="", libraries={}, inputs=(), tables={}, parameters={})


def outline(name: str, frame: str = "1") -> Outline:
    mask = np.zeros(GRID.shape, dtype=np.float32)
    mask[BLOCKS[name]] = 1
    return Outline(name=name, frame_of_reference=frame, mask=mask, grid=replace(GRID, frame_of_reference=frame))


def activity(t: float) -> Image:
    values = np.zeros(GRID.shape, dtype=np.float32)
    for name, block in BLOCKS.items():
        values[block] = LEVEL[name] * 0.5 ** (t / T_EFF[name])
    return Image(values=values, grid=GRID, quantity=Quantity.ACTIVITY_CONCENTRATION)


def case(times: tuple[float, ...] = TIMES, drawn_on: int = 0, **choices: Any) -> DosimetryCase:
    points = tuple(
        TimePoint(
            label=f"T{i}", modality="NM", image=activity(t), time=t, outlines=tuple(map(outline, BLOCKS)) if i == drawn_on else ()
        )
        for i, t in enumerate(times)
    )
    given = Administration(nuclide="Lu-177", activity=7.4 * GBq, time=datetime(2024, 1, 1, 9))
    chosen = Choices(**({"registration": "none", "engine": "local"} | choices))
    return DosimetryCase(patient=Patient(id="P"), administration=given, points=points, choices=chosen)


def dosed(given: DosimetryCase) -> DoseResult:
    return run(given, provenance=PROVENANCE, title="test")


@pytest.fixture(scope="module")
def result() -> DoseResult:
    return dosed(case())


def truth(name: str) -> tuple[float, float, float]:
    """Volume [mm3], time-integrated activity [Bq s], dose at 1.04 g/ml [Gy]."""
    voxels = float(np.prod([s.stop - s.start for s in BLOCKS[name]]))
    volume = voxels * SIDE**3
    A_tilde = LEVEL[name] * volume / ml * T_EFF[name] / np.log(2)
    energy = A_tilde * load_nuclide("Lu-177").electron_energy * 1.602176634e-13
    return volume, A_tilde, energy / (volume / ml * 1.04 * g)


@pytest.mark.parametrize("name", list(BLOCKS))
def test_every_figure_follows_by_hand(result: DoseResult, name: str) -> None:
    region = next(r for r in result.regions if r.name == name)
    volume, A_tilde, D = truth(name)
    assert region.volume.value == pytest.approx(volume, rel=1e-6)
    assert region.mass.value == pytest.approx(volume / ml * 1.04 * g, rel=1e-6)
    assert region.fit.model == "mono"
    assert region.time_integrated_activity.value == pytest.approx(A_tilde, rel=1e-5)
    assert region.time_integrated_activity_voxels == pytest.approx(A_tilde, rel=1e-5)
    assert region.time_integrated_activity_coefficient.value == pytest.approx(A_tilde / (7.4 * GBq), rel=1e-5)
    assert region.mean_dose.value == pytest.approx(D, rel=1e-5)
    assert pytest.approx((D, D), rel=1e-5) == (region.D98, region.D2)
    assert region.mean_dose.u is not None
    assert region.mean_dose.u > 0.05 * D  # calibration alone


def test_the_map_adds_up_to_the_regions(result: DoseResult) -> None:
    tia = result.pictures.time_integrated_activity
    total = float(tia.values.sum(dtype=float)) * tia.grid.voxel_volume / ml
    assert total == pytest.approx(sum(truth(name)[1] for name in BLOCKS), rel=1e-5)


def test_what_is_assumed_is_said(result: DoseResult) -> None:
    said = " ".join(remark.text for remark in result.remarks)
    for word in ("calibration", "resolution", "density", "no CT"):
        assert word in said


def test_linear_in_activity(result: DoseResult) -> None:
    given = case()
    twice = tuple(replace(p, image=replace(p.image, values=2 * p.image.values)) for p in given.points)
    found = dosed(replace(given, points=twice))
    for one, two in zip(result.regions, found.regions, strict=True):
        assert two.mean_dose.value == pytest.approx(2 * one.mean_dose.value, rel=1e-5)
        assert two.mean_dose.relative == pytest.approx(one.mean_dose.relative, rel=1e-3)


def test_regions_drawn_on_a_later_scan_serve_all(result: DoseResult) -> None:
    found = dosed(case(drawn_on=2))
    assert found.reference_scan == 2
    for one, other in zip(result.regions, found.regions, strict=True):
        assert other.mean_dose.value == pytest.approx(one.mean_dose.value, rel=1e-5)
    assert "carried over" in found.regions[0].points[0].outline


def test_a_region_drawn_on_another_scan_than_the_reference_is_not_dropped() -> None:
    given = case(reference="T1")
    found = dosed(given)
    assert found.reference_scan == 1
    assert [r.name for r in found.regions] == list(BLOCKS)
    assert found.regions[0].volume.value == pytest.approx(truth("Liver")[0], rel=1e-6)


def test_one_scan_is_ill_posed_and_still_there() -> None:
    region = dosed(case(times=(24 * h,))).regions[0]
    assert not region.fit.well_posed
    assert region.mean_dose.u is None
    assert region.mean_dose.why_no_u


def test_the_displaced_region_knows_it() -> None:
    """A hot region alone loses activity whichever way its mask is off: u grows with registration_u_mm."""
    us = []
    for distance in (0.0, 3.0):
        region = dosed(case(registration_u=distance)).regions[1]
        assert region.curve.u is not None
        us.append(region.curve.u[1] / region.curve.A[1])
    assert us[1] > 1.5 * us[0]


def test_overlapping_regions_share_their_voxels() -> None:
    given = case()
    inner = np.zeros(GRID.shape, dtype=np.float32)
    inner[6:10, 7:11, 5:9] = 1
    lesion = Outline(name="Lesion", frame_of_reference="1", mask=inner, grid=GRID)
    first = replace(given.points[0], outlines=(*given.points[0].outlines, lesion))
    found = dosed(replace(given, points=(first, *given.points[1:])))
    assert {r.name for r in found.regions} == {*BLOCKS, "Lesion"}
    total = float(found.pictures.time_integrated_activity.values.sum(dtype=float)) * SIDE**3 / ml
    assert total == pytest.approx(sum(truth(name)[1] for name in BLOCKS), rel=1e-5)


def test_no_region_is_refused() -> None:
    given = case()
    bare = tuple(replace(p, outlines=()) for p in given.points)
    with pytest.raises(DataError, match="no region"):
        dosed(replace(given, points=bare))


@pytest.mark.parametrize(
    "choices",
    [{"model": "cubic"}, {"engine": "magic"}, {"reference": "T9"}, {"partial_volume": "yang"}, {"models": {"Liver": "x"}}],
)
def test_senseless_choices_are_refused(choices: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        dosed(case(**choices))


def test_a_model_for_a_region_that_is_not_there_is_refused() -> None:
    with pytest.raises(DataError, match="Pancreas"):
        dosed(case(models={"Pancreas": "mono"}))


def test_times_must_increase() -> None:
    with pytest.raises(InputError, match="increase"):
        case(times=(24 * h, 4 * h))


def test_partial_volume_correction_without_blur_changes_little() -> None:
    """Images as sharp as these need no correction; told of 3 mm, the totals stay within what 3 mm can move."""
    plain, told = dosed(case()), dosed(case(partial_volume="yang", resolution=3.0))
    for one, other in zip(plain.regions, told.regions, strict=True):
        assert other.mean_dose.value == pytest.approx(one.mean_dose.value, rel=0.12)
        assert other.mean_dose.value > one.mean_dose.value
