"""Share of microspheres that pass to the lungs, from a planar or a tomographic image of Tc-99m MAA."""

import math
from collections.abc import Mapping

from hevesy.errors import DataError, InputError
from hevesy.model import Measured
from hevesy.protocols.first_order import propagated


def planar_lung_shunt(
    *,
    lung: tuple[Measured, Measured],
    liver: tuple[Measured, Measured],
    attenuation_ratio: Measured | None = None,
) -> Measured:
    """Lung shunt from the counts of both regions in front and back views.

        L = G_lung / (G_lung + k G_liver),   G = sqrt(N_A N_P),   k = exp((mu d)_liver / 2) / exp((mu d)_lung / 2)

    Parameters
    ----------
    lung, liver : (anterior, posterior) Net counts, background taken off, with u [1]; see
                                        :func:`hevesy.quantify.conjugate_view.net_counts`.
    attenuation_ratio : Measured        k [1]. None is 1: both attenuated alike, which takes L too large, since lungs attenuate
                                        less than liver.

    Neglected: scatter from the liver into the lung region, breathing, free Tc-99m. Reference: M. Weber et al., EANM guideline,
    Eur. J. Nucl. Med. Mol. Imaging 49 (2022) 1682.

    Raises
    ------
    DataError
        Net counts that are not above zero.
    """
    k = attenuation_ratio or Measured(value=1.0, u=0.0)
    if not 0.1 <= k.value <= 20:
        raise InputError(f"ratio of the attenuations of liver and lung is {k.value:g}; from 0.1 to 20 is allowed.")
    inputs = {
        "lung, anterior": lung[0], "lung, posterior": lung[1], "liver, anterior": liver[0], "liver, posterior": liver[1],
        "attenuation ratio": k,
    }  # fmt: skip
    for name, counts in inputs.items():
        if counts.value <= 0:
            raise DataError(f"{name}: net counts are {counts.value:g}; above 0 is needed. Check region and background.")

    def formula(x: Mapping[str, float]) -> float:
        g_lung = math.sqrt(x["lung, anterior"] * x["lung, posterior"])
        g_liver = math.sqrt(x["liver, anterior"] * x["liver, posterior"])
        return g_lung / (g_lung + x["attenuation ratio"] * g_liver)

    return propagated(formula, inputs)


def tomographic_lung_shunt(*, lung: Measured, liver: Measured) -> Measured:
    """Lung shunt from activities of a SPECT/CT that is corrected for attenuation and scatter.

        L = A_lung / (A_lung + A_liver)

    Parameters
    ----------
    lung, liver : Measured              Activity, or corrected counts, in all of the lungs and all of the liver, in one unit.

    Neglected: liver that moves into the lung region by breathing: leave what lies next to it out and scale up.
    Reference: as for :func:`planar_lung_shunt`.

    Raises
    ------
    DataError
        Activities that are not above zero; none in the lungs is 0 with its u, not a number below.
    """
    if lung.value < 0 or liver.value <= 0:
        raise DataError(f"activity is {lung.value:g} in lungs and {liver.value:g} in liver; 0 or more and above 0 are needed.")
    return propagated(lambda x: x["lungs"] / (x["lungs"] + x["liver"]), {"lungs": lung, "liver": liver})
