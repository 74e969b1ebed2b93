"""A scanner by its name, ready for a trial."""

from typing import Any

from hevesy.errors import InputError
from hevesy.imaging.phantoms import Body, Tracer
from hevesy.imaging.simulate import imaged_energy
from hevesy.imaging.systems import Camera, Collimator, PetScanner, scanner
from hevesy.imaging.systems.choice import STOPS, suited
from hevesy.imaging.systems.collimator import septal_penetration
from hevesy.imaging.trials import PetScan, Scan, SpectScan, Task, make_scene
from hevesy.imaging.trials.protocol import PET, SPECT
from hevesy.nuclides import radiations

POSITRONS = 0.1  # annihilation photons a decay, below which a nuclide is not imaged by PET


def found_scanner(name: str, tracer: Tracer) -> PetScanner | Camera:
    """The scanner, if it can see the tracer."""
    made = scanner(name)
    nuclide = tracer.nuclides[0]
    positron = float(radiations(nuclide).annihilation_yield.sum()) >= POSITRONS
    if isinstance(made, PetScanner) != positron:
        other = "a gamma camera" if isinstance(made, PetScanner) else "a PET scanner"
        raise InputError(f"{made.name}: cannot image {nuclide}; {other} can. List them with hevesy scanner.")
    return made


def collimator_of(camera: Camera, name: str, energy: float) -> Collimator:
    """By name, or the most sensitive one with parallel holes whose walls stop the line of ``energy`` [MeV].

    One that cannot be changed is taken as it is: :func:`said_of_walls` says what its walls let through.
    """
    if name:
        return camera.collimator(name)
    if len(camera.collimators) == 1:
        return camera.collimators[0]
    return suited(camera, energy)


def said_of_walls(collimator: Collimator, energy: float) -> list[str]:
    """A remark where more photons than `STOPS` cross a wall; such counts are simulated."""
    if collimator.shape == "pinhole" or septal_penetration(collimator, energy) < STOPS:
        return []
    return [
        f"collimator {collimator.name}: {100 * septal_penetration(collimator, energy):.2g} % of {1000 * energy:.4g} keV photons "
        f"cross a wall on the shortest way, more than the usual {100 * STOPS:g} %; the images hold such counts."
    ]


def scan_on(made: PetScanner | Camera, body: Body, tracer: Tracer, task: Task, *, duration: float, collimator: str = "") -> Scan:
    """The trial's scan of a patient."""
    protocol = PET if isinstance(made, PetScanner) else SPECT
    scene = make_scene(body, tracer, task, duration=duration, voxel=protocol.voxel, margin=protocol.margin)
    if isinstance(made, PetScanner):
        return PetScan(made, scene)
    return SpectScan(made, collimator_of(made, collimator, imaged_energy(scene.nuclide)), scene)


def sources_of(made: PetScanner | Camera) -> dict[str, Any]:
    """Where the figures of a scanner come from, and which nobody verified."""
    origins = list(made.origins.values())
    return {
        "source": "; ".join(dict.fromkeys(origin.source for origin in origins)),
        "unverified": [name for name, origin in made.origins.items() if not origin.verified],
    }
