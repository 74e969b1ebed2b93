"""The tissues file: which tissue a region is, and tissues of one's own."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from hevesy import units as un
from hevesy.anatomy import standard_name
from hevesy.app.quantities import Dose, Fraction, quantity
from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.radiobiology import Clonogens, Complication, Repair, Tissue, complications, tissue_named, with_assumed_u

NONE_STATED = "the tissues file states none"


def _per(unit: str, factor: float) -> BeforeValidator:
    """A reader of "0.3 /Gy"."""
    pattern = re.compile(r"\s*((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*/\s*(\S+)\s*")

    def read(value: Any) -> float:
        match = pattern.fullmatch(value) if isinstance(value, str) else None
        if match is None or match.group(2) != unit:
            raise ValueError(f'got {value!r}; write a number with its unit, for example "1 /{unit}"')
        return float(match.group(1)) * factor

    return BeforeValidator(read)


def _times(value: Any) -> tuple[float, ...]:
    given = value if isinstance(value, list) else [value]
    try:
        return tuple(quantity(each, "time", name="repair_half_time") for each in given)
    except InputError as error:
        raise ValueError(str(error).removeprefix("repair_half_time: ")) from error


PerGy = Annotated[float, _per("Gy", 1 / un.Gy)]
PerMl = Annotated[float, _per("ml", 1 / un.ml)]
Times = Annotated[tuple[float, ...], BeforeValidator(_times)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Model = TypeVar("Model", bound=_Table)


class ComplicationSettings(_Table):
    """[tissues.NAME.complication]"""

    endpoint: str = Field(description="What is counted")
    model: Literal["probit", "logistic"] = Field(default="probit", description="probit (Lyman, Kutcher, Burman) or logistic")
    n: float = Field(description="Volume parameter: gEUD with a = 1/n")
    td50: Dose = Field(description='EQD2 for a chance of one half: "28 Gy"')
    u_td50: Dose | None = Field(default=None, description="Its standard uncertainty")
    slope: float = Field(description="m of probit, gamma_50 of logistic")
    u_slope: float | None = Field(default=None, description="Its standard uncertainty")
    source: str = Field(min_length=1, description="Where the numbers come from")


class TissueSettings(_Table):
    """[tissues.NAME]"""

    alpha_beta: Dose = Field(description='"2.6 Gy"')
    u_alpha_beta: Dose | None = Field(default=None, description="Its standard uncertainty")
    repair_half_time: Times = Field(description='"2.8 h", or two: ["0.7 h", "3.8 h"]')
    repair_weights: tuple[float, ...] = Field(default=(1.0,), description="Shares of two repair half-times")
    repair_u: Fraction | None = Field(default=None, description='Relative standard uncertainty of the half-time: "20 %"')
    source: str = Field(min_length=1, description="Where the numbers come from")
    endpoint: str = Field(default="not stated", description="What is counted")
    alpha: PerGy | None = Field(default=None, description='For EUBED and TCP: "0.15 /Gy"')
    u_alpha: PerGy | None = Field(default=None, description="Its standard uncertainty")
    alpha_spread: PerGy = Field(default=0.0, description="Standard deviation of alpha between patients, for TCP")
    clonogens: PerMl | None = Field(default=None, description='For TCP: "1e7 /ml"')
    complication: ComplicationSettings | None = Field(default=None, description="For NTCP")


class RegionSettings(_Table):
    """[regions.REGION]"""

    tissue: str = Field(description="A tissue of the table or of this file")
    rbe: float | None = Field(default=None, gt=0, le=100, description="RBE_max of alpha or Auger radiation")
    u_rbe: float | None = Field(default=None, ge=0, description="Its standard uncertainty")
    geud_a: float | None = Field(default=None, description="Exponent of gEUD where the tissue has no n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a region is taken for: tissue, RBE_max if any, exponent of gEUD if any, sets of complication and control."""

    tissue: Tissue
    rbe: Measured | None = None
    geud_a: float | None = None
    complications: tuple[Complication, ...] = ()
    clonogens: Clonogens | None = None


class Named(Protocol):
    """A region as the result has it."""

    @property
    def name(self) -> str: ...
    @property
    def standard_name(self) -> str: ...


def read_tissues(path: Path, regions: Iterable[Named]) -> dict[str, Choice]:
    """The choice for each region of a result that the file names, by the region's own name.

    Raises
    ------
    InputError
        The file is missing, is no TOML, has an unknown key, a tissue without parameters, or a region that is not there.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path}: not a readable tissues file: {error}.") from error
    unknown = set(given) - {"regions", "tissues"}
    if unknown or not isinstance(given.get("regions"), dict) or not given["regions"]:
        got = f"got [{', '.join(sorted(given))}]" if given else "it is empty"
        raise InputError(f"{path}: {got}; expected tables [regions.REGION] with a tissue, and [tissues.NAME] for your own.")
    tables = given.get("tissues", {})
    if not isinstance(tables, dict):
        raise InputError(f"{path}: tissues is {tables!r}; expected tables [tissues.NAME].")
    own = {name.lower(): _choice(name, table, path) for name, table in tables.items()}
    regions = list(regions)
    found: dict[str, tuple[int, Choice]] = {}
    for key, table in given["regions"].items():
        settings = _read(RegionSettings, table, f"{path}: regions.{key}")
        choice = _of_region(key, settings, own, path)
        for rank, name in matching(key, regions, where=str(path)):
            if name not in found or rank < found[name][0]:
                found[name] = (rank, choice)
    return {name: choice for name, (_, choice) in found.items()}


def matching(key: str, regions: Iterable[Named], *, where: str) -> list[tuple[int, str]]:
    """Regions that ``key`` means: as drawn (0), by standard name (1), or by the organ of either side (2).

    Raises
    ------
    InputError
        There is none.
    """
    regions = list(regions)
    drawn = [(0, region.name) for region in regions if region.name == key]
    if drawn:
        return drawn
    meant = standard_name(key)
    if meant is not None:
        whole = [(1, region.name) for region in regions if region.standard_name == meant.name]
        sides = [(2, region.name) for region in regions if not meant.side and organ_of(region) == meant.organ]
        if whole or sides:
            return whole + [each for each in sides if each[1] not in {name for _, name in whole}]
    raise InputError(
        f"{where}: region {key} is absent from the dose; there are {', '.join(region.name for region in regions)}. "
        "Write a region as it was drawn, or its standard name, such as Kidney for both kidneys."
    )


def organ_of(region: Named) -> str:
    """The standard organ of a region without its side; "" where the table does not know it."""
    found = standard_name(region.standard_name or region.name)
    return "" if found is None else found.organ


def choice_of(tissue: Tissue) -> Choice:
    """A tissue of the table with the complications published for it."""
    return Choice(tissue=tissue, complications=complications(tissue.name))


def _of_region(key: str, settings: RegionSettings, own: dict[str, Choice], path: Path) -> Choice:
    choice = own.get(settings.tissue.lower())
    if choice is None:
        try:
            choice = choice_of(tissue_named(settings.tissue))
        except InputError as error:
            raise InputError(f"{path}: regions.{key}: {error}") from error
    rbe = None
    if settings.rbe is not None:
        rbe = Measured(value=settings.rbe, u=settings.u_rbe, why_no_u="" if settings.u_rbe is not None else NONE_STATED)
    elif settings.u_rbe is not None:
        raise InputError(f"{path}: regions.{key}: has u_rbe without rbe. Give rbe, or leave u_rbe out.")
    return Choice(
        tissue=choice.tissue,
        rbe=rbe,
        geud_a=settings.geud_a,
        complications=choice.complications,
        clonogens=choice.clonogens,
    )


def _choice(name: str, table: Any, path: Path) -> Choice:
    given = _read(TissueSettings, table, f"{path}: tissues.{name}")
    alpha = None if given.alpha is None else _measured(given.alpha, given.u_alpha)
    if alpha is None and (given.clonogens is not None or given.u_alpha is not None or given.alpha_spread):
        raise InputError(f'{path}: tissues.{name}: clonogens, u_alpha and alpha_spread need alpha = "... /Gy".')
    try:
        tissue = Tissue(
            name=name,
            endpoint=given.endpoint,
            alpha_beta=_measured(given.alpha_beta, given.u_alpha_beta),
            repair=Repair(half_times=given.repair_half_time, weights=given.repair_weights),
            repair_u=given.repair_u,
            source=given.source,
            how="given",
            alpha=alpha,
        )
        clonogens = None
        if alpha is not None and given.clonogens is not None:
            clonogens = Clonogens(alpha=alpha, density=given.clonogens, spread=given.alpha_spread, source=given.source)
    except InputError as error:
        raise InputError(f"{path}: tissues.{name}: {error}") from error
    return Choice(tissue=with_assumed_u(tissue), complications=_complication(name, given.complication), clonogens=clonogens)


def _complication(tissue: str, given: ComplicationSettings | None) -> tuple[Complication, ...]:
    if given is None:
        return ()
    return (
        Complication(
            tissue=tissue,
            endpoint=given.endpoint,
            model=given.model,
            n=given.n,
            td50=_measured(given.td50, given.u_td50),
            slope=_measured(given.slope, given.u_slope),
            source=given.source,
            how="given",
        ),
    )


def _measured(value: float, u: float | None) -> Measured:
    return Measured(value=value, u=u, why_no_u="" if u is not None else NONE_STATED)


def _read(model: type[Model], table: Any, where: str) -> Model:
    """``table`` as ``model``; the first thing wrong with it says what, got and allowed."""
    try:
        return model.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            said = f"{key} is missing. Give it; a tissue or region without it cannot be computed."
        elif first["type"] == "extra_forbidden":
            said = f"{key} is no key; allowed: {', '.join(model.model_fields)}."
        else:
            said = f"{key or 'table'}: {first['msg'].removeprefix('Value error, ')}"
        raise InputError(f"{where}: {said}") from error
