"""BED, EQD2 and what follows from them: by hand for one curve, and for the regions of a dose result."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hevesy import units as un
from hevesy.app.biology_files import write_biology
from hevesy.app.result_file import ResultFile, ResultRegion, read_result
from hevesy.app.tissue_file import Choice, choice_of, organ_of, read_tissues
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.nuclides import load_nuclide
from hevesy.radiobiology import (
    BiologicalDose,
    Complication,
    Repair,
    Tissue,
    bed,
    biological_dose,
    complication_probability,
    control_interval,
    differential,
    eqd,
    generalised_eud,
    mean_of,
    tissue_of_organ,
    tumour_control,
    uniform_bed,
)

SCHEMA = "hevesy-biology/1"
LN2 = math.log(2)
NOT_GIVEN = "none was given"
APART = 0.05  # relative; a histogram whose mean is further from the region's mean dose is remarked on
PROSTATE = ("psma", "j591")
# By hand; outside, the unit is the likelier explanation.
PLAUSIBLE = {"dose": (1e-4, 1e4, "Gy"), "t_eff": (60.0, 1e4 * un.h, "h"), "rbe": (0.1, 100.0, "")}
ASSUMPTIONS = (
    "The dose rate in a region follows the activity in that region: cross-fire from other regions is not followed.",
    "All voxels of a region share its G; cycles are equal, and repair between them is complete.",
    "u of alpha/beta is taken as 25 % and that of a repair half-time as 30 % where no u is stated: assumed_u names them.",
    "u of BED and EQD2 leaves out each term named in without_u.",
)


def biology_by_hand(
    *,
    dose: float,
    t_eff: float,
    t_repair: float,
    alpha_beta: float,
    cycles: int = 1,
    t_uptake: float | None = None,
    rbe: float | None = None,
    u: dict[str, float] | None = None,
) -> dict[str, Any]:
    """BED and EQD2 of equal cycles with the dose rate exp(-l1 t), or exp(-l1 t) - exp(-l2 t) with an uptake.

    Parameters
    ----------
    dose, alpha_beta : float            Of one cycle; [Gy].
    t_eff, t_repair, t_uptake : float   Half-lives of wash-out, repair and uptake [s].
    cycles : int
    rbe : float or None                 RBE_max [1].
    u : dict                            Standard uncertainty in the same unit by name of the parameter; others are 0.

    Returns
    -------
    dict                                G, bed_per_cycle_Gy, bed_Gy, eqd2_Gy, each with its u where some was given; inputs.
    """
    given = {"dose": dose, "t_eff": t_eff, "t_repair": t_repair, "alpha_beta": alpha_beta, "rbe": rbe, "t_uptake": t_uptake}
    u = u or {}
    _check_hand(given, u)
    tissue = Tissue(
        name="by hand",
        endpoint="not stated",
        alpha_beta=Measured(value=alpha_beta, u=u.get("alpha_beta", 0.0)),
        repair=Repair(half_times=(t_repair,)),
        repair_u=u.get("t_repair", 0.0) / t_repair,
        source="given by hand",
        how="given",
    )
    rates = [LN2 / t_eff] if t_uptake is None else [LN2 / t_eff, LN2 / t_uptake]
    found = biological_dose(
        Measured(value=dose, u=u.get("dose", 0.0)),
        [1.0, -1.0][: len(rates)],
        rates,
        tissue,
        rbe=None if rbe is None else Measured(value=rbe, u=u.get("rbe", 0.0)),
        cycles=cycles,
        half_life_u=u.get("t_eff", 0.0) / t_eff,
    )
    inputs: dict[str, float] = {"cycles": cycles}
    for name, value in given.items():
        if value is not None:
            inputs |= _stated(name, value, u.get(name))
    facts: dict[str, Any] = {"G": found.G.value, "bed_per_cycle_Gy": found.bed_per_cycle.value, "bed_Gy": found.bed.value}
    facts["eqd2_Gy"] = found.eqd2.value
    if u:
        facts |= {"u_G": found.G.u, "u_bed_per_cycle_Gy": found.bed_per_cycle.u, "u_bed_Gy": found.bed.u}
        facts["u_eqd2_Gy"] = found.eqd2.u
    return {**facts, "dose_Gy": found.dose.value, "inputs": inputs}


def _check_hand(given: dict[str, float | None], u: dict[str, float]) -> None:
    """Refuse numbers, or uncertainties, that nobody can mean."""
    t_eff, t_uptake = given["t_eff"], given["t_uptake"]
    for name, value in given.items():
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"--{name.replace('_', '-')} is {value / _unit(name):g}; it must be above zero.")
    for name, (least, most, unit) in PLAUSIBLE.items():
        value = given[name]
        if value is not None and not least <= value <= most:
            factor = _unit(name)
            raise InputError(
                f"--{name.replace('_', '-')} is {value / factor:g} {unit}".rstrip()
                + f"; {least / factor:.3g} to {most / factor:g} is plausible. Check its unit."
            )
    if t_uptake is not None and t_eff is not None and t_uptake >= t_eff:
        raise InputError(
            f"--t-uptake is {t_uptake / un.h:g} h, --t-eff {t_eff / un.h:g} h; uptake must be faster than wash-out. Swap them?"
        )
    wrong = [name for name, value in u.items() if not (math.isfinite(value) and value >= 0)]
    if wrong:
        raise InputError(f"--u-{wrong[0].replace('_', '-')} is {u[wrong[0]] / _unit(wrong[0]):g}; it must not be below zero.")
    stray = [name for name in u if given.get(name) is None]
    if stray:
        raise InputError(f"--u-{stray[0].replace('_', '-')} has no meaning without --{stray[0].replace('_', '-')}.")


def _unit(name: str) -> float:
    """In which the command line takes it: times in h."""
    return un.h if name.startswith("t_") else 1.0


def _stated(name: str, value: float, u: float | None) -> dict[str, float]:
    """A parameter with its unit in its name, and its u where there is one."""
    key, unit = {"dose": ("dose_Gy", un.Gy), "alpha_beta": ("alpha_beta_Gy", un.Gy), "rbe": ("rbe", 1.0)}.get(
        name, (f"{name}_h", un.h)
    )
    return {key: value / unit} if u is None else {key: value / unit, f"u_{key}": u / unit}


def biology_of_result(
    path: str | Path,
    *,
    tissues: str | Path | None = None,
    cycles: int = 1,
    maps: tuple[str, ...] = (),
    output: str | Path | None = None,
    progress: Callable[[str, float], None] = lambda text, share: None,
) -> dict[str, Any]:
    """BED, EQD2, uniform equivalents, NTCP and TCP of the regions of a result.

    Parameters
    ----------
    path : path                         The result.json of `hevesy dose`, or its folder.
    tissues : path or None              A tissues file; None takes the tissue of the table for each standard organ.
    cycles : int                        Equal cycles like this one.
    maps : tuple of str                 Regions whose curve and tissue make a BED map of the dose map beside the result.
    output : path or None               Folder for biology.json, biology.png and the maps.

    Returns
    -------
    dict                                Regions with their facts; those without a tissue with the reason.
    """
    result = read_result(Path(path))
    if maps and output is None:
        raise InputError("a BED map needs a folder. Give -o FOLDER.")
    choices, origin = _choices(result, tissues)
    progress("regions", 0.1)
    found: dict[str, BiologicalDose] = {}
    regions: dict[str, dict[str, Any]] = {}
    for name, region in result.regions.items():
        regions[name] = _of_region(result, region, choices.get(name), cycles=cycles, given=tissues is not None)
        if choices.get(name) is not None and region.rates.size:
            found[name] = _biological(region, choices[name], cycles)
    facts: dict[str, Any] = {
        "schema": SCHEMA,
        "title": result.title,
        "synthetic": result.synthetic,
        "result": result.path.name,
        "nuclide": result.nuclide,
        "radiopharmaceutical": result.radiopharmaceutical,
        "administered_activity_MBq": result.administered_activity / un.MBq,
        "cycles": cycles,
        "tissues": origin,
        "regions": regions,
        "voxels": "BED by voxel is that of each region's dose-volume histogram: the result holds no outlines.",
        "assumptions": list(ASSUMPTIONS),
        "warnings": _warnings(result, choices),
    }
    if output is not None:
        progress("pictures and maps", 0.5)
        facts["files"] = write_biology(Path(output), facts, result, (choices, found), maps)
    return facts


def _choices(result: ResultFile, tissues: str | Path | None) -> tuple[dict[str, Choice], str]:
    if tissues is not None:
        return read_tissues(Path(tissues), result.regions.values()), f"of {Path(tissues).name}"
    found = {}
    for name, region in result.regions.items():
        tissue = tissue_of_organ(organ_of(region))
        if tissue is not None:
            found[name] = choice_of(tissue)
    return found, "by standard organ name, from the table of Hevesy: no tissues file was given"


def _biological(region: ResultRegion, choice: Choice, cycles: int) -> BiologicalDose:
    return biological_dose(
        region.mean_dose,
        region.amplitudes,
        region.rates,
        choice.tissue,
        rbe=choice.rbe,
        cycles=cycles,
        half_life_u=region.effective_half_life.relative,
    )


def _of_region(result: ResultFile, region: ResultRegion, choice: Choice | None, *, cycles: int, given: bool) -> dict[str, Any]:
    dose = region.mean_dose
    facts: dict[str, Any] = {
        "standard_name": region.standard_name,
        "kind": region.kind,
        "dose_Gy": cycles * dose.value,
        "u_dose_Gy": None if dose.u is None else cycles * dose.u,
    }
    if choice is None or region.rates.size == 0:
        reason = "the tissues file does not name it" if given else "the table has no tissue for this organ; give a tissues file"
        if choice is not None:
            reason = "the result holds no curve of it, so that G is unknown"
        return facts | {"tissue": None, "why_no_bed": reason}
    found = _biological(region, choice, cycles)
    facts |= _tissue(choice) | _values(found)
    warnings = [] if region.well_posed else ["the fit of its curve is ill-posed: G and the dose rest on it"]
    if found.tissue.how == "recalled":
        warnings.append("the numbers of its tissue are unverified at their source")
    facts |= _of_histogram(region, choice, found, warnings)
    return facts | {"warnings": warnings + [f"dose: {warning}" for warning in region.warnings]}


def _tissue(choice: Choice) -> dict[str, Any]:
    tissue, rbe = choice.tissue, choice.rbe
    return {
        "tissue": tissue.name,
        "endpoint": tissue.endpoint,
        "alpha_beta_Gy": tissue.alpha_beta.value,
        "u_alpha_beta_Gy": tissue.alpha_beta.u,
        "repair_half_times_h": [T / un.h for T in tissue.repair.half_times],
        "repair_weights": list(tissue.repair.weights),
        "u_repair_percent": None if tissue.repair_u is None else 100 * tissue.repair_u,
        "rbe": None if rbe is None else rbe.value,
        "u_rbe": None if rbe is None else rbe.u,
        "source": tissue.source,
        "how": tissue.how,
        "not_claimed": tissue.not_claimed,
    }


def _values(found: BiologicalDose) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    named = (("G", found.G), ("bed_per_cycle_Gy", found.bed_per_cycle), ("bed_Gy", found.bed), ("eqd2_Gy", found.eqd2))
    for key, value in named:
        facts |= {key: value.value, f"u_{key}": value.u}
        if value.u is None:
            facts[f"why_no_u_{key}"] = value.why_no_u
    return facts | {
        "budget_bed_percent": {term: 100 * u for term, u in found.terms_bed.items()},
        "budget_eqd2_percent": {term: 100 * u for term, u in found.terms_eqd2.items()},
        "without_u": list(found.missing),
        "assumed_u": list(found.tissue.assumed),
    }


def _of_histogram(region: ResultRegion, choice: Choice, found: BiologicalDose, warnings: list[str]) -> dict[str, Any]:
    """What depends on how the dose varies inside the region: by the bins of its histogram, all with the region's G."""
    D, share = differential(region.dose, region.volume_share)
    ab, n = found.tissue.alpha_beta.value, found.cycles
    B = n * bed(D, found.G.value, ab, rbe=1.0 if choice.rbe is None else choice.rbe.value)
    E = eqd(B, ab)
    mean = mean_of(D, volumes=share)
    if region.mean_dose.value > 0 and abs(mean / region.mean_dose.value - 1) > APART:
        warnings.append(
            f"the mean of its histogram is {100 * (mean / region.mean_dose.value - 1):+.0f} % from its mean dose: what comes "
            "from voxels does not hold every correction"
        )
    facts: dict[str, Any] = {"mean_bed_of_voxels_Gy": mean_of(B, volumes=share)}
    exponents = {choice.geud_a} if choice.geud_a is not None else {1 / each.n for each in choice.complications}
    facts["geud"] = [
        {"a": a, "dose_Gy": generalised_eud(n * D, a, volumes=share), "eqd2_Gy": generalised_eud(E, a, volumes=share)}
        for a in sorted(exponents)
    ]
    alpha = choice.tissue.alpha
    facts["eubed_Gy"] = None if alpha is None else uniform_bed(B, alpha.value, volumes=share)
    facts["ntcp"] = [_ntcp(each, E, share, found) for each in choice.complications]
    facts["tcp"] = None
    if choice.clonogens is not None:
        V = share * region.volume.value
        low, high = control_interval(B, V, choice.clonogens, relative_u=found.bed.relative or 0.0)
        facts["tcp"] = {"value": tumour_control(B, V, choice.clonogens), "interval_95": [low, high]}
        facts["tcp"] |= {"source": choice.clonogens.source}
    reasons = {
        "geud": "" if exponents else "the tissue has no n of a complication; give geud_a for the region",
        "eubed_Gy": "" if alpha is not None else "the tissue states no alpha",
        "ntcp": "" if choice.complications else "the tissue has no parameters of a complication",
        "tcp": "" if choice.clonogens is not None else "the tissue states no clonogens",
    }
    return facts | {"why_none": {key: reason for key, reason in reasons.items() if reason}}


def _ntcp(parameters: Complication, E: Any, share: Any, found: BiologicalDose) -> dict[str, Any]:
    value = generalised_eud(E, 1 / parameters.n, volumes=share)
    relative = found.eqd2.relative
    why = found.eqd2.why_no_u or "its EQD2 is zero"
    uniform = Measured(value=value, u=None if relative is None else relative * value, why_no_u=why)
    probability = complication_probability(uniform, parameters)
    known = {"EQD2": relative, "TD50": parameters.td50.u, "slope": parameters.slope.u}
    return {
        "endpoint": parameters.endpoint,
        "model": parameters.model,
        "value": probability.value,
        "interval_95": [probability.low, probability.high],
        "value_at_no_dose": complication_probability(Measured(value=0.0, u=0.0), parameters).value,
        "interval_holds": [name for name, u in known.items() if u is not None],
        "geud_eqd2_Gy": value,
        "n": parameters.n,
        "td50_Gy": parameters.td50.value,
        "u_td50_Gy": parameters.td50.u,
        "slope": parameters.slope.value,
        "u_slope": parameters.slope.u,
        "source": parameters.source,
        "how": parameters.how,
        "not_claimed": parameters.not_claimed,
    }


def _warnings(result: ResultFile, choices: dict[str, Choice]) -> list[str]:
    found = []
    if load_nuclide(result.nuclide).alpha_energy > 0 and any(choice.rbe is None for choice in choices.values()):
        found.append(
            f"{result.nuclide} emits alpha particles and no RBE was given: BED is that of the unweighted dose. Give rbe in the "
            "tissues file where you can defend one."
        )
    named = result.radiopharmaceutical.lower()
    if any(word in named for word in PROSTATE) and any(choice.tissue.name == "tumour" for choice in choices.values()):
        found.append('lesions are taken as "tumour" with alpha/beta 10 Gy; for prostate cancer name "prostate tumour" in a file.')
    return found
