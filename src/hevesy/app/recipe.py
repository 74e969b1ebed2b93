"""A therapy recipe from a case file: the activity, what rules it, the doses, and how far article 56 is met."""

import platform
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hevesy import __version__
from hevesy import units as u
from hevesy.app.recipe_alpha import ActiniumCase, RadiumCase, plan_actinium, plan_radium
from hevesy.app.recipe_chance import RecipeCase, with_idle_remark
from hevesy.app.recipe_examples import EXAMPLES
from hevesy.app.recipe_iodine import BenignCase, CancerCase, MibgCase, plan_benign, plan_cancer, plan_mibg
from hevesy.app.recipe_lu177 import LutetiumCase, plan_lutetium
from hevesy.app.recipe_words import PRINTED, in_words
from hevesy.app.recipe_y90 import plan_y90
from hevesy.app.recipe_y90_case import Y90Case
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.nuclides import SOURCE, load_nuclide
from hevesy.protocols.facts import TABLE, Fact
from hevesy.protocols.prescription import Figure, Prescription, RegionDose
from hevesy.tables import load_table
from hevesy.tables.certified import sha256_of

RECIPES: dict[str, tuple[type[RecipeCase], Callable[[Any, Path], Prescription], str]] = {
    "y90-radioembolisation": (Y90Case, plan_y90, "Y-90"),
    "i131-benign-thyroid": (BenignCase, plan_benign, "I-131"),
    "i131-thyroid-cancer": (CancerCase, plan_cancer, "I-131"),
    "i131-mibg": (MibgCase, plan_mibg, "I-131"),
    "lu177-dotatate": (LutetiumCase, plan_lutetium, "Lu-177"),
    "lu177-psma": (LutetiumCase, plan_lutetium, "Lu-177"),
    "ra223": (RadiumCase, plan_radium, "Ra-223"),
    "ac225-psma": (ActiniumCase, plan_actinium, "Ac-225"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeOutcome:
    """What a recipe says of a case.

    Attributes
    ----------
    prescription : Prescription
    inputs : dict                       The case as it was written.
    provenance : dict of str            Version, tables and case by their SHA-256.
    """

    prescription: Prescription
    inputs: dict[str, Any]
    provenance: dict[str, str]


def names() -> tuple[str, ...]:
    """Recipes that a case may name."""
    return tuple(RECIPES)


def example(name: str) -> str:
    """A case of a recipe to start from, with comments.

    Raises
    ------
    InputError
        There is no such recipe.
    """
    if name not in RECIPES:
        raise InputError(f"recipe {name!r} is not known; allowed: {', '.join(RECIPES)}.")
    return EXAMPLES[name]


def run(path: Path) -> RecipeOutcome:
    """Read a case and compute its recipe.

    Parameters
    ----------
    path : path                         TOML whose key ``recipe`` names the recipe; each quantity with its unit.

    Raises
    ------
    InputError
        No such file, no TOML, an unknown recipe or key, a quantity without a unit; all that is wrong is named.
    """
    content, given = _read(path)
    name = given.get("recipe")
    if name not in RECIPES:
        raise InputError(
            f'{path.name}: recipe is {name!r}; allowed: {", ".join(RECIPES)}. Write for example recipe = "lu177-psma".'
        )
    model, plan, nuclide = RECIPES[str(name)]
    try:
        case = model.model_validate(given)
    except ValidationError as error:
        said = [f"{'.'.join(str(x) for x in e['loc']) or 'case'}: {_message(e['msg'])}" for e in error.errors()]
        raise InputError(
            f"{path.name}: " + "; ".join(said) + f". `hevesy plan --example {name}` prints a case with every key."
        ) from error
    found = with_idle_remark(plan(case, path.parent), case)
    return RecipeOutcome(prescription=found, inputs=given, provenance=_provenance(content, nuclide))


def as_dict(outcome: RecipeOutcome) -> dict[str, Any]:
    """The outcome for programs; each number with its unit in the key."""
    p = outcome.prescription
    return {
        "recipe": p.recipe,
        "title": p.title,
        **_numbers("prescribed_activity", p.activity, "MBq", u.MBq),
        "ruled_by": p.rule,
        "exceed_percent": None if p.exceed is None else 100 * p.exceed,
        **({} if p.best is None else _numbers("best_estimate_activity", p.best, "MBq", u.MBq)),
        "doses": [_dose(dose) for dose in p.doses],
        "compliance": {
            "level": p.compliance.level,
            "meaning": p.compliance.words,
            "reason": p.compliance.reason,
            "required": p.compliance.required,
            "reference": p.compliance.reference,
        },
        "citation": p.citation,
        "figures": [_figure(figure) for figure in p.figures],
        "facts": [_fact(each) for each in p.facts],
        "unverified": [each.said for each in p.unverified],
        "remarks": list(p.remarks),
        "inputs": _plain(outcome.inputs),
        "provenance": outcome.provenance,
    }


def lines(outcome: RecipeOutcome) -> list[str]:
    """The outcome in words, lines of 80 characters."""
    return in_words(outcome.prescription)


def _read(path: Path) -> tuple[bytes, dict[str, Any]]:
    try:
        content = path.read_bytes()
        return content, tomllib.loads(content.decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: no such case. `hevesy plan --example NAME` prints one of {', '.join(RECIPES)}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f'{path.name}: not TOML: {error}. Quantities stand in quotes: liver_limit = "40 Gy".') from error


def _message(text: str) -> str:
    plain = text.removeprefix("Value error, ").removeprefix("value error, ")
    return "unknown key; check its spelling and its unit" if plain == "Extra inputs are not permitted" else plain


def _provenance(content: bytes, nuclide: str) -> dict[str, str]:
    return {
        "hevesy": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "case_sha256": sha256_of(content),
        "protocols/recipes": load_table(*TABLE).certificate.sha256,
        f"{SOURCE}/{nuclide}": load_nuclide(nuclide).sha256,
    }


def _numbers(name: str, measured: Measured, unit: str, scale: float) -> dict[str, Any]:
    u_value = None if measured.u is None else measured.u / scale
    why = {} if measured.u is not None else {f"why_no_u_{name}": measured.why_no_u}
    return {f"{name}_{unit}": measured.value / scale, f"u_{name}_{unit}": u_value, **why}


def _dose(dose: RegionDose) -> dict[str, Any]:
    weighted = {} if dose.weighted is None else _numbers("rbe_weighted_dose", dose.weighted, "Gy", u.Gy)
    return {
        "region": dose.region,
        **_numbers("dose", dose.dose, "Gy", u.Gy),
        **weighted,
        "rbe": dose.rbe,
        "limit_Gy": dose.limit,
        "percent_of_limit": None if dose.share is None else 100 * dose.share,
        "percent_to_exceed": _percent(dose.exceeds),
        "goal_Gy": dose.goal,
        "percent_to_miss": _percent(dose.misses),
        "basis": dose.basis,
    }


def _percent(chance: float | None) -> float | None:
    return None if chance is None else 100 * chance


def _figure(figure: Figure) -> dict[str, Any]:
    unit, scale = PRINTED[figure.kind]
    return {
        "name": figure.name,
        "value": figure.value.value / scale,
        "u": None if figure.value.u is None else figure.value.u / scale,
        "why_no_u": figure.value.why_no_u,
        "unit": unit.replace("_per_", "/"),
    }


def _fact(each: Fact) -> dict[str, Any]:
    keys = ("name", "printed", "source", "how", "valid_from", "note")
    return {key: getattr(each, key) for key in keys} | {"verified": each.verified}


def _plain(value: Any) -> Any:
    """Values of TOML as values of JSON."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool) else str(value)
