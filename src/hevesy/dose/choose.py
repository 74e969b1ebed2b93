"""Which dose engines there are."""

from collections.abc import Callable
from dataclasses import dataclass

from hevesy.dose.engine import DoseEngine, Progress
from hevesy.dose.kernel_engine import KernelConvolution
from hevesy.dose.local import LocalDeposition
from hevesy.dose.montecarlo import MonteCarlo
from hevesy.errors import InputError

DEFAULT = "montecarlo"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """What an engine may be told; each takes what concerns it.

    Attributes
    ----------
    uncertainty : float         Relative statistical uncertainty of Monte Carlo, of each region's mean dose.
    voxel_uncertainty : float   Of single voxels, or None.
    seed, threads, progress, preparing      Of Monte Carlo.
    daughters : bool            Whether the daughters' energy counts where the parent decays.
    leaving : float             Fraction of the daughters' decays that happen elsewhere.
    medium, density             Of the kernel; density in g/ml.
    """

    uncertainty: float = 0.005
    voxel_uncertainty: float | None = None
    seed: int = 177
    threads: int = 1
    daughters: bool = True
    leaving: float = 0.0
    medium: str = "soft"
    density: float = 1.04
    progress: Progress | None = None
    preparing: Callable[[str], None] | None = None


def engine_names() -> tuple[str, ...]:
    """Names that `engine` knows."""
    return ("montecarlo", "kernel", "local")


def engine(name: str, settings: EngineSettings | None = None) -> DoseEngine:
    """The engine of that name.

    Raises
    ------
    InputError
        There is none of that name.
    """
    s = settings or EngineSettings()
    if name == "local":
        return LocalDeposition(daughters=s.daughters, leaving=s.leaving)
    if name == "kernel":
        return KernelConvolution(medium=s.medium, density=s.density, daughters=s.daughters, leaving=s.leaving)
    if name == "montecarlo":
        return MonteCarlo(
            uncertainty=s.uncertainty, voxel_uncertainty=s.voxel_uncertainty, seed=s.seed, threads=s.threads,
            daughters=s.daughters, leaving=s.leaving, progress=s.progress, preparing=s.preparing,
        )  # fmt: skip
    raise InputError(f"dose engine {name!r} is not known; allowed: {', '.join(engine_names())}.")
