"""What a gamma camera counted on its way round the patient, before reconstruction."""

import math
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.model.arrays import frozen, handed_over


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyWindow:
    """A range of energies that the camera counts.

    Attributes
    ----------
    name : str
    lower, upper : float                Limits [keV].
    """

    name: str
    lower: float
    upper: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.upper) and 0 < self.lower < self.upper):
            raise InputError(f"energy window {self.name}: {self.lower} to {self.upper} keV; the limits must increase from 0.")

    @property
    def width(self) -> float:
        """[keV]."""
        return self.upper - self.lower


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Projections:
    """Counts of one bed position and one gate, by energy window and view.

    Directions are those of DICOM's NM images (PS3.3 C.8.4.12, start angle): at angle 0 the detector is behind the
    patient's back, at 90 degrees at the patient's left side.  In LPS coordinates

        detector lies at   centre + radius (sin a, cos a, 0) + shift u
        columns run along  u = (-cos a, sin a, 0)             rows run along -z, from the head to the feet

    so that each view is what one sees who looks at the patient from the detector.

    Attributes
    ----------
    counts : ndarray, shape (windows, views, rows, columns)   Handed over; float32.
    windows : tuple of EnergyWindow
    angles : ndarray, shape (views,)    Of the detector [degrees].
    radii : ndarray, shape (views,)     From the axis of rotation to the face of the collimator, or the plane of a pinhole [mm].
    starts : ndarray, shape (views,)    Since the start of the acquisition [s].
    durations : ndarray, shape (views,) [s].
    shifts : ndarray, shape (views,)    Of the middle of the detector along u, where a column swivels [mm]; () is none.
    pixel : (row, column)               Distance of rows and of columns [mm].
    centre : (x, y, z)                  Where axis of rotation and middle row meet, LPS [mm].
    nuclide : str                       "Lu-177".
    start : datetime or None            Of the acquisition.
    collimator, camera : str            As the file or the table names them; "" if unknown.
    frame_of_reference : str            DICOM UID; "" if unknown.
    gate, bed : int                     From 1.
    remarks : tuple of str              What is odd about them.
    """

    counts: npt.NDArray[np.float32]
    windows: tuple[EnergyWindow, ...]
    angles: npt.NDArray[np.float64]
    radii: npt.NDArray[np.float64]
    starts: npt.NDArray[np.float64]
    durations: npt.NDArray[np.float64]
    pixel: tuple[float, float]
    shifts: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)
    nuclide: str = ""
    start: datetime | None = None
    collimator: str = ""
    camera: str = ""
    frame_of_reference: str = ""
    gate: int = 1
    bed: int = 1
    remarks: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.counts.ndim != 4 or self.counts.shape[0] != len(self.windows):
            raise InputError(
                f"projections have shape {self.counts.shape} and {len(self.windows)} energy windows; "
                "allowed is (windows, views, rows, columns)."
            )
        object.__setattr__(self, "counts", handed_over(np.ascontiguousarray(self.counts, dtype=np.float32)))
        if np.size(self.shifts) == 0:
            object.__setattr__(self, "shifts", np.zeros(self.views))
        for name in ("angles", "radii", "starts", "durations", "shifts"):
            values = frozen(getattr(self, name))
            if values.shape != (self.views,) or not np.all(np.isfinite(values)):
                raise InputError(
                    f"projections: {name} have shape {values.shape}; allowed is one finite number a view, {self.views}."
                )
            object.__setattr__(self, name, values)
        if min(self.pixel) <= 0 or np.any(self.durations <= 0) or np.any(self.radii < 0):
            raise InputError("projections: pixel sides and durations must be positive, radii not negative.")

    @property
    def views(self) -> int:
        """Number of views."""
        return int(self.counts.shape[1])

    def window(self, name: str) -> npt.NDArray[np.float32]:
        """Counts of the energy window ``name``, shape (views, rows, columns)."""
        for n, window in enumerate(self.windows):
            if window.name == name:
                counts: npt.NDArray[np.float32] = self.counts[n]
                return counts
        raise InputError(f"there is no energy window {name}; there are {', '.join(w.name for w in self.windows)}.")
