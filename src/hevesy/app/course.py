"""The course of a patient: cycles, external beams and limits to a ledger, a response, a suggestion and a record."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hevesy import __version__
from hevesy.app.course_eligibility import read_eligibility
from hevesy.app.course_files import CourseSettings, beam_of, cycles_of, read_course_file, short_settings
from hevesy.app.course_record import course_as_dict
from hevesy.app.limits import read_limits
from hevesy.app.result_file import ResultFile
from hevesy.app.whole_files import made_folder, write_whole
from hevesy.errors import InputError, ScopeError
from hevesy.model import Image, Outline
from hevesy.planning import Limit
from hevesy.planning.advice import allowances, suggest
from hevesy.planning.course import Course, Cycle, ExternalBeam, make_course
from hevesy.planning.ledger import ledger
from hevesy.planning.response import HALF_LIFE, UPTAKE, Response, response
from hevesy.radiobiology import Tissue, tissue_named, tissue_of_organ

if TYPE_CHECKING:
    from hevesy.protocols.dose_sum import DoseSum

Progress = Callable[[str, float], None]
COURSE_FILE = "course.json"
WATCHED = (UPTAKE, HALF_LIFE)


def course_report(
    given: Sequence[Path], *, out: Path | None = None, limits: Path | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """The facts of a course, and its files where ``out`` is given.

    Parameters
    ----------
    given : sequence of Path            One course file (.toml), or results of `hevesy dose`.
    out : Path or None                  Folder for course.json, course.html, course.pdf and, with [sum], bed.nii.gz.
    limits : Path or None               Limits file; instead of the one that the course file names.

    Raises
    ------
    InputError
        Nothing given, or what :func:`hevesy.planning.course.make_course` refuses.
    """
    say = progress or (lambda text, share: None)
    settings, folder = _settings(given)
    eligibility = read_eligibility(folder / settings.eligibility) if settings.eligibility else None
    say("reading results", 0.05)
    cycles, results = cycles_of(settings, folder)
    if len({result.synthetic for result in results}) > 1:
        raise InputError(
            "some results are of a virtual patient and some are not; a course is of one patient. Leave one kind out."
        )
    beams = [
        beam_of(each, label=each.label or _beam_label(i, settings), folder=folder, same_patient=settings.same_patient)
        for i, each in enumerate(settings.external_beam)
    ]
    course = make_course(cycles, [beam for beam, _, _ in beams], several_nuclides=settings.several_nuclides)
    wanted = _limits(settings, folder, limits)
    own = _own_tissues(course, folder / settings.tissues_file) if settings.tissues_file else {}
    tissues, assumed = _tissues(course, settings, wanted, own)
    known = _lookup({tissue.name.lower(): tissue for tissue in own.values()})
    rows = ledger(course, tissues)
    activity = settings.next_activity if settings.next_activity is not None else course.cycles[-1].administered_activity
    found = allowances(course, rows, wanted, tissue_named=known, activity=activity, between_cycles=settings.between_cycles)
    seen = response(course)
    advice = suggest(
        course,
        found,
        activity=activity,
        between_cycles=settings.between_cycles,
        warnings=_watch(seen, [a.row.members for a in found]),
    )
    total = None if settings.sum is None else _summed(settings, cycles, results, beams, (tissues, known), folder, say)
    facts = course_as_dict(
        course,
        rows=rows,
        allowances=found,
        response=seen,
        suggestion=advice,
        settings=settings,
        remarks=_said(course, results),
    )
    facts |= {"eligibility": eligibility, "assumptions": assumed}
    facts["synthetic"] = all(result.synthetic for result in results)
    facts["provenance"] = _provenance(results, settings, limits, folder)
    if total is not None:
        from hevesy.app.course_sum import sum_as_dict

        facts["sum"] = sum_as_dict(total) | {"against_ledger": _against(facts["ledger"], total)}
    if out is not None:
        say("writing the report", 0.95)
        _write(facts, out, _pictures(settings, folder))
        if total is not None:
            from hevesy.app.course_sum import write_sum

            write_sum(total, out)
    return facts


def _summed(
    settings: CourseSettings,
    cycles: Sequence[Cycle],
    results: Sequence[ResultFile],
    beams: Sequence[tuple[ExternalBeam, Image, list[Outline]]],
    biology: tuple[Mapping[str, Tissue], Callable[[str], Tissue]],
    folder: Path,
    say: Progress,
) -> "DoseSum | None":
    """The sum of all dose maps; CTs are read only where the maps lie in different frames of reference."""
    from hevesy.app.course_sum import added, beam_map, cycle_map, one_frame

    if settings.sum is None:
        return None
    apart = not one_frame(results, [dose for _, dose, _ in beams])
    maps = [cycle_map(c, r, s, folder, with_ct=apart) for c, r, s in zip(cycles, results, settings.cycle, strict=True)]
    maps += [
        beam_map(beam.label, dose, outlines, each, fractions=beam.fractions, folder=folder)
        for (beam, dose, outlines), each in zip(beams, settings.external_beam, strict=True)
    ]
    tissues, known = biology
    return added(maps, settings.sum, tissues, known(settings.sum.elsewhere), progress=say)


def _settings(given: Sequence[Path]) -> tuple[CourseSettings, Path]:
    if not given:
        raise InputError("no course file and no result was given. Give COURSE.toml, or the results of `hevesy dose`.")
    files = [path for path in given if path.suffix == ".toml"]
    if files and len(given) > 1:
        raise InputError(f"{files[0]}: give one course file, or results, not both. Name the results in the course file.")
    if files:
        return read_course_file(files[0]), files[0].parent
    return short_settings(given), Path()


def _beam_label(i: int, settings: CourseSettings) -> str:
    return "external beams" if len(settings.external_beam) == 1 else f"external beams {i + 1}"


def _limits(settings: CourseSettings, folder: Path, stated: Path | None) -> tuple[Limit, ...]:
    if stated is not None:
        return read_limits(stated)
    return read_limits(folder / settings.limits) if settings.limits else ()


def _own_tissues(course: Course, path: Path) -> dict[str, Tissue]:
    """Tissue by region of a tissues file.

    Raises
    ------
    ScopeError
        It states an RBE: a ledger adds doses of one radiation quality.
    """
    from hevesy.app.tissue_file import read_tissues

    regions = {key: region for cycle in course.cycles for key, region in cycle.regions.items()}
    by_name = {region.name: key for key, region in regions.items()}
    found = read_tissues(path, regions.values())
    for name, choice in found.items():
        if choice.rbe is not None:
            raise ScopeError(
                f"{path}: regions.{name}: a course adds without RBE. Leave rbe out, or weigh each cycle with `hevesy biology`."
            )
    return {by_name[name]: choice.tissue for name, choice in found.items()}


def _lookup(own: Mapping[str, Tissue]) -> Callable[[str], Tissue]:
    """By name: the file's own tissues, then the table's."""
    return lambda name: own[name.strip().lower()] if name.strip().lower() in own else tissue_named(name)


def _tissues(
    course: Course, settings: CourseSettings, limits: Sequence[Limit], given: Mapping[str, Tissue]
) -> tuple[dict[str, Tissue], list[str]]:
    """Tissue by region: the tissues file's, the course file's, that of a limit of the organ, or the table's for the organ."""
    found: dict[str, Tissue] = {}
    known = _lookup({tissue.name.lower(): tissue for tissue in given.values()})
    assumed = []
    regions = {key: region for cycle in course.cycles for key, region in cycle.regions.items()}
    names = {text for key, r in regions.items() for text in (key, r.name, r.organ)} | {"Lesion"}
    for name in settings.tissues:
        if name not in names:
            raise InputError(f"tissues.{name}: the course has no such region; there are {', '.join(regions)}.")
    by_limit = {limit.region: limit.tissue for limit in limits if limit.tissue}
    for key, region in regions.items():
        labels = (key, region.name, region.organ, "Lesion" if region.kind == "lesion" else "")
        stated = next((settings.tissues[label] for label in labels if label in settings.tissues), "")
        stated = stated or next((by_limit[label] for label in labels if label in by_limit), "")
        if key in given:
            found[key] = given[key]
            continue
        own = known(stated) if stated else (tissue_of_organ(region.organ) if region.organ else None)
        if own is None:
            continue
        found[key] = own
        if not stated:
            assumed.append(f"{key}: tissue {own.name} ({own.source}), which the table names for this organ.")
    return found, assumed


def _watch(seen: Response, members: Sequence[tuple[str, ...]]) -> dict[str, str]:
    """What changed beyond its uncertainty in organs with a limit and in lesions, by what changed."""
    watched = {name for group in members for name in group}
    said: dict[str, list[str]] = {}
    for trend in seen.trends:
        last = trend.changes[-1] if trend.changes else None
        if last is None or not last.telling or trend.quantity not in WATCHED:
            continue
        if trend.kind == "lesion" or trend.region in watched:
            said.setdefault(trend.quantity, []).append(f"{trend.region} {last.value:+.0%}")
    return {
        f"{quantity} since the first cycle": f"{', '.join(found)}, beyond its u; the next cycle may differ from the last."
        for quantity, found in said.items()
    }


def _said(course: Course, results: Sequence[ResultFile]) -> list[str]:
    """The warnings of the results, by cycle."""
    labels = {cycle.administered: cycle.label for cycle in course.cycles}
    where: dict[str, list[str]] = {}
    for result in sorted(results, key=lambda each: each.administered):
        for text in result.warnings:
            where.setdefault(text, []).append(labels[result.administered])
    return [f"{text} ({', '.join(cycles)})" for text, cycles in where.items()]


def _against(rows: Mapping[str, Any], total: Any) -> dict[str, float]:
    """Mean dose of the summed maps against that of the ledger, by region that both have whole [%]."""
    return {
        each.name: 100 * (each.dose.value / rows[each.name]["dose_Gy"] - 1)
        for each in total.regions
        if each.name in rows and not rows[each.name]["missing"] and rows[each.name]["dose_Gy"] > 0
    }


def _provenance(results: Sequence[ResultFile], settings: CourseSettings, limits: Path | None, folder: Path) -> dict[str, Any]:
    def sha(path: Path) -> str:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""

    files = [(result.path.name, result.path) for result in results]
    chosen = limits or (folder / settings.limits if settings.limits else None)
    if chosen is not None:
        files.append((chosen.name, chosen))
    if settings.eligibility:
        files.append((Path(settings.eligibility).name, folder / settings.eligibility))
    files += [(Path(each.plan).name, folder / each.plan) for each in settings.cycle if each.plan]
    files += [(Path(each.rtdose).name, folder / each.rtdose) for each in settings.external_beam]
    return {
        "hevesy": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs": [{"file": name, "sha256": sha(path)} for name, path in files],
        "results": [{"title": r.title, "hevesy": str(r.provenance.get("hevesy", "")), "engine": r.engine} for r in results],
    }


def _pictures(settings: CourseSettings, folder: Path) -> dict[str, Path]:
    """Those that eligibility and the last plan left beside their files."""
    plans = [each.plan for each in settings.cycle if each.plan]
    beside = {
        "eligibility": (folder / settings.eligibility).with_name("eligible.png") if settings.eligibility else None,
        "plan": (folder / plans[-1]).with_name("plan.png") if plans else None,
    }
    return {name: path for name, path in beside.items() if path is not None and path.is_file()}


def _write(facts: Mapping[str, Any], out: Path, pictures: Mapping[str, Path]) -> None:
    from hevesy.reports.course_page import write_course_pages

    text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_course_pages(facts, made_folder(out), pictures)
    write_whole(out, {COURSE_FILE: text.encode("utf-8")})
