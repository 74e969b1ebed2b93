"""Expected counts in a fraction of the time: scatter on coarse voxels, from few directions."""

from dataclasses import replace

from hevesy.imaging.simulate.acquisition import Acquisition
from hevesy.imaging.simulate.expected import Effects, Expected, expected_counts
from hevesy.imaging.simulate.indirect import HISTORIES, SIDE, indirect_counts
from hevesy.imaging.simulate.multiple import MultipleScatter
from hevesy.model import Image
from hevesy.transport import Phantom


def expected_with_coarse_scatter(
    activity: Image, body: Phantom, setup: Acquisition, *, seed: int, side: float = SIDE, histories: int = HISTORIES
) -> tuple[Expected, MultipleScatter]:
    """Primary and penetrating counts as in :func:`expected_counts`, scatter of all orders by :func:`indirect_counts`.

    Parameters
    ----------
    side : float                        Of the coarse voxels and pixels, about [mm].
    histories : int                     Photons followed for later scatters.

    Neglected: structure of the scatter finer than ``side``.
    """
    sharp = expected_counts(activity, body, setup, effects=Effects(scatter=False))
    rest = indirect_counts(activity, body, setup, seed=seed, side=side, histories=histories)
    return replace(sharp, scatter=rest.scatter), rest.factors
