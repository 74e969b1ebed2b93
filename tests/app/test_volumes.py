from pathlib import Path

import nibabel
import numpy as np
import pytest

from hevesy.app.volumes import checked_output, read_labels, read_map
from hevesy.errors import DataError, InputError

AFFINE = np.diag([2.0, 3.0, 4.0, 1.0])


def nifti(path: Path, values, affine=AFFINE) -> Path:
    nibabel.save(nibabel.Nifti1Image(np.asarray(values), affine), path)
    return path


@pytest.fixture
def reference(tmp_path):
    return read_map(nifti(tmp_path / "reference.nii", np.zeros((3, 4, 5), np.float32)), "it")[1]


def test_a_map_has_its_sides_in_mm_and_its_axes_turned(tmp_path):
    values = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
    read, grid = read_map(nifti(tmp_path / "a.nii.gz", values), "it")
    assert np.array_equal(read, values.transpose(2, 1, 0))
    assert grid.spacing == pytest.approx((2, 3, 4))


def test_what_is_not_a_map(tmp_path, reference):
    with pytest.raises(InputError, match=r"none\.nii: there is no such file; it is given as the density"):
        read_map(tmp_path / "none.nii", "the density")
    (tmp_path / "text.nii.gz").write_text("no image")
    with pytest.raises(DataError, match="not a readable NIfTI"):
        read_map(tmp_path / "text.nii.gz", "it")
    with pytest.raises(DataError, match="three dimensions"):
        read_map(nifti(tmp_path / "4d.nii", np.zeros((3, 4, 5, 2), np.float32)), "it")
    with pytest.raises(DataError, match="not finite"):
        read_map(nifti(tmp_path / "nan.nii", np.full((3, 4, 5), np.nan, np.float32)), "it")
    with pytest.raises(DataError, match="Is its affine in mm"):
        read_map(nifti(tmp_path / "metre.nii", np.zeros((3, 4, 5), np.float32), np.diag([0.002, 0.003, 0.004, 1])), "it")


def test_what_lies_on_another_grid(tmp_path, reference):
    with pytest.raises(InputError, match=r"the density has 3 x 4 x 6 voxels .* activity 3 x 4 x 5"):
        read_map(nifti(tmp_path / "a.nii", np.zeros((3, 4, 6), np.float32)), "the density", reference)
    moved = AFFINE.copy()
    moved[0, 3] = 1.0
    with pytest.raises(InputError, match="lies elsewhere"):
        read_map(nifti(tmp_path / "b.nii", np.zeros((3, 4, 5), np.float32), moved), "the density", reference)
    moved[0, 3] = 1e-5
    read_map(nifti(tmp_path / "c.nii", np.zeros((3, 4, 5), np.float32), moved), "the density", reference)


def test_labels_are_whole_numbers(tmp_path, reference):
    values = np.zeros((3, 4, 5), np.float32)
    values[1, 1, 1] = 7
    assert read_labels(nifti(tmp_path / "a.nii", values), "labels", reference).max() == 7
    values[0, 0, 0] = 0.5
    with pytest.raises(DataError, match=r"labels holds 0\.5; only whole numbers"):
        read_labels(nifti(tmp_path / "b.nii", values), "labels", reference)
    values[0, 0, 0] = -1
    with pytest.raises(DataError, match="0 or more"):
        read_labels(nifti(tmp_path / "c.nii", values), "labels", reference)


def test_where_an_output_can_be(tmp_path):
    assert checked_output(tmp_path / "a.nii.gz") == tmp_path / "a.nii.gz"
    with pytest.raises(InputError, match=r"end with \.nii or \.nii\.gz"):
        checked_output(tmp_path / "a.dcm")
    with pytest.raises(InputError, match="there is no folder"):
        checked_output(tmp_path / "no" / "a.nii")
    (tmp_path / "folder.nii").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        checked_output(tmp_path / "folder.nii")
    with pytest.raises(InputError, match="is an input"):
        checked_output(tmp_path / "a.nii", inputs=[tmp_path / "." / "a.nii"])
