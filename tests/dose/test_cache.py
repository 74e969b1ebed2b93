"""Kernels are kept by content, and never trusted blindly."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hevesy.dose import cache
from hevesy.dose.cache import cache_folder, nuclide_voxel_kernel, read_kernel, save_kernel
from hevesy.dose.kernel import VoxelKernel, s_values, voxel_kernel
from hevesy.dose.point_kernels import PointKernels
from hevesy.dose.radial import RadialKernel, radial_kernel
from hevesy.nuclides import radiations

SIDES = (4.0, 5.0, 6.0)


@pytest.fixture
def made(kernels: PointKernels, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """Names of the nuclides whose radial kernel was made; the cache lies in ``tmp_path``."""
    names: list[str] = []

    def radial(name: str, medium: str, daughters: bool = True, leaving: float = 0.0) -> RadialKernel:
        names.append(name)
        return radial_kernel(radiations(name, daughters=daughters, leaving=leaving), kernels)

    monkeypatch.setattr(cache, "load_point_kernels", lambda medium: kernels)
    monkeypatch.setattr(cache, "nuclide_radial_kernel", radial)
    monkeypatch.setenv("HEVESY_CACHE", str(tmp_path / "kept"))
    cache._kernel.cache_clear()
    yield names
    cache._kernel.cache_clear()


def test_a_kernel_is_made_once(made: list[str], tmp_path: Path) -> None:
    first = nuclide_voxel_kernel("Lu-177", SIDES)
    cache._kernel.cache_clear()
    second = nuclide_voxel_kernel("lu177", SIDES)
    assert made == ["Lu-177"]
    assert s_values(first) == s_values(second)
    assert second.radial.remarks == first.radial.remarks
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".npz"]


def test_whatever_differs_is_another_kernel(made: list[str]) -> None:
    nuclide_voxel_kernel("Y-90", SIDES)
    nuclide_voxel_kernel("Y-90", (4.0, 5.0, 6.1))
    nuclide_voxel_kernel("Y-90", SIDES, density=1.1)
    assert len(made) == 3
    keys = {cache._key("Y-90", SIDES, "soft", state) for state in ((1.0, True, 0.0), (1.0, False, 0.0), (1.0, True, 0.1))}
    assert len(keys) == 3


def test_a_damaged_file_is_made_again(made: list[str], tmp_path: Path) -> None:
    good = s_values(nuclide_voxel_kernel("Lu-177", SIDES))
    (path,) = (tmp_path / "kept").iterdir()
    for content in (path.read_bytes()[:5000], b""):
        path.write_bytes(content)
        cache._kernel.cache_clear()
        assert s_values(nuclide_voxel_kernel("Lu-177", SIDES)) == good
    assert made == ["Lu-177"] * 3


def test_a_flipped_byte_and_another_key_are_not_read(kernels: PointKernels, tmp_path: Path) -> None:
    kernel = voxel_kernel(radial_kernel(radiations("Y-90"), kernels), SIDES, density=1.0)
    path = tmp_path / "k.npz"
    save_kernel(kernel, path, "key")
    found = read_kernel(path, "key")
    assert isinstance(found, VoxelKernel)
    assert np.array_equal(found.near_photons, kernel.near_photons)
    assert read_kernel(path, "other") is None
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    assert read_kernel(path, "key") is None


def test_a_folder_that_cannot_be_made_costs_nothing(made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HEVESY_CACHE", str(tmp_path / "file" / "below"))
    assert nuclide_voxel_kernel("Y-90", SIDES).energy_per_decay > 0
    monkeypatch.setenv("HEVESY_CACHE", "")
    assert cache_folder() is None
    cache._kernel.cache_clear()
    assert nuclide_voxel_kernel("Y-90", SIDES).energy_per_decay > 0
    assert len(made) == 2


@pytest.mark.parametrize(
    ("platform", "end"), [("linux", "hevesy/kernels"), ("darwin", "Library/Caches/hevesy/kernels"), ("win32", "hevesy/kernels")]
)
def test_each_system_has_its_place(platform: str, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEVESY_CACHE", raising=False)
    monkeypatch.setattr(cache.sys, "platform", platform)
    folder = cache_folder()
    assert folder is not None
    assert folder.as_posix().endswith(end)
