"""How the images of a trial are made: grid, views, reconstruction, filter."""

from dataclasses import dataclass

from hevesy.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """Settings of acquisition and reconstruction.

    Attributes
    ----------
    voxel : float                       Side of a voxel [mm].
    views : int                         Azimuths over half a turn (PET), or views over a full one (SPECT).
    iterations, subsets : int           Of OSEM.
    filter_fwhm : float                 Of the Gaussian after it [mm].
    margin : float                      Slices on either side of the regions [mm].
    """

    voxel: float
    views: int
    iterations: int
    subsets: int
    filter_fwhm: float
    margin: float

    def __post_init__(self) -> None:
        if not (1 <= self.voxel <= 20 and 0 <= self.filter_fwhm <= 50 and 0 <= self.margin <= 300):
            raise InputError(
                f"voxels of {self.voxel} mm, filter {self.filter_fwhm} mm, margin {self.margin} mm: give plausible mm."
            )
        if min(self.iterations, self.subsets) < 1 or self.views < self.subsets:
            raise InputError(
                f"{self.iterations} iterations of {self.subsets} subsets of {self.views} views; give at least one each."
            )


PET = Protocol(voxel=4.0, views=48, iterations=3, subsets=8, filter_fwhm=5.0, margin=24.0)
SPECT = Protocol(voxel=4.8, views=60, iterations=5, subsets=6, filter_fwhm=8.0, margin=36.0)
