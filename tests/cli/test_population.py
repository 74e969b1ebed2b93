"""`hevesy population` and `hevesy fit --population` on the terminal."""

import json

import pytest
from tests.kinetics.cohorts import csv_lines, patients
from typer.testing import CliRunner

from hevesy.cli.main import program

HEADER = "patient,region,time_h,activity_MBq,administered_MBq"


def call(*arguments):
    return CliRunner().invoke(program, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("population")
    lines = csv_lines(*patients(15, 1)[:2], region="Kidney_Left")
    (folder / "cohort.csv").write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    shown = call("population", folder / "cohort.csv", "--nuclide", "Lu-177", "-o", folder / "model.json", "--model", "mono")
    curves, administered, _ = patients(2, 2, times=(72,))
    (folder / "new.csv").write_text("\n".join([HEADER, *csv_lines(curves, administered, region="Kidney_Left")]) + "\n", "utf-8")
    return folder, shown


def test_population(made):
    folder, shown = made
    assert shown.exit_code == 0, shown.stderr
    assert all(len(line) <= 80 for line in shown.stdout.splitlines() if not line.startswith("written"))
    for text in ("Kidney_Left", "mono", "spread", "residual", "written"):
        assert text in shown.stdout
    again = call(
        "population", folder / "cohort.csv", "--nuclide", "Lu-177", "-o", folder / "again.json", "--model", "mono", "--json"
    )
    assert json.loads(again.stdout) == json.loads((folder / "model.json").read_text("utf-8"))


def test_fit(made):
    folder, _ = made
    shown = call("fit", folder / "new.csv", "--nuclide", "Lu-177", "--population", folder / "model.json")
    assert shown.exit_code == 0, shown.stderr
    assert all(len(line) <= 80 for line in shown.stdout.splitlines())
    assert "posterior median" in shown.stdout
    facts = json.loads(
        call("fit", folder / "new.csv", "--nuclide", "Lu-177", "--population", folder / "model.json", "--json").stdout
    )
    low, high = facts["patients"]["P0"]["regions"]["Kidney_Left"]["tia_95_MBq_h"]
    assert 0 < low < high


@pytest.mark.parametrize("options", [["--model", "mono"], ["--average"]])
def test_options_that_do_not_go_together(made, options):
    folder, _ = made
    shown = call("fit", folder / "new.csv", "--nuclide", "Lu-177", "--population", folder / "model.json", *options)
    assert shown.exit_code == 1
    assert "Leave out" in shown.stderr


def test_refused(made, tmp_path):
    folder, _ = made
    shown = call("fit", folder / "new.csv", "--nuclide", "Lu-177", "--administered", "7400")
    assert shown.exit_code == 1
    shown = call("population", folder / "new.csv", "--nuclide", "Lu-177", "-o", tmp_path / "m.json")
    assert shown.exit_code == 1
    assert "at least" in shown.stderr
    assert list(tmp_path.iterdir()) == []
