"""What a gamma camera would count of a known activity: analytic, and photon by photon."""

from hevesy.imaging.simulate.acquisition import CLEARANCE, Acquisition, step_and_shoot
from hevesy.imaging.simulate.coarse import expected_with_coarse_scatter
from hevesy.imaging.simulate.columns import expected_of_columns
from hevesy.imaging.simulate.counting import Counting, counting, crystal_efficiency, window_shares
from hevesy.imaging.simulate.dead_time import MODELS, counted_share
from hevesy.imaging.simulate.expected import Effects, Expected, expected_counts
from hevesy.imaging.simulate.indirect import Indirect, counts_in_air, indirect_counts
from hevesy.imaging.simulate.medium import attenuation_map, coarsened
from hevesy.imaging.simulate.monte_carlo import BehindWalls, Simulated, counts_through_walls, simulated_counts
from hevesy.imaging.simulate.multiple import MultipleScatter, multiple_scatter
from hevesy.imaging.simulate.noise import Electronics, drawn, projections_of, recorded
from hevesy.imaging.simulate.penetration import Penetration, penetration
from hevesy.imaging.simulate.swivel import outline_of, swivel_and_count
from hevesy.imaging.simulate.wide import wide_camera
from hevesy.imaging.simulate.windows import LOWER, PEAK, UPPER, imaged_energy, line_near, triple_windows, windows_about

__all__ = [
    "CLEARANCE", "LOWER", "MODELS", "PEAK", "UPPER", "Acquisition", "BehindWalls", "Counting", "Effects", "Electronics",
    "Expected", "Indirect", "MultipleScatter", "Penetration", "Simulated", "attenuation_map", "coarsened",
    "counted_share", "counting", "counts_in_air", "counts_through_walls", "crystal_efficiency", "drawn",
    "expected_counts", "expected_of_columns", "expected_with_coarse_scatter", "imaged_energy", "indirect_counts",
    "line_near", "multiple_scatter", "outline_of", "penetration", "projections_of", "recorded", "simulated_counts",
    "step_and_shoot", "swivel_and_count", "triple_windows", "wide_camera", "window_shares", "windows_about",
]  # fmt: skip
