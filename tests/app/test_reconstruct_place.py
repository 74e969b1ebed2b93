"""The right place and side: two blobs that no turn and no mirror takes into each other come out where they are.

Their views are computed from where somebody stands who looks from the detector at the axis, with the words of DICOM PS3.3
C.8.4.12 alone: 0 degrees behind the back, 90 at the left side.
"""

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from tests.dicom.tomo_files import GIVEN, HALF_LIFE, VISIT, projections, series

from hevesy.app.reconstruct import Options, reconstruct
from hevesy.dicom import read_study
from hevesy.dicom.write_tomo import write_tomo

CENTRE = np.array([3.0, -20.0, -400.0])
BLOBS = (((30.0, -12.0, 22.0), 3000.0), ((-20.0, 25.0, -15.0), 1500.0))  # left front head, right back feet [mm]
ROWS, COLUMNS, PIXEL = 18, 20, (5.0, 6.0)
PROTOCOL = (
    '[reconstruction]\niterations = 6\nsubsets = 5\nuncertainty = false\nresponse = false\nscatter = "none"\ngates = "sum"\n'
)


def views(angles):
    """Counts of the blobs, shape (views, rows, columns)."""
    across = (np.arange(COLUMNS) - (COLUMNS - 1) / 2) * PIXEL[1]
    up = ((ROWS - 1) / 2 - np.arange(ROWS)) * PIXEL[0]
    made = np.zeros((len(angles), ROWS, COLUMNS))
    for view, a in zip(made, np.deg2rad(angles), strict=True):
        right = np.cross((-np.sin(a), -np.cos(a), 0.0), (0.0, 0.0, 1.0))  # of who looks at the axis, head up
        for place, counts in BLOBS:
            at, height = right @ place, place[2]
            view += counts * np.exp(-0.5 * ((up - height) / 9) ** 2)[:, None] * np.exp(-0.5 * ((across - at) / 9) ** 2)
    return np.rint(made)


def gates(start, sign):
    """Two gates of two heads that step by 12 degrees."""
    angles = np.concatenate([s + sign * 12.0 * np.arange(15) for s in (start, start + 180)]) % 360
    first = replace(
        projections(views=30), counts=views(angles)[None].astype(np.float32), windows=projections().windows[1:2], angles=angles,
        radii=np.full(30, 150.0), starts=np.tile(np.arange(15) * 43.0, 2), durations=np.full(30, 20.0), shifts=(), pixel=PIXEL,
    )  # fmt: skip
    return [first, replace(first, gate=2)]


def found(folder):
    """Centres of the blobs by the image's own header, the larger first [mm]."""
    image = read_study(folder).scans[0].image
    index = np.indices(image.grid.shape)[::-1].reshape(3, -1)
    places = (image.grid.affine[:3, :3] @ index + image.grid.affine[:3, 3:]).T
    values, centres = image.values.ravel().astype(float), []
    for _ in BLOBS:
        near = np.linalg.norm(places - places[np.argmax(values)], axis=1) < 28
        centres.append(values[near] @ places[near] / values[near].sum())
        values[near] = 0
    return np.array(centres)


@pytest.mark.parametrize(("start", "sign"), [(90.0, 1), (225.0, -1)])
def test_blobs_lie_where_they_are(tmp_path, start, sign):
    (tmp_path / "in").mkdir()
    write_tomo(tmp_path / "in" / "t.dcm", gates(start, sign), visit=VISIT, series=series(), given=GIVEN, half_life=HALF_LIFE)
    (tmp_path / "p.toml").write_text(PROTOCOL)
    options = Options(protocol=tmp_path / "p.toml", sensitivity="9.3 cps/MBq")
    facts = reconstruct(tmp_path / "in", tmp_path / "out", options=options)
    (image,) = facts["images"]  # one of both gates
    assert image["file"] == "spect.dcm"
    np.testing.assert_allclose(found(tmp_path / "out"), [CENTRE + place for place, _ in BLOBS], atol=0.5)  # a tenth of a voxel
    header = pydicom.dcmread(tmp_path / "out" / "spect.dcm")
    # mean over views of exp(-lam t): a half-life of 6.6 days, ten minutes
    assert float(header.DecayFactor) == pytest.approx(np.exp(np.log(2) / HALF_LIFE * (14 * 43.0 + 20) / 2), rel=2e-5)
