"""Rebuild the table of atomic form factors and incoherent scattering functions."""

import math
from pathlib import Path

from certify import write_table
from nist import ELEMENTS

FOLDER = Path(__file__).resolve().parents[2] / "src" / "hevesy" / "materials" / "data"
PER_DECADE, FIRST_DECADE, LAST_DECADE = 16, -3, 4
STEEPEST = -4.6  # of ln F in ln x: no atom falls off faster

CERTIFICATE = {
    "title": "Atomic form factors and incoherent scattering functions",
    "source": "J.H. Hubbell et al., J. Phys. Chem. Ref. Data 4 (1975) 471; J.H. Hubbell, I. Overbo, J. Phys. Chem. Ref. Data 8 "
    "(1979) 69; D.E. Cullen, J.H. Hubbell, L. Kissel: EPDL97. UCRL-50400 vol. 6 rev. 5 (1997); through xraylib "
    "(T. Schoonjans et al., Spectrochim. Acta B 66 (2011) 776)",
    "edition": "xraylib 4.3",
    "doi": "10.1063/1.555523",
    "licence": "published facts, taken with citation; xraylib: BSD 3-clause",
    "note": "x = sin(theta/2)/lambda. F for coherent, S for incoherent scattering. "
    "Where xraylib's interpolation of F begins to swing about zero (F at most 0.4 % of Z) it is "
    "continued as x^-4.",
}


def content() -> str:
    import xraylib

    steps = range(PER_DECADE * FIRST_DECADE, PER_DECADE * LAST_DECADE + 1)
    grid = [float(f"{10 ** (step / PER_DECADE):.6g}") for step in steps]
    lines = ["Z,x_per_angstrom,form_factor,incoherent_scattering_function"]
    for Z in ELEMENTS:
        F = _smooth_tail(grid, [xraylib.FF_Rayl(Z, x) for x in grid])
        lines += [f"{Z},{x:.6g},{f:.5g},{xraylib.SF_Compt(Z, x):.5g}" for x, f in zip(grid, F, strict=True)]
    return "\n".join(lines) + "\n"


def _smooth_tail(grid: list[float], F: list[float]) -> list[float]:
    """``F`` up to where its interpolation begins to swing about zero, then the x^-4 of a hydrogen-like K shell."""
    for i in range(1, len(grid)):
        if F[i] <= 0 or math.log(F[i] / F[i - 1]) < STEEPEST * math.log(grid[i] / grid[i - 1]):
            return F[:i] + [F[i - 1] * (grid[i - 1] / x) ** 4 for x in grid[i:]]
    return F


if __name__ == "__main__":
    write_table(FOLDER, "scattering_factors", content(), CERTIFICATE, made_by=Path(__file__).name)
