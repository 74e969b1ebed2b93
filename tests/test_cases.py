"""Each reference case holds; the page *Verification* prints the same files."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load_module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference_cases", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up here
    spec.loader.exec_module(module)
    return module


cases = _load_module(Path(__file__).parent / "cases" / "load.py")
ALL = cases.load_all()


@pytest.mark.parametrize("case", ALL, ids=[f"{case.room}/{case.name}" for case in ALL])
def test_case(case):
    found = cases.ours(case)
    share = cases.deviation(case, found)
    assert share <= 1, (
        f"{case.call}: ours {found}, theirs {case.expect} {case.unit}; "
        f"{share:.3g} times what is allowed (relative {case.tolerance:g}, absolute {case.absolute:g}). "
        f"Source: {case.source}"
    )


def write(folder: Path, text: str) -> Path:
    path = folder / "room" / "name.toml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return path


def test_a_case_calls_picks_and_compares(tmp_path):
    path = write(
        tmp_path,
        """
        call = "numpy.linalg.eigh"
        given = { a = [[2.0, 0.0], [0.0, 5.0]] }
        pick = "eigenvalues.1"
        expect = 5.0
        tolerance = 1e-12
        source = "a diagonal matrix"
        """,
    )
    case = cases.load(path)
    assert cases.ours(case) == pytest.approx(5.0)
    assert cases.deviation(case, 5.0) == 0
    assert cases.deviation(case, 5.0 * (1 + 1e-11)) > 1
    assert cases.deviation(case, float("nan")) == float("inf")
    assert cases.deviation(case, [5.0]) == float("inf")


def test_an_argument_may_be_a_call(tmp_path):
    path = write(
        tmp_path,
        """
        call = "numpy.sum"
        given = { a = { call = "numpy.ones", given = { shape = 3 } } }
        expect = 3.0
        tolerance = 1e-12
        source = "counting"
        """,
    )
    assert cases.ours(cases.load(path)) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('call = "math.pi"\nexpect = 1.0\nsource = "x"\ntolerence = 1e-3', "unknown keys"),
        ('call = "math.pi"\nexpect = 1.0', "missing keys"),
        ('call = "math.pi"\nexpect = 1.0\nsource = "x"', "tolerance"),
        ('call = "math.pi"\nexpect = 0.0\nsource = "x"\ntolerance = 1e-3', "absolute"),
    ],
)
def test_a_case_that_says_too_little_is_refused(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        cases.load(write(tmp_path, text))
