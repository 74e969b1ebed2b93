"""Keys of a case of Y-90 radioembolisation."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hevesy.app.amounts import Activity, Amounts, Dose, Fraction, Length, Mass, Number, Volume
from hevesy.app.recipe_chance import RecipeCase
from hevesy.model import Measured

Pair = Annotated[tuple[Number, Number], Field(description="Anterior and posterior net counts")]


class PlanarShunt(Amounts):
    """[planar]: counts for the lung shunt."""

    lung: Pair
    liver: Pair
    attenuation_ratio: Number | None = None


class TomographicShunt(Amounts):
    """[spect]: activities for the lung shunt."""

    lung: Activity
    liver: Activity


class CompartmentCase(Amounts):
    """[[injection.compartment]]"""

    name: str = Field(min_length=1)
    mass: Mass
    concentration_ratio: Number | None = None
    activity_ratio: Number | None = None


class InjectionCase(Amounts):
    """[[injection]]"""

    name: str = Field(min_length=1)
    activity: Activity
    liver_mass: Mass
    lung_shunt: Fraction
    compartment: tuple[CompartmentCase, ...] = ()


class Y90Case(RecipeCase):
    """recipe = "y90-radioembolisation" """

    recipe: Literal["y90-radioembolisation"]
    method: Literal["partition", "body-surface", "single-compartment", "multi-compartment", "voxel"]
    constant: Literal["icrp107", "published"] = "icrp107"
    spheres: Literal["resin", "glass"] | None = None
    lung_shunt: Fraction | None = None
    planar: PlanarShunt | None = None
    spect: TomographicShunt | None = None
    lung_mass: Mass | None = None
    residual: Fraction | None = None
    activity: Activity | None = None
    tumour_mass: Mass | None = None
    liver_mass: Mass | None = None
    concentration_ratio: Number | None = None
    activity_ratio: Number | None = None
    liver_limit: Dose | None = None
    lung_limit: Dose | None = None
    tumour_goal: Dose | None = None
    perfused_mass: Mass | None = None
    perfused_goal: Dose | None = None
    height: Length | None = None
    weight: Mass | None = None
    tumour_volume: Volume | None = None
    liver_volume: Volume | None = None
    treated_share: Fraction | None = None
    injection: tuple[InjectionCase, ...] = ()
    distribution: str | None = None
    liver_mask: str | None = None
    tumour_mask: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        known, needed = KEYS[self.method]
        idle = self.model_fields_set - ALWAYS - known
        if idle:
            raise ValueError(f"{', '.join(sorted(idle))} has no effect on method {self.method!r}")
        if missing := [key for key in needed if getattr(self, key) in (None, ())]:
            raise ValueError(f"method {self.method!r} needs {', '.join(missing)}")
        ways = [key for key in SHUNTS if getattr(self, key) is not None]
        if len(ways) != (self.method != "multi-compartment"):
            raise ValueError("give one of lung_shunt, [planar] and [spect]; with several injections, lung_shunt in each")
        if self.method == "body-surface" and self.spheres == "glass":
            raise ValueError("the rule by body surface is for resin spheres; take another method for glass")
        if self.method == "partition":
            one_ratio(self.concentration_ratio, self.activity_ratio)
        if self.activity is not None and any((self.liver_limit, self.lung_limit, self.tumour_goal, self.perfused_goal)):
            raise ValueError("give the activity, for its doses, or limits and goal, for an activity; not both")
        return self


SHUNTS = ("lung_shunt", "planar", "spect")
ALWAYS = {"recipe", "method", "constant", "spheres", "lung_mass", "residual", "exceed", *SHUNTS}
GOALS = {"liver_limit", "lung_limit", "tumour_goal", "activity"}
RATIOS = {"concentration_ratio", "activity_ratio"}
KEYS: dict[str, tuple[set[str], tuple[str, ...]]] = {
    "partition": ({"tumour_mass", "liver_mass"} | RATIOS | GOALS, ("tumour_mass", "liver_mass")),
    "body-surface": (
        {"height", "weight", "tumour_volume", "liver_volume", "treated_share"},
        ("height", "weight", "tumour_volume", "liver_volume"),
    ),
    "single-compartment": ({"perfused_mass", "perfused_goal", "activity", "lung_limit"}, ("perfused_mass",)),
    "multi-compartment": ({"injection"}, ("injection",)),
    "voxel": ({"distribution", "liver_mask", "tumour_mask"} | GOALS, ("distribution", "liver_mask", "tumour_mask")),
}


def one_ratio(concentration: Measured | None, activity: Measured | None) -> None:
    """Raise ValueError unless one of the two ratios is given."""
    if (concentration is None) == (activity is None):
        raise ValueError(
            "give concentration_ratio (activity per mass, tumour by normal liver: the T/N ratio) or activity_ratio (all tumour "
            "by all normal liver), and only one of them: they differ by the ratio of the masses"
        )
