"""A scan of a few hundred voxels with time of flight, whose sensitivity is that of its very lines: for optimisers and noise."""

import functools
from types import SimpleNamespace

import numpy as np

from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.lines import LineModel, LineSet
from hevesy.imaging.pet.listmode import ListMode
from hevesy.imaging.pet.rings import Rings, sinogram_layout
from hevesy.rng import stream

FIELD = Field(shape=(12, 12, 3), side=20.0, thickness=24.0)
RINGS = Rings(radius=200.0, per_ring=32, rings=3, pitch=24.0, most_rings_apart=2, stopping=1.7)
TOF = 400.0
OFFSETS = np.arange(-4, 5) * 36.0  # mm, close enough together for 400 ps
SETTINGS = {"resolution": (15.0, 15.0)}


@functools.cache
def scene():
    """A warm disc with a hot and a cold spot; all lines at all offsets, what they expect, background, sensitivity."""
    x, y, z = FIELD.centres()
    r = np.hypot(x, y[:, None])
    truth = ((r < 95) * np.ones(3)[:, None, None]).astype(np.float32) * 1000
    hot = (np.hypot(x - 40, y[:, None]) < 25) & (np.abs(z) < 30)[:, None, None]
    cold = (np.hypot(x + 40, y[:, None]) < 25) & (np.abs(z) < 30)[:, None, None]
    truth[hot], truth[cold] = 4000, 100
    layout = sinogram_layout(RINGS, radial=21)
    pairs = layout.pairs().reshape(-1, 2)
    weight = RINGS.geometric_weight(pairs) * 36.0 * 0.05  # offsets' distance, seconds
    ends, n = RINGS.ends(pairs), OFFSETS.size
    lines = LineSet(ends=np.repeat(ends, n, axis=0), offset=np.tile(OFFSETS, len(pairs)).astype(np.float32), tof_fwhm=TOF)
    model = LineModel(FIELD, lines, factor=np.repeat(weight, n), resolution=SETTINGS["resolution"])
    expected = model.forward(truth)
    b = 100.0  # Bq/ml, over the weight
    return SimpleNamespace(
        truth=truth, hot=hot, cold=cold, body=np.broadcast_to(r < 95, truth.shape), pairs=np.repeat(pairs, n, axis=0),
        model=model,
        expected=expected + b * model.factor * (expected > 0), b=b, layout=layout,
        sensitivity=LineModel(FIELD, lines, factor=model.factor).adjoint(np.ones(len(lines), np.float32)),
    )  # fmt: skip


def events(seed):
    """The lines as often as they were counted, and their background."""
    made = scene()
    y = stream(seed, 0).poisson(made.expected)
    which = np.repeat(np.arange(y.size), y)
    stream(seed, 1).shuffle(which)
    listed = ListMode(
        rings=RINGS, pairs=made.pairs[which], offset=made.model.lines.offset[which], tof_fwhm=TOF, duration=0.05
    )  # fmt: skip
    return listed, np.full(len(listed), made.b, np.float32), y.astype(np.float32)
