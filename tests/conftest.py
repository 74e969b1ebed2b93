"""Studies that many tests read: a small virtual patient, and the real scans where they lie beside the project."""

import importlib.util
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from hevesy.app.virtual_study import VirtualStudy, make_virtual_study
from hevesy.imaging import VirtualPatientSpec

# Kernels and machine code are kept between runs of the program; tests keep kernels in a place of their own.
os.environ["HEVESY_CACHE"] = tempfile.mkdtemp(prefix="hevesy-tests-")

# A gate gives the same answer twice: examples follow from the test alone. `make explore` draws new ones, many more of them.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no core waits for them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


REAL = Path(__file__).resolve().parents[2] / "shared" / "data"

SMALL = VirtualPatientSpec(
    ct_shape=(67, 100, 100),
    ct_spacing=(5.0, 5.0, 9.0),
    spect_shape=(64, 64, 64),
    spect_spacing=(9.6, 9.6, 9.6),
    truth_spacing=3.0,
)


@pytest.fixture(scope="session")
def small_spec() -> VirtualPatientSpec:
    """A virtual patient on coarse grids: the same body, a twentieth of the data."""
    return SMALL


@pytest.fixture(scope="session")
def small_study(tmp_path_factory: pytest.TempPathFactory) -> VirtualStudy:
    """Its DICOM files; do not change them, copy them (`study_copy`)."""
    return make_virtual_study(tmp_path_factory.mktemp("virtual") / "study", seed=3, spec=SMALL)


@pytest.fixture
def study_copy(small_study: VirtualStudy, tmp_path: Path) -> Callable[..., Path]:
    """Copies the named time points ("T4", "T2") of the small study to a folder of its own."""

    def copy(*points: str) -> Path:
        target = tmp_path / "study"
        for folder in sorted(small_study.folder.iterdir()):
            if folder.is_dir() and (not points or folder.name.split("_")[0] in points):
                shutil.copytree(folder, target / folder.name)
        return target

    return copy


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real scans; tests that need it skip aloud where it is not there."""
    if not REAL.is_dir():
        pytest.skip("the real scans do not lie beside this checkout (../shared/data)")
    return REAL


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tiny() -> ModuleType:
    """Writes studies of some hundred voxels whose numbers follow by hand (tests/dicom/tiny.py)."""
    return _load(Path(__file__).parent / "dicom" / "tiny.py")
