"""A small SPECT/CT study whose activity is known: an elliptic body, a hot ball, counts expected from the projector itself."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from tests.dicom.tomo_files import VISIT

from hevesy.dicom.visit import Series, Visit
from hevesy.dicom.write_ct import write_ct
from hevesy.dicom.write_tomo import write_tomo
from hevesy.imaging.projectors import ParallelHole, centred_grid, orbit_of
from hevesy.imaging.reconstruct.attenuation import attenuation_on
from hevesy.imaging.systems import camera, detector_response
from hevesy.model import Administration, EnergyWindow, Grid, Image, Projections, Quantity
from hevesy.nuclides import load_nuclide

START = datetime(2024, 3, 5, 9, 30)
FRAME = VISIT.frame_of_reference
CENTRE = (3.0, -20.0, -400.0)
SIDE, SIZE, VIEWS = 9.6, 32, 30  # mm
SENSITIVITY = 9.3e-6  # counts/(Bq s)
WINDOWS = (
    EnergyWindow(name="lower", lower=166.4, upper=187.2),
    EnergyWindow(name="208", lower=187.2, upper=228.8),
    EnergyWindow(name="upper", lower=228.8, upper=249.6),
)
LOW_WINDOWS = (
    EnergyWindow(name="lower 113", lower=90.4, upper=101.7),
    EnergyWindow(name="113", lower=101.7, upper=124.3),
    EnergyWindow(name="upper 113", lower=124.3, upper=135.6),
)
GIVEN = Administration(nuclide="Lu-177", activity=7.4e9, time=datetime(2024, 3, 4, 9, 30), radiopharmaceutical="Lu-177 DOTATATE")


def body(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Activity [Bq/ml] and CT numbers [HU] on a grid."""
    z, y, x = np.indices(grid.shape)
    X, Y, Z = (grid.affine[a, a] * index + grid.affine[a, 3] - CENTRE[a] for a, index in ((0, x), (1, y), (2, z)))
    inside = (X / 115) ** 2 + (Y / 85) ** 2 < 1
    ball = (X - 40) ** 2 + (Y + 25) ** 2 + (Z - 20) ** 2 < 30**2
    activity = np.where(inside & (np.abs(Z) < 120), 100e3, 0.0) + np.where(ball, 900e3, 0.0)
    return activity.astype(np.float32), np.where(inside, 0.0, -1000.0).astype(np.float32)


def study(
    folder: Path,
    *,
    seed: int = 1,
    beds: tuple[float, ...] = (0.0,),
    gates: int = 1,
    ct: bool = True,
    noise: bool = True,
    low_line: bool = False,
    **changes: Any,
) -> float:
    """Write TOMO and CT; return the activity [Bq].  ``beds`` are shifts of the detector along the patient [mm]; ``low_line``
    adds windows about 113 keV to those about 208."""
    whole = centred_grid((64, SIZE, SIZE), (SIDE,) * 3, CENTRE)
    whole = Grid(shape=whole.shape, affine=whole.affine, frame_of_reference=FRAME)
    activity, _ = body(whole)
    fine = centred_grid((64, 80, 80), (4.8, 4.8, 9.6), CENTRE)
    fine = Grid(shape=fine.shape, affine=fine.affine, frame_of_reference=FRAME)
    scan = Image(values=body(fine)[1], grid=fine, quantity=Quantity.HOUNSFIELD)
    used = camera("siemens-intevo")
    holes = next(c for c in used.collimators if c.name == "MELP")
    lines = (0.2084, 0.1129) if low_line else (0.2084,)
    rate = np.log(2) / load_nuclide("Lu-177").half_life
    for n, shift in enumerate(beds):
        first = _empty(shift, n, beds, gates)
        factors = SENSITIVITY * np.exp(-rate * first.starts) * -np.expm1(-rate * first.durations) / rate
        primaries = []
        for line in lines:
            response, mu = detector_response(used, holes, line), attenuation_on(scan, whole, line)
            projector = ParallelHole(whole, orbit_of(first), factors, fwhm=response.fwhm, mu=mu)
            primaries.append(np.maximum(projector.forward(activity), 0))
        made = []
        for gate in range(1, gates + 1):
            rng = np.random.default_rng([seed, n, gate])
            shares = (0.05, 1.1, 0.05)  # scatter is a tenth under the peak: half of it in each side window of half its width
            expected = np.stack([share * primary / gates for primary in primaries for share in shares])
            counts = rng.poisson(expected) if noise else np.rint(expected)
            one = replace(
                first, counts=counts.astype(np.float32), windows=(*WINDOWS, *LOW_WINDOWS)[: len(counts)], gate=gate,
                durations=first.durations / gates,
            )  # fmt: skip
            made.append(replace(one, **changes))
        series = Series(uid=f"2.25.{300 + n}", number=n + 2, description="SPECT", start=first.start or START)
        write_tomo(
            folder / f"tomo_{n}.dcm", made if gates > 1 else made[0], visit=VISIT, series=series, given=GIVEN,
            half_life=load_nuclide("Lu-177").half_life,
        )  # fmt: skip
    if ct:
        _write_ct(folder / "CT", scan, VISIT)
    return float(activity.sum(dtype=np.float64)) * whole.voxel_volume / 1000


def _empty(shift: float, n: int, beds: tuple[float, ...], gates: int) -> Projections:
    from datetime import timedelta

    half = VIEWS // 2
    angles = np.concatenate([180 + np.arange(half) * 12.0, np.arange(half) * 12.0]) % 360
    rows = SIZE if len(beds) > 1 else 40
    return Projections(
        counts=np.zeros((3, VIEWS, rows, SIZE), np.float32), windows=WINDOWS, angles=angles, radii=np.full(VIEWS, 160.0),
        starts=np.tile(np.arange(half) * 43.0, 2), durations=np.full(VIEWS, 40.0), pixel=(SIDE, SIDE),
        centre=(CENTRE[0], CENTRE[1], CENTRE[2] + shift), nuclide="Lu-177",
        start=START + timedelta(minutes=30 * n), collimator="MELP",
        camera="Symbia Intevo", frame_of_reference=FRAME,
    )  # fmt: skip


def _write_ct(folder: Path, scan: Image, visit: Visit) -> None:
    write_ct(folder, scan, visit=visit, series=Series(uid="2.25.299", number=1, description="CT", start=START))
