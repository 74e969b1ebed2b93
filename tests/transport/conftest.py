"""Modules that the tests of this room share with the reference cases."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def cases() -> ModuleType:
    """tests/cases/load.py, the same module that tests/test_cases.py reads."""
    name = "reference_cases"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / "cases" / "load.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def phantoms(cases: ModuleType) -> ModuleType:
    """tests/transport/phantoms.py; what it simulates for reference cases is simulated once."""
    return cases.module_of_tests("transport/phantoms")
