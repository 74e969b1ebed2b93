"""List mode and sinograms through files and back."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from hevesy.errors import DataError, InputError, ScopeError
from hevesy.imaging.pet import petsird_file
from hevesy.imaging.pet.field import Field, from_image, to_image
from hevesy.imaging.pet.hdf5 import read_listmode, read_sinogram, write_listmode, write_sinogram
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.petsird_reading import read_petsird
from hevesy.imaging.pet.rings import Rings, sinogram_layout
from hevesy.imaging.pet.scan_header import ScanHeader
from hevesy.rng import stream

RINGS = Rings(radius=400.0, per_ring=48, rings=5, pitch=4.0, most_rings_apart=4)


def events(n=300, tof=214.0):
    rng = stream(1, 0)
    pairs = np.stack([rng.integers(0, 120, n), rng.integers(120, 240, n)], axis=1)
    offset = rng.normal(0, 80, n).astype(np.float32) if tof else np.empty(0, np.float32)
    return ListMode(
        rings=RINGS, pairs=pairs, offset=offset, tof_fwhm=tof, duration=3.0, time=np.sort(rng.random(n) * 3).astype(np.float32)
    )


@pytest.mark.parametrize("tof", [0.0, 214.0])
def test_list_mode_through_hdf5(tmp_path, tof):
    one = events(tof=tof)
    write_listmode(tmp_path / "a.h5", one)
    two = read_listmode(tmp_path / "a.h5")
    assert two.rings == one.rings
    assert (two.tof_fwhm, two.duration) == (one.tof_fwhm, one.duration)
    for name in ("pairs", "offset", "time", "kind"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    with pytest.raises(InputError, match="not overwritten"):
        write_listmode(tmp_path / "a.h5", one)
    with pytest.raises(DataError, match="holds listmode"):
        read_sinogram(tmp_path / "a.h5")


def test_sinograms_through_hdf5(tmp_path):
    layout = sinogram_layout(RINGS, radial=21, most_rings_apart=2)
    prompts = layout.histogram(events().pairs)
    write_sinogram(tmp_path / "s.h5", layout, {"prompts": prompts, "randoms": prompts * 0.1}, duration=3.0)
    found, arrays, duration = read_sinogram(tmp_path / "s.h5")
    assert np.array_equal(arrays["prompts"], prompts)
    assert np.array_equal(found.pairs(), layout.pairs())
    assert duration == 3.0
    with pytest.raises(InputError, match="prompts"):
        write_sinogram(tmp_path / "t.h5", layout, {}, duration=3.0)


def test_a_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "x.h5").write_text("no")
    with pytest.raises(DataError, match="not an HDF5 file"):
        read_listmode(tmp_path / "x.h5")


@pytest.mark.parametrize("tof", [0.0, 214.0])
def test_list_mode_through_petsird(tmp_path, tof):
    pytest.importorskip("petsird", reason="the library petsird is not installed")
    one = events(tof=tof)
    petsird_file.write_petsird(tmp_path / "a.petsird", one, model="test", window=(0.435, 0.585), energy_fwhm=0.1)
    two = read_petsird(tmp_path / "a.petsird").events
    assert two.rings.radius == pytest.approx(400, abs=0.01)
    assert (two.rings.per_ring, two.rings.rings, two.duration) == (48, 5, 3.0)
    turned = ~np.all(two.pairs == one.pairs, axis=1)
    again = np.where(turned[:, None], two.pairs[:, ::-1], two.pairs)
    assert np.array_equal(again, one.pairs)
    if tof:
        width = 214 * 0.1499 / 8
        assert np.abs(np.where(turned, -two.offset, two.offset) - one.offset).max() < width / 2 + 1e-3
        assert two.tof_fwhm == pytest.approx(214, rel=1e-5)


def test_header_through_petsird(tmp_path):
    pytest.importorskip("petsird", reason="the library petsird is not installed")
    rng, path = stream(2, 0), tmp_path / "a.petsird"
    header = ScanHeader(
        scanner="test", nuclide="F-18", start=datetime(2024, 3, 4, 10, 30), activity=1e8,
        administered=datetime(2024, 3, 4, 9, 30),
        radiopharmaceutical="F-18 FDG", centre=(1.0, 2.0, -300.5), frame_of_reference="2.25.1", live_share=0.93,
        coincidence_window=2.3e-9, singles=1e4 * rng.random(240), crystal_efficiency=1 + 0.1 * rng.standard_normal(240),
    )  # fmt: skip
    one = replace(events(n=20), rings=replace(RINGS, most_rings_apart=2))
    petsird_file.write_petsird(
        path, one, model="test", window=(0.435, 0.585), energy_fwhm=0.1, header=header, nuclide=("77004003", "SCT", "18F")
    )
    found = read_petsird(path)
    assert (found.model, found.nuclide) == ("test", ("77004003", "SCT", "18F"))
    for name in ("start", "activity", "administered", "radiopharmaceutical", "centre", "frame_of_reference"):
        assert getattr(found, name) == getattr(header, name)
    assert found.live_share == pytest.approx(0.93, abs=1e-6)
    assert found.coincidence_window == pytest.approx(2.3e-9, rel=1e-6)
    assert found.singles == pytest.approx(header.singles, abs=0.5 / 3)  # whole counts in 3 s
    assert found.crystal_efficiency == pytest.approx(header.crystal_efficiency, abs=1e-6)
    assert (found.rings_stated, found.events.rings.most_rings_apart) == (True, 2)
    whole = path.read_bytes()
    for length in (len(whole) // 3, len(whole) - 100, 10):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match="cannot be read as PETSIRD"):
            read_petsird(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: s.scanner_geometry.replicated_modules.append(s.scanner_geometry.replicated_modules[0]), "2 types of modules"),
        (
            lambda s: s.scanner_geometry.replicated_modules[0].transforms[3].matrix.__setitem__((0, 3), 5.0),
            "one regular cylinder",
        ),
        (lambda s: s.gantry_alignment.matrix.__setitem__((0, 0), 0.9), "gantry is turned"),
        (
            lambda s: s.detection_efficiencies.module_pair_efficiencies_vectors[0][0][0].values[1].__setitem__(1, 0.7),
            "geometric efficiencies of pairs",
        ),
    ],
)
def test_what_would_change_an_image_is_refused(tmp_path, monkeypatch, change, words):
    petsird = pytest.importorskip("petsird", reason="the library petsird is not installed")
    made = petsird.BinaryPETSIRDWriter.write_header

    def altered(self, header):
        change(header.scanner)
        made(self, header)

    monkeypatch.setattr(petsird.BinaryPETSIRDWriter, "write_header", altered)
    header = ScanHeader(scanner="test", nuclide="F-18", start=datetime(2024, 3, 4, 10, 30))
    path = tmp_path / "a.petsird"
    petsird_file.write_petsird(path, events(n=9), model="t", window=(0.435, 0.585), energy_fwhm=0.1, header=header)
    with pytest.raises(ScopeError, match=words):
        read_petsird(path)


def test_without_its_library_petsird_is_refused(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "petsird", None)
    with pytest.raises(ScopeError, match="Install it, or use the HDF5 form"):
        read_petsird(tmp_path / "a.petsird")


def test_images_to_fields_and_back():
    field = Field(shape=(6, 6, 4), side=4.0, thickness=3.0)
    values = stream(1, 0).random((6, 6, 4)).astype(np.float32)
    image = to_image(field, values)
    assert image.grid.shape == (4, 6, 6)
    again, back = from_image(image)
    assert again == field
    assert np.array_equal(back, values)
