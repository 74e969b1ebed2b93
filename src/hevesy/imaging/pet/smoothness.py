"""How strong the prior of a PET image is, so that one number means the same smoothness on all scanners and at all counts."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet.field import Field
from hevesy.imaging.pet.rebinned import MM_PER_PS
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.reconstruct.prior import RelativeDifference

# At beta = 1 the detail that a Gaussian of this FWHM would halve is halved [mm].
HALVED = 6.0
# Of the mean activity: below it differences are taken as absolute, so that an empty voxel can still move.
FLOOR = 1e-2


def pet_prior(
    field: Field,
    sensitivity: npt.NDArray[Any],
    *,
    level: float,
    beta: float = 1.0,
    gamma: float = 2.0,
    tof_fwhm: float = 0.0,
    chord: float = 250.0,
    resolution: float = 0.0,
) -> RelativeDifference:
    """Relative difference prior in proportion to what the scan knows of each voxel.

        R(f) = b sum_{pairs} w_jk sqrt(s_j s_k) (f_j - f_k)^2 / (f_j + f_k + gamma |f_j - f_k| + epsilon)
        b = beta I(q0) H(q0)^2 / (T (2 pi q0)^2),   T = (1/3) sum_{13 directions} w d^2,   q0 = 2 ln 2 / (pi 6 mm)

    In an even region a wave of frequency q is known to the share I(q) H(q)^2 s/f of its counts, and the prior holds it by
    b T (2 pi q)^2 s/f: both go with counts, so that the image shows (1 + beta (q/q0)^2 I(q0) H(q0)^2 / (I(q) H(q)^2))^-1 of
    it, whatever activity, time, scanner, attenuation and voxel.  I = e^-u I_0(u), u = 2 (pi q sigma)^2, with time of flight
    and 1 / (pi D q) without; H is the modelled resolution.

    Parameters
    ----------
    sensitivity : array, shape (z, y, x)    s, expected counts of 1 Bq/ml in each voxel.
    level : float                           Mean activity of the image, to the order [Bq/ml].
    beta : float                            1: waves that 6 mm FWHM would halve are halved, at 8 those of 12 mm; a small bump is
                                            then 5 to 6 mm wide, or 8 to 9 mm.
    gamma : float                           How far edges are spared: a difference d about the mean m is held by
                                            1 / (1 + gamma d / 2m) of what it would be.
    tof_fwhm : float                        [ps]; 0 without.
    chord : float                           D, length of lines through the body [mm]; without time of flight.
    resolution : float                      Modelled transaxial FWHM [mm].

    Neglected: that axial waves are better known than transaxial ones; scatter and randoms, which lower what is known.
    Fessler and Rogers, IEEE Trans Image Process 1996;5:1346 (strength by the local information).
    """
    if not (math.isfinite(level) and level > 0):
        raise InputError(f"the mean activity is {level} Bq/ml; above 0 is needed. Are there more counts than background?")
    if not (0 <= tof_fwhm <= 3000 and 10 <= chord <= 3000 and 0 <= resolution <= 50):
        raise InputError(
            f"time of flight {tof_fwhm} ps, chord {chord} mm, resolution {resolution} mm; 0 to 3000 ps, 10 to 3000 mm and "
            "0 to 50 mm are meant."
        )
    s = np.maximum(np.asarray(sensitivity, np.float32), 0)
    q0 = 2 * math.log(2) / (math.pi * HALVED)
    known = information(q0, tof_fwhm=tof_fwhm, chord=chord) * 0.25 ** ((resolution / HALVED) ** 2)
    spacing = (field.side, field.side, field.thickness)
    strength = beta * known / (_mean_square_step(spacing) * (2 * math.pi * q0) ** 2)
    return RelativeDifference(beta=strength, gamma=gamma, epsilon=FLOOR * level, spacing=spacing, local=np.sqrt(s))


def information(q: float, *, tof_fwhm: float, chord: float) -> float:
    """I(q): share of the counts that tell of a wave of frequency ``q`` [1/mm] in the plane."""
    from scipy.special import ive

    if tof_fwhm <= 0:
        return min(1.0, 1 / (math.pi * chord * q))
    return float(ive(0, 2 * (math.pi * q * tof_fwhm * MM_PER_PS / FWHM) ** 2))


def _mean_square_step(spacing: tuple[float, float, float]) -> float:
    """T: sum of w d^2 over the 13 directions of neighbours, by 3 [mm2]."""
    steps = [np.array((i, j, k)) for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]
    lengths = [float(np.linalg.norm(step * np.array(spacing))) for step in steps]
    return min(spacing) * sum(lengths) / 2 / 3
