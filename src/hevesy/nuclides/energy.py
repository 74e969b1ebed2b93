"""Energy that an activity gives off until nothing is left of it."""

from hevesy import units as u
from hevesy.nuclides.decay_data import load_nuclide


def electron_energy_of_full_decay(name: str, activity: float) -> float:
    """Energy of all electrons that ``activity`` emits in its full decay.

        E = A T / ln 2 * (Delta_beta + Delta_IE + Delta_Auger)

    Parameters
    ----------
    name : str                          Nuclide.
    activity : float                    At the start [Bq].

    Returns
    -------
    float                               Energy [J]. Photons and daughters are not in it.
    """
    nuclide = load_nuclide(name)
    return activity / nuclide.decay_constant * nuclide.electron_energy * u.JOULE_PER_MEV
