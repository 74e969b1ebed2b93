"""Tissue weighting factors, and effective dose from the doses of organs."""

from collections.abc import Mapping

from hevesy.errors import InputError
from hevesy.tables import load_table

# ICRP 60 lists ten remainder tissues; the upper large intestine is part of the colon since Publication 69.
REMAINDER_60 = ("adrenals", "brain", "small intestine", "kidneys", "muscle", "pancreas", "spleen", "thymus", "uterus")


def tissue_weights(weights: str) -> dict[str, float]:
    """w_T by tissue of "icrp-60" or "icrp-103" [1]; "remainder" is one entry."""
    rows = load_table("hevesy.protection", "tissue_weights").rows
    found = {row["tissue"]: float(row["w_T"]) for row in rows if row["weights"] == weights}
    if not found:
        known = sorted({row["weights"] for row in rows})
        raise InputError(f"weights {weights!r}: are not known; there are {', '.join(known)}.")
    return found


def effective_dose_icrp60(organs: Mapping[str, float], gonads: str = "") -> float:
    """Effective dose of photons and electrons from organ doses, with the weights of ICRP Publication 60.

        E = sum_T w_T D_T,    remainder: mean over its tissues

    Where a remainder tissue gets more than every tissue with its own weight, it takes half the weight of the remainder
    and the mean of the others the other half. Radiation weighting is 1: no alpha emitters.

    Parameters
    ----------
    organs : mapping                    Absorbed dose by organ [Gy], or dose coefficient [Gy/Bq].
    gonads : str                        "testes" or "ovaries" alone; both are averaged where it is empty.

    Returns
    -------
    float                               [Sv], or [Sv/Bq].

    References
    ----------
    ICRP Publication 60, Ann ICRP 1991;21(1-3), table 2 and its footnotes.
    """
    given = dict(organs)
    kinds = (gonads,) if gonads else ("testes", "ovaries")
    if missing := [name for name in (*kinds, *REMAINDER_60) if name not in given]:
        raise InputError(f"organ doses: {', '.join(missing)} is missing. All tissues with a weight are needed.")
    given["gonads"] = sum(given[name] for name in kinds) / len(kinds)
    weights = tissue_weights("icrp-60")
    own = {name: w for name, w in weights.items() if name != "remainder"}
    if missing := [name for name in own if name not in given]:
        raise InputError(f"organ doses: {', '.join(missing)} is missing. All tissues with a weight are needed.")
    total = sum(w * given[name] for name, w in own.items())
    return total + weights["remainder"] * _remainder(given, max(given[name] for name in own))


def _remainder(given: Mapping[str, float], highest: float) -> float:
    doses = sorted(given[name] for name in REMAINDER_60)
    if doses[-1] > highest:
        return 0.5 * doses[-1] + 0.5 * sum(doses[:-1]) / (len(doses) - 1)
    return sum(doses) / len(doses)
