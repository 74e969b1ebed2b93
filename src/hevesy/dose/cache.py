"""Voxel kernels of nuclides, kept between runs by the content they were made from."""

import hashlib
import os
import sys
import tempfile
import zipfile
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.dose.kernel import VoxelKernel, voxel_kernel
from hevesy.dose.point_kernels import load_point_kernels
from hevesy.dose.radial import RadialKernel, nuclide_radial_kernel
from hevesy.errors import HevesyError
from hevesy.nuclides import load_nuclide

# To be raised with every change that moves a kernel: older files are then not found.
KERNEL_CODE = "1"
# Environment variable that names another folder; empty, nothing is kept.
FOLDER_VARIABLE = "HEVESY_CACHE"


def nuclide_voxel_kernel(
    name: str,
    sides: tuple[float, float, float],
    *,
    medium: str = "soft",
    density: float = 1.0,
    daughters: bool = True,
    leaving: float = 0.0,
) -> VoxelKernel:
    """Voxel kernel of a nuclide and its daughters in a shipped medium, made on first use.

    Parameters
    ----------
    name : str                          Nuclide.
    sides : (a_z, a_y, a_x)             Sides of the voxel [mm].
    medium : str                        One of :func:`hevesy.dose.point_kernels.point_kernel_media`.
    density : float                     [g/ml].
    daughters, leaving                  As in :func:`hevesy.nuclides.radiations`.

    The kernel is kept in the user's cache folder under the SHA-256 of what it was made from. A damaged file is thrown
    away; without a folder to write to, the kernel is kept in memory only.
    """
    place = (float(sides[0]), float(sides[1]), float(sides[2]))
    return _kernel(load_nuclide(name).name, place, medium, (float(density), daughters, float(leaving)))


def cache_folder() -> Path | None:
    """Where kernels are kept: ``$HEVESY_CACHE``, else the system's place for caches; None if there is none."""
    own = os.environ.get(FOLDER_VARIABLE)
    if own is not None:
        return Path(own) if own else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        root = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        root = home / "Library" / "Caches"
    else:
        root = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return root / "hevesy" / "kernels"


def save_kernel(kernel: VoxelKernel, path: Path, key: str) -> None:
    """Write a kernel as npz in one step: another process sees the whole file or none."""
    radial = kernel.radial
    arrays: dict[str, Any] = {
        "words": np.array([key, radial.nuclide, radial.medium, *radial.remarks]),
        "r": radial.r,
        "charged": radial.charged,
        "photons": radial.photons,
        "near_charged": kernel.near_charged,
        "near_photons": kernel.near_photons,
        "geometry": np.array([*kernel.sides, kernel.density, kernel.reach, kernel.far_charged]),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_kernel(path: Path, key: str) -> VoxelKernel | None:
    """The kernel in a file of :func:`save_kernel`; None if the file is missing, damaged or of another key."""
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = {name: found[name] for name in found.files}
        words = [str(word) for word in arrays["words"]]
        geometry = [float(value) for value in arrays["geometry"]]
        if words[0] != key:
            return None
        radial = RadialKernel(
            nuclide=words[1],
            medium=words[2],
            r=arrays["r"],
            charged=arrays["charged"],
            photons=arrays["photons"],
            remarks=tuple(words[3:]),
        )
        return VoxelKernel(
            radial=radial,
            sides=(geometry[0], geometry[1], geometry[2]),
            density=geometry[3],
            near_charged=arrays["near_charged"],
            near_photons=arrays["near_photons"],
            reach=geometry[4],
            far_charged=geometry[5],
        )
    except (OSError, ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile, HevesyError):
        return None


@lru_cache(maxsize=8)
def _kernel(name: str, sides: tuple[float, float, float], medium: str, state: tuple[float, bool, float]) -> VoxelKernel:
    density, daughters, leaving = state
    key = _key(name, sides, medium, state)
    folder = cache_folder()
    path = folder / f"{key}.npz" if folder else None
    if path:
        found = read_kernel(path, key)
        if found is not None:
            return found
    kernel = voxel_kernel(nuclide_radial_kernel(name, medium, daughters, leaving), sides, density=density)
    if path:
        try:
            save_kernel(kernel, path, key)
        except OSError:
            return kernel  # a home that cannot be written to costs a second, not the result
    return kernel


def _key(name: str, sides: tuple[float, float, float], medium: str, state: tuple[float, bool, float]) -> str:
    """SHA-256 of all that a kernel is made from: tables, decay data and the packages that hold them, geometry, code."""
    packages = [f"{package} {version(package)}" for package in ("hevesy", "icrp107-database", "radioactivedecay")]
    parts = [KERNEL_CODE, *packages, load_point_kernels(medium).sha256, name, load_nuclide(name).sha256, medium]
    parts += [repr(sides), repr(state)]
    return hashlib.sha256("\n".join(parts).encode("utf-8")).hexdigest()
