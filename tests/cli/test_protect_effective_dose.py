"""`hevesy protect effective-dose`."""

import json

import typer
from typer.testing import CliRunner

from hevesy.cli.protect_effective_dose import effective_dose

app = typer.Typer()
app.command()(effective_dose)
FDG = ("--tracer", "F-18 FDG", "--activity", "394 MBq", "--age", "40")


def _run(*words: str):
    return CliRunner().invoke(app, list(words))


def test_json():
    done = _run(*FDG, "--set", "icrp-128", "--json")
    assert done.exit_code == 0
    facts = json.loads(done.stdout)
    assert facts["effective_dose_mSv"] == 7.486
    assert facts["organ_doses_mGy"]["bladder"] == 51.22
    assert {"weights", "source"} <= set(facts)


def test_text_shows_organs_ct_and_the_reason_for_no_u():
    done = _run(*FDG, "--ct-dlp", "800 mGy cm", "--ct-region", "trunk")
    text = " ".join(done.output.split())
    assert done.exit_code == 0, done.output
    for words in ("7.49 mSv", "bladder 51.22", "CT, trunk", "together 19.5 mSv", "no uncertainty", "unverified"):
        assert words in text


def test_refusal():
    done = _run("--tracer", "Lu-177 DOTATATE", "--activity", "7.4 GBq", "--age", "40")
    assert done.exit_code == 1
    assert "given for therapy" in done.output
