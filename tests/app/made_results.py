"""Small results of `hevesy dose`, made by hand: as many cycles as a course needs."""

import copy
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2024, 3, 4, 9, 30)
HALF_LIFE_H = 159.528


def region(
    kind: str = "organ", standard: str = "Left kidney", *, dose: float = 6.0, u_percent: float = 6.0, mass: float = 150.0,
    half_life: float = 50.0, tia: float = 15000.0,
) -> dict[str, Any]:  # fmt: skip
    """A region with half of the variance systematic (calibration, shared) and half random."""
    half = u_percent / 2**0.5
    rate = 0.6931471805599453 / half_life

    def with_u(key: str, value: float, u: float = u_percent) -> dict[str, float]:
        return {key: value, f"u_{key}": value * u / 100}

    return {
        "standard_name": standard or None,
        "kind": kind,
        **with_u("volume_ml", mass / 1.05),
        **with_u("mass_g", mass),
        "model": "mono",
        **with_u("effective_half_life_h", half_life, 2.0),
        **with_u("tia_MBq_h", tia),
        **with_u("mean_dose_Gy", dose),
        **with_u("dose_per_activity_Gy_per_GBq", dose / 7.4),
        "u_random_percent": half,
        "u_systematic_percent": half,
        "budget": {
            "calibration": {"u_tia_percent": half, "u_dose_percent": half, "kind": "systematic", "shared": True},
            "scan to scan": {"u_tia_percent": half, "u_dose_percent": half, "kind": "random", "shared": False},
        },
        "fit": {"amplitudes_MBq": [tia * rate], "rates_per_h": [rate], "well_posed": True},
        "dvh": {"dose_Gy": [0.0, dose, 1.2 * dose], "volume_percent": [100.0, 50.0, 0.0]},
        "warnings": [],
    }


def result(n: int = 0, *, days: float = 0.0, activity: float = 7.4, patient: str = "P-1", nuclide: str = "Lu-177",
           regions: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:  # fmt: skip
    """A whole result: two kidneys and a lesion, ``days`` after the first; ``activity`` in GBq."""
    default = {
        "Kidney_Left": region(),
        "Kidney_Right": region(standard="Right kidney", dose=5.0, mass=140.0),
        "Lesion 1": region("lesion", "Lesion", dose=25.0, mass=20.0, half_life=90.0, tia=4000.0),
    }
    return {
        "schema": "hevesy-dose-result/1",
        "title": f"cycle of day {days:g}",
        "synthetic": True,
        "patient": {"id": patient},
        "nuclide": {"name": nuclide, "half_life_h": HALF_LIFE_H},
        "administration": {
            "activity_MBq": 1000 * activity,
            "time": (START + timedelta(days=days)).isoformat(),
            "radiopharmaceutical": "Lu-177 DOTATATE",
        },
        "engine": {"name": "local"},
        "regions": copy.deepcopy(default if regions is None else regions),
        "correlation": None,
        "warnings": [],
        "provenance": {"hevesy": "0.1.0", "inputs": [{"label": "T1", "series_uid": f"1.2.{n}.{days:g}"}]},
    }


def write(folder: Path, content: dict[str, Any]) -> Path:
    """result.json in its folder; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("result.json").write_text(json.dumps(content), "utf-8")
    return folder


def course(folder: Path, number: int = 3, *, interval: float = 60.0, **more: Any) -> list[Path]:
    """``number`` cycles, the lesion shrinking to 70 % from one to the next."""
    made = []
    for n in range(number):
        content = result(n, days=n * interval, **more)
        lesion = content["regions"].get("Lesion 1")
        for key in ("volume_ml", "mass_g", "tia_MBq_h", "u_volume_ml", "u_mass_g", "u_tia_MBq_h") if lesion else ():
            lesion[key] *= 0.7**n
        made.append(write(folder / f"cycle{n + 1}", content))
    return made
