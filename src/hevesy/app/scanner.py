"""Facts about scanners, ready to print: all of them, one with its sources, and a user's own file held against itself."""

import math
from pathlib import Path
from typing import Any

from hevesy.errors import InputError
from hevesy.imaging.systems import Camera, Collimator, PetScanner, detector_response, scanner, scanners
from hevesy.imaging.systems.check import Check
from hevesy.imaging.systems.coincidence import counted_share, geometric_share, line_sensitivity, packing, photon_efficiency
from hevesy.imaging.systems.collimator import effective_length, geometric_efficiency, geometric_resolution, septal_penetration
from hevesy.imaging.systems.gamma_camera import RingCamera, detector_efficiency, sensitivity
from hevesy.imaging.systems.library import load_scanner, scanner_file
from hevesy.imaging.systems.origin import Origin
from hevesy.imaging.systems.plausibility import plausibility, strongest_line
from hevesy.imaging.systems.plausibility_pet import expected_resolution
from hevesy.imaging.systems.reading import COLLIMATOR, FIGURES, KINDS, Scanner
from hevesy.model.acquisition import EnergyWindow

DISTANCES = (0.0, 50.0, 100.0, 150.0, 200.0, 250.0)
PINHOLE_DISTANCES = (30.0, 50.0, 100.0, 150.0, 200.0)
_LIGHT_MM_PER_PS = 0.299792458
# Emax of a collimator: the nuclide that is imaged with it, where nothing else is asked [MeV].
_IMAGED = ((0.21, "Tc-99m"), (0.32, "Lu-177"), (math.inf, "I-131"))


def list_scanners() -> dict[str, Any]:
    """What `hevesy scanner` prints: a row a scanner, with the figures by which people choose."""
    return {"scanners": [_summary(scanner(name)) for name in scanners()]}


def describe_scanner(
    name: str, *, collimator: str | None = None, nuclide: str | None = None, nema: bool = False
) -> dict[str, Any]:
    """What `hevesy scanner NAME` prints: each figure with its source, what follows from them, and the checks.

    Parameters
    ----------
    name : str                          Of a shipped scanner, or a user's own TOML file.
    collimator : str                    Show this one at all distances; all of them in short where none is named.
    nuclide : str                       Imaged with the collimator; by default the usual one for its energy.
    nema : bool                         Simulate the figures of NEMA NU 2 of a PET scanner, beside the published ones.
    """
    found = scanner(name)
    if isinstance(found, PetScanner):
        if collimator or nuclide:
            raise InputError(
                f"{found.name} is a PET scanner: it has no collimator and no lines to choose. Leave these options out."
            )
        return _facts(found) | {"derived": _pet_derived(found), "nema": _pet_nema(found) if nema else None}
    if nema:
        raise InputError(f"{found.name} is a gamma camera: NEMA NU 2 is for PET. Leave --nema out.")
    facts = _facts(found)
    facts["derived"] = _camera_derived(found)
    facts["collimators"] = [_collimator_facts(found, each, nuclide) for each in found.collimators]
    if collimator is not None:
        chosen = found.collimator(collimator)
        facts["collimators"] = [_collimator_facts(found, chosen, nuclide)]
        facts["response"] = _response(found, chosen, nuclide)
    return facts


def check_scanner(path: Path) -> dict[str, Any]:
    """What `hevesy scanner --check FILE` prints: each figure against what the others make of it, and the verdict."""
    found = load_scanner(path)
    checks = plausibility(found)
    return {
        "name": found.name,
        "title": found.title,
        "kind": _kind(found),
        "file": path.name,
        "plausible": all(check.passed for check in checks),
        "checks": [_check(check) for check in checks],
        "unverified": _unverified(found),
        "not_asked": [] if checks else ["The file has no published figure to hold against its geometry. Add some."],
    }


def scanner_template(name: str) -> str:
    """The file of a shipped scanner, to start one's own from."""
    return scanner_file(name)


def _facts(found: Scanner) -> dict[str, Any]:
    figures = []
    for key, (attribute, factor, _) in FIGURES[_kind(found)].items():
        value = getattr(found, attribute)
        if attribute not in found.origins or value is None:
            continue
        figures.append({"figure": key, "value": _plain(value, factor)} | _origin(found.origins[attribute]))
    return {
        "name": found.name,
        "title": found.title,
        "maker": found.maker,
        "kind": _kind(found),
        "figures": figures,
        "unverified": _unverified(found),
        "checks": [_check(check) for check in plausibility(found)],
        "remarks": list(found.remarks),
    }


def _summary(found: Scanner) -> dict[str, Any]:
    if isinstance(found, PetScanner):
        rate = found.sensitivity_centre
        tof = found.tof_resolution
        own: dict[str, Any] = {
            "axial_length_mm": found.axial_length,
            "crystal": found.crystal_material,
            "resolution_mm": found.resolution_transverse,
            "sensitivity_cps_per_kBq": None if rate is None else _round(rate * 1e3),
            "tof_resolution_ps": None if tof is None else _round(tof * 1e12),
        }
    else:
        first = found.collimators[0]
        nuclide = _nuclide_for(first)
        energy, per_decay = strongest_line(nuclide)
        own = {
            "axial_length_mm": found.field_of_view[0],
            "crystal": found.crystal_material,
            "heads": found.heads,
            "collimators": [each.name for each in found.collimators],
            "resolution_at_100_mm_mm": _round(float(detector_response(found, first, energy).fwhm(100.0))),
            "sensitivity_cps_per_MBq": _round(sensitivity(found, first, energy, per_decay) * 1e6),
        }
    return (
        {"name": found.name, "title": found.title, "kind": _kind(found)} | own | {"unverified_figures": len(_unverified(found))}
    )


def _pet_derived(found: PetScanner) -> dict[str, Any]:
    share, known = packing(found)
    counted, published = counted_share(found)
    across = found.crystal[0]
    middle = float(geometric_share(found, 0.0)[0])
    return {
        "crystal_share_of_ring": _round(share),
        "crystal_share_is_usual_value": not known,
        "photon_efficiency_at_right_angles": _round(float(photon_efficiency(found, 0.0))),
        "solid_angle_of_middle": _round(middle),
        "sensitivity_by_geometry_cps_per_kBq": _round(line_sensitivity(found, geometric=True) * 1e3),
        "sensitivity_by_geometry_and_crystals_cps_per_kBq": _round(line_sensitivity(found) * 1e3),
        "published_over_expected_sensitivity": _round(counted) if published else None,
        "resolution_by_crystal_mm": None if across is None else _round(expected_resolution(across, found.radius)),
        "tof_position_fwhm_mm": None
        if found.tof_resolution is None
        else _round(found.tof_resolution * 1e12 * _LIGHT_MM_PER_PS / 2),
    }


def _pet_nema(found: PetScanner) -> dict[str, Any]:
    from hevesy.app.pet_figures import simulated_figures  # it brings the compiler

    return simulated_figures(found)


def _camera_derived(found: Camera) -> dict[str, Any]:
    derived: dict[str, Any] = {
        "detector_efficiency": {
            f"{energy * 1000:g} keV": _round(detector_efficiency(found, energy)) for energy in (0.1405, 0.2084, 0.3645)
        },
        "dead_time_us": None if found.dead_time is None else _round(found.dead_time * 1e6),
    }
    if isinstance(found, RingCamera):
        derived["column_width_mm"] = _round(found.width)
    return derived


def _collimator_facts(found: Camera, one: Collimator, nuclide: str | None) -> dict[str, Any]:
    imaged = nuclide or _nuclide_for(one)
    energy, per_decay = strongest_line(imaged)
    pinhole = one.shape == "pinhole"
    given = {
        key: _plain(getattr(one, attribute), factor)
        for key, (attribute, factor, _) in COLLIMATOR.items()
        if not key.startswith("published") and getattr(one, attribute) not in (None, 0.0)
    }
    published = None
    if one.published_resolution is not None or one.published_sensitivity is not None:
        published = {
            "resolution_mm": one.published_resolution,
            "at_distance_mm": one.published_distance,
            "sensitivity_cps_per_MBq": None if one.published_sensitivity is None else _round(one.published_sensitivity * 1e6),
            "nuclide": one.published_nuclide,
        } | _origin(one.published_origin)
    return {
        "name": one.name,
        **given,
        **_origin(one.origin),
        "nuclide": imaged,
        "energy_keV": _round(energy * 1000),
        "yield_per_decay": _round(per_decay),
        "effective_length_mm": None if pinhole else _round(effective_length(one, energy)),
        "geometric_resolution_at_100_mm_mm": _round(float(geometric_resolution(one, 100.0, energy))),
        "resolution_at_100_mm_mm": _round(float(detector_response(found, one, energy).fwhm(100.0))),
        "sensitivity_cps_per_MBq": _round(sensitivity(found, one, energy, per_decay, distance=100.0) * 1e6),
        "septal_penetration_percent": _round(septal_penetration(one, energy) * 100),
        "published": published,
    }


def _response(found: Camera, one: Collimator, nuclide: str | None) -> list[dict[str, Any]]:
    energy, per_decay = strongest_line(nuclide or _nuclide_for(one))
    distances = PINHOLE_DISTANCES if one.shape == "pinhole" else DISTANCES
    response = detector_response(found, one, energy)
    return [
        {
            "distance_mm": z,
            "geometric_resolution_mm": _round(float(geometric_resolution(one, z, energy))),
            "resolution_mm": _round(float(response.fwhm(z))),
            "geometric_efficiency": _round(geometric_efficiency(one, energy, distance=z)),
            "sensitivity_cps_per_MBq": _round(sensitivity(found, one, energy, per_decay, distance=z) * 1e6),
        }
        for z in distances
    ]


def _nuclide_for(one: Collimator) -> str:
    if one.published_sensitivity is not None or one.published_resolution is not None or not one.highest_energy:
        return one.published_nuclide
    if one.shape == "pinhole":
        return "Tc-99m"
    return next(nuclide for most, nuclide in _IMAGED if one.highest_energy <= most)


def _unverified(found: Scanner) -> list[str]:
    keys = {attribute: key for key, (attribute, _, _) in FIGURES[_kind(found)].items()}
    names = [keys[attribute] for attribute, origin in found.origins.items() if not origin.verified]
    if not isinstance(found, PetScanner):
        for one in found.collimators:
            if not one.origin.verified:
                names.append(f"collimator {one.name}")
            if one.published_sensitivity is not None and not one.published_origin.verified:
                names.append(f"published figures of {one.name}")
    return names


def _check(check: Check) -> dict[str, Any]:
    return {
        "what": check.what,
        "given": _round(check.given),
        "expected": _round(check.expected),
        "unit": check.unit,
        "ratio": _round(check.ratio),
        "allowed": list(check.allowed),
        "passed": check.passed,
        "why": check.why,
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {"source": origin.source, "how": origin.how, "unverified": not origin.verified, "note": origin.note or None}


def _kind(found: Scanner) -> str:
    gamma, ring, pet = KINDS
    if isinstance(found, PetScanner):
        return pet
    return ring if isinstance(found, RingCamera) else gamma


def _plain(value: Any, factor: float) -> Any:
    """As it stands in a file: in the unit of its key."""
    if isinstance(value, EnergyWindow):
        return [value.lower, value.upper]
    if isinstance(value, tuple):
        return [_plain(each, factor) for each in value]
    if isinstance(value, str) or value is None or factor == 1:
        return value
    return _round(value / factor)


def _round(value: float) -> float:
    """Six digits: what divides by 1e-12 does not print as 209.99999999999997."""
    return float(f"{value:.6g}")
