"""Start-up stays fast because nothing heavy is imported: this looks at what is imported, not at a clock."""

import subprocess
import sys

HEAVY = {
    "numpy", "scipy", "pydicom", "highdicom", "SimpleITK", "matplotlib", "numba", "radioactivedecay",
    "nibabel", "typst", "jinja2", "pydantic", "sympy", "networkx", "pandas", "icrp107_database",
}  # fmt: skip

SHOW_HELP = """
import sys
from hevesy.cli import main
sys.argv = ["hevesy", "--help"]
try:
    main()
except SystemExit as done:
    assert not done.code, done.code
"""


def heavy_after(program: str) -> set[str]:
    """Heavy libraries that a fresh interpreter holds after ``program``."""
    shown = program + "\nimport sys\nprint('loaded:', *sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    return HEAVY & set(done.stdout.rpartition("loaded:")[2].split())


def test_import_hevesy_loads_nothing_heavy():
    assert heavy_after("import hevesy") == set()


def test_import_hevesy_loads_no_room():
    program = "import hevesy, sys; print([m for m in sys.modules if m.startswith('hevesy.')])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_nothing_heavy():
    assert heavy_after(SHOW_HELP) == set()


def test_the_guard_sees_what_it_guards_against():
    assert heavy_after("import scipy.optimize") >= {"numpy", "scipy"}
