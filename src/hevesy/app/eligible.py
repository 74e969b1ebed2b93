"""Use case: which criteria and scores the uptake of a PET or SPECT meets; nothing here decides who is treated."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hevesy import __version__
from hevesy.anatomy import standard_name
from hevesy.app.suv import chosen_regions, figures, row_of, scan_facts
from hevesy.app.suv_scale import Stated
from hevesy.app.uptake import Uptake, load_uptake
from hevesy.app.whole_files import write_whole
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.planning import criteria as table
from hevesy.planning.eligibility import (
    NOT_TREATED,
    Findings,
    Region,
    RuleResult,
    ScoreResult,
    decide,
    overall,
    scored,
)
from hevesy.quantify.uptake import Noise
from hevesy.segmentation.centres import CentreMask, joined, without
from hevesy.units import ml

Progress = Callable[[str, float], None]

# Standard organs that stand for a reference, in the order in which they are taken.
ORGANS = {
    "liver": ("Liver",),
    "spleen": ("Spleen",),
    "kidneys": ("Kidney",),
    "blood pool": ("Blood", "Aorta"),
    "parotid gland": ("Parotid gland",),
}
# Counting noise where nobody stated it: within-patient deviation of replicate scans, Lodge et al., J Nucl Med
# 2012;53:1041-1047, abstract; FDG, 3 min a bed.
ASSUMED_NOISE = Noise(voxel=0.056, peak=0.025, resolution=7.0)
ASSUMED = (
    "noise of SUVmax 5.6 % and SUVpeak 2.5 % (replicate FDG scans, Lodge et al., J Nucl Med 2012;53:1041-1047), correlated over "
    "7 mm; state --noise and --resolution to change it"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody names and says of the lesions.

    Attributes
    ----------
    lesions : tuple of str              Regions that are lesions; empty: those whose names say so.
    references : dict                   Region by reference: {"liver": "Leber"}.
    sizes : dict                        Lesion to site ("node", "organ", "bone") and short axis [mm].
    complete : bool                     All lesions that CT shows are drawn.
    """

    lesions: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    complete: bool = False


def listed() -> dict[str, Any]:
    """Every criterion and score with its rules and sources, JSON-ready."""
    known = table.load_criteria()
    return {
        "schema": "hevesy-criteria/1",
        "hevesy": __version__,
        "criteria": [
            {
                "name": c.name,
                "title": c.title,
                "kind": c.kind,
                "tracer": c.tracer,
                "source": _source(c),
                "valid_from": c.valid_from,
                "note": c.note,
                "rules": [{"text": r.text, "how": r.how, "page": r.page, "operational": r.operational} for r in c.rules],
            }
            for c in known.criteria.values()
        ],
        "scores": [
            {
                "name": s.name,
                "title": s.title,
                "source": _source(s),
                "how": s.how,
                "page": s.page,
                "valid_from": s.valid_from,
                "operational": s.operational,
                "levels": {str(level.score): level.text for level in s.levels},
            }
            for s in known.scores.values()
        ],
    }


def eligible(
    folder: Path,
    *,
    criteria: str,
    stated: Stated | None = None,
    asked: Asked | None = None,
    fdg: Path | None = None,
    settings_path: Path | None = None,
    output: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """A criterion, or a score, applied to the lesions drawn on a scan; JSON-ready.

    Raises
    ------
    InputError
        An unknown criterion, no lesion, or a region that is not there; else as `load_uptake`.
    """
    stated, asked = stated or Stated(), asked or Asked()
    rule_set = table.find(criteria)
    if output is not None and output.exists() and not output.is_dir():
        raise InputError(f"{output}: is a file; -o names a folder, in which eligible.json and suv.png are written.")
    assumed = [ASSUMED] if stated.noise.voxel is None else []
    measured = replace(stated, noise=ASSUMED_NOISE) if assumed else stated
    found = load_uptake(folder, stated=stated, settings_path=settings_path, progress=progress)
    lesions = _lesions(found, asked)
    unknown = sorted(set(asked.sizes) - set(lesions))
    if unknown:
        raise InputError(f"--size {unknown[0]!r}: there is no such lesion; there are {', '.join(lesions)}.")
    organs, cut = _references(found, asked, list(lesions.values()))
    for name in [n for n, mask in organs.items() if float(found.values[mask.box][mask.inside].mean()) <= 0]:
        cut.append(f"{name}: its SUVmean is not above zero; not used as a reference. Check that it was drawn on this patient.")
        del organs[name]
    tracer = table.liver_excreted(found.radiopharmaceutical)
    tumour = joined(list(lesions.values()))
    findings = Findings(
        lesions=tuple(_region(name, mask, found, measured, asked) for name, mask in lesions.items()),
        references={name: _region(name, mask, found, measured, asked) for name, mask in organs.items()},
        tumour=_region("tumour", tumour, found, measured, asked),
        fdg=None if fdg is None else _fdg(fdg, asked, measured, progress),
        complete=asked.complete,
        scale_u=found.scale_u,
        liver_dominant=tracer is not None,
    )
    facts = _facts(found, rule_set, findings, tracer)
    facts |= {
        "tumour": row_of("tumour", figures(found, tumour, stated), found) | {"lesions": len(lesions)},
        "lesions": {name: row_of(name, figures(found, mask, stated), found) for name, mask in lesions.items()},
        "references": {name: row_of(name, figures(found, mask, stated), found) for name, mask in organs.items()},
        "assumed": assumed,
        "corrections": list(found.corrections),
        "warnings": [*_tracer_warnings(rule_set, found, tracer), *cut, *found.warnings],
        "not_measured": found.not_measured,
        "decision": NOT_TREATED,
    }
    facts["tumour"]["kind"] = "lesion"
    if output is not None:
        facts["files"] = [str(path) for path in _written(output, found, {**lesions, **organs}, facts)]
    return facts


def _source(row: table.Criterion | table.Score) -> str:
    return f"{row.source}, doi {row.doi}" if row.doi else row.source


def _lesions(found: Uptake, asked: Asked) -> dict[str, CentreMask]:
    if asked.lesions:
        return chosen_regions(found, asked.lesions)
    chosen_regions(found, ())  # refuses a scan without any region
    out = {name: m for name, m in found.regions.items() if (s := standard_name(name)) is not None and s.kind == "lesion"}
    if not out:
        raise InputError(
            f"no region is named as a lesion; there are {', '.join(found.regions)}. Name them: --lesion NAME, once for each."
        )
    return out


def _references(found: Uptake, asked: Asked, lesions: list[CentreMask]) -> tuple[dict[str, CentreMask], list[str]]:
    """Reference organs without the voxels of lesions, and what was cut."""
    unknown = sorted(set(asked.references) - set(ORGANS))
    if unknown:
        raise InputError(f"--reference {unknown[0]}=...: allowed are {', '.join(ORGANS)}.")
    out: dict[str, CentreMask] = {}
    said = []
    for reference, organs in ORGANS.items():
        if reference in asked.references:
            parts = list(chosen_regions(found, (asked.references[reference],)).values())
        else:
            by_organ = [[m for n, m in found.regions.items() if (s := standard_name(n)) and s.organ == o] for o in organs]
            parts = next((masks for masks in by_organ if masks), [])
        if not parts:
            continue
        whole = joined(parts)
        rest = without(whole, lesions)
        lost = int(whole.inside.sum() - rest.inside.sum())
        if not rest.inside.any():
            said.append(f"{reference}: wholly covered by lesions; not used as a reference.")
            continue
        if lost:
            said.append(f"{reference}: {lost} of {int(whole.inside.sum())} voxels belong to lesions and were left out of it.")
        out[reference] = rest
    return out, said


def _region(name: str, mask: CentreMask, found: Uptake, stated: Stated, asked: Asked) -> Region:
    """Figures with the u that differs from region to region: what the scan shares is left out."""
    f = figures(replace(found, scale_u=None), mask, stated)
    site, axis = asked.sizes.get(name, ("", math.nan))
    return Region(
        name=name,
        suv_max=f.maximum,
        suv_mean=f.mean,
        suv_peak=f.peak,
        volume_ml=f.volume.value / ml,
        site=site,
        short_axis_mm=None if math.isnan(axis) else axis,
    )


def _fdg(folder: Path, asked: Asked, stated: Stated, progress: Progress | None) -> tuple[Region, ...]:
    """Lesions of an FDG PET; weight, activity and times are those of its own headers."""
    found = load_uptake(folder, stated=Stated(normalisation=stated.normalisation, noise=stated.noise), progress=progress)
    known = [name for name in asked.lesions if name in found.regions]
    chosen = {name: found.regions[name] for name in known} or _lesions(found, Asked())
    return tuple(_region(name, mask, found, stated, Asked()) for name, mask in chosen.items())


def _facts(
    found: Uptake, rule_set: table.Criterion | table.Score, findings: Findings, tracer: table.Tracer | None
) -> dict[str, Any]:
    is_score = isinstance(rule_set, table.Score)
    names = (rule_set.name,) if isinstance(rule_set, table.Score) else rule_set.scores
    scores = [table.load_criteria().scores[name] for name in names]
    results = () if isinstance(rule_set, table.Score) else decide(rule_set, findings)
    unverified = [f"{r.rule.text} ({rule_set.source})" for r in results if r.rule.how == "recalled"]
    unverified += [f"{s.title} ({s.source})" for s in scores if s.how == "recalled"]
    if tracer is not None and tracer.how == "recalled" and any(s.liver_dominant for s in scores):
        unverified.append(f"{tracer.name}: spleen in place of liver ({tracer.source})")
    return {
        "schema": "hevesy-eligible/1",
        "hevesy": __version__,
        **scan_facts(found),
        "criteria": rule_set.name,
        "title": rule_set.title,
        "kind": "score" if is_score else getattr(rule_set, "kind", ""),
        "source": _source(rule_set),
        "valid_from": rule_set.valid_from,
        "note": getattr(rule_set, "note", ""),
        "verdict": overall(results).value if results else "no verdict: a score",
        "rules": [_rule(result, rule_set) for result in results],
        "scores": {score.name: _score(score, findings, tracer) for score in scores},
        "ratios": {lesion.name: _ratios(lesion, findings) for lesion in findings.lesions},
        "unverified": unverified,
    }


def _rule(result: RuleResult, owner: table.Criterion | table.Score) -> dict[str, Any]:
    rule = result.rule
    return {
        "text": rule.text,
        "verdict": result.verdict.value,
        "got": result.got,
        "threshold": result.threshold,
        "relation": rule.relation,
        "figure": rule.figure,
        "reference": rule.reference,
        "probability": result.probability,
        "close": result.close,
        "missing": list(result.missing),
        "operational": rule.operational,
        "source": owner.source,
        "page": rule.page,
        "how": rule.how,
        "lesions": [
            {
                "lesion": c.lesion,
                "verdict": c.verdict.value,
                "got": c.got,
                "threshold": c.threshold,
                "probability": c.probability,
                "why": c.why,
            }
            for c in result.comparisons
        ],
    }


def _score(score: table.Score, findings: Findings, tracer: table.Tracer | None) -> dict[str, Any]:
    results = [scored(score, lesion, findings) for lesion in findings.lesions]
    known = [r.score for r in results if r.score is not None]
    whole = len(known) == len(results)
    return {
        "title": score.title,
        "source": _source(score),
        "how": score.how,
        "operational": score.operational,
        "spleen_for_liver": bool(tracer and score.liver_dominant),
        "lowest": min(known) if whole else None,
        "highest": max(known) if whole else None,
        "lesions": {r.lesion: _scored(r) for r in results},
    }


def _scored(result: ScoreResult) -> dict[str, Any]:
    chances = result.probabilities
    return {
        "score": result.score,
        "text": result.text,
        "possible": list(result.possible),
        "probabilities": None if chances is None else {str(k): round(p, 6) for k, p in chances.items()},
        "missing": list(result.missing),
    }


def _ratios(lesion: Region, findings: Findings) -> dict[str, Any]:
    """SUVmax of a lesion by SUVmean of each organ; the scale of the scan cancels."""
    out: dict[str, Any] = {}
    for name, organ in findings.references.items():
        if organ.suv_mean.value > 0:
            ratio = lesion.suv_max.value / organ.suv_mean.value
            out[name] = {"ratio": ratio, "u_ratio": _u_of_ratio(ratio, lesion.suv_max, organ.suv_mean)}
    return out


def _u_of_ratio(ratio: float, a: Measured, b: Measured) -> float | None:
    parts = [x.relative for x in (a, b) if x.relative is not None]
    return abs(ratio) * math.hypot(*parts) if parts else None


def _tracer_warnings(rule_set: table.Criterion | table.Score, found: Uptake, tracer: table.Tracer | None) -> list[str]:
    out = []
    name = found.radiopharmaceutical or "not stated"
    if isinstance(rule_set, table.Criterion):
        ligand = rule_set.tracer.split()[-1]
        if ligand.lower().replace("-", "") not in name.lower().replace("-", ""):
            out.append(f"{rule_set.name} was made with {rule_set.tracer}; the radiopharmaceutical of this scan is: {name}.")
    if tracer is not None:
        out.append(
            f"{tracer.name} is excreted by the liver: spleen takes the place of liver in PROMISE scores ({tracer.source})."
        )
        if isinstance(rule_set, table.Criterion) and any(rule.reference == "liver" for rule in rule_set.rules):
            out.append(
                "liver takes up this ligand strongly: a rule against liver is harder to meet than with the ligand of the trial."
            )
    if found.normalisation != "bw":
        out.append(f"SUV is normalised by {found.normalisation}; thresholds that are numbers are meant by body weight.")
    return out


def _written(output: Path, found: Uptake, regions: dict[str, CentreMask], facts: dict[str, Any]) -> tuple[Path, ...]:
    from hevesy.reports.uptake_page import draw_uptake

    record = json.dumps(facts, ensure_ascii=False, indent=2, allow_nan=False)
    rows = {**facts["lesions"], **facts["references"]}
    drawn = [
        (name, f"SUVmax {rows[name]['suv_max']:.3g}, mean {rows[name]['suv_mean']:.3g}", mask.box, mask.inside)
        for name, mask in regions.items()
    ]
    title = f"{facts['title']}: {facts['verdict']}"
    unit = f"SUV ({found.normalisation}), {found.unit}"
    with TemporaryDirectory() as aside:
        picture = draw_uptake(found.values, found.grid, drawn, Path(aside) / "eligible.png", title=title, unit=unit).read_bytes()
    return write_whole(output, {"eligible.json": record.encode("utf-8"), "eligible.png": picture})
