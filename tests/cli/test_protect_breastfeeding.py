"""`hevesy protect breastfeeding`."""

import json

import pytest
import typer
from typer.testing import CliRunner

from hevesy.cli.protect_breastfeeding import breastfeeding

app = typer.Typer()
app.command()(breastfeeding)


def _run(*words: str):
    return CliRunner().invoke(app, list(words))


def test_json():
    done = _run("--product", "Tc-99m pertechnetate", "--policy", "longest", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["picked"]["said"] == "24 h"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--product", "MAA"), "no policy was stated"),
        (("--product", "MAA", "--policy", "naik-2022"), "naik-2022: 12 h"),
        (("--product", "I-131 iodide", "--therapy"), "before"),
        (("--product", "FDG"), "unverified"),
        (("--product", "FDG"), "Does the patient breast-feed?"),
        (("--list",), "leide-svegborn"),
        (("--list", "--json"), "leide-svegborn"),
    ],
)
def test_text(words: tuple[str, ...], says: str):
    done = _run(*words)
    assert done.exit_code == 0, done.output
    assert says in " ".join(done.output.split())


@pytest.mark.parametrize("words", [(), ("--product", "nothing known"), ("--product", "FDG", "--policy", "mine")])
def test_refusals(words: tuple[str, ...]):
    assert _run(*words).exit_code == 1
