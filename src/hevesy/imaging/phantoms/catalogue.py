"""Every phantom and body by its name."""

import difflib

from hevesy.errors import InputError
from hevesy.imaging.phantoms.bodies import BODIES, body_named, body_with
from hevesy.imaging.phantoms.quality_control import PHANTOMS
from hevesy.imaging.phantoms.subject import Subject
from hevesy.imaging.phantoms.tracers import tracer_named, tracer_of
from hevesy.nuclides import load_nuclide


def subjects() -> tuple[str, ...]:
    """Names of all phantoms and bodies."""
    return (*PHANTOMS, *BODIES)


def subject(name: str, *, nuclide: str, activity: float, tracer: str | None = None) -> Subject:
    """The phantom or body ``name`` with its activity.

    Parameters
    ----------
    nuclide : str                       "Tc-99m".
    activity : float                    In the phantom, or given to the body, at time zero [Bq].
    tracer : str, optional              Of a body; by default the one that goes with the nuclide.

    Raises
    ------
    InputError
        An unknown name, or a tracer of another nuclide.
    """
    half_life = load_nuclide(nuclide).half_life
    found = name.lower()
    if found in PHANTOMS:
        if tracer is not None:
            raise InputError(f"{name} is a phantom and takes no tracer; got {tracer!r}. Leave it out.")
        return PHANTOMS[found](activity, half_life)
    if found not in BODIES:
        near = difflib.get_close_matches(found, subjects(), n=3, cutoff=0.4)
        meant = f"Did you mean {', '.join(near)}? " if near else ""
        raise InputError(f"phantom {name!r} is not known. {meant}Known are {', '.join(subjects())}.")
    chosen = tracer_of(nuclide) if tracer is None else tracer_named(tracer)
    if nuclide not in chosen.nuclides:
        raise InputError(f"{chosen.name} is a tracer of {', '.join(chosen.nuclides)}, not of {nuclide}. Change one of both.")
    return body_with(body_named(found), chosen, activity=activity, half_life=half_life)
