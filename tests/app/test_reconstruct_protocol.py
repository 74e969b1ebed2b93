"""The protocol file: all settings have a default that the written file states; what is misspelt is answered with the nearest."""

import pytest

from hevesy.app.reconstruct_camera import read_sensitivity
from hevesy.app.reconstruct_protocol import Protocol, load_protocol, protocol_text, save_protocol, stated
from hevesy.errors import InputError


def written(tmp_path, text):
    path = tmp_path / "p.toml"
    path.write_text(text)
    return path


def test_the_written_protocol_is_the_default(tmp_path):
    path = save_protocol(tmp_path / "p.toml")
    assert load_protocol(path) == Protocol() == load_protocol(None)
    with pytest.raises(InputError, match="somebody's work"):
        save_protocol(path)
    for section, field in Protocol.model_fields.items():
        assert f"[{section}]" in protocol_text()
        assert field.annotation is not None
        for key in field.annotation.model_fields:
            assert f"{key} = " in protocol_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[reconstruction]\niteration = 3", "did you mean iterations"),
        ("[scanner]\niterations = 3", "reconstruction.iterations"),
        ("[acquisition]\nwindows = [{lower = 3}]", "did you mean lower_keV"),
        ("[acquisitions]", "did you mean acquisition"),
        ("[reconstruction]\niterations = 0", "greater than or equal to 1"),
        ("[acquisition]\naccept = ['all']", "accept"),
        ("[reconstruction", "not TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, words):
    with pytest.raises(InputError) as caught:
        load_protocol(written(tmp_path, text))
    assert words in str(caught.value)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="--write-protocol"):
        load_protocol(tmp_path / "none.toml")


def test_statements_reach_the_reader(tmp_path):
    text = """[acquisition]
start_angle_deg = [180, 0]
radius_mm = 250
centre_mm = [0, 10, -300]
windows = [{lower_keV = 187.2, upper_keV = 228.8}]
accept = ["arc"]"""
    found = stated(load_protocol(written(tmp_path, text)))
    assert found.start_angles == (180.0, 0.0)
    assert found.centre == (0.0, 10.0, -300.0)
    assert (found.windows[0].name, found.windows[0].lower) == ("187.2-228.8 keV", 187.2)
    assert found.accept == {"arc"}


def test_sensitivities():
    assert read_sensitivity("9.3 cps/MBq").value == pytest.approx(9.3e-6)
    assert read_sensitivity("9.3 cps/MBq ± 3 %").u == pytest.approx(0.279e-6)
    assert read_sensitivity("9.3 ± 0.2 cps/MBq").u == pytest.approx(0.2e-6)
    assert read_sensitivity("202 cpm/uCi").value == pytest.approx(91.0e-6, rel=1e-3)
    for text in ("9.3", "9.3 GBq", "fast", "-1 cps/MBq"):
        with pytest.raises(InputError, match="sensitivity"):
            read_sensitivity(text)
