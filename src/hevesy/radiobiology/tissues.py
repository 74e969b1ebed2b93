"""Tissues: alpha/beta and repair, each with its citation and what it does not claim."""

from dataclasses import dataclass, replace
from functools import cache

from hevesy import units as un
from hevesy.errors import InputError
from hevesy.model.measured import Measured
from hevesy.radiobiology.repair import Repair
from hevesy.tables import load_table

HOW = ("read", "secondary", "derived", "recalled", "given")
# Where a source states no u. The sources that do state one come to 16 % (prostate 3.1, u 0.5 Gy), 23 % (lung 4.0, 2.2 to
# 5.8 Gy) and 24 % (prostate 1.4, 0.9 to 2.2 Gy) for alpha/beta. Repair half-times are known less well than that.
ASSUMED_ALPHA_BETA_U, ASSUMED_REPAIR_U = 0.25, 0.30
ALPHA_BETA, REPAIR = "alpha/beta", "repair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tissue:
    """A named set of linear-quadratic parameters for one endpoint.

    Attributes
    ----------
    name, endpoint : str                "kidney"; what is counted as harm or as control.
    alpha_beta : Measured               [Gy].
    repair : Repair
    repair_u : float or None            Relative standard uncertainty of the repair half-time [1]; None where none is stated.
    source, how : str                   Citation; "read" at the source, "secondary", "derived", "recalled" or "given".
    alpha : Measured or None            Of the endpoint, for EUBED and control [1/Gy].
    regions : tuple of str              Standard organs it is taken for where nobody names a tissue.
    not_claimed : str                   What the numbers do not say.
    assumed : tuple of str              Whose u is Hevesy's assumption: "alpha/beta", "repair"; see :func:`with_assumed_u`.
    """

    name: str
    endpoint: str
    alpha_beta: Measured
    repair: Repair
    repair_u: float | None
    source: str
    how: str
    alpha: Measured | None = None
    regions: tuple[str, ...] = ()
    not_claimed: str = ""
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0.1 * un.Gy <= self.alpha_beta.value <= 100 * un.Gy:
            raise InputError(f"tissue {self.name}: alpha/beta is {self.alpha_beta.value:g} Gy; from 0.1 to 100 Gy is allowed.")
        if self.repair_u is not None and not 0 <= self.repair_u <= 1:
            raise InputError(
                f"tissue {self.name}: relative uncertainty of its repair half-time is {self.repair_u:g}; 0 to 1 is allowed."
            )
        if self.alpha is not None and not 1e-3 <= self.alpha.value <= 10:
            raise InputError(f"tissue {self.name}: alpha is {self.alpha.value:g} /Gy; from 0.001 to 10 /Gy is allowed.")
        if not self.source:
            raise InputError(f"tissue {self.name}: has no source. Say where its numbers come from.")
        if self.how not in HOW:
            raise InputError(f"tissue {self.name}: how is {self.how!r}; allowed: {', '.join(HOW)}.")


def tissues() -> tuple[Tissue, ...]:
    """All tissues of the table, by name."""
    return tuple(_table().values())


def tissue_named(name: str) -> Tissue:
    """The tissue of that name.

    Raises
    ------
    InputError
        There is none; the message lists those there are.
    """
    found = _table().get(name.strip().lower().replace("_", " "))
    if found is None:
        raise InputError(
            f"no tissue {name!r}; there are {', '.join(_table())}. Take one of them, or give your own "
            f'as [tissues."{name}"] with alpha_beta, repair_half_time and source.'
        )
    return found


def tissue_of_organ(organ: str) -> Tissue | None:
    """The tissue that stands for a standard organ, "Kidney", or None where the table has none."""
    return next((tissue for tissue in tissues() if organ in tissue.regions), None)


def with_assumed_u(tissue: Tissue) -> Tissue:
    """The tissue with 25 % for u of alpha/beta and 30 % for u of the repair half-time where its source states none.

    They are assumptions, named as such in ``assumed`` and wherever the tissue is used: without them the u of an EQD2 would
    be that of the dose alone, and too small by about half at alpha/beta below 3 Gy. State your own to replace them.
    """
    assumed = []
    ab, repair_u = tissue.alpha_beta, tissue.repair_u
    if ab.u is None:
        ab = Measured(value=ab.value, u=ASSUMED_ALPHA_BETA_U * ab.value)
        assumed.append(ALPHA_BETA)
    if repair_u is None:
        repair_u = ASSUMED_REPAIR_U
        assumed.append(REPAIR)
    return replace(tissue, alpha_beta=ab, repair_u=repair_u, assumed=tuple(assumed))


@cache
def _table() -> dict[str, Tissue]:
    return {row["name"]: with_assumed_u(_tissue(row)) for row in load_table("hevesy.radiobiology", "tissues").rows}


def _tissue(row: dict[str, str]) -> Tissue:
    return Tissue(
        name=row["name"],
        endpoint=row["endpoint"],
        alpha_beta=_measured(row["alpha_beta_Gy"], row["u_alpha_beta_Gy"], un.Gy),
        repair=Repair(
            half_times=tuple(float(T) * un.h for T in row["repair_half_times_h"].split(";")),
            weights=tuple(float(w) for w in row["repair_weights"].split(";")),
        ),
        repair_u=float(row["repair_relative_u"]) if row["repair_relative_u"] else None,
        source=row["source"],
        how=row["how"],
        alpha=_measured(row["alpha_per_Gy"], row["u_alpha_per_Gy"], 1 / un.Gy) if row["alpha_per_Gy"] else None,
        regions=tuple(region for region in row["regions"].split(";") if region),
        not_claimed=row["not_claimed"],
    )


def _measured(value: str, u: str, unit: float) -> Measured:
    known = float(u) * unit if u else None
    return Measured(value=float(value) * unit, u=known, why_no_u="" if known is not None else "its source states none")
