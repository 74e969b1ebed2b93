"""Virtual imaging trials: quality against activity and time."""

from hevesy.imaging.trials.analytic import AnalyticScan
from hevesy.imaging.trials.law import Exposure, chi_square_interval, line_through
from hevesy.imaging.trials.observer import Detectability, channelised_hotelling, known_difference, non_prewhitening
from hevesy.imaging.trials.patient import patient
from hevesy.imaging.trials.pet_scan import PetScan
from hevesy.imaging.trials.protocol import Protocol
from hevesy.imaging.trials.region_noise import RegionNoise, kidney_noise
from hevesy.imaging.trials.scan import Scan
from hevesy.imaging.trials.scene import Scene, make_scene
from hevesy.imaging.trials.solve import Answer, Level
from hevesy.imaging.trials.spect_scan import SpectScan
from hevesy.imaging.trials.target import KINDS, Target
from hevesy.imaging.trials.task import PLACES, Lesion, Task
from hevesy.imaging.trials.trial import Trial, run_trial

__all__ = [
    "KINDS", "PLACES", "AnalyticScan", "Answer", "Detectability", "Exposure", "Lesion", "Level", "PetScan", "Protocol",
    "RegionNoise", "Scan", "Scene", "SpectScan", "Target", "Task", "Trial", "channelised_hotelling", "chi_square_interval",
    "kidney_noise", "known_difference", "line_through", "make_scene", "non_prewhitening", "patient", "run_trial",
]  # fmt: skip
