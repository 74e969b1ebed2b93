"""Where the planes cross, and how far their colours reach."""

from dataclasses import replace

import pytest

from hevesy.reports.centres import centres
from hevesy.reports.figures import drawn_part
from hevesy.reports.palette import marked


def found(result):
    return centres(result, marked(result), drawn_part(result))


def test_hottest_lesion_then_hottest_organ_that_holds(result):
    lesion, organ = found(result)
    assert "Läsion Segment VII" in lesion.title
    assert "Milz" in organ.title  # the bladder receives more, but its fit is ill-posed


def test_planes_cross_at_the_centroid(result):
    window = drawn_part(result)
    lesion = found(result)[0]
    at = [window.centres(axis)[lesion.voxel[2 - axis]] for axis in range(3)]
    assert at == pytest.approx((-95, 10, 70), abs=3.3)  # as planned, to half a voxel


def test_colours_of_organs_are_not_stretched_by_lesions(result):
    lesion, organ = found(result)
    regions = {r.name: r for r in result.regions}
    assert lesion.top == pytest.approx(regions["Läsion Segment VII"].D2)
    assert organ.top == pytest.approx(regions["Milz"].D2)


def test_without_regions_the_highest_dose(bare_result):
    (only,) = found(replace(bare_result, regions=(), pictures=replace(bare_result.pictures, masks={})))
    assert only.title.startswith("the highest dose")
    assert only.top > 0


def test_only_an_ill_posed_region_is_still_shown(result):
    bladder = [r for r in result.regions if not r.fit.well_posed]
    (only,) = found(replace(result, regions=tuple(bladder)))
    assert "=SUM(A1)" in only.title
    assert only.top == pytest.approx(bladder[0].D2)
