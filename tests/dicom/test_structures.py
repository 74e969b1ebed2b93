"""Contours and masks: all of them, under the names they were given."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from hevesy.dicom import read_study
from hevesy.model import Outline, Study
from hevesy.segmentation import contours_to_mask


@pytest.fixture
def drawn(tmp_path: Path, tiny: ModuleType) -> Callable[..., Study]:
    """Writes contours on a CT, edits the RTSTRUCT, and reads the folder."""

    def make(outlines: dict[str, Any], edit: Callable[[Any], None] | None = None) -> Study:
        slices = tiny.ct(tmp_path / "CT")
        path = tiny.rtstruct(tmp_path / "organs.dcm", outlines, slices)
        if edit is not None:
            tiny.change(path, edit)
        return read_study(tmp_path)

    return make


def volume(outline: Outline) -> float:
    """[ml]"""
    mask, grid = contours_to_mask(outline.contours, name=outline.name)
    return float(mask.sum(dtype=float)) * grid.voxel_volume / 1000


def test_several_contours_a_slice_and_holes(drawn: Callable[..., Study], tiny: ModuleType) -> None:
    """Two squares of 20 mm on three planes of 5 mm, one with a hole of 10 mm: 3 x 5 x (400 - 100 + 400) mm3."""
    rings = []
    for k in range(3):
        z = 100.0 + 5 * k
        rings += [tiny.ring(z, (0, 20), (0, 20)), tiny.ring(z, (5, 15), (5, 15)), tiny.ring(z, (30, 50), (0, 20))]
    study = drawn({"both": tuple(rings)})
    assert study.problems == ()
    assert len(study.outlines[0].contours) == 9
    assert volume(study.outlines[0]) == pytest.approx(3 * 5 * 700 / 1000, rel=0.01)


NAMES = [
    "Niere links/rechts", 'he said "tumour"', "Lésion été", "=SUM(A1:A9)", "L" * 64, "Läsion <b>Leber</b>", "  spaces  ",
    "病変", "a\\b",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_are_kept(drawn: Callable[..., Study], tiny: ModuleType, name: str) -> None:
    def rename(ds: Any) -> None:
        ds.SpecificCharacterSet = "ISO_IR 192"
        ds.StructureSetROISequence[0].ROIName = name

    study = drawn({"x": tiny.block_rings()}, rename)
    assert [o.name for o in study.outlines] == [name.strip()]


def test_two_regions_of_one_name_stay_two(drawn: Callable[..., Study], tiny: ModuleType) -> None:
    def same(ds: Any) -> None:
        for roi in ds.StructureSetROISequence:
            roi.ROIName = "Lesion"

    study = drawn({"a": tiny.block_rings(), "b": (tiny.ring(100.0, (0, 9), (0, 9)),)}, same)
    assert [o.name for o in study.outlines] == ["Lesion", "Lesion (2)"]


def test_a_numbered_name_that_is_taken_already(drawn: Callable[..., Study], tiny: ModuleType) -> None:
    names = iter(["Lesion", "Lesion (2)", "Lesion"])

    def rename(ds: Any) -> None:
        for roi in ds.StructureSetROISequence:
            roi.ROIName = next(names)

    rings = {str(k): (tiny.ring(100.0, (0, 9 + k), (0, 9)),) for k in range(3)}
    study = drawn(rings, rename)
    assert len({o.name for o in study.outlines}) == 3


def test_regions_without_an_inside_are_named(drawn: Callable[..., Study], tiny: ModuleType) -> None:
    def spoil(ds: Any) -> None:
        del ds.ROIContourSequence[0].ContourSequence
        for contour in ds.ROIContourSequence[1].ContourSequence:
            contour.ContourGeometricType = "POINT"

    study = drawn({"empty": tiny.block_rings(), "marker": tiny.block_rings(), "organ": tiny.block_rings()}, spoil)
    assert [o.name for o in study.outlines] == ["organ"]
    assert any("empty has no contours" in text for text in study.remarks)
    assert any("marker has only 4 points" in text for text in study.remarks)
    assert study.problems == ()


def test_a_contour_of_one_or_two_points_beside_whole_ones(drawn: Callable[..., Study], tiny: ModuleType) -> None:
    """Drawing programs leave such crumbs; they have no area."""

    def crumb(ds: Any) -> None:
        item = Dataset()
        item.ContourGeometricType, item.NumberOfContourPoints = "CLOSED_PLANAR", 1
        item.ContourData = ["0", "0", "110"]
        ds.ROIContourSequence[0].ContourSequence.append(item)

    study = drawn({"organ": tiny.block_rings()}, crumb)
    assert study.problems == ()
    assert volume(study.outlines[0]) == pytest.approx(12.0, rel=0.01)


def test_only_crumbs_are_no_region(drawn: Callable[..., Study], tiny: ModuleType) -> None:
    study = drawn({"crumb": (np.array([[0.0, 0.0, 100.0], [5.0, 0.0, 100.0]]),), "organ": tiny.block_rings()})
    assert [o.name for o in study.outlines] == ["organ"]
    assert any("crumb" in text for text in study.remarks)


@pytest.mark.parametrize(
    ("edit", "tag"),
    [
        (lambda ds: setattr(ds.ROIContourSequence[0].ContourSequence[0], "NumberOfContourPoints", 7), "(3006,0046)"),
        (lambda ds: setattr(ds.ROIContourSequence[0].ContourSequence[0], "ContourData", ["1", "2"]), "(3006,0050)"),
        (lambda ds: setattr(ds.ROIContourSequence[0].ContourSequence[0], "ContourData", None), "(3006,0050)"),
        (lambda ds: setattr(ds.ROIContourSequence[0], "ReferencedROINumber", 9), "(3006,0039)"),
    ],
)
def test_damaged_contours_are_refused(drawn: Callable[..., Study], tiny: ModuleType, edit: Any, tag: str) -> None:
    study = drawn({"organ": tiny.block_rings()}, edit)
    assert study.outlines == ()
    assert tag in study.problems[0].text
    assert "organs.dcm" in study.problems[0].text


# --- SEG


def segmentation(folder: Path, tiny: ModuleType, masks: np.ndarray, names: list[str], kind: str, **more: Any) -> Path:
    """A SEG on the tiny CT, of ``masks`` (z, y, x, segments) or (z, y, x) labels."""
    import highdicom as hd
    from pydicom.sr.codedict import codes

    sources = [pydicom.dcmread(path) for path in tiny.ct(folder / "CT")]
    segments = [
        hd.seg.SegmentDescription(
            segment_number=n, segment_label=name, segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
            segmented_property_type=codes.SCT.Lesion, algorithm_type="MANUAL",
        )
        for n, name in enumerate(names, start=1)
    ]  # fmt: skip
    ds = hd.seg.Segmentation(
        source_images=sources, pixel_array=masks, segmentation_type=kind, segment_descriptions=segments,
        series_instance_uid="1.2.3.99", series_number=99, sop_instance_uid="1.2.3.99.1", instance_number=1, manufacturer="x",
        manufacturer_model_name="x", software_versions="1", device_serial_number="1", **more,
    )  # fmt: skip
    ds.save_as(folder / "seg.dcm")
    shutil.rmtree(folder / "CT")
    return folder / "seg.dcm"


def on_the_grid(outline: Outline, tiny: ModuleType) -> np.ndarray:
    """The mask on the grid of the CT it was drawn on, by position."""
    assert outline.grid is not None
    assert outline.mask is not None
    out = np.zeros(tiny.SHAPE)
    for z, y, x in np.argwhere(np.asarray(outline.mask) > 0):
        mm = outline.grid.affine @ [x, y, z, 1.0]
        i, j, k = np.rint((np.linalg.inv(tiny.affine()) @ mm)[:3]).astype(int)
        out[k, j, i] = outline.mask[z, y, x]
    return out


@pytest.mark.parametrize("omit", [True, False])
def test_overlapping_segments_and_frames_left_out(tmp_path: Path, tiny: ModuleType, omit: bool) -> None:
    masks = np.zeros((*tiny.SHAPE, 2), dtype=np.uint8)
    masks[1:3, 1:4, 2:6, 0] = 1
    masks[2, 3:6, 4:9, 1] = 1
    masks[5, 0, 0, 1] = 1
    segmentation(tmp_path, tiny, masks, ["one", "zwölf"], "BINARY", omit_empty_frames=omit)
    found = read_study(tmp_path)
    assert found.problems == ()
    assert [o.name for o in found.outlines] == ["one", "zwölf"]
    for k, outline in enumerate(found.outlines):
        np.testing.assert_array_equal(on_the_grid(outline, tiny), masks[..., k])


def test_fractional_segments_keep_their_fractions(tmp_path: Path, tiny: ModuleType) -> None:
    masks = np.zeros((*tiny.SHAPE, 1), dtype=np.float32)
    masks[1, 1, 1:6, 0] = [0.0, 0.25, 0.5, 0.75, 1.0]
    segmentation(
        tmp_path, tiny, masks, ["partial"], "FRACTIONAL", max_fractional_value=200, fractional_type="OCCUPANCY",
    )  # fmt: skip
    found = read_study(tmp_path)
    assert found.problems == ()
    np.testing.assert_allclose(on_the_grid(found.outlines[0], tiny), masks[..., 0], atol=0.005)


def test_probability_is_not_a_share_of_volume(tmp_path: Path, tiny: ModuleType) -> None:
    masks = np.full((*tiny.SHAPE, 1), 0.5, dtype=np.float32)
    segmentation(
        tmp_path, tiny, masks, ["maybe"], "FRACTIONAL", max_fractional_value=255, fractional_type="PROBABILITY",
    )  # fmt: skip
    found = read_study(tmp_path)
    assert found.outlines == ()
    assert "(0062,0010)" in found.problems[0].text


def test_label_map_segmentation(tmp_path: Path, tiny: ModuleType) -> None:
    labels = np.zeros(tiny.SHAPE, dtype=np.uint8)
    labels[1:3, 2:5, 3:6] = 1
    labels[4, 2:5, 3:6] = 2
    segmentation(tmp_path, tiny, labels, ["first", "second"], "LABELMAP")
    found = read_study(tmp_path)
    assert found.problems == ()
    assert [o.name for o in found.outlines] == ["first", "second"]
    for number, outline in enumerate(found.outlines, start=1):
        np.testing.assert_array_equal(on_the_grid(outline, tiny) > 0, labels == number)


def test_an_empty_segment_is_named(tmp_path: Path, tiny: ModuleType) -> None:
    masks = np.zeros((*tiny.SHAPE, 2), dtype=np.uint8)
    masks[1:3, 1:4, 2:6, 0] = 1
    segmentation(tmp_path, tiny, masks, ["full", "void"], "BINARY")
    found = read_study(tmp_path)
    assert [o.name for o in found.outlines] == ["full"]
    assert any("void" in text for text in found.remarks)


def test_a_damaged_segmentation_is_named(tmp_path: Path, tiny: ModuleType) -> None:
    masks = np.ones((*tiny.SHAPE, 1), dtype=np.uint8)
    path = segmentation(tmp_path, tiny, masks, ["x"], "BINARY")
    tiny.change(path, lambda ds: delattr(ds, "SegmentSequence"))
    found = read_study(tmp_path)
    assert found.outlines == ()
    assert "seg.dcm" in found.problems[0].text
