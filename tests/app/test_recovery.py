import tomllib

import numpy as np
import pytest

from hevesy.app.recovery import recovery
from hevesy.app.settings import Settings, choices
from hevesy.errors import HevesyError
from hevesy.quantify import recovery_at
from hevesy.units import ml

DIAMETERS = (10, 13, 17, 22, 28, 37)


def table(path, *, u=True, size="diameter_mm", measured=False):
    lines = ["# spheres of a body phantom", f"{size},{'measured,true' if measured else 'recovery'}{',u_recovery' if u else ''}"]
    for d in DIAMETERS:
        V = np.pi / 6 * d**3 / 1000
        R = 1 / (1 + (1.5 / V) ** 0.9)
        x = d if size == "diameter_mm" else V
        lines.append(f"{x},{f'{50 * R},50' if measured else R}{',0.03' if u else ''}")
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize("kind", [{}, {"size": "volume_ml"}, {"measured": True}, {"u": False}])
def test_the_parameters_come_back(tmp_path, kind):
    found = recovery(table(tmp_path / "spheres.csv", **kind))
    assert found["parameters"]["alpha"] == pytest.approx(0.9, rel=1e-4)
    assert found["parameters"]["beta_ml"] == pytest.approx(1.5, rel=1e-4)
    assert found["degrees_of_freedom"] == 4
    assert [row["fitted"] for row in found["spheres"]] == pytest.approx([row["recovery"] for row in found["spheres"]], abs=1e-5)


def test_the_section_is_what_dosimetry_reads(tmp_path):
    out = tmp_path / "recovery.toml"
    found = recovery(table(tmp_path / "spheres.csv"), output=out)
    text = out.read_text("utf-8") + '[dosimetry]\npartial_volume = "recovery-curve"\n'
    made = choices(Settings.model_validate(tomllib.loads(text)))
    assert made.recovery_curve is not None
    for row in found["curve"]:
        R, _ = recovery_at(made.recovery_curve, row["volume_ml"] * ml)
        assert R.value == pytest.approx(row["fitted"], rel=1e-4)
        assert R.u == pytest.approx(row["u_fitted"], rel=1e-3)
    assert {path.name for path in tmp_path.iterdir()} == {"spheres.csv", "recovery.toml"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a line for each row are needed"),
        ("a,b\n1,2\n", "column a, b is unknown"),
        ("recovery\n0.5\n", "needs volume_ml or diameter_mm"),
        ("volume_ml,recovery\n1,x\n", "line 2, column recovery: 'x' is not a number"),
        ("volume_ml,recovery\n-1,0.5\n", "column volume_ml: it is -1; it must be above zero"),
        ("volume_ml,measured,true\n1,2,0\n", "column true: it is 0"),
        ("volume_ml,recovery,u_recovery\n1,0.3,0.1\n2,0.4,\n3,0.5,0.1\n", "u_recovery stands in 2 of 3 rows"),
        ("volume_ml,recovery\n1,0.3\n2,0.5\n", "three spheres of two sizes"),
    ],
)
def test_tables_that_are_refused(tmp_path, text, said):
    path = tmp_path / "spheres.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(HevesyError, match=said):
        recovery(path)


def test_no_curve_without_settings_for_it():
    with pytest.raises(HevesyError, match="needs a curve"):
        choices(Settings.model_validate({"dosimetry": {"partial_volume": "recovery-curve"}}))
