"""`hevesy protect release`, `waste`, `staff`, `shielding` and `checklist` as people and programs call them."""

import json

import typer
from typer.testing import CliRunner

from hevesy.cli.protect_checklist import checklist
from hevesy.cli.protect_release import release
from hevesy.cli.protect_shielding import shielding
from hevesy.cli.protect_staff import staff
from hevesy.cli.protect_waste import waste

program = typer.Typer()
for command in (release, waste, staff, shielding, checklist):
    program.command()(command)

THERAPY = ("--nuclide", "I-131", "--activity", "3.7 GBq", "--administered", "2026-01-05T10:30", "--country", "CH")
ROOM = ("--patients", "40", "--activity", "555 MBq", "--stay", "60 min", "--distance", "4 m")


def call(*arguments):
    return CliRunner(env={"COLUMNS": "110"}).invoke(program, [str(a) for a in arguments])


def test_release_prints_and_writes(tmp_path):
    shown = call("release", *THERAPY, "--clearance", "I-131 thyroid cancer", "--language", "es", "-o", tmp_path)
    assert shown.exit_code == 0, shown.output
    assert "may leave" in shown.stdout
    assert "rule: below 10 uSv/h" in shown.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"release.json", "release.png", "instructions.html", "certificate.html"}
    facts = json.loads(call("release", *THERAPY, "--json").stdout)
    assert facts["release"]["decided_by"]["edition"] == "2018"
    assert facts["tables_on"] == "2026-01-05"


def test_release_refuses_with_what_is_known():
    found = call("release", *THERAPY[:-1], "Switserland")
    assert found.exit_code == 1
    assert "rules are known for" in found.stderr


def test_waste(tmp_path):
    ledger = tmp_path / "ledger.csv"
    ledger.write_text("bag,nuclide,activity_MBq,mass_kg,closed\nA,Tc-99m,100,2,2026-01-05\n")
    assert "may leave: A" in call("waste", ledger, "--on", "2026-02-01").stdout
    assert json.loads(call("waste", ledger, "--on", "2026-02-01", "--json").stdout)["may_leave_now"] == ["A"]
    assert call("waste", ledger, "--on", "1.2.2026").exit_code == 1


def test_staff(tmp_path):
    work = tmp_path / "work.csv"
    work.write_text("person,category,nuclide,task,handled_GBq_per_year\nR,worker,F-18,preparation,300\n")
    shown = call("staff", work, "--on", "2026-01-01")
    assert shown.exit_code == 0, shown.output
    assert "extremities" in shown.stdout
    assert json.loads(call("staff", work, "--json").stdout)["persons"]["R"]["hand_mSv"] == 360


def test_shielding():
    shown = call("shielding", "uptake", *ROOM)
    assert "transmission 0.18" in shown.stdout
    assert json.loads(call("shielding", "imaging", *ROOM, "--json").stdout)["room"] == "imaging"


def test_checklist(tmp_path):
    record = tmp_path / "study.toml"
    record.write_text('situations = ["therapy"]\n[justification]\nby = "Dr. A"\n')
    assert "satisfied" in call("checklist", record).stdout
    assert json.loads(call("checklist", record, "--json").stdout)["counts"]["satisfied"] == 1
