"""Files and functions stay of a size that one person can check."""

import ast
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
SOURCES = [path.relative_to(PROJECT) for top in ("src", "tests", "docs", "benchmarks", "tools")
           for path in sorted((PROJECT / top).rglob("*.py")) if "_build" not in path.parts]  # fmt: skip
ROOMS = [path for path in SOURCES if path.name == "__init__.py"]


def code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring, which may be as long as the method needs."""
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    documented = first.end_lineno - first.lineno + 1 if is_docstring else 0
    return function.end_lineno - function.lineno + 1 - documented


@pytest.mark.parametrize("path", SOURCES, ids=str)
def test_sizes(path):
    text = (PROJECT / path).read_text("utf-8")
    assert len(text.splitlines()) <= 600, "a file has at most 600 lines"
    longest = 100 if path.name == "_kernels.py" or path.parent.name == "_kernels" and path.parts[0] == "src" else 60
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = {f.name: code_lines(f) for f in functions if code_lines(f) > longest}
    assert not long, f"a function has at most {longest} lines"


@pytest.mark.parametrize("path", ROOMS, ids=str)
def test_a_room_opens_in_forty_lines(path):
    assert len((PROJECT / path).read_text("utf-8").splitlines()) <= 40


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parts[0] == "src"], ids=str)
def test_a_file_says_what_lives_in_it(path):
    assert ast.get_docstring(ast.parse((PROJECT / path).read_text("utf-8")))
