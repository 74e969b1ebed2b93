"""From a cohort's table to a model file, and from it to new patients."""

import json
import math

import numpy as np
import pytest
from tests.kinetics.cohorts import csv_lines, patients

from hevesy.app.population import fit_with_population, population_from_table, read_model
from hevesy.errors import DataError, InputError

HEADER = "patient,region,time_h,activity_MBq,administered_MBq"


def table(path, lines, header=HEADER):
    path.write_text("\n".join([header, *lines]) + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cohort")
    lines = csv_lines(*patients(20, 1)[:2]) + csv_lines(*patients(15, 2)[:2], region="Liver")
    path = table(folder / "cohort.csv", lines)
    facts = population_from_table(path, nuclide="177Lu", out=folder / "model.json", model="mono")
    return folder, facts


def test_the_file(cohort):
    folder, facts = cohort
    assert json.loads((folder / "model.json").read_text("utf-8")) == facts
    assert facts["nuclide"] == "Lu-177"
    assert len(facts["input"]["sha256"]) == 64
    kidneys = facts["regions"]["Kidneys"]
    assert (kidneys["patients"], kidneys["points"], facts["patients"]) == (20, 80, 20)
    assert kidneys["effective_half_life_h"]["median"] == pytest.approx(50, rel=0.15)
    assert kidneys["fixed_effects"]["b1_per_h"] == pytest.approx(math.exp(kidneys["log_mean"][1]))
    assert kidneys["residual_percent"] == pytest.approx(10, rel=0.4)
    assert np.array(kidneys["log_covariance"]).shape == (2, 2)


def test_the_model_comes_back(cohort):
    folder, facts = cohort
    model = read_model(folder / "model.json")
    assert list(model) == ["Kidneys", "Liver"]
    kidneys = model["Kidneys"]
    assert math.exp(kidneys.mean[1]) * 3600 == pytest.approx(facts["regions"]["Kidneys"]["fixed_effects"]["b1_per_h"])
    assert kidneys.points == 80


def test_new_patients(cohort, tmp_path):
    folder, _ = cohort
    curves, administered, true = patients(6, 9, times=(72,))
    new = table(tmp_path / "new.csv", csv_lines(curves, administered))
    facts = fit_with_population(new, nuclide="Lu-177", model_path=folder / "model.json")
    assert list(facts["patients"]) == [f"P{i}" for i in range(6)]
    inside = 0
    for i, found in enumerate(facts["patients"].values()):
        region = found["regions"]["Kidneys"]
        low, high = region["tia_95_MBq_h"]
        assert low < region["tia_MBq_h"] < high
        assert {"model", "parameters", "u_tia_MBq_h", "effective_half_life_h", "well_posed", "warnings", "points"} <= set(region)
        inside += low <= true[i] / 3.6e9 <= high
    assert inside >= 4
    json.dumps(facts, allow_nan=False)


def test_without_patients_and_administered(cohort, tmp_path):
    folder, _ = cohort
    curves, administered, _ = patients(1, 9, times=(24, 96))
    new = table(tmp_path / "new.csv", csv_lines(curves, administered, columns=()), "region,time_h,activity_MBq")
    blind = fit_with_population(new, nuclide="Lu-177", model_path=folder / "model.json")["regions"]["Kidneys"]
    assert any("administered activity is not known" in text for text in blind["warnings"])
    told = fit_with_population(new, nuclide="Lu-177", model_path=folder / "model.json", administered=7400)
    assert told["regions"]["Kidneys"]["u_tia_MBq_h"] < blind["u_tia_MBq_h"] * 1.05
    assert told["regions"]["Kidneys"]["administered_MBq"] == pytest.approx(7400)


def test_what_was_not_seen_is_said(tmp_path):
    path = table(tmp_path / "late.csv", csv_lines(*patients(12, 5, times=(24, 72, 144))[:2]))
    region = population_from_table(path, nuclide="Lu-177", model="mono")["regions"]["Kidneys"]
    assert region["before_first_scan_percent"] == pytest.approx(28, abs=5)
    assert any("an uptake there is not seen" in text for text in region["warnings"])


def test_another_nuclide_is_said(cohort, tmp_path):
    folder, _ = cohort
    new = table(tmp_path / "new.csv", ["A,Kidneys,24,100,7400"])
    facts = fit_with_population(new, nuclide="Y-90", model_path=folder / "model.json")
    region = facts["patients"]["A"]["regions"]["Kidneys"]
    assert any("measured with Lu-177" in text for text in region["warnings"])
    assert region["effective_half_life_h"] < 64.1


def test_another_region(cohort, tmp_path):
    folder, _ = cohort
    new = table(tmp_path / "new.csv", ["A,Spleen,24,100,7400"])
    with pytest.raises(InputError, match="Spleen is not in the population model; it has Kidneys, Liver"):
        fit_with_population(new, nuclide="Lu-177", model_path=folder / "model.json")


LINES = csv_lines(*patients(8, 3)[:2])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines[:4], "at least 4 patients; got 1"),
        (lambda lines: [*lines, "P9,Kidneys,24,-5,7400"], "line 34, column activity_MBq: -5 must be above 0"),
        (lambda lines: [*lines, "P9,Kidneys,24,120000,7400"], "line 34, column activity_MBq: 120000 MBq are 16.2 times"),
        (lambda lines: [*lines, "P9,Kidneys,24,0.12,7400"], "lines 34 to 34: Kidneys holds"),
        (lambda lines: [*lines, "P0,Kidneys,30,100,7.4"], "differs from 7400.0"),
        (lambda lines: [*lines, "P9,Kidneys,24,100,"], "column administered_MBq: it is empty"),
        (lambda lines: [*lines, "P9,Kidneys,86400,100,7400"], "half-lives; nothing is left"),
        (lambda lines: [*lines, lines[0]], "twice for one patient"),
        (lambda lines: [*lines, "P9,Kidneys,24,abc,7400"], "'abc' is not a number"),
    ],
)
def test_tables_that_are_refused(tmp_path, change, said):
    path = table(tmp_path / "cohort.csv", change(LINES))
    with pytest.raises((DataError, InputError), match=said):
        population_from_table(path, nuclide="Lu-177", out=tmp_path / "model.json", model="mono")
    assert not (tmp_path / "model.json").exists()


def test_columns_that_are_missing(tmp_path):
    path = table(tmp_path / "cohort.csv", ["Kidneys,24,100"], "region,time_h,activity_MBq")
    with pytest.raises(DataError, match="no column patient, administered_MBq"):
        population_from_table(path, nuclide="Lu-177")


@pytest.mark.parametrize(
    ("text", "said"), [("{", "no JSON"), ("{}", "format is None"), ('{"format": "hevesy population model 1"}', "not a whole")]
)
def test_files_that_are_no_model(tmp_path, text, said):
    path = tmp_path / "model.json"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError, match=said):
        read_model(path)
    with pytest.raises(DataError, match="no such file"):
        read_model(tmp_path / "none.json")
