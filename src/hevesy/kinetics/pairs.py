"""Pairs of a diagnostic and a therapeutic nuclide whose kinetics may be carried over."""

from dataclasses import dataclass
from functools import cache

from hevesy.errors import ScopeError
from hevesy.tables import load_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two nuclides, the compounds that are taken for one another, and how far these may differ in one patient.

    Attributes
    ----------
    diagnostic, therapeutic : str       "I-124", "I-131".
    same : str                          What the compounds have in common.
    u_uptake : float                    Relative standard uncertainty that their difference brings [1].
    u_how : str                         "assumed" by Hevesy, "derived" from the source, or "given".
    needs_prior : bool                  The diagnostic nuclide is gone before the clearance that matters can be seen.
    source, how : str                   Who used the pair; whether that was read there.
    not_claimed : str                   What does not carry over.
    """

    diagnostic: str
    therapeutic: str
    same: str
    u_uptake: float
    u_how: str
    needs_prior: bool
    source: str
    how: str
    not_claimed: str


def pairs() -> tuple[Pair, ...]:
    """All pairs of the table."""
    return tuple(_table().values())


def pair_of(diagnostic: str, therapeutic: str) -> Pair:
    """The pair of these two nuclides.

    Raises
    ------
    ScopeError
        Nobody has shown that the one stands for the other; the message lists what there is.
    """
    found = _table().get((diagnostic, therapeutic))
    if found is None:
        known = ", ".join(f"{one.diagnostic} to {one.therapeutic}" for one in pairs())
        raise ScopeError(
            f"kinetics of {diagnostic} cannot be carried over to {therapeutic}: the pair is not in the table, because no shared "
            f"compound is known whose kinetics agree. There are {known}. Measure with one of these, or with a small activity of "
            f"{therapeutic} itself."
        )
    return found


@cache
def _table() -> dict[tuple[str, str], Pair]:
    return {
        (row["diagnostic"], row["therapeutic"]): Pair(
            diagnostic=row["diagnostic"],
            therapeutic=row["therapeutic"],
            same=row["same"],
            u_uptake=float(row["u_uptake"]),
            u_how=row["u_how"],
            needs_prior=row["needs_prior"] == "yes",
            source=row["source"],
            how=row["how"],
            not_claimed=row["not_claimed"],
        )
        for row in load_table("hevesy.kinetics", "transfer_pairs").rows
    }
