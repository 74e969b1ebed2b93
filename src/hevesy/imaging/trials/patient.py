"""A body of any weight, between the bodies that have a name."""

import numpy as np

from hevesy.errors import InputError
from hevesy.imaging.phantoms import BODIES, Body
from hevesy.units import kg

# Of one line of growth: a height for each mass. A woman of the same mass is some centimetres shorter.
GROWTH = ("newborn", "child-1", "child-5", "child-10", "child-15", "adult-male", "large-adult")


def patient(weight: float) -> Body:
    """A body of ``weight`` [kg], 3 to 200: all parts scaled alike.

    Its height lies between those of the bodies with a name (newborn to 120 kg), straight in the logarithms of both, and
    that of the last one beyond.  Unlike the large adult of the list, whose surplus is fat around the organs of 73 kg, its
    organs grow with it, so that concentrations go as 1/weight.
    """
    if not 3 * kg <= weight <= 200 * kg:
        raise InputError(f"a weight of {weight / kg:g} kg; 3 to 200 kg is meant. Give it in kg, or name a body.")
    named = [BODIES[name] for name in GROWTH]
    height = float(np.exp(np.interp(np.log(weight), [np.log(b.mass) for b in named], [np.log(b.height) for b in named])))
    return Body(
        name=f"{weight / kg:g} kg", title=f"body of {weight / kg:g} kg", mass=weight, height=round(height, 1), sex="O", made=True
    )  # fmt: skip
