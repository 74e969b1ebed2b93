"""Picture and page of a reconstruction are made whatever the image is, and hold what they are given, escaped."""

import numpy as np
import pytest

from hevesy.model import Grid, Image, Quantity
from hevesy.reports.reconstruct_page import reconstruction_page
from hevesy.reports.reconstruct_plot import ReconstructionPicture, reconstruction_plot


def image(quantity, values):
    affine = np.diag([6.0, 6.0, 6.0, 1.0])
    affine[:3, 3] = -60
    return Image(values=values, grid=Grid(shape=values.shape, affine=affine), quantity=quantity)


@pytest.mark.parametrize("quantity", [Quantity.ACTIVITY_CONCENTRATION, Quantity.COUNTS])
@pytest.mark.parametrize("scale", [0.0, 1e5])
@pytest.mark.parametrize("whole", [True, False])
def test_a_picture_of_anything(quantity, scale, whole):
    rng = np.random.default_rng(1)
    values = (scale * rng.random((14, 20, 20))).astype(np.float32)
    ct = image(Quantity.HOUNSFIELD, np.where(values > scale / 2, 40.0, -1000.0).astype(np.float32)) if whole else None
    measured = rng.poisson(scale / 1e4, (8, 14, 20))
    picture = ReconstructionPicture(
        image=image(quantity, values), ct=ct, measured=measured, fitted=measured * 1.01 if whole else None,
        angles=np.arange(8) * 45.0, heads=np.repeat([1, 2], 4), title="Lu-177 SPECT",
        u=image(quantity, values / 10) if whole else None,
    )  # fmt: skip
    assert reconstruction_plot(picture)[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_page_escapes_and_holds_the_picture():
    facts = {
        "title": "Lu-177 <b>", "patient": "", "hevesy": "0", "created": "2024-03-05",
        "images": [{"label": "SPECT", "lines": [("attenuation", "not corrected"), ("scatter", "9 %")], "remarks": ["a & b"]}],
    }  # fmt: skip
    page = reconstruction_page(facts, {"SPECT": b"\x89PNG"}).decode()
    assert "Lu-177 &lt;b&gt;" in page
    assert 'class="no">not corrected' in page
    assert "a &amp; b" in page
    assert "data:image/png;base64,iVBORw" in page
    assert "without identifier" in page
