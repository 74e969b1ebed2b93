"""Facts about a nuclide, ready to print."""

from typing import Any

from hevesy import units as u
from hevesy.dose.air_kerma import air_kerma_rate_constant
from hevesy.nuclides import NOTICE, Nuclide, data_set, daughters, load_nuclide

# A main line: at least 1 % of decays, and above the energies that never leave a millimetre of tissue.
_MAIN_YIELD = 0.01
_MAIN_ENERGY = 10 * u.keV
_MOST_LINES = 12


def describe(name: str) -> dict[str, Any]:
    """All that `hevesy nuclide` prints of ``name``; the unit of each number is in its key.

    ``lines`` are the strongest alpha, conversion-electron and photon lines; ``daughters`` the direct ones.
    Raises :class:`hevesy.errors.InputError` for a nuclide that ICRP 107 does not know.
    """
    nuclide = load_nuclide(name)
    return {
        "name": nuclide.name,
        "half_life_s": nuclide.half_life,
        "half_life_text": _in_words(nuclide.half_life),
        "decay_constant_per_s": nuclide.decay_constant,
        "energies_keV_per_decay": {kind: energy / u.keV for kind, energy in nuclide.energies.items() if energy > 0},
        "totals_keV_per_decay": {
            "electrons": nuclide.electron_energy / u.keV,
            "alpha and recoil": nuclide.alpha_energy / u.keV,
            "photons": nuclide.photon_energy / u.keV,
        },
        "air_kerma_rate_constant_uGy_m2_per_GBq_h": air_kerma_rate_constant(nuclide.name) * (u.GBq * u.h / u.uGy),
        "lines": _main_lines(nuclide),
        "daughters": [
            {"name": daughter.name, "fraction": daughter.fraction, "mode": daughter.mode} for daughter in daughters(nuclide.name)
        ],
        "source": f"{nuclide.source}; daughters: {data_set()}",
        "notice": NOTICE,
        "sha256": nuclide.sha256,
    }


def _main_lines(nuclide: Nuclide) -> list[dict[str, Any]]:
    strong = [e for e in nuclide.lines if e.per_decay >= _MAIN_YIELD and e.energy >= _MAIN_ENERGY]
    return [{"kind": line.kind, "energy_keV": line.energy / u.keV, "yield": line.per_decay} for line in strong[:_MOST_LINES]]


def _in_words(half_life: float) -> str:
    """In the unit that people use: 64.1 h, not 2.67 d."""
    for unit, seconds, least in (
        ("y", u.year, 1.0),
        ("d", u.d, 3.0),
        ("h", u.h, 3.0),
        ("min", u.min_, 3.0),
        ("s", 1.0, 1.0),
        ("ms", 1e-3, 1.0),
    ):
        if half_life >= least * seconds:
            return f"{half_life / seconds:.5g} {unit}"
    return f"{half_life * 1e6:.5g} us"
