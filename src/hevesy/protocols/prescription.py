"""What a recipe hands back: an activity, what rules it, the doses that follow, and how far that meets article 56."""

from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.protocols.chance import chance_above
from hevesy.protocols.facts import Fact

ARTICLE_56 = (
    "M. Konijnenberg et al., EANM position paper on article 56 of Council Directive 2013/59/Euratom, "
    "Eur. J. Nucl. Med. Mol. Imaging 48 (2021) 67"
)
LEVELS = {
    1: "activity-based prescription and patient-averaged dosimetry",
    2: "activity-based prescription and patient-specific dosimetry",
    3: "dosimetry-guided patient-specific prescription and verification",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """Level of compliance with the optimisation principle of article 56 that a prescription reaches.

    Attributes
    ----------
    level : int                         1, 2 or 3.
    reason : str                        Why this level.
    required : str                      What the position paper asks of this therapy (its Table 1); "" where it is not listed.
    """

    level: int
    reason: str
    required: str = ""
    reference: str = ARTICLE_56

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise InputError(f"level of compliance is {self.level}; 1, 2 or 3 is allowed.")

    @property
    def words(self) -> str:
        """What the level means."""
        return LEVELS[self.level]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionDose:
    """Absorbed dose to a region by the prescribed activity.

    Attributes
    ----------
    region : str
    dose : Measured                     [Gy].
    basis : str                         Where it comes from: this patient, or an average of others.
    weighted : Measured or None         Dose weighted by an RBE that somebody stated [Gy].
    rbe : float or None                 That RBE [1].
    limit : float or None               On the weighted dose where there is one, else on the absorbed dose [Gy].
    goal : float or None                What the dose should reach [Gy].
    chance : float or None              That the limit is exceeded, where it is not that of ``dose`` alone, as with earlier
                                        doses [1]; None: by :func:`hevesy.protocols.chance.chance_above`.
    """

    region: str
    dose: Measured
    basis: str
    weighted: Measured | None = None
    rbe: float | None = None
    limit: float | None = None
    goal: float | None = None
    chance: float | None = None

    def __post_init__(self) -> None:
        if (self.weighted is None) != (self.rbe is None):
            raise InputError(f"{self.region}: a weighted dose needs the RBE beside it, and the other way round.")

    @property
    def share(self) -> float | None:
        """Dose by limit [1]; the weighted one where there is one."""
        return None if self.limit is None else self._held.value / self.limit

    @property
    def exceeds(self) -> float | None:
        """Chance that the limit is exceeded [1]; None without limit, or where the dose has no u."""
        if self.limit is None:
            return None
        return chance_above(self._held, self.limit) if self.chance is None else self.chance

    @property
    def misses(self) -> float | None:
        """Chance that the goal is not reached [1]; None without goal, or where the dose has no u."""
        above = None if self.goal is None else chance_above(self.dose, self.goal * (1 - 1e-8))
        return None if above is None else 1 - above

    @property
    def _held(self) -> Measured:
        return self.dose if self.weighted is None else self.weighted


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A further result: ``kind`` says what it is, and so its unit.

    activity [Bq], dose [Gy], dose per activity [Gy/Bq], time [s], volume [ml], share [1], surface [m2], number [1], mass [kg].
    """

    name: str
    value: Measured
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """An activity by a recipe.

    Attributes
    ----------
    recipe, title : str
    activity : Measured                 To administer, in one administration [Bq].
    rule : str                          What rules it.
    exceed : float or None              Where a limit rules: the chance with which it is exceeded, as chosen [1].
    best : Measured or None             Where a limit rules: the activity at the best estimate [Bq].
    doses : tuple of RegionDose         That follow.
    compliance : Compliance
    citation : str                      Guideline or paper of the method.
    figures : tuple of Figure           Other results.
    facts : tuple of Fact               Numbers from the literature that entered.
    remarks : tuple of str              What a clinician must know.
    """

    recipe: str
    title: str
    activity: Measured
    rule: str
    doses: tuple[RegionDose, ...]
    compliance: Compliance
    citation: str
    figures: tuple[Figure, ...]
    facts: tuple[Fact, ...]
    remarks: tuple[str, ...]
    exceed: float | None = None
    best: Measured | None = None

    @property
    def unverified(self) -> tuple[Fact, ...]:
        """Facts whose source was not opened."""
        return tuple(fact for fact in self.facts if not fact.verified)
