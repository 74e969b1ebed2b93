"""A voxel lies where the tags say, whatever the orientation, the order of the slices or the kind of object."""

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from hevesy.dicom import read_study
from hevesy.dicom.nifti import read_nifti, write_nifti
from hevesy.errors import DataError
from hevesy.model import Grid, Image, Quantity

SPACING = (2.0, 3.0, 5.0)
TURNED = np.array([[0.8, -0.6, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]]) @ np.array(
    [[1.0, 0.0, 0.0], [0.0, 0.96, -0.28], [0.0, 0.28, 0.96]]
)
AXES = {
    "axial": np.eye(3),
    "feet first": np.diag([1.0, -1.0, -1.0]),
    "left-handed": np.diag([1.0, 1.0, -1.0]),
    "sagittal": np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, -1.0, 0.0]]),
    "coronal": np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]]),
    "turned": TURNED,
}


def placed(axes: np.ndarray) -> np.ndarray:
    out = np.eye(4)
    out[:3, :3] = axes * np.array(SPACING)
    out[:3, 3] = [-31.5, 12.25, 400.0]
    return out


def by_place(image: Image) -> dict[tuple[float, ...], float]:
    """Value by position [mm], whatever the order of the indices."""
    z, y, x = np.indices(image.grid.shape)
    index = np.stack([x.ravel(), y.ravel(), z.ravel(), np.ones(x.size)])
    mm = np.round((image.grid.affine @ index)[:3].T, 2) + 0.0
    return {tuple(place): float(value) for place, value in zip(mm, np.asarray(image.values).ravel(), strict=True)}


@pytest.mark.parametrize("axes", AXES.values(), ids=AXES.keys())
@pytest.mark.parametrize("kind", ["PT", "NM"])
def test_each_value_is_where_it_was_written(tmp_path: Path, tiny: ModuleType, axes: np.ndarray, kind: str) -> None:
    values, where = tiny.uneven(), placed(axes)
    (tiny.pt if kind == "PT" else tiny.nm)(tmp_path, values, where=where)
    study = read_study(tmp_path)
    assert study.problems == ()
    found = study.scans[0].image
    assert found.grid.voxel_volume == pytest.approx(np.prod(SPACING), rel=1e-6)
    grid = Grid(shape=values.shape, affine=where)
    expected = by_place(Image(values=values, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION))
    got = by_place(found)
    assert got.keys() == expected.keys()
    for place, value in expected.items():
        assert got[place] == pytest.approx(value, abs=1000 / 65535)


def test_nm_slices_against_the_normal(tmp_path: Path, tiny: ModuleType) -> None:
    """C.8.4.15: the sign of (0018,0088) says on which side of the first slice the others lie."""
    path = tiny.nm(tmp_path, tiny.uneven())
    tiny.change(path, lambda ds: setattr(ds, "SpacingBetweenSlices", "-5"))
    grid = read_study(tmp_path).scans[0].image.grid
    assert grid.affine[2, 2] == -5.0
    assert grid.voxel_volume == pytest.approx(125.0)


def test_nm_without_spacing_takes_the_thickness_and_says_so(tmp_path: Path, tiny: ModuleType) -> None:
    path = tiny.nm(tmp_path, tiny.uneven())
    tiny.change(path, lambda ds: delattr(ds, "SpacingBetweenSlices"))
    study = read_study(tmp_path)
    assert study.scans[0].image.grid.spacing == pytest.approx((5, 5, 5))
    assert any("(0018,0088)" in text for text in study.remarks)


@pytest.mark.parametrize(
    ("edit", "tag"),
    [
        (lambda ds: setattr(ds, "NumberOfFrames", 5), "(0028,0008)"),
        (lambda ds: setattr(ds, "EnergyWindowVector", [1, 1, 1, 2, 2, 2]), "(0054,0010)"),
        (lambda ds: delattr(ds, "DetectorInformationSequence"), "(0020,0037)"),
        (lambda ds: setattr(ds, "PixelSpacing", ["5", "0"]), "(0028,0030)"),
        (lambda ds: setattr(ds.DetectorInformationSequence[0], "ImageOrientationPatient", ["1", "0", "0", "1", "0", "0"]),
         "(0020,0037)"),
        (lambda ds: setattr(ds, "PixelData", ds.PixelData[:-2]), "(7FE0,0010)"),
        (lambda ds: delattr(ds, "PixelData"), "(7FE0,0010)"),
    ],
)  # fmt: skip
def test_nm_geometry_that_is_refused(tmp_path: Path, tiny: ModuleType, edit: Any, tag: str) -> None:
    path = tiny.nm(tmp_path, tiny.uneven())
    tiny.change(path, edit)
    study = read_study(tmp_path)
    assert study.scans == ()
    assert tag in study.problems[0].text
    assert path.name in study.problems[0].text


@pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, 1), (1, -1, 1), (-1, -1, -1)])
def test_nifti_keeps_each_value_in_its_place(tmp_path: Path, tiny: ModuleType, flips: tuple[int, ...]) -> None:
    where = tiny.affine(SPACING) @ np.diag([*flips, 1.0])
    image = tiny.image(tiny.uneven(), where=where)
    values, grid = read_nifti(write_nifti(tmp_path / "a.nii.gz", image))
    assert by_place(Image(values=values, grid=grid, quantity=image.quantity)) == by_place(image)


def test_nifti_is_ras_in_the_file(tmp_path: Path, tiny: ModuleType) -> None:
    """NIfTI-1: x to the right, y to the front; DICOM: x to the left, y to the back."""
    import nibabel

    stored: Any = nibabel.load(write_nifti(tmp_path / "a.nii.gz", tiny.image(tiny.uneven())))
    np.testing.assert_allclose(stored.affine[:3, 3], tiny.CORNER * [-1, -1, 1])
    assert stored.shape == tiny.SHAPE[::-1]


def test_nifti_of_a_value_and_its_uncertainty(tmp_path: Path, tiny: ModuleType) -> None:
    import nibabel

    image = tiny.image(tiny.uneven())
    half = Image(values=image.values / 2, grid=image.grid, quantity=image.quantity)
    stored: Any = nibabel.load(write_nifti(tmp_path / "a.nii.gz", image, u=half))
    assert stored.shape == (*tiny.SHAPE[::-1], 2)
    np.testing.assert_allclose(stored.get_fdata()[..., 1], stored.get_fdata()[..., 0] / 2)
    assert b"volume 1" in stored.header["descrip"].item()
    named: Any = nibabel.load(write_nifti(tmp_path / "b.nii.gz", image, holds="mine"))
    assert named.header["descrip"].item() == b"mine"


def test_nifti_refusals(tmp_path: Path, tiny: ModuleType) -> None:
    import nibabel

    def made(array: np.ndarray, affine: np.ndarray | None = None) -> Path:
        path = tmp_path / "x.nii"
        image: Any = nibabel.Nifti1Image(array, affine)
        nibabel.save(image, path)
        return path

    ones = np.ones((3, 4, 5), dtype=np.float32)
    assert read_nifti(made(ones[..., None], np.eye(4)))[0].shape == (5, 4, 3)
    with pytest.raises(DataError, match="three dimensions"):
        read_nifti(made(np.ones((3, 4, 5, 2), dtype=np.float32), np.eye(4)))
    with pytest.raises(DataError, match="sform_code"):
        read_nifti(made(ones))
    with pytest.raises(DataError, match="not finite"):
        read_nifti(made(ones * np.nan, np.eye(4)))
    (tmp_path / "x.nii").write_bytes(b"no image")
    with pytest.raises(DataError, match="x.nii: not a readable NIfTI"):
        read_nifti(tmp_path / "x.nii")
    with pytest.raises(DataError, match="gone.nii: not a readable NIfTI"):
        read_nifti(tmp_path / "gone.nii")


def test_nifti_scaled_integers(tmp_path: Path) -> None:
    import nibabel

    image: Any = nibabel.Nifti1Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4))
    image.header.set_slope_inter(0.5, 10.0)
    nibabel.save(image, tmp_path / "s.nii")
    values, _ = read_nifti(tmp_path / "s.nii")
    np.testing.assert_allclose(values, np.arange(60).reshape(3, 4, 5).transpose(2, 1, 0) * 0.5 + 10.0)
