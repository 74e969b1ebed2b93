"""The counting term of a dose: from the reconstruction of a simulated study, held against repeated noise."""

import shutil
from dataclasses import replace

import numpy as np
import pydicom
import pytest
from tests.app.reconstruct_study import CENTRE, FRAME, study
from tests.dicom.tomo_files import VISIT

from hevesy.app import dose
from hevesy.app.counting_noise import StoredNoise, with_noise
from hevesy.app.inspect import inspect
from hevesy.app.noise_file import NoiseBed, about, instance_of, read_noise, write_noise
from hevesy.app.provenance import provenance
from hevesy.app.reconstruct import Options, reconstruct
from hevesy.app.reconstruct_beds import Part
from hevesy.app.settings import choices
from hevesy.dicom.visit import Series
from hevesy.dicom.write_rtstruct import write_rtstruct
from hevesy.errors import DataError
from hevesy.imaging.reconstruct import osem
from hevesy.imaging.reconstruct.noise_model import answer_of, spect_model_of
from hevesy.kinetics.sensitivity import integral_sensitivity
from hevesy.model import Grid, Outline
from hevesy.protocols import run as run_protocol
from hevesy.rng import stream
from hevesy.segmentation import RegionMask

PROTOCOL = "[reconstruction]\niterations = 2\nsubsets = 6\nuncertainty = false\n"
SETTINGS = """
[dosimetry]
engine = "local"
point_u_percent = 2
registration = "none"

[[scan]]
match = "later/spect.dcm"
start = 2024-03-08T09:30:00
"""
REALISATIONS = 36


def outlines():
    """Boxes about the hot ball, about a part of it, and beside it."""
    boxes = {"Tumour": ((40, -25, 20), 26), "Core": ((40, -25, 20), 12), "Muscle": ((-50, 20, -40), 30)}
    found = []
    for name, (middle, half) in boxes.items():
        x, y, z = np.add(middle, CENTRE)
        heights = CENTRE[2] + (np.arange(64) - 31.5) * 9.6
        corners = [(x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half)]
        contours = tuple(np.array([(*c, h) for c in corners]) for h in heights if abs(h - z) < half)
        found.append(Outline(name=name, frame_of_reference=FRAME, contours=contours, source="drawn"))
    return found


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """A folder with scan, CT, regions and noise; the dose with and without the noise."""
    root = tmp_path_factory.mktemp("counting")
    study(root / "in")
    (root / "p.toml").write_text(PROTOCOL)
    reconstruct(root / "in", root / "out", options=Options(protocol=root / "p.toml", sensitivity="9.3 cps/MBq"))
    folder = root / "study"
    shutil.copytree(root / "in" / "CT", folder / "CT")
    for name in ("spect.dcm", "spect_noise.h5"):
        shutil.copy(root / "out" / name, folder / name)
    _later(folder)
    series = Series(uid="2.25.777", number=9, description="regions", start=VISIT.study_start)
    write_rtstruct(folder / "regions.dcm", outlines(), visit=VISIT, series=series, slices=sorted((folder / "CT").glob("*.dcm")))
    (root / "s.toml").write_text(SETTINGS)
    seen = inspect(folder, settings_path=root / "s.toml")
    without = dose._case(seen, choices(seen.settings), synthetic=False)
    with_it = with_noise(without, seen.study.scans, folder)
    assert with_noise(without, seen.study.scans, folder / "CT") is without
    made = provenance(seen.study, seen.known.nuclide, {})
    results = [run_protocol(each, provenance=made, title="t") for each in (with_it, without)]
    return folder, *({r.name: r for r in each.regions} for each in results), results[0]


def _later(folder):
    """A second scan: the first one three days later, with half of its activity."""
    ds = pydicom.dcmread(folder / "spect.dcm")
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = "2.25.8811"
    ds.SeriesInstanceUID = "2.25.8812"
    ds.RealWorldValueMappingSequence[0].RealWorldValueSlope *= 0.5
    (folder / "later").mkdir()
    ds.save_as(folder / "later" / "spect.dcm", enforce_file_format=True)
    beds, method = read_noise(folder / "spect_noise.h5"), "later"
    write_noise(folder / "later" / "spect_noise.h5", beds, instance="2.25.8811", method=method)


def said_of(folder, names):
    """Relative covariance of the regions on one scan, as the file says."""
    path = folder / "spect_noise.h5"
    (bed,) = read_noise(path)
    masks = [
        RegionMask(grid=bed.model.grid, box=(slice(None),) * 3, fraction=mask_of(name, bed.model), volume_drawn=1e5)
        for name in names
    ]
    return StoredNoise(path=path, source="").relative_covariance(masks)


def mask_of(region, model):
    """The outline's box as shares of voxels of the image."""
    found = next(o for o in outlines() if o.name == region)
    points = np.concatenate(found.contours)
    low, high = points.min(axis=0), points.max(axis=0)
    low[2], high[2] = low[2] - 4.8, high[2] + 4.8
    a = model.grid.affine
    parts = []
    for axis, n in ((2, 0), (1, 1), (0, 2)):
        centre = a[axis, axis] * np.arange(model.grid.shape[n]) + a[axis, 3]
        side = abs(a[axis, axis])
        overlap = np.minimum(centre + side / 2, high[axis]) - np.maximum(centre - side / 2, low[axis])
        parts.append(np.clip(overlap / side, 0, 1))
    z, y, x = parts
    return (z[:, None, None] * y[:, None] * x).astype(np.float32)


def test_the_term_comes_from_the_reconstruction(case):
    folder, found, before, result = case
    assert not any("counting" in region.terms for region in before.values())
    for name, region in found.items():
        assert region.terms["counting"].kind == "random"
        assert region.time_integrated_activity.value == pytest.approx(before[name].time_integrated_activity.value, rel=1e-12)
    assert found["Core"].terms["counting"].of_dose > found["Tumour"].terms["counting"].of_dose
    (said,) = [r.text for r in result.remarks if "counting noise is a term of its own" in r.text]
    assert "spect_noise.h5, OSEM 2 x 6" in said
    names = [r.name for r in result.regions]
    r = result.correlation[names.index("Tumour"), names.index("Core")]
    assert 0 < r <= 1
    # Two scans with the same relative noise, each weighted with what it decides of the integral.
    noise = said_of(folder, names)
    for k, name in enumerate(names):
        region = found[name]
        share = integral_sensitivity(region.fit, region.curve) * region.curve.A / region.fit.time_integrated_activity.value
        assert region.terms["counting"].of_tia == pytest.approx(np.sqrt(noise[k, k] * np.sum(share**2)), rel=0.02)


def test_it_is_the_spread_of_repeated_scans(case):
    """u of n realisations scatters by 1 / sqrt(2 (n - 1)); correlations by 1 / sqrt(n)."""
    folder, found, _, _ = case
    (bed,) = read_noise(folder / "spect_noise.h5")
    model = spect_model_of(bed.model)
    names = list(found)
    weights = np.array([mask_of(name, bed.model) for name in names])
    fitted = model.operator.forward(answer_of(bed.model).image) + model.additive
    expected = [np.maximum(fitted, 0), *model.scatter.counts]
    sums = []
    for n in range(REALISATIONS):
        peak, *beside = (stream(5, n).poisson(c).astype(np.float32) for c in expected)
        additive = replace(model.scatter, counts=tuple(beside)).estimate()
        image = osem(model.operator, peak, additive=additive, iterations=2, subsets=6)
        sums.append(np.tensordot(weights, image, axes=3))
    covariance = np.cov(np.array(sums).T)
    means = np.mean(sums, axis=0)
    u = np.sqrt(np.diag(covariance)) / means
    said = np.sqrt(np.diag(said_of(folder, names)))
    assert np.all(np.abs(u / said - 1) < 3.3 / np.sqrt(2 * (REALISATIONS - 1)))
    assert np.sqrt(np.mean((u / said) ** 2)) == pytest.approx(1, abs=0.15)


def test_the_file_says_what_it_is_of(case, tmp_path):
    folder, *_ = case
    path = folder / "spect_noise.h5"
    assert about(path) == (instance_of(folder / "spect.dcm"), "OSEM 2 x 6")
    (tmp_path / "x_noise.h5").write_text("no")
    with pytest.raises(DataError, match="is not the noise"):
        read_noise(tmp_path / "x_noise.h5")
    shutil.copy(path, folder / "copy_noise.h5")
    try:
        with pytest.raises(DataError, match="both are the noise of one image"):
            dose.run(folder, tmp_path / "out", settings_path=folder.parent / "s.toml")
    finally:
        (folder / "copy_noise.h5").unlink()


def test_two_bed_positions_share_slices(case, tmp_path):
    """Two independent scans of one place, half each: the relative covariance is halved."""
    folder, *_ = case
    (bed,) = read_noise(folder / "spect_noise.h5")
    slices = bed.model.grid.shape[0]
    half = Part(at=np.arange(slices) * 1.0, share=np.full(slices, 0.5))
    twice = (NoiseBed(model=bed.model, part=half), NoiseBed(model=bed.model, part=half))
    whole = mask_of("Tumour", bed.model)
    mask = RegionMask(grid=bed.model.grid, box=(slice(None),) * 3, fraction=whole, volume_drawn=1e5)
    one, two = (
        StoredNoise(path=write_noise(tmp_path / f"{len(beds)}_noise.h5", beds, instance="1", method="m"), source="")
        for beds in ((bed,), twice)
    )
    assert two.relative_covariance([mask])[0, 0] == pytest.approx(one.relative_covariance([mask])[0, 0] / 2, rel=1e-4)
    other = Grid(shape=(slices - 1, *bed.model.grid.shape[1:]), affine=bed.model.grid.affine)
    with pytest.raises(DataError, match="belongs to another image"):
        one.relative_covariance([replace(mask, fraction=whole[1:], grid=other)])
