"""Use case: absorbed dose from maps of time-integrated activity and density."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hevesy import units as u
from hevesy.app.timed_dose import Clock, Media, timed_dose
from hevesy.app.volumes import checked_output, read_labels, read_map
from hevesy.dicom.nifti import write_nifti
from hevesy.dose import DoseMap, EngineSettings, engine, engine_names
from hevesy.errors import DataError, InputError
from hevesy.materials import load_material, materials_from_density
from hevesy.model import Image, Quantity
from hevesy.nuclides import Nuclide, chain, load_nuclide

Progress = Callable[[str, float], None]

CHANCE = "montecarlo"
# Relative statistical uncertainty at which Monte Carlo stops, and its seed, where nothing else is said.
UNCERTAINTY, SEED = 0.01, 177
# What the numbers of a material map mean, from 0 on, where nothing else is said.
MATERIALS = ("air", "lung", "soft", "bone")
FROM_DENSITY = "from density: lung below 0.6 g/ml, soft tissue, bone above 1.2 g/ml"
# Densities [g/ml] of images of a body: the mean with the air around it, and the densest metal in it.
MOST_MEAN, MOST = 10.0, 25.0
LAST_LABEL = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """Files of one case, NIfTI on one grid.

    Attributes
    ----------
    tia : path                          Time-integrated activity [Bq s/ml].
    density : path                      Mass density [g/ml].
    regions : path or None              Labels; 0 is no region.
    material : path or None             Material of each voxel by number, for Monte Carlo.
    materials : tuple of str            What the numbers of ``material`` mean, from 0 on.
    """

    tia: Path
    density: Path
    regions: Path | None = None
    material: Path | None = None
    materials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What concerns Monte Carlo alone; None where nothing was said.

    Attributes
    ----------
    uncertainty : float or None         Relative, of each region's mean dose, at which it stops (default 0.01).
    seed : int or None                  Of the random numbers (default 177).
    threads : int or None               (default: all cores; the result does not depend on it).
    """

    uncertainty: float | None = None
    seed: int | None = None
    threads: int | None = None


def _quiet(_: str, __: float) -> None:
    pass


def dosemap(
    maps: Maps,
    output: Path,
    *,
    nuclide: str,
    engine_name: str = CHANCE,
    chance: Chance | None = None,
    daughters: bool = True,
    leaving: float = 0.0,
    progress: Progress = _quiet,
) -> dict[str, Any]:
    """Compute the absorbed dose by voxel, write it, and tell the mean dose of each region.

        mean = sum_i m_i D_i / sum_i m_i,   m_i = rho_i V

    Parameters
    ----------
    maps : Maps                         Files of the case.
    output : path                       .nii or .nii.gz [Gy]: volume 0 the dose; from Monte Carlo also volume 1, its
                                        statistical standard uncertainty.
    nuclide : str
    engine_name : str                   "montecarlo", "kernel" or "local".
    chance : Chance, optional           What concerns Monte Carlo alone.
    daughters, leaving                  As in :func:`hevesy.nuclides.radiations`.
    progress : callable, optional       Called with words and the share done.

    Returns
    -------
    dict                                ``regions`` by label with ``mean_Gy`` and ``u_Gy`` (k = 1, statistical alone), ``cpu_s``
                                        and ``wall_s`` of computing (tables of cross sections included; reading, writing
                                        and compiling not), ``compile_s`` of loading and compiling code, ``histories``.

    Raises
    ------
    InputError, DataError
        A file or an option cannot be used; nothing is computed then.
    """
    inputs = [path for path in (maps.tia, maps.density, maps.material, maps.regions) if path is not None]
    checked_output(output, inputs=inputs)
    _check_options(engine_name, chance or Chance(), maps)
    progress("reading", 0.0)
    known = load_nuclide(nuclide)
    chain(known.name)  # so that reading the decay data does not count as computing
    tia, density = _images(maps)
    labels = None if maps.regions is None else _labels(maps.regions, density, maps.density)
    media = _media(maps, density) if engine_name == CHANCE else None
    names = [] if labels is None else [int(n) for n in np.flatnonzero(np.bincount(labels.reshape(-1))) if n != 0]
    settings = _settings(chance or Chance(), daughters=daughters, leaving=leaving, progress=progress)
    clock = Clock()
    # Only an engine with chance needs to know the regions; a mask for each would be a lot of memory for nothing.
    masks = tuple(labels == name for name in names) if labels is not None and engine_name == CHANCE else ()
    made = timed_dose(engine_name, settings, (tia, density, known), masks=masks, media=media, clock=clock, progress=progress)
    progress("writing", 1.0)
    write_nifti(output, made.dose, u=made.u)
    facts = _facts(made, known, engine_name, settings) | {"materials": _said_of_materials(engine_name, settings, maps, media)}
    regions = {} if labels is None else _regions(made, density, labels, names)
    times = {"cpu_s": round(clock.cpu, 4), "wall_s": round(clock.wall, 4), "compile_s": round(clock.compiling, 4)}
    histories = None if made.ensemble is None else made.ensemble.histories
    return {"regions": regions, **times, "histories": histories, **facts, "file": str(output)}


def _check_options(name: str, chance: Chance, maps: Maps) -> None:
    if name not in engine_names():
        raise InputError(f"dose engine {name!r} is not known; allowed: {', '.join(engine_names())}.")
    if maps.materials and maps.material is None:
        raise InputError("materials are named but there is no map of them. Give the material map too, or leave the names out.")
    if name != CHANCE:
        given = [key for key in ("uncertainty", "seed", "threads") if getattr(chance, key) is not None]
        given += ["material"] if maps.material is not None else []
        if given:
            raise InputError(f"engine {name} has no use for {', '.join(given)}; only {CHANCE} has. Leave them out.")
        return
    if chance.uncertainty is not None and not 1e-5 <= chance.uncertainty <= 0.5:
        raise InputError(f"uncertainty is {chance.uncertainty}; from 0.00001 to 0.5 is allowed. 0.01 is 1 %.")
    if chance.seed is not None and not 0 <= chance.seed < 2**63:
        raise InputError(f"seed is {chance.seed}; whole numbers from 0 to 2^63 - 1 are allowed.")
    if chance.threads is not None and not 1 <= chance.threads <= 1024:
        raise InputError(f"threads are {chance.threads}; from 1 to 1024 are allowed. Leave it out for all cores.")


def _settings(chance: Chance, *, daughters: bool, leaving: float, progress: Progress) -> EngineSettings:
    def tell(share: float, left: float) -> None:
        progress(f"Monte Carlo, about {left:.0f} s left" if left >= 1 else "Monte Carlo", share)

    return EngineSettings(
        uncertainty=UNCERTAINTY if chance.uncertainty is None else chance.uncertainty,
        seed=SEED if chance.seed is None else chance.seed,
        threads=_cores() if chance.threads is None else chance.threads,
        daughters=daughters,
        leaving=leaving,
        progress=tell,
    )


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _images(maps: Maps) -> tuple[Image, Image]:
    tia, grid = read_map(maps.tia, "the time-integrated activity")
    if float(tia.min()) < 0:
        raise DataError(
            f"{maps.tia.name}: time-integrated activity goes down to {tia.min():.4g} Bq s/ml; 0 or more is allowed. Set what is "
            "noise below zero to zero."
        )
    if float(tia.max()) == 0:
        raise DataError(f"{maps.tia.name}: the time-integrated activity is zero everywhere. Is this the right file?")
    density, _ = read_map(maps.density, "the density", grid)
    lowest, mean, highest = float(density.min()), float(density.mean(dtype=np.float64)), float(density.max())
    if lowest < 0 or mean > MOST_MEAN or highest > MOST:
        raise DataError(
            f"{maps.density.name}: density goes from {lowest:.4g} to {highest:.4g}, {mean:.4g} on average; 0 to {MOST:g} g/ml "
            f"and at most {MOST_MEAN:g} on average are allowed. Are these HU or kg/m3? Convert them to g/ml."
        )
    if highest == 0:
        raise DataError(f"{maps.density.name}: the density is zero everywhere. Is this the right file?")
    return (
        Image(values=tia, grid=grid, quantity=Quantity.TIME_INTEGRATED_ACTIVITY_CONCENTRATION),
        Image(values=density, grid=grid, quantity=Quantity.DENSITY),
    )


def _labels(path: Path, density: Image, density_path: Path) -> npt.NDArray[np.int32]:
    """Labels, each of which has voxels with a mass."""
    labels = read_labels(path, "the label map", density.grid)
    if not labels.any():
        raise DataError(f"{path.name}: no voxel has a label; all are 0, which is no region. Is this the right file?")
    if int(labels.max()) > LAST_LABEL:
        raise DataError(f"{path.name}: the label map holds {int(labels.max())}; labels up to {LAST_LABEL} are allowed.")
    flat = labels.reshape(-1)
    empty = [str(n) for n in np.flatnonzero((np.bincount(flat) > 0) & (np.bincount(flat, density.values.reshape(-1)) == 0)) if n]
    if empty:
        raise DataError(
            f"{density_path.name}: label {', '.join(empty)} has no mass, so no mean dose. Correct the density or the labels."
        )
    return labels


def _media(maps: Maps, density: Image) -> Media:
    """Material of each voxel, from the map where there is one."""
    if maps.material is None:
        index, materials = materials_from_density(density.values)
        return index, tuple(materials)
    names = maps.materials or MATERIALS
    known = tuple(load_material(name) for name in names)
    numbers = read_labels(maps.material, "the material map", density.grid)
    if int(numbers.max()) >= len(names):
        meaning = ", ".join(f"{n} {name}" for n, name in enumerate(names))
        raise DataError(
            f"{maps.material.name}: the material map holds {int(numbers.max())}; allowed are {meaning}. Name the materials "
            "in order."
        )
    return numbers.astype(np.uint8), known


def _regions(made: DoseMap, density: Image, labels: npt.NDArray[np.int32], names: list[int]) -> dict[str, dict[str, Any]]:
    """Energy by mass of each label, and its statistical uncertainty where there is one."""
    volume = made.dose.grid.voxel_volume / u.ml
    label, rho = labels.reshape(-1), density.values.reshape(-1)
    voxels, mass = np.bincount(label), np.bincount(label, rho)
    energy = np.bincount(label, rho * made.dose.values.reshape(-1).astype(np.float64))
    facts = {}
    for place, name in enumerate(names):
        mean = float(energy[name] / mass[name])
        own: dict[str, Any] = {"mean_Gy": mean, "u_Gy": None, "voxels": int(voxels[name])}
        own |= {"volume_ml": float(voxels[name]) * volume, "mass_g": float(mass[name]) * volume}
        if made.ensemble is None:
            own["why_no_u"] = "the engine computes without chance; what it neglects is in its description"
        elif mean == 0:
            own["why_no_u"] = "no energy was absorbed there"
        else:
            own["u_Gy"] = made.region_u[place] * mean
        facts[str(name)] = own
    return facts


def _facts(made: DoseMap, known: Nuclide, name: str, settings: EngineSettings) -> dict[str, Any]:
    used = engine(name, settings)
    chance = made.ensemble is not None
    return {
        "nuclide": known.name,
        "engine": name,
        "description": used.description,
        "energy_per_decay_keV": used.energy_per_decay(known) / u.keV,
        "uncertainty": settings.uncertainty if chance else None,
        "seed": settings.seed if chance else None,
        "threads": settings.threads if chance else None,
        "daughters": settings.daughters,
        "leaving": settings.leaving,
        "shape": list(made.dose.grid.shape[::-1]),
        "voxel_mm": list(made.dose.grid.spacing),
        "volumes": ["absorbed dose, Gy"] + ([] if made.u is None else ["its statistical standard uncertainty, Gy"]),
        "max_Gy": float(made.dose.values.max()),
        "remarks": list(made.remarks),
    }


def _said_of_materials(name: str, settings: EngineSettings, maps: Maps, media: Media | None) -> str:
    if media is None:
        return (
            f"{settings.medium} everywhere, {settings.density:g} g/ml"
            if name == "kernel"
            else "not used: the dose is by the mass of each voxel"
        )
    if maps.material is None:
        return FROM_DENSITY
    return "from the map: " + ", ".join(f"{n} {material.name}" for n, material in enumerate(media[1]))
