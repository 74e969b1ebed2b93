"""Radiations that a use case is asked to count."""

from hevesy.errors import InputError
from hevesy.nuclides import Radiations, radiations


def counted_radiations(nuclide: str, *, daughters: bool, leaving: float) -> Radiations:
    """Radiations of a nuclide and, if they count, of its daughters.

    Raises
    ------
    InputError
        ICRP 107 does not know the nuclide, ``leaving`` is no fraction, or there are no daughters that could leave.
    """
    found = radiations(nuclide, daughters=daughters, leaving=leaving)
    if leaving > 0 and len(found.members) == 1:
        raise InputError(
            f"{found.name} has no daughters that count, so none can leave; got {leaving:g}. Leave out the fraction that leaves."
        )
    return found
