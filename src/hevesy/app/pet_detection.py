"""What a PET scanner of the library does with photons, with the usual energy resolution where its table has none."""

from hevesy.imaging.pet.rings import Rings
from hevesy.imaging.pet.simulate import Detection, detection_of
from hevesy.imaging.systems import PetScanner

USUAL_ENERGY = 0.10  # FWHM at 511 keV by energy: today's scanners have 9 to 12 %


def usual_detection(scanner: PetScanner, rings: Rings) -> tuple[Detection, list[str]]:
    """The detector and what was assumed of it."""
    if scanner.energy_resolution is not None:
        return detection_of(scanner, rings), []
    said = f"{scanner.name}: no energy resolution is known; {100 * USUAL_ENERGY:g} % is assumed for the scatter."
    return detection_of(scanner, rings, energy_fwhm=USUAL_ENERGY), [said]
