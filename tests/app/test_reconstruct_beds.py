"""Bed positions and gates put together: what both saw is weighted, what one saw is taken, a gap is not bridged."""

import numpy as np
import pytest
from tests.dicom.tomo_files import VISIT, projections, series

from hevesy.app.reconstruct_beds import Bed, joined, slices_seen
from hevesy.app.reconstruct_gates import ungated
from hevesy.dicom.read_tomo import read_raw
from hevesy.dicom.write_tomo import write_tomo
from hevesy.imaging.projectors import centred_grid
from hevesy.model import Grid, Image, Quantity


def bed(first, count, values, u=None, *, seen=None):
    """Slices ``first`` to ``first + count - 1`` of a long body, 4 mm each."""
    affine = np.diag([4.0, 4.0, 4.0, 1.0])
    affine[2, 3] = 4.0 * first
    grid = Grid(shape=(count, 2, 2), affine=affine, frame_of_reference="1.2")

    def made(z):
        array = np.broadcast_to(np.asarray(z, np.float32)[:, None, None], (count, 2, 2)).copy()
        return Image(values=array, grid=grid, quantity=Quantity.ACTIVITY_CONCENTRATION)

    noise = None if u is None else made(np.full(count, u))
    return Bed(image=made(values), u=noise, seen=seen or (0, count - 1))


def test_one_body_seen_twice_is_itself():
    body = np.arange(30.0) + 1
    image, u, said = joined([bed(12, 18, body[12:], 2.0), bed(0, 18, body[:18], 2.0)])
    np.testing.assert_allclose(image.values[:, 0, 0], body, rtol=1e-6)
    assert image.grid.affine[2, 3] == 0.0
    assert u.values[0, 0, 0] == pytest.approx(2.0)
    assert u.values[15, 0, 0] == pytest.approx(2.0 / np.sqrt(2), rel=0.02)  # in the middle both count alike
    assert "2 bed positions" in said[0]


def test_what_a_bed_does_not_see_is_not_taken():
    body = np.full(30, 7.0)
    lower = np.where(np.arange(18) < 15, 7.0, 0.0)
    image, _, _ = joined([bed(12, 18, body[12:]), bed(0, 18, lower, seen=(0, 14))])
    np.testing.assert_allclose(image.values[:, 0, 0], 7.0)


def test_places_between_slices_are_interpolated():
    body = np.arange(40.0)
    image, _, said = joined([bed(0, 20, body[:20]), bed(15.5, 20, body[:20] + 15.5)])
    np.testing.assert_allclose(image.values[1:34, 0, 0], body[1:34], atol=1e-4)
    assert "2.0 mm between slices" in said[1]


def test_gaps_and_other_grids_are_not_joined():
    body = np.ones(10)
    assert joined([bed(0, 10, body), bed(12, 10, body)]) is None
    other = bed(5, 10, body)
    grid = centred_grid((10, 3, 3), (4.0, 4.0, 4.0))
    wide = Bed(image=Image(values=np.ones((10, 3, 3), np.float32), grid=grid, quantity=other.image.quantity), u=None, seen=(0, 9))
    assert joined([bed(0, 10, body), wide]) is None


def test_rows_of_the_head_are_the_upper_slices():
    made = projections(rows=6)
    counts = made.counts.copy()
    counts[:, :, 3:] = 0  # the lower half of the detector sees nothing
    from dataclasses import replace

    grid = centred_grid((6, 10, 10), (4.8, 4.8, 4.8), made.centre)
    assert slices_seen(replace(made, counts=counts), grid) == (3, 5)


def test_gates_add_up_to_what_was_not_gated(tmp_path):
    gates = [projections(seed=n, gate=n, durations=np.full(8, 15.0), radii=np.full(8, 250.0)) for n in (1, 2)]
    write_tomo(tmp_path / "g.dcm", gates, visit=VISIT, series=series())
    read = read_raw(tmp_path)
    (whole,) = ungated(read)
    np.testing.assert_array_equal(whole.projections.counts, gates[0].counts + gates[1].counts)
    np.testing.assert_allclose(whole.projections.durations, 30.0)
    assert (whole.gates, whole.projections.gate) == (1, 1)
    assert "2 gates were added up." in whole.projections.remarks
    assert ungated([whole]) == (whole,)
