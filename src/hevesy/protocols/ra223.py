"""Ra-223 dichloride for bone metastases: activity by body mass, volume to draw, expected doses."""

import math

from hevesy import units as u
from hevesy.dose.marrow import checked_weight
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide
from hevesy.protocols.facts import fact
from hevesy.protocols.first_order import between, propagated

RECIPE = "ra223"
NUCLIDE = "Ra-223"
CITATION = (
    "Xofigo, prescribing information; doses: M. Lassmann, D. Nosske, Dosimetry of 223Ra-chloride: dose to normal organs and "
    "tissues, Eur. J. Nucl. Med. Mol. Imaging 40 (2013) 207"
)
CONCENTRATIONS = (100 * u.kBq, 10 * u.MBq)  # Bq/ml, at the reference time; the label's is 1100 kBq/ml
# Alpha particles alone: their coefficient may be weighted by an RBE as it is.
ALPHA_REGIONS = {"Bone endosteum": "Bone endosteum, alpha", "Red marrow": "Red marrow, alpha"}
LABEL_REGIONS = {"Osteogenic cells (label)": "Osteogenic cells, label", "Red marrow (label)": "Red marrow, label"}
INDIVIDUAL = (
    "Doses measured in six patients spread widely: 2.3 to 13.1 Gy/MBq to bone surfaces and 0.18 to 0.99 Gy/MBq to red marrow "
    "(S. J. Chittenden et al., J. Nucl. Med. 56 (2015) 1304; UNVERIFIED: the source was not opened)."
)


def injection_activity(*, mass: Measured) -> Measured:
    """Activity of one injection, 55 kBq/kg [Bq]; mass [kg]."""
    checked_weight(mass.value)
    per_mass = fact(RECIPE, "activity by mass").value
    return propagated(lambda x: per_mass * x["mass"], {"mass": mass})


def decay_factor(elapsed: float) -> float:
    """Activity at a time by that at the reference time, exp(-lambda t) [1]; elapsed [s], negative before the reference."""
    if abs(elapsed) > 60 * u.d:
        raise InputError(f"{elapsed / u.d:g} d from the reference time; at most 60 d is allowed. Check dates and time zones.")
    return math.exp(-load_nuclide(NUCLIDE).decay_constant * elapsed)


def injection_volume(*, activity: Measured, concentration: float, elapsed: float) -> Measured:
    """Volume to draw [mm3].

        V = A / (c_ref exp(-lambda t))

    Parameters
    ----------
    activity : Measured                 A, to inject [Bq].
    concentration : float               c_ref, at the reference time [Bq/ml].
    elapsed : float                     t, from the reference time to the injection [s].

    Reference: Xofigo, prescribing information, dosage: its table of decay factors adds 7 h, from noon in Europe to noon in the
    central United States.
    """
    between(concentration, CONCENTRATIONS, "concentration", "kBq/ml", u.kBq)
    factor = decay_factor(elapsed)
    return propagated(lambda x: x["activity"] / (concentration * factor) * u.ml, {"activity": activity})
