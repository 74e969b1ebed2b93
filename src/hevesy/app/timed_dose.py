"""The dose of an engine, with the time of computing kept apart from that of loading and compiling code."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hevesy.app.radiations import counted_radiations
from hevesy.dose import DoseMap, EngineSettings, engine
from hevesy.materials import Material
from hevesy.model import Grid, Image, Quantity
from hevesy.nuclides import Nuclide

Progress = Callable[[str, float], None]
Media = tuple[npt.NDArray[np.uint8], tuple[Material, ...]]


@dataclass(slots=True)
class Clock:
    """Seconds of computing, and apart from it of loading and compiling code."""

    wall: float = 0.0
    cpu: float = 0.0
    compiling: float = 0.0
    since: tuple[float, float] = field(default_factory=lambda: (time.perf_counter(), time.process_time()))

    def lap(self) -> tuple[float, float]:
        """Wall and CPU seconds since the last lap."""
        now = (time.perf_counter(), time.process_time())
        wall, cpu = now[0] - self.since[0], now[1] - self.since[1]
        self.since = now
        return wall, cpu

    def computed(self) -> None:
        """What went by was computing."""
        wall, cpu = self.lap()
        self.wall += wall
        self.cpu += cpu


def timed_dose(
    name: str,
    settings: EngineSettings,
    case: tuple[Image, Image, Nuclide],
    *,
    masks: Sequence[npt.NDArray[np.bool_]],
    media: Media | None,
    clock: Clock,
    progress: Progress,
) -> DoseMap:
    """The engine's dose; loading and compiling of code is timed apart from computing."""
    tia, density, known = case
    progress("radiations", 0.0)
    import scipy.fft
    import scipy.interpolate  # noqa: F401

    clock.compiling += clock.lap()[0]
    counted_radiations(known.name, daughters=settings.daughters, leaving=settings.leaving)
    clock.computed()
    if media is None:
        progress(f"{name} dose", 0.5)
        made = engine(name, settings).absorbed_dose(tia, density, known)
        clock.computed()
        return made
    progress("loading code", 0.0)
    _warm_up(name, settings, (tia, known), media, clock)
    progress("Monte Carlo", 0.0)
    made = engine(name, settings).absorbed_dose(tia, density, known, regions=masks, media=media)
    clock.computed()
    return made


def _warm_up(name: str, settings: EngineSettings, case: tuple[Image, Nuclide], media: Media, clock: Clock) -> None:
    """Load and compile what Monte Carlo needs by a run on 27 voxels.

    That run would also leave tables of cross sections in memory, which belong to computing: they are made before it, on
    the clock of computing.
    """
    import hevesy.transport._kernels.electrons
    import hevesy.transport._kernels.photons  # noqa: F401
    from hevesy.transport import default_cutoffs
    from hevesy.transport.media import electron_tables, photon_tables

    clock.compiling += clock.lap()[0]
    x, y, z = case[0].grid.spacing
    cutoffs = default_cutoffs((z, y, x))
    electron_tables(media[1], cutoffs)
    photon_tables(media[1], cutoffs)
    clock.computed()
    small = Grid(shape=(3, 3, 3), affine=np.diag([x, y, z, 1.0]))
    one = np.ones(small.shape, dtype=np.float32)
    quick = EngineSettings(uncertainty=0.5, seed=settings.seed, daughters=settings.daughters, leaving=settings.leaving)
    engine(name, quick).absorbed_dose(
        Image(values=one, grid=small, quantity=Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION),
        Image(values=one.copy(), grid=small, quantity=Quantity.DENSITY),
        case[1],
        media=(np.zeros(small.shape, dtype=np.uint8), media[1]),
    )
    clock.compiling += clock.lap()[0]
