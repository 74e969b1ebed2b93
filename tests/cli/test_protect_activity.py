"""`hevesy protect activity`."""

import json

import pytest
import typer
from typer.testing import CliRunner

from hevesy.cli.protect_activity import activity

app = typer.Typer()
app.command()(activity)


def _run(*words: str):
    return CliRunner().invoke(app, list(words))


def test_json():
    done = _run("--tracer", "Tc-99m MAG3", "--weight", "20", "--card", "eanm-2016", "--json")
    assert done.exit_code == 0
    facts = json.loads(done.stdout)
    assert {"activity_MBq", "class", "multiple", "source"} <= set(facts)
    assert facts["activity_MBq"] == 34.272


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--tracer", "MAG3", "--weight", "21 kg"), "next one gives 36.41 MBq"),
        (("--tracer", "DMSA", "--weight", "10"), "the minimum decides"),
        (("--tracer", "FDG torso", "--weight", "20", "--card", "na-2024"), "range 59.2 to 104 MBq"),
        (("--list",), "eanm-2022-petmr"),
        (("--list", "--json"), "eanm-fdg-2015"),
    ],
)
def test_text(words: tuple[str, ...], says: str):
    done = _run(*words)
    assert done.exit_code == 0, done.output
    assert says in " ".join(done.output.split())


@pytest.mark.parametrize(("words", "says"), [(("--tracer", "FGD", "--weight", "20"), "F-18 FDG"), ((), "--tracer and --weight")])
def test_refusals(words: tuple[str, ...], says: str):
    done = _run(*words)
    assert done.exit_code == 1
    assert says in done.output
