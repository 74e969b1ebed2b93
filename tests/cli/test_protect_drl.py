"""`hevesy protect drl`."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hevesy.cli.protect_drl import drl

app = typer.Typer()
app.command()(drl)


def _run(*words: str):
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def sample(tmp_path: Path) -> str:
    path = tmp_path / "bone.csv"
    path.write_text("activity_MBq,weight_kg\n" + "".join(f"{8 * w},{w}\n" for w in range(50, 70)))
    return str(path)


def test_json_and_files(sample: str, tmp_path: Path):
    done = _run(sample, "--procedure", "bone", "--country", "DE", "-o", str(tmp_path / "out"), "--json")
    assert done.exit_code == 0
    facts = json.loads(done.stdout)
    assert facts["verdict"] == "not above"
    assert all(Path(name).exists() for name in facts["files"])


def test_text(sample: str):
    done = _run(sample, "--procedure", "bone", "--country", "DE")
    assert done.exit_code == 0
    text = " ".join(done.output.split())
    assert "patients 20 of 20; asked for 10" in text
    assert "median 8 MBq/kg" in text
    assert "level 8 MBq/kg" in text


@pytest.mark.parametrize("words", [("--list",), ("--list", "--json")])
def test_list(words: tuple[str, ...]):
    done = _run(*words)
    assert done.exit_code == 0
    assert "2019-05-30" in done.output


def test_refusals(sample: str):
    assert _run().exit_code == 1
    done = _run(sample, "--procedure", "bone", "--country", "FR")
    assert done.exit_code == 1
    assert "superseded" in done.output
