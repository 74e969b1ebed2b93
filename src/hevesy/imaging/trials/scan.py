"""What a trial asks of a scanner: images of a patient, with and without noise."""

from typing import Protocol as Interface

import numpy as np
import numpy.typing as npt

from hevesy.imaging.trials.scene import Scene
from hevesy.model import Grid

Floats = npt.NDArray[np.float32]


class Scan(Interface):
    """A scanner, a protocol and a patient.

    ``randoms`` is the share of random to other counts per MBq administered, where the noise is looked at [1/MBq].
    ``image`` gives what is reconstructed of ``activity`` [MBq] after ``duration`` [s], as concentration for 1 MBq
    [Bq/ml]: without noise where ``draw`` is None, else with the Poisson noise that it draws.
    """

    scene: Scene
    grid: Grid
    randoms: float

    def image(self, activity: float, duration: float, *, lesion: bool, draw: np.random.Generator | None = None) -> Floats: ...

    def described(self) -> dict[str, object]: ...
