"""A dose result made by hand: eight regions, hostile names, one ill-posed fit, one region without u."""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest

from hevesy import units as un
from hevesy.model import (
    Administration,
    BudgetTerm,
    CurveFit,
    DoseResult,
    DoseVolumeHistogram,
    Grid,
    Image,
    Measured,
    NextScan,
    Patient,
    Pictures,
    PointResult,
    Provenance,
    Quantity,
    RegionResult,
    Remark,
    ScanResult,
    TimeActivityCurve,
    Truth,
)
from hevesy.model.result import Level

A0 = 7.4 * un.GBq
HALF_LIFE = 159.53 * un.h
TIMES = np.array([4.1, 24.3, 71.8, 167.9]) * un.h
N, SIDE = 64, 6.4
RNG = np.random.default_rng(3)


@dataclass(frozen=True)
class Plan:
    """A region to be made: where it is [mm], how much it takes up, how fast it loses it."""

    name: str
    standard: str
    kind: str
    centre: tuple[float, float, float]
    radii: tuple[float, float, float]
    uptake: float  # of A0
    T_eff: float  # h
    T_in: float = 0.0  # h, half-life of the uptake; 0: at once


PLANS = (
    Plan("Niere links", "Kidney left", "organ", (65, 40, -30), (28, 26, 55), 0.020, 52),
    Plan("Niere rechts", "Kidney right", "organ", (-65, 40, -38), (28, 26, 55), 0.021, 50),
    Plan("Leber", "Liver", "organ", (-70, -15, 45), (75, 65, 55), 0.045, 70),
    Plan("Milz", "Spleen", "organ", (95, 25, 45), (24, 30, 42), 0.022, 62),
    Plan("Rückenmark höher", "", "other", (0, 70, 0), (11, 11, 120), 0.0012, 40),
    Plan("Läsion Segment VII", "", "lesion", (-95, 10, 70), (13, 13, 13), 0.0035, 95, 3.0),
    Plan("<script>alert('x')</script>", "", "lesion", (20, -30, -70), (9, 9, 9), 0.0009, 88),
    Plan("=SUM(A1)", "Urinary bladder", "organ", (0, -20, -125), (32, 28, 24), 0.012, 300),
)
BUDGET = {"calibration": 0.05, "volume": 0.03, "density": 0.01}
TERMS = {
    name: BudgetTerm(of_tia=x, of_dose=x, kind="random" if name == "volume" else "systematic", shared=name != "volume")
    for name, x in BUDGET.items()
}
ILL_POSED, NO_U = "=SUM(A1)", "<script>alert('x')</script>"


def grid() -> Grid:
    affine = np.diag([SIDE, SIDE, SIDE, 1.0])
    affine[:3, 3] = -SIDE * (N - 1) / 2
    return Grid(shape=(N, N, N), affine=affine, frame_of_reference="1.2.3")


def ellipsoid(centre: tuple[float, float, float], radii: tuple[float, float, float]) -> np.ndarray:
    axis = SIDE * (np.arange(N) - (N - 1) / 2)
    z, y, x = np.meshgrid(axis, axis, axis, indexing="ij")
    parts = ((c - m) / r for c, m, r in zip((x, y, z), centre, radii, strict=True))
    return sum(p**2 for p in parts) <= 1


def blurred(values: np.ndarray) -> np.ndarray:
    for axis in range(3):
        for _ in range(2):
            values = (np.roll(values, 1, axis) + 2 * values + np.roll(values, -1, axis)) / 4
    return values


def measured(value: float, relative: float | None) -> Measured:
    if relative is None:
        return Measured(value=value, u=None, why_no_u="two points and two parameters leave nothing to judge by.")
    return Measured(value=value, u=abs(value) * relative)


def fit_of(plan: Plan, ill: bool, no_u: bool) -> CurveFit:
    rate, a = math.log(2) / (plan.T_eff * un.h), plan.uptake * A0
    if plan.T_in:
        fast = math.log(2) / (plan.T_in * un.h)
        parameters = {"A": a, "lambda_1": rate, "lambda_2": fast}
        amplitudes, rates = np.array([a, -a]), np.array([rate, fast])
        ja, jr = np.array([[1.0, 0, 0], [-1, 0, 0]]), np.array([[0.0, 1, 0], [0, 0, 1]])
    else:
        parameters, amplitudes, rates = {"A_1": a, "lambda_1": rate}, np.array([a]), np.array([rate])
        ja, jr = np.array([[1.0, 0]]), np.array([[0.0, 1]])
    sigma = np.array([0.06 * a, 0.05 * rate, 0.3 * rates[-1]])[: len(parameters)]
    C = np.outer(sigma, sigma) * (np.eye(sigma.size) * 0.4 + 0.6)
    tia = float(np.sum(amplitudes / rates))
    u = None if ill or no_u else 0.05
    why = ("The measured activity does not fall: the integral beyond the last scan is a guess.",) if ill else ()
    return CurveFit(
        region=plan.name, model="uptake" if plan.T_in else "mono", parameters=parameters,
        covariance=None if ill or no_u else C, amplitudes=amplitudes, rates=rates, amplitudes_jacobian=ja,
        rates_jacobian=jr, time_integrated_activity=measured(tia, u),
        effective_half_life=measured(plan.T_eff * un.h, u), extrapolated_fraction=0.68 if ill else 0.14,
        chi2=3.1, degrees_of_freedom=2, scores={"mono": 12.5, "uptake": 13.25, "bi": 20.75},
        well_posed=not ill, warnings=why,
    )  # fmt: skip


def region_of(plan: Plan, mask: np.ndarray, dose: np.ndarray) -> RegionResult:
    ill, no_u = plan.name == ILL_POSED, plan.name == NO_U
    fit, inside = fit_of(plan, ill, no_u), dose[mask]
    A = np.exp(-np.outer(TIMES, fit.rates)) @ fit.amplitudes * (1 + 0.05 * RNG.standard_normal(TIMES.size))
    volume = mask.sum() * SIDE**3 * un.mm3
    tia, mean = float(np.sum(fit.amplitudes / fit.rates)), float(inside.mean())
    u = None if no_u else 0.31 if ill else 0.08
    levels = np.linspace(0, inside.max(), 120)
    remarks = [Remark(level=Level.ASSUMED, text="Density 1.05 g/ml where the CT shows metal.", about=plan.name)]
    if plan.kind == "lesion":
        text = "Smaller than three times the resolution: about 40 % of its activity lies outside the contour."
        remarks.append(Remark(level=Level.WARNING, text=text, about=plan.name))
    points = tuple(
        PointResult(
            time=float(t), outline="drawn here" if i == 0 else "carried over", volume_drawn=volume * 1.004,
            volume=volume, activity=float(a), activity_resampled=None if i == 3 else float(a) * 0.993,
        )
        for i, (t, a) in enumerate(zip(TIMES, A, strict=True))
    )  # fmt: skip
    return RegionResult(
        name=plan.name, standard_name=plan.standard, kind=plan.kind, volume=measured(volume, u and 0.05),
        mass=measured(volume * 1.05 * un.g_per_ml, u and 0.05), points=points,
        curve=TimeActivityCurve(region=plan.name, t=TIMES, A=A, u=None if no_u else 0.06 * A), fit=fit,
        time_integrated_activity=measured(tia, u), time_integrated_activity_coefficient=measured(tia / A0, u),
        time_integrated_activity_voxels=tia * 0.985, mean_dose=measured(mean, u),
        mean_dose_per_activity=measured(mean / A0, u), D98=float(np.percentile(inside, 2)),
        D90=float(np.percentile(inside, 10)), D50=float(np.percentile(inside, 50)),
        D2=float(np.percentile(inside, 98)), minimum=float(inside.min()), maximum=float(inside.max()),
        histogram=DoseVolumeHistogram(dose=levels, volume=np.array([(inside >= d).mean() for d in levels])),
        terms={} if no_u else TERMS,
        next_scan=None if no_u else NextScan(time=60 * un.h, u_now=0.05, u_then=0.02),
        budget={} if no_u else {**BUDGET, "fit": 0.31 if ill else 0.05},
        recovery=0.61 if plan.kind == "lesion" else 0.95, remarks=tuple(remarks),
        truth=Truth(
            volume=volume * 0.98, mass=volume * 1.03 * un.g_per_ml, time_integrated_activity=tia * 1.05,
            mean_dose=mean * 1.06,
        ),
    )  # fmt: skip


def images() -> tuple[Image, list[Image], Image, dict[str, np.ndarray]]:
    """Dose, activity by time point, CT, masks by region."""
    where = grid()
    body = ellipsoid((0, 0, 0), (165, 105, 260))
    masks = {plan.name: ellipsoid(plan.centre, plan.radii) for plan in PLANS}
    ct = np.where(body, 40.0, -1000.0)
    for side in (-75, 75):
        ct[ellipsoid((side, -10, 150), (55, 70, 70)) & ~masks["Leber"]] = -780
    ct[ellipsoid((0, 70, 0), (22, 20, 260))] = 350
    ct += 15 * RNG.standard_normal(ct.shape)
    A_tilde = np.where(body, 2e9, 0.0)
    activity = [np.where(body, 400.0, 0.0) * 0.5**i for i in range(4)]
    for plan in PLANS:
        mask, fit = masks[plan.name], fit_of(plan, False, False)
        ml = mask.sum() * SIDE**3 * un.mm3 / un.ml
        A_tilde[mask] = np.sum(fit.amplitudes / fit.rates) / ml
        for i, t in enumerate(TIMES):
            activity[i][mask] = np.sum(fit.amplitudes * np.exp(-fit.rates * t)) / ml
    activity = [np.clip(blurred(a) * (1 + 0.08 * RNG.standard_normal(a.shape)), 0, None) for a in activity]
    dose = blurred(A_tilde) * 0.147 * un.JOULE_PER_MEV / 1.05e-3
    dose *= np.clip(1 + 0.08 * RNG.standard_normal(dose.shape), 0, None)
    concentration = Quantity.ACTIVITY_CONCENTRATION
    return (
        Image(values=dose, grid=where, quantity=Quantity.ABSORBED_DOSE),
        [Image(values=a, grid=where, quantity=concentration) for a in activity],
        Image(values=ct, grid=where, quantity=Quantity.HOUNSFIELD),
        masks,
    )


def scans() -> tuple[ScanResult, ...]:
    return tuple(
        ScanResult(
            label=f"SPECT {round(t / un.h)} h", time=float(t), modality="PT" if i == 3 else "NM",
            total_activity=A0 * 0.2 * 0.5**i, total_activity_resampled=A0 * 0.2 * 0.5**i * 0.998,
            stored_to_start=1.0 if i else 0.9985,
            correction="START: stored values hold at the start of the scan.",
            has_ct=True, registration="CT to CT" if i else "reference",
            translation=(2.1 * i, -1.3 * i, 4.4 * i), rotation=(0.004 * i, -0.002 * i, 0.011 * i),
            similarity=0.41 - 0.02 * i if i else None, similarity_before=0.22 if i else None, duration=1200.0,
            corrections=("ATTN", "SCAT", "DECY"), series_uid=f"1.2.826.0.1.3680043.8.498.{10**20 + i}",
        )
        for i, t in enumerate(TIMES)
    )  # fmt: skip


def made() -> DoseResult:
    dose, activity, ct, masks = images()
    return DoseResult(
        title="Lu-177 DOTATATE, four time points",
        patient=Patient(id="HEV-0001", sex="F", age_years=61.0, weight=68.0, height=1670.0),
        administration=Administration(
            nuclide="Lu-177", activity=A0, time=datetime(2024, 3, 4, 9, 30, tzinfo=UTC), residual=60 * un.MBq,
            radiopharmaceutical="[Lu-177]Lu-DOTA-TATE",
            source="activity from the settings, time from the header",
        ),
        half_life=HALF_LIFE, engine="local", energy_per_decay=0.1473,
        engine_description="Local deposition: electrons stop where they are born, photons leave.",
        reference_scan=0, scans=scans(),
        regions=tuple(region_of(p, masks[p.name], dose.values) for p in PLANS),
        remarks=(
            Remark(level=Level.WARNING, text="Scan 4 carries no scatter correction.", about="SPECT 168 h"),
            Remark(level=Level.ASSUMED, text="The calibration factor holds with u = 5 %."),
            Remark(level=Level.NOTE, text="Photons are not followed: cross-dose between organs is left out."),
        ),
        provenance=Provenance(
            hevesy="0.1.0", created="2024-03-12T08:15:00+00:00", python="3.11.2", platform="Linux x86_64",
            libraries={"numpy": "2.1.0", "SimpleITK": "2.4.0"},
            inputs=tuple({"label": s.label, "series_uid": s.series_uid} for s in scans()),
            tables={"hu_density": "d05ed3ea19eb" * 5 + "abcd"},
            parameters={"engine": "local (default)", "registration": "rigid (settings)"},
        ),
        pictures=Pictures(
            dose=dose, activity=tuple(activity), ct=ct, masks=masks,
            time_integrated_activity=Image(
                values=dose.values * 1e9, grid=dose.grid,
                quantity=Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION,
            ),
        ),
        synthetic=True,
    )  # fmt: skip


@pytest.fixture(scope="session")
def result() -> DoseResult:
    return made()


@pytest.fixture(scope="session")
def bare_result(result: DoseResult) -> DoseResult:
    """A real patient with one scan, no CT, no truth: the least that dosimetry can have."""
    pictures = result.pictures
    regions = tuple(replace(r, truth=None, recovery=None, budget={}, terms={}, next_scan=None) for r in result.regions[:2])
    return replace(
        result,
        synthetic=False, scans=result.scans[:1], regions=regions, remarks=(),
        patient=Patient(id="17"),
        pictures=replace(pictures, ct=None, activity=pictures.activity[:1],
                         masks={r.name: pictures.masks[r.name] for r in regions}),
    )  # fmt: skip
