"""From expected counts to counts: background, dead time, Poisson noise."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.dead_time import PARALYSABLE, counted_share
from hevesy.model import Projections
from hevesy.rng import stream

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Electronics:
    """What the camera adds and loses.

    Attributes
    ----------
    dead_time : float                   Of one head, by its rate in the peak window [s]; 0 loses nothing.
    model : str                         "paralysable" or "non-paralysable".
    background : float                  Of the room, evenly over a head, in each window [counts/s].
    """

    dead_time: float = 0.0
    model: str = PARALYSABLE
    background: float = 0.0

    def __post_init__(self) -> None:
        counted_share(0.0, self.dead_time, model=self.model)
        if not (np.isfinite(self.background) and self.background >= 0):
            raise InputError(f"background is {self.background} counts/s; it must be 0 or more.")


def recorded(expected: Floats, setup: Acquisition, electronics: Electronics) -> Floats:
    """Expected counts with background and without what dead time loses, shape (windows, views, rows, columns).

    The rate of a view is that in the first window, the peak: dead times are stated for it (NEMA NU 1).
    """
    pixels = setup.seen / max(1, int(setup.seen.sum()))
    room = electronics.background * setup.durations[:, None, None] * pixels
    with_room = expected + room[None].astype(np.float32)
    rate = with_room[0].sum(axis=(1, 2), dtype=np.float64) / setup.durations
    share = counted_share(rate, electronics.dead_time, model=electronics.model)
    return np.asarray(with_room * share[None, :, None, None].astype(np.float32))


def drawn(
    expected: Floats,
    setup: Acquisition,
    *,
    seed: int,
    replicate: int = 0,
    start: datetime | None = None,
    centre: tuple[float, float, float] | None = None,
    frame_of_reference: str = "",
    remarks: tuple[str, ...] = (),
) -> Projections:
    """Poisson counts of ``expected`` (windows, views, rows, columns): independent in every pixel.

    Parameters
    ----------
    seed, replicate : int               Replicates of one seed are independent; each is the same whenever it is drawn.
    """
    if expected.shape != (len(setup.windows), setup.orbit.views, setup.orbit.rows, setup.orbit.columns):
        raise InputError(f"expected counts have shape {expected.shape}; it must fit windows and orbit of the acquisition.")
    counts = stream(seed, replicate).poisson(expected).astype(np.float32)
    return projections_of(
        counts, setup, start=start, frame_of_reference=frame_of_reference, remarks=remarks, centre=centre or setup.orbit.centre
    )


def projections_of(
    counts: Floats,
    setup: Acquisition,
    *,
    start: datetime | None = None,
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0),
    frame_of_reference: str = "",
    remarks: tuple[str, ...] = (),
) -> Projections:
    """Counts with the geometry and times of the acquisition."""
    return Projections(
        counts=counts,
        windows=setup.windows,
        angles=setup.orbit.angles,
        radii=setup.orbit.radii,
        shifts=setup.orbit.shifts,
        starts=setup.starts,
        durations=setup.durations,
        pixel=setup.orbit.pixel,
        centre=centre,
        nuclide=setup.nuclide,
        start=start,
        collimator=setup.collimator.name,
        camera=setup.camera.name,
        frame_of_reference=frame_of_reference,
        remarks=remarks,
    )
