"""One acquisition with all that its reconstruction needs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hevesy.app.reconstruct_camera import Detector
from hevesy.app.reconstruct_ct import Anatomy
from hevesy.app.reconstruct_protocol import Protocol
from hevesy.dicom.raw_tomogram import RawTomogram
from hevesy.model import EnergyWindow
from hevesy.nuclides import Nuclide


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """One acquisition, its photopeak and the windows beside it, its scanner, its CT, and how it is to be reconstructed.

    Attributes
    ----------
    beside : (below, above)             Windows that touch the photopeak; None where there is none.
    energy : float                      Of the photons that are imaged [MeV].
    anatomy : Anatomy or None           None: attenuation is not corrected.
    further : tuple of Job              The same acquisition with its other photopeaks, where several make one image.
    """

    raw: RawTomogram
    nuclide: Nuclide
    peak: EnergyWindow
    beside: tuple[EnergyWindow | None, EnergyWindow | None]
    energy: float
    detector: Detector
    anatomy: Anatomy | None
    protocol: Protocol
    further: tuple["Job", ...] = ()

    @property
    def peaks(self) -> tuple["Job", ...]:
        """This and the further ones: one for each photopeak."""
        return (self, *self.further)

    @property
    def counted(self) -> npt.NDArray[np.float32]:
        """Counts in the photopeak, shape (views, rows, columns); of several their views one after the other."""
        return np.concatenate([each.raw.projections.window(each.peak.name) for each in self.peaks])

    @property
    def scatter_windows(self) -> tuple[str, ...]:
        """Names of the windows that the scatter is estimated from; () where it is not corrected."""
        if self.protocol.reconstruction.scatter == "none" or self.models_scatter or self.beside[0] is None:
            return ()
        return tuple(w.name for w in self.beside if w is not None)

    @property
    def models_scatter(self) -> bool:
        """Whether scatter is computed from the image.

        By itself only where windows do not answer: there is none below the photopeak, or the detector is CZT, whose narrow
        peak leaves small-angle scatter in it that a trapezium does not see, and whose low-energy tail fills the window below.
        """
        wanted = self.protocol.reconstruction.scatter
        if wanted != "auto":
            return wanted == "model"
        camera, collimator = self.detector.camera, self.detector.collimator
        if self.anatomy is None or camera is None or collimator is None or collimator.shape == "pinhole":
            return False
        return camera.crystal_material == "CZT" or self.beside[0] is None
