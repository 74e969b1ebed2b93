"""`hevesy protect pregnancy`."""

import json

import pytest
import typer
from typer.testing import CliRunner

from hevesy.cli.protect_pregnancy import pregnancy

app = typer.Typer()
app.command()(pregnancy)


def _run(*words: str):
    return CliRunner().invoke(app, list(words))


def test_json():
    done = _run("--tracer", "F-18 FDG", "--activity", "296 MBq", "--weeks", "5", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["conceptus_dose_mGy"] == 5.1208


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--tracer", "FDG", "--activity", "296 MBq", "--weeks", "5"), "conceptus 5.12 mGy (no u)"),
        (("--tracer", "FDG", "--activity", "296 MBq", "--weeks", "7"), "not the stage asked for"),
        (("--tracer", "MDP", "--activity", "500 MBq", "--weeks", "13"), "unverified"),
        (("--list",), "Tc-99m MAA"),
        (("--list", "--json"), "Tc-99m MAA"),
    ],
)
def test_text(words: tuple[str, ...], says: str):
    done = _run(*words)
    assert done.exit_code == 0, done.output
    assert says in " ".join(done.output.split())


@pytest.mark.parametrize("words", [(), ("--tracer", "MIBI", "--activity", "300 MBq", "--weeks", "5")])
def test_refusals(words: tuple[str, ...]):
    assert _run(*words).exit_code == 1
