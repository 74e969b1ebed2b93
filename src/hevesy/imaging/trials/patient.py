"""A body of any weight, between the bodies that have a name."""

import numpy as np

from hevesy.errors import InputError
from hevesy.imaging.phantoms import BODIES, Body
from hevesy.units import kg

# Of one line of growth: a height for each mass. A woman of the same mass is some centimetres shorter.
GROWTH = ("newborn", "child-1", "child-5", "child-10", "child-15", "adult-male", "large-adult")


# Of men: 9270 m / (6680 + 216 BMI) [kg], Janmahasatian et al., Clin. Pharmacokinet. 44 (2005) 1051 (recalled).
_LEAN = (9270.0, 6680.0, 216.0)


def lean_mass(mass: float, height: float) -> float:
    """Fat-free mass of a man of ``mass`` [kg] and ``height`` [mm], in kg."""
    a, b, c = _LEAN
    return a * mass / (b + c * mass / (height / 1000) ** 2)


def patient(weight: float) -> Body:
    """A body of ``weight`` [kg], 3 to 200.

    Its height lies between those of the bodies with a name (newborn to 120 kg), straight in the logarithms of both, and that of
    the last one beyond.  Up to the reference man's build all parts are scaled alike, so that concentrations go as 1/weight;
    what a heavier man has beyond lies as fat around organs that grow with his lean mass:

        m_organs = 73 kg L(m, H) / L(73 kg, 176 cm)

    A tracer that fat takes up little of is then more concentrated in them, as in patients.
    """
    if not 3 * kg <= weight <= 200 * kg:
        raise InputError(f"a weight of {weight / kg:g} kg; 3 to 200 kg is meant. Give it in kg, or name a body.")
    named = [BODIES[name] for name in GROWTH]
    height = float(np.exp(np.interp(np.log(weight), [np.log(b.mass) for b in named], [np.log(b.height) for b in named])))
    man = BODIES["adult-male"]
    organs = man.mass * lean_mass(weight, height) / lean_mass(man.mass, man.height)
    return Body(
        name=f"{weight / kg:g} kg", title=f"body of {weight / kg:g} kg", mass=weight, height=round(height, 1),
        organ_mass=round(organs, 2) if organs < weight else 0.0, sex="O", made=True,
    )  # fmt: skip
