import json

import numpy as np
import pytest

from hevesy.app.fit import Asked, fit_table
from hevesy.errors import DataError, InputError

T = [4.0, 24.0, 72.0, 168.0]
KIDNEY = (100 * np.exp(-np.log(2) / 50 * np.array(T))).tolist()
HEADER = "region,time_h,activity_MBq"


def table(tmp_path, text, name="tac.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def lines(region="Kidney", activities=KIDNEY, separator=",", u=None):
    rows = [[region, f"{t}", f"{A}"] for t, A in zip(T, activities, strict=True)]
    if u is not None:
        rows = [[*row, f"{u * A}"] for row, A in zip(rows, activities, strict=True)]
    return "\n".join(separator.join(row) for row in rows)


def kidney(path, **options):
    return fit_table(path, nuclide="Lu-177", **options)["regions"]["Kidney"]


def test_the_facts(tmp_path):
    path = table(tmp_path, f"# a comment\n{HEADER},u_MBq\n{lines(u=0.03)}\n")
    facts = fit_table(path, nuclide="177Lu")
    assert list(facts) == ["nuclide", "regions"]
    assert facts["nuclide"] == "Lu-177"
    region = facts["regions"]["Kidney"]
    assert region["model"] == "mono"
    assert region["parameters"] == {
        "A_MBq": pytest.approx(100, rel=1e-6),
        "l1_per_h": pytest.approx(np.log(2) / 50, rel=1e-6),
    }
    assert region["tia_MBq_h"] == pytest.approx(100 * 50 / np.log(2), rel=1e-6)
    assert 0 < region["u_tia_MBq_h"] < 0.05 * region["tia_MBq_h"]
    assert region["effective_half_life_h"] == pytest.approx(50, rel=1e-6)
    assert region["extrapolated_fraction"] == pytest.approx(np.exp(-np.log(2) * 168 / 50), rel=1e-6)
    assert (region["well_posed"], region["warnings"]) == (True, [])
    assert [point["time_h"] for point in region["points"]] == pytest.approx(T)
    json.dumps(facts, allow_nan=False)


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeff{HEADER}\n{lines()}\n",
        f"{HEADER}\r\n{lines()}\r\n".replace("\n", "\r\n").replace("\r\r", "\r"),
        f"ROI,T_H,Activity_mbq,volume\n{lines()}\n",
        f"{HEADER.replace(',', ';')}\n{lines(separator=';').replace('.', ',')}\n",
        f"{HEADER.replace(',', chr(9))}\n{lines(separator=chr(9))}\n",
        f'"region","time_h","activity_MBq"\n{lines()}\n\n,,\n',
        "\n".join([HEADER, *reversed(lines().split("\n"))]),
        f"{HEADER},u_MBq\n" + "\n".join(f"{line}," for line in lines().split("\n")),
    ],
    ids=["BOM", "CRLF", "aliases", "decimal comma", "tabs", "quotes", "unsorted", "empty u"],
)
def test_forms_of_a_table(tmp_path, text):
    assert kidney(table(tmp_path, text))["tia_MBq_h"] == pytest.approx(100 * 50 / np.log(2), rel=1e-6)


def test_a_name_from_an_old_spreadsheet(tmp_path):
    path = table(tmp_path, f"{HEADER}\n{lines('Läsion')}\n", encoding="cp1252")
    assert list(fit_table(path, nuclide="Lu-177")["regions"]) == ["Läsion"]


def test_every_region_is_there_in_its_order(tmp_path):
    path = table(tmp_path, f"{HEADER}\n{lines('Spleen')}\n{lines('Kidney')}\nLesion 3,24,5\n")
    regions = fit_table(path, nuclide="Lu-177")["regions"]
    assert list(regions) == ["Spleen", "Kidney", "Lesion 3"]
    assert regions["Lesion 3"]["well_posed"] is False
    assert regions["Lesion 3"]["u_tia_MBq_h"] is None
    assert regions["Lesion 3"]["why_no_u"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("# only a comment\n", "empty"),
        (f"{HEADER}\n", "no point"),
        (
            "region,time_h,activity_kBq\nK,4,5\n",
            "line 1: no column activity_MBq; found region, time_h, activity_kBq",
        ),
        ("region,roi,time_h,activity_MBq\nK,K,4,5\n", "roi mean the same"),
        (f"#\n{HEADER}\nK,4,five\n", "line 3, column activity_MBq: 'five' is not a number"),
        (f"{HEADER}\nK,4,nan\n", "line 2, column activity_MBq: 'nan' is not a number"),
        (f"{HEADER}\nK,4\n", "line 2, column activity_MBq: it is empty"),
        (f"{HEADER}\n,4,5\n", "line 2, column region: it is empty"),
        (f"{HEADER}\nK,-4,5\n", "line 2, column time_h: -4 h is before the administration"),
        (f"{HEADER}\nK,4,5\nL,4,5\nK,4.0,6\n", r"line 4, column time_h: K has 4 h twice \(line 2\)"),
        (f"{HEADER}\nK,4,5,7\n", "line 2: 4 values for 3 columns.*semicolons"),
        (
            f"{HEADER},u_MBq\nK,4,5,1\nK,24,4,\n",
            "line 3, column u_MBq: K has an uncertainty for 1 of 2 points",
        ),
        (f"{HEADER},u_MBq\nK,4,5,0\n", "line 2, column u_MBq: 0 MBq; an uncertainty is above zero"),
    ],
)
def test_what_is_no_table_is_refused_with_its_place(tmp_path, text, message):
    with pytest.raises(DataError, match=message) as error:
        fit_table(table(tmp_path, text), nuclide="Lu-177")
    assert str(error.value).startswith("tac.csv")


def test_no_file_and_no_text(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        fit_table(tmp_path / "none.csv", nuclide="Lu-177")
    path = tmp_path / "x.xlsx"
    path.write_bytes(b"PK\x03\x04\x00\xff")
    with pytest.raises(DataError, match="no text"):
        fit_table(path, nuclide="Lu-177")


def test_unknown_model_and_nuclide(tmp_path):
    path = table(tmp_path, f"{HEADER}\n{lines()}\n")
    with pytest.raises(InputError, match="unknown"):
        kidney(path, model="four")
    with pytest.raises(InputError, match="Lu-175"):
        fit_table(path, nuclide="Lu-175")


def test_a_region_that_cannot_be_fitted_stops_and_is_named(tmp_path):
    path = table(tmp_path, f"{HEADER}\n{lines()}\nBladder,4,0\nBladder,24,0\n")
    with pytest.raises(InputError, match="Bladder"):
        fit_table(path, nuclide="Lu-177")


@pytest.mark.data
def test_the_published_patient(real_data):
    """An independent program's fits of the uptake model, of which seven digits are known."""
    path = real_data / "time-activity" / "lu177-dotatate-patient-004.csv"
    regions = fit_table(path, nuclide="Lu-177", model="uptake")["regions"]
    assert regions["Kidney_Left"]["tia_MBq_h"] == pytest.approx(7593.753, rel=1e-3)
    assert regions["Liver"]["tia_MBq_h"] == pytest.approx(56425.33, rel=1e-3)
    for name in ("Kidney_Left", "Liver"):
        assert regions[name]["well_posed"]
        assert regions[name]["u_tia_MBq_h"] > 0
    assert not regions["WholeBody"]["well_posed"]
    assert any("runs away" in warning for warning in regions["WholeBody"]["warnings"])


def test_intervals_verdict_and_weights(tmp_path):
    region = kidney(table(tmp_path, f"{HEADER},u_MBq\n{lines(u=0.03)}\n"))
    low, high = region["tia_95_MBq_h"]
    assert low < region["tia_MBq_h"] < high
    assert (high - low) / 4 == pytest.approx(region["u_tia_MBq_h"], rel=0.1)
    assert region["parameters_95"].keys() == region["parameters"].keys()
    assert (region["verdict"], region["reasons"], region["aicc_weights"]) == ("well determined", [], {"mono": 1.0})
    point = region["points"][1]
    assert point["predicted_95_MBq"][0] < point["fitted_95_MBq"][0] < point["fitted_MBq"] < point["fitted_95_MBq"][1]


def test_a_shared_calibration_correlates_the_integrals(tmp_path):
    path = table(tmp_path, f"{HEADER},u_MBq\n{lines(u=0.03)}\n{lines('Liver', u=0.03)}\nLone,24,5,1\n")
    alone = fit_table(path, nuclide="Lu-177")["regions"]["Kidney"]
    facts = fit_table(path, nuclide="Lu-177", asked=Asked(u_calibration=0.05, u_scan=0.02))
    region = facts["regions"]["Kidney"]
    assert region["u_tia_MBq_h"] > np.hypot(alone["u_tia_MBq_h"], 0.05 * alone["tia_MBq_h"]) * 0.999
    assert region["tia_95_MBq_h"][1] > alone["tia_95_MBq_h"][1]
    assert facts["correlation"]["regions"] == ["Kidney", "Liver"]
    assert 0.5 < facts["correlation"]["matrix"][0][1] < 1
    assert (facts["u_calibration_percent"], facts["u_scan_percent"]) == (5, 2)
    json.dumps(facts, allow_nan=False)


def test_the_average_is_said(tmp_path):
    path = table(tmp_path, f"{HEADER},u_MBq\n{lines(u=0.03)}\n")
    region = fit_table(path, nuclide="Lu-177", asked=Asked(average=True, u_calibration=0.03))["regions"]["Kidney"]
    assert region["average"]["weights"] == {"mono": 1.0}
    assert "too few" in region["average"]["left_out"]["tri"]
    assert region["u_tia_MBq_h"] > 0.03 * region["tia_MBq_h"]
    with pytest.raises(InputError, match="model bi was asked for"):
        Asked(average=True, model="bi")


def test_the_trapezoid_says_its_parts(tmp_path):
    path = table(tmp_path, f"{HEADER},u_MBq\n{lines(u=0.03)}\n{lines('Liver', u=0.03)}\n")
    facts = fit_table(path, nuclide="Lu-177", asked=Asked(model="trapezoid", tail="effective", u_calibration=0.03))
    region = facts["regions"]["Kidney"]
    assert sum(region["parts_MBq_h"].values()) == pytest.approx(region["tia_MBq_h"])
    assert (region["model"], region["tail"], region["head"]) == ("trapezoid", "effective", "linear")
    assert region["tia_95_MBq_h"] is None
    assert 0 < facts["correlation"]["matrix"][0][1] < 1
