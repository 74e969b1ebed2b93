"""Shipped scanners: all are what their list says, and an unknown name is never guessed."""

import sys
from pathlib import Path

import pytest

from hevesy.errors import DataError, InputError
from hevesy.imaging.systems import (
    PetScanner,
    camera,
    cameras,
    gamma_camera,
    library,
    pet_scanner,
    pet_scanners,
    ring_camera,
    scanner,
    scanners,
)

TOOLS = Path(__file__).parents[3] / "tools" / "data"


@pytest.mark.parametrize("name", scanners())
def test_each_loads_and_says_where_each_figure_is_from(name):
    found = scanner(name)
    assert found.name == name
    assert found.title
    assert found.maker
    assert found.origins
    assert isinstance(found, PetScanner) == (name in pet_scanners())


def test_the_list_is_rebuilt_from_the_files(monkeypatch):
    monkeypatch.syspath_prepend(str(TOOLS))
    import make_scanners

    shipped = (make_scanners.FOLDER / "scanners.csv").read_text("utf-8")
    assert make_scanners.listed() == shipped
    sys.modules.pop("make_scanners")


def test_the_names_that_others_use():
    for name in ("siemens-intevo", "ge-starguide", "siemens-vision-600", "siemens-quadra", "uih-uexplorer", "ge-discovery-mi-4"):
        assert name in scanners()
    assert set(scanners()) == {*cameras(), *pet_scanners()}
    assert scanner("Siemens Vision 600").name == "siemens-vision-600"


@pytest.mark.parametrize(
    ("ask", "name", "said"),
    [
        (scanner, "siemens-vision", "Did you mean siemens-vision-"),
        (camera, "siemens-quadra", "is a PET scanner"),
        (pet_scanner, "ge-starguide", "is not a PET scanner"),
        (gamma_camera, "ge-starguide", "ring of columns"),
        (ring_camera, "ge-870-dr", "flat heads"),
        (scanner, "mine.toml", "there is no such file"),
    ],
)
def test_refusals(ask, name, said):
    with pytest.raises(InputError, match=said):
        ask(name)


def test_an_altered_file_is_refused(monkeypatch):
    monkeypatch.setattr(library, "sha256_of", lambda content: "0" * 64)
    with pytest.raises(DataError, match=r"altered.*make_scanners"):
        library.scanner_file("ge-starguide")


def test_own_file_is_of_the_same_form(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(library.scanner_file("siemens-quadra"), "utf-8")
    assert pet_scanner(own) == pet_scanner("siemens-quadra")
    assert camera("siemens-intevo") == camera("siemens-intevo")
