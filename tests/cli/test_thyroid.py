"""`hevesy thyroid` as people and programs call it."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from hevesy.cli.main import program

COUNTS = """time_h,neck_counts,thigh_counts,standard_counts,room_counts
0,,,300300,300
2,36600,800,,
6,83500,800,,
24,131700,800,,
48,124000,800,,
96,102800,800,,
"""


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    path = tmp_path / "counts.csv"
    path.write_text(COUNTS, "utf-8")
    return path


def call(*arguments: object) -> Result:
    result: Result = CliRunner().invoke(program, ["thyroid", *(str(a) for a in arguments)])
    return result


def test_as_json(counts: Path) -> None:
    result = call(counts, "--nuclide", "I-131", "--json")
    assert result.exit_code == 0, result.stderr
    facts = json.loads(result.stdout)
    assert len(facts["points"]) == 5
    assert 45 < facts["maximum_uptake_percent"] < 52


def test_as_text(counts: Path) -> None:
    result = call(counts, "--nuclide", "I-131", "--standard", 10, "--model", "uptake")
    assert result.exit_code == 0, result.stderr
    for text in ("uptake", "effective half-life", "TIAC"):
        assert text in result.stdout
    assert all(len(line) <= 80 for line in result.stdout.splitlines())


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--nuclide", "X-1"], "X-1"), (["--nuclide", "I-131", "--model", "cubic"], "cubic"), (["--nuclide", "N-13"], "half-lives")],
)
def test_what_is_refused(counts: Path, options: list[str], said: str) -> None:
    result = call(counts, *options, "--json")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert said in result.stderr
