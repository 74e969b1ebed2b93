import json
import math

import numpy as np
import pytest

from hevesy.app.renogram import renogram
from hevesy.errors import DataError, InputError

T = np.arange(5.0, 1500.0, 10.0)


def counts():
    """Both kidneys of one shape, three to two; vessels a tenth of the heart over each background pixel."""
    heart = 4000 * (np.exp(-T / 60) + np.exp(-T / 900))
    shape = T / 200 * np.exp(1 - T / 200)
    background = 100 + 0.02 * heart
    return {
        "time_s": T, "left": 3000 * shape + 2 * background, "right": 2000 * shape + 2 * background,
        "background_left": background, "background_right": background, "heart": heart,
    }  # fmt: skip


def write(path, columns=None, whole=True, **changes):
    columns = (columns or counts()) | changes
    columns = {name: values for name, values in columns.items() if values is not None}
    rows = zip(*columns.values(), strict=True)
    form = (lambda x: f"{x:.0f}") if whole else (lambda x: f"{x:.2f}")
    path.write_text(",".join(columns) + "\n" + "\n".join(",".join(map(form, row)) for row in rows), "utf-8")
    return path


def test_the_facts(tmp_path):
    facts = renogram(write(tmp_path / "r.csv"), areas=(2.0, 2.0))
    assert set(facts["split"]) == {"area_60_to_120_s", "area_120_to_180_s", "patlak_60_to_150_s"}
    for share in facts["split"].values():
        assert share["left_percent"] == pytest.approx(60, abs=0.5)
        assert share["left_percent"] + share["right_percent"] == pytest.approx(100)
        assert 0 < share["u_percent"] < 3
    for side in ("left", "right"):
        assert facts[side]["t_max_min"] == pytest.approx(200 / 60, abs=0.05)
        at_20 = 6 * math.exp(1 - 6)
        assert facts[side]["residual_20_min_percent_of_maximum"] == pytest.approx(100 * at_20, rel=0.01)
        assert facts[side]["normalised_residual_20_min"] == pytest.approx(at_20 / (0.6 * math.exp(0.4)), rel=0.01)
        # x exp(1 - x) = 1/2 at x = 2.6783
        assert facts[side]["t_half_min"] == pytest.approx(1.6783 * 200 / 60, rel=0.02)
    assert facts["remarks"] == []
    json.dumps(facts, allow_nan=False)


def test_remarks(tmp_path):
    facts = renogram(write(tmp_path / "r.csv", heart=None, whole=False))
    assert not any(name.startswith("patlak") for name in facts["split"])
    for text in ("heart", "--area-left", "not whole numbers"):
        assert any(text in remark for remark in facts["remarks"]), text
    late = renogram(write(tmp_path / "r.csv"), areas=(2.0, 2.0), window=(120, 300))
    assert any("after a maximum" in text for text in late["remarks"])
    assert set(late["split"]) == {"area_120_to_300_s", "patlak_120_to_300_s"}


def test_decay(tmp_path):
    fading = np.exp(-math.log(2) * T / (6.0067 * 3600))
    faded = {name: values if name == "time_s" else values * fading for name, values in counts().items()}
    facts = renogram(write(tmp_path / "r.csv", faded), areas=(2.0, 2.0), nuclide="99mTc")
    assert facts["corrected_for_decay_of"] == "Tc-99m"
    assert facts["left"]["t_max_min"] == pytest.approx(200 / 60, abs=0.05)


def test_a_picture(tmp_path):
    renogram(write(tmp_path / "r.csv"), picture=tmp_path / "r.png")
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="Change its ending"):
        renogram(tmp_path / "r.csv", picture=tmp_path / "r.pdf")


def test_frames_of_different_length(tmp_path):
    stretched = np.concatenate([T[:60], T[59] + 20 * np.arange(1, 91)])
    columns = {name: values[:150] if name != "time_s" else stretched for name, values in counts().items()}
    columns = {name: values[: T.size] for name, values in columns.items()}
    columns["time_s"] = stretched[: T.size]
    with pytest.raises(DataError, match="duration_s"):
        renogram(write(tmp_path / "r.csv", columns))
    durations = np.concatenate([np.full(60, 10.0), np.full(T.size - 60, 20.0)])
    assert renogram(write(tmp_path / "r.csv", columns, duration_s=durations))["frames"] == T.size


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time_s": T / 60}, "does not come after|Are the times in seconds"),
        ({"time_s": T[::-1]}, "line 3, column time_s: 1485 s does not come after 1495 s"),
        ({"left": -counts()["left"]}, "line 2, column left"),
        ({"heart": -counts()["heart"]}, "column heart"),
        ({"background_left": None}, "no column background_left"),
        ({"left": np.zeros(T.size)}, "no more than its background"),
    ],
)
def test_what_is_refused(tmp_path, changes, message):
    with pytest.raises(DataError, match=message):
        renogram(write(tmp_path / "r.csv", **changes))


def test_times_in_minutes(tmp_path):
    with pytest.raises(DataError, match="Are the times in seconds"):
        renogram(write(tmp_path / "r.csv", whole=False, time_s=T / 60))


def test_options_that_are_refused(tmp_path):
    path = write(tmp_path / "r.csv")
    with pytest.raises(InputError, match="kidney by background"):
        renogram(path, areas=(0.0, 1.0))
    with pytest.raises(InputError, match="Its end"):
        renogram(path, window=(120, 60))
    with pytest.raises(InputError, match="Tc-999"):
        renogram(path, nuclide="Tc-999")
