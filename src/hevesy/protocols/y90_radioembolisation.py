"""Y-90 radioembolisation by the partition model: tumour, normal liver and lungs."""

from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.chance import EXCEED, Held, checked_exceed, held
from hevesy.protocols.first_order import between, positive, propagated, share
from hevesy.protocols.y90_activity import EnergyPerActivity

LEAST, MOST = 0.05, 100.0  # a ratio of concentrations outside has not been seen: a slip of the regions or of the counts
# kg: a segment to a liver full of metastases; a child's to an adult's lungs. 2 g for 2 kg is then refused.
MASSES = {"tumour_mass": (1e-3, 5.0), "liver_mass": (0.01, 6.0), "lung_mass": (0.05, 3.0)}
DOSES = (0.5, 5000.0)  # Gy, of a limit or a goal
LIVER, TUMOUR, LUNGS = "Normal liver", "Tumour", "Lungs"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcentrationRatio:
    """Activity per mass in tumour by that in normal liver: r = (A_T / M_T) / (A_N / M_N) [1]. Ho's T/N ratio."""

    value: Measured

    def __post_init__(self) -> None:
        if not LEAST <= self.value.value <= MOST:
            raise InputError(f"ratio of concentrations is {self.value.value:g}; from {LEAST:g} to {MOST:g} is allowed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRatio:
    """Activity in all tumour by that in all normal liver: R = A_T / A_N [1]. Not the T/N ratio: it knows no masses."""

    value: Measured

    def __post_init__(self) -> None:
        positive(self.value.value, "ratio of activities", "")


def concentration_ratio(ratio: ActivityRatio, *, tumour_mass: Measured, liver_mass: Measured) -> ConcentrationRatio:
    """The ratio of concentrations that a ratio of activities means.

        r = R M_N / M_T

    Masses of tumour and of normal liver [kg]. Reference: the two are told apart by Y. H. Kao et al., Cardiovasc. Intervent.
    Radiol., doi 10.1007/s00270-013-0783-z (eq. 3, whose R is of activities).
    """
    if not isinstance(ratio, ActivityRatio):
        raise InputError(f"a ratio of activities is needed; got {type(ratio).__name__}. Say which ratio it is.")
    positive(tumour_mass.value, "tumour mass", "kg")
    positive(liver_mass.value, "mass of normal liver", "kg")
    inputs = {"ratio": ratio.value, "tumour mass": tumour_mass, "liver mass": liver_mass}
    return ConcentrationRatio(value=propagated(lambda x: x["ratio"] * x["liver mass"] / x["tumour mass"], inputs))


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A treated volume as tumour, normal liver and lungs.

    Attributes
    ----------
    tumour_mass, liver_mass : Measured  Of the tumour and of the normal liver that is perfused, without tumour [kg].
    lung_mass : Measured                [kg].
    lung_shunt : Measured               L, share of the activity that goes to the lungs [1].
    ratio : ConcentrationRatio          Tumour by normal liver. A number or a ratio of activities is refused.
    """

    tumour_mass: Measured
    liver_mass: Measured
    lung_mass: Measured
    lung_shunt: Measured
    ratio: ConcentrationRatio

    def __post_init__(self) -> None:
        if not isinstance(self.ratio, ConcentrationRatio):
            raise InputError(
                f"the partition model needs the ratio of concentrations; got {type(self.ratio).__name__}. A ratio of activities "
                "becomes one with the masses: concentration_ratio()."
            )
        for name, ends in MASSES.items():
            between(getattr(self, name).value, ends, name.replace("_", " "), "kg")
        share(self.lung_shunt.value, "lung shunt")

    @property
    def inputs(self) -> dict[str, Measured]:
        """What the doses depend on beside the activity, by name."""
        return {
            "tumour mass": self.tumour_mass,
            "liver mass": self.liver_mass,
            "lung mass": self.lung_mass,
            "lung shunt": self.lung_shunt,
            "T/N ratio": self.ratio.value,
        }


def doses_per_activity(partition: Partition, energy: EnergyPerActivity) -> dict[str, Measured]:
    """Mean dose per activity by region [Gy/Bq].

        D_N / A = E (1 - L) / (M_N + r M_T),   D_T = r D_N,   D_lung / A = E L / M_lung

    Parameters
    ----------
    partition : Partition
    energy : float                      E, energy per activity [J/Bq].

    Neglected: cross-fire between the three, dose within each that is not alike, what leaves them.
    Reference: S. Ho et al., Eur. J. Nucl. Med. 23 (1996) 947; MIRD schema.
    """
    formulas = {
        LIVER: lambda x: energy * (1 - x["lung shunt"]) / (x["liver mass"] + x["T/N ratio"] * x["tumour mass"]),
        TUMOUR: lambda x: energy * x["T/N ratio"] * (1 - x["lung shunt"]) / (x["liver mass"] + x["T/N ratio"] * x["tumour mass"]),
        LUNGS: lambda x: energy * x["lung shunt"] / x["lung mass"],
    }
    return {region: propagated(formula, partition.inputs) for region, formula in formulas.items()}


def partition_doses(partition: Partition, *, activity: Measured, energy: EnergyPerActivity) -> dict[str, Measured]:
    """Mean dose by region for an activity [Gy]; see :func:`doses_per_activity`."""
    positive(activity.value, "activity", "Bq")
    return {region: _product(activity, each) for region, each in doses_per_activity(partition, energy).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionPlan:
    """An activity by the partition model.

    Attributes
    ----------
    activity : Measured                 [Bq].
    best : Measured                     At the best estimate of all that is asked [Bq].
    ruling : str                        Region that rules.
    rule : str                          Which limit or goal it meets.
    candidates : dict of Held           Activity that each limit or goal alone would give [Bq].
    doses : dict of Measured            By region, for exactly ``activity.value`` [Gy].
    remarks : tuple of str
    """

    activity: Measured
    best: Measured
    ruling: str
    rule: str
    candidates: dict[str, Held]
    doses: dict[str, Measured]
    remarks: tuple[str, ...]


def partition_activity(
    partition: Partition,
    *,
    energy: EnergyPerActivity,
    liver_limit: float | None = None,
    lung_limit: float | None = None,
    tumour_goal: float | None = None,
    exceed: float = EXCEED,
) -> PartitionPlan:
    """Activity for a dose to normal liver, lungs or tumour: the smallest rules.

        A_N = D_N (M_N + r M_T) / (E (1 - L)),   A_T = A_N with D_N = D_T / r,   A_lung = D_lung M_lung / (E L)

    A limit is held with a chance: A_N and A_lung are then divided by exp(z s), see :func:`hevesy.protocols.chance.held`.

    Parameters
    ----------
    partition : Partition
    energy : float                      E [J/Bq].
    liver_limit, lung_limit, tumour_goal : float or None
                                        Mean doses [Gy]; None where there is none. At least one is needed.
    exceed : float                      Chance with which each limit may be exceeded [1]; the goal is at the best estimate.

    The inverse of :func:`partition_doses`, nothing else: a formula that circulates, D_N M_N (1 + r) (1 - L) / E, takes the
    ratio of concentrations for one of activities and multiplies by the share that it should divide by.
    Reference: as there.

    Raises
    ------
    InputError
        No limit and no goal; one that is not above zero.
    """
    asked = {LIVER: liver_limit, LUNGS: lung_limit, TUMOUR: tumour_goal}
    given = {region: dose for region, dose in asked.items() if dose is not None}
    if not given:
        raise InputError("the partition model needs a limit for liver or lungs, or a goal for the tumour. Give one.")
    per_activity = doses_per_activity(partition, energy)
    candidates, remarks = _candidates(given, per_activity, checked_exceed(exceed))
    ruling = min(candidates, key=lambda region: candidates[region].activity)
    chosen, best = candidates[ruling], min((each.best for each in candidates.values()), key=lambda a: a.value)
    doses = partition_doses(partition, activity=Measured(value=chosen.activity, u=0.0), energy=energy)
    if tumour_goal is not None and ruling != TUMOUR:
        remarks.append(
            f"the goal of {tumour_goal:g} Gy to the tumour is not reached: {ruling.lower()} rules, "
            f"tumour {doses[TUMOUR].value:.4g} Gy."
        )
    return PartitionPlan(
        activity=chosen.chosen,
        best=best,
        ruling=ruling,
        rule=f"{'goal for' if ruling == TUMOUR else 'limit of'} {ruling.lower()}, {given[ruling]:g} Gy",
        candidates=candidates,
        doses=doses,
        remarks=tuple(remarks),
    )


def _candidates(given: dict[str, float], per_activity: dict[str, Measured], exceed: float) -> tuple[dict[str, Held], list[str]]:
    candidates: dict[str, Held] = {}
    remarks = []
    for region, dose in given.items():
        between(dose, DOSES, f"dose to {region.lower()}", "Gy")
        if per_activity[region].value <= 0:
            remarks.append("no lung shunt: the lungs set no limit.")
            continue
        best = _quotient(dose, per_activity[region])
        if region == TUMOUR:
            candidates[region] = Held(activity=best.value, best=best, known=best.u is not None)
        else:
            candidates[region] = held(dose, per_activity[region], best, exceed)
    if not candidates:
        raise InputError("without a lung shunt the limit of the lungs gives no activity. Give one of liver or tumour.")
    return candidates, remarks


def _product(activity: Measured, per_activity: Measured) -> Measured:
    return propagated(lambda x: x["activity"] * x["dose"], {"activity": activity, "dose": per_activity})


def _quotient(dose: float, per_activity: Measured) -> Measured:
    return propagated(lambda x: dose / x["dose"], {"dose": per_activity})
