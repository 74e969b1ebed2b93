"""NIfTI maps that use cases read and write, checked before anything is computed."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import DataError, InputError
from hevesy.model import Grid

SUFFIXES = (".nii", ".nii.gz")
# Voxel sides [mm] of an image of a body, an organ or a specimen: outside, the affine is in another unit.
SIDES = (0.02, 100.0)
# Affines of one grid, written by different programs, agree to their float32 [mm].
SAME = 1e-3


def checked_output(path: Path, *, inputs: Iterable[Path] = ()) -> Path:
    """``path`` if a NIfTI file can be written there.

    Raises
    ------
    InputError
        Another suffix, a folder, a folder that is not there, or one of ``inputs`` itself.
    """
    if not path.name.endswith(SUFFIXES) or path.name in SUFFIXES:
        raise InputError(f"{path}: the output is a NIfTI file; allowed are names that end with .nii or .nii.gz.")
    if path.is_dir():
        raise InputError(f"{path}: is a folder; the output is a file. Add a name that ends with .nii.gz.")
    if not path.parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}. Make it first.")
    for given in inputs:
        if given.resolve() == path.resolve():
            raise InputError(f"{path}: is an input; the output would overwrite it. Give another name.")
    return path


def read_map(path: Path, what: str, reference: Grid | None = None) -> tuple[npt.NDArray[np.float32], Grid]:
    """Values (z, y, x) and grid of one volume; ``what`` it is, for messages.

    Raises
    ------
    InputError
        There is no such file, or it does not lie on the grid ``reference``.
    DataError
        It is not one NIfTI volume of finite values with an affine in mm.
    """
    from hevesy.dicom.nifti import read_nifti

    if not path.is_file():
        raise InputError(f"{path}: there is no such file; it is given as {what}. Check the name.")
    values, grid = read_nifti(path)
    if not all(SIDES[0] <= side <= SIDES[1] for side in grid.spacing):
        raise DataError(
            f"{path.name}: voxels of {sides_text(grid)} mm; sides from {SIDES[0]} to {SIDES[1]} mm are allowed. "
            "Is its affine in mm?"
        )
    if reference is not None:
        _check_grid(path, what, grid, reference)
    return values, grid


def read_labels(path: Path, what: str, reference: Grid) -> npt.NDArray[np.int32]:
    """A map of whole numbers of 0 or more, on the grid ``reference``."""
    values, _ = read_map(path, what, reference)
    labels = values.astype(np.int32)
    if not np.array_equal(labels, values):
        wrong = float(values[labels != values][0])
        raise DataError(f"{path.name}: {what} holds {wrong:g}; only whole numbers are allowed. Resample it by nearest neighbour.")
    if int(labels.min()) < 0:
        raise DataError(f"{path.name}: {what} holds {int(labels.min())}; whole numbers of 0 or more are allowed.")
    return labels


def sides_text(grid: Grid) -> str:
    """Sides of a voxel as people write them: "4.8 x 4.8 x 3"."""
    return " x ".join(f"{side:.4g}" for side in grid.spacing)


def _check_grid(path: Path, what: str, grid: Grid, reference: Grid) -> None:
    if grid.shape != reference.shape:
        raise InputError(
            f"{path.name}: {what} has {_count(grid)} voxels (x, y, z), the time-integrated activity {_count(reference)}. "
            "Resample one to the other."
        )
    off: Any = np.abs(grid.affine - reference.affine)
    if float(off.max()) > SAME:
        raise InputError(
            f"{path.name}: {what} has the voxels of the time-integrated activity but lies elsewhere: the affines differ by up to "
            f"{off.max():.4g} mm, {SAME} mm is allowed. Resample one to the other."
        )


def _count(grid: Grid) -> str:
    return " x ".join(str(n) for n in reversed(grid.shape))
