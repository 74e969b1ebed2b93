"""The picture of biological doses: it is made, the same each time, and says what it should."""

import numpy as np
import pytest

from hevesy.model import Measured
from hevesy.reports.biology_plot import BiologyPicture, BiologyRow, biology_plot


def picture(number=3, *, synthetic=True):
    rows = tuple(
        BiologyRow(
            name=f"Region_{i}", tissue="kidney", kind="organ" if i else "lesion", dose=Measured(value=5.0 * i, u=0.3),
            bed=Measured(value=6.0 * i, u=None, why_no_u="one scan"), eqd2=Measured(value=3.0 * i, u=0.2),
            histogram_bed=np.linspace(0, 12.0 * i + 1, 50), histogram_share=np.linspace(1, 0, 50),
        )
        for i in range(number)
    )  # fmt: skip
    return BiologyPicture(title="Dosimetry", synthetic=synthetic, tissues="of a file", rows=rows)


@pytest.mark.parametrize("number", [0, 1, 12])
def test_png_and_svg(number):
    assert biology_plot(picture(number)).startswith(b"\x89PNG")
    assert b"<svg" in biology_plot(picture(number), kind="svg")


def test_the_same_twice():
    assert biology_plot(picture(), kind="svg") == biology_plot(picture(), kind="svg")
    assert biology_plot(picture(synthetic=False), kind="svg") != biology_plot(picture(), kind="svg")
