"""What a simulation is asked for."""

from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.imaging.simulate import imaged_energy, line_near


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be simulated.

    Attributes
    ----------
    phantom, scanner, collimator, nuclide, tracer : str     Names; "" for a collimator or tracer is the fitting one.
    activity : float                    In the phantom at the start of the scan, or given to the body [Bq].
    wait : float or None                From the administration to the scan [s]; None is 0 for a phantom, the usual for a tracer.
    duration : float                    Of the scan [s].
    views : int                         Over 360 degrees, of all heads together; 0 is 120, of columns what their sweep takes.
    radius : float or None              Of the orbit [mm]; None keeps 25 mm from the body.
    matrix, pixel : int, float          Of the views [mm], and of the voxels photons travel in; of columns the voxels only.
    dead_time_model : str               "paralysable" or "non-paralysable".
    background : float                  Of the room in each window, a head [counts/s].
    peaks : tuple of float              Lines that are imaged, about [MeV]; () is the usual one of the nuclide.
    monte_carlo : bool                  Scatter photon by photon instead of by the analytic model.
    """

    phantom: str
    scanner: str
    nuclide: str
    activity: float
    duration: float
    views: int = 0
    collimator: str = ""
    tracer: str = ""
    wait: float | None = None
    radius: float | None = None
    matrix: int = 128
    pixel: float = 4.8
    dead_time_model: str = "paralysable"
    background: float = 0.0
    peaks: tuple[float, ...] = ()
    monte_carlo: bool = False

    @property
    def lines(self) -> tuple[float, ...]:
        """Energies of the imaged lines [MeV]."""
        if not self.peaks:
            return (imaged_energy(self.nuclide),)
        found = tuple(line_near(self.nuclide, energy) for energy in self.peaks)
        if len(set(found)) < len(found):
            raise InputError(f"--peak: {', '.join(f'{1000 * e:g}' for e in self.peaks)} keV mean one line twice. Give each once.")
        return found
