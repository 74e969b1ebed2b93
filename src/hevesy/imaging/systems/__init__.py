"""Scanners as data: gamma cameras, rings of solid-state columns, PET; shipped with sources, or a user's own file."""

from hevesy.imaging.systems.collimator import Collimator, geometric_efficiency, geometric_resolution
from hevesy.imaging.systems.gamma_camera import (
    Camera,
    DetectorResponse,
    GammaCamera,
    RingCamera,
    detector_response,
    sensitivity,
    window_sensitivity,
)
from hevesy.imaging.systems.library import (
    camera,
    cameras,
    gamma_camera,
    pet_scanner,
    pet_scanners,
    ring_camera,
    scanner,
    scanners,
)
from hevesy.imaging.systems.origin import Origin
from hevesy.imaging.systems.pet_scanner import PetScanner

__all__ = [
    "Camera", "Collimator", "DetectorResponse", "GammaCamera", "Origin", "PetScanner", "RingCamera", "camera", "cameras",
    "detector_response", "gamma_camera", "geometric_efficiency", "geometric_resolution", "pet_scanner", "pet_scanners",
    "ring_camera", "scanner", "scanners", "sensitivity", "window_sensitivity",
]  # fmt: skip
