"""How a result came about."""

import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from hevesy import __version__
from hevesy.model import Provenance, Study
from hevesy.nuclides import Nuclide
from hevesy.tables import load_table

LIBRARIES = (
    "numpy",
    "scipy",
    "simpleitk",
    "pydicom",
    "highdicom",
    "nibabel",
    "icrp107-database",
    "matplotlib",
    "typst",
)
TABLES = (
    ("hevesy.anatomy", "region_names"),
    ("hevesy.anatomy", "regions"),
    *(
        ("hevesy.materials", name)
        for name in (
            "hounsfield_density", "elements", "materials", "photon_cross_sections", "electron_radiative", "atomic_shells",
            "scattering_factors",
        )
    ),
)  # fmt: skip


def provenance(study: Study, nuclide: Nuclide, parameters: dict[str, str]) -> Provenance:
    """Versions, inputs by UID, tables by hash, parameters with where they came from."""
    libraries = {}
    for name in LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            libraries[name] = "not installed"
    tables = {f"{package.split('.')[-1]}/{name}": load_table(package, name).certificate.sha256 for package, name in TABLES}
    tables[f"icrp107-database/{nuclide.name}"] = nuclide.sha256
    inputs = [
        {
            "label": scan.label,
            "modality": scan.modality,
            "series_uid": scan.series_uid,
            "files": str(len(scan.files)),
        }
        for scan in (*study.scans, *study.cts)
    ]
    inputs += [
        {"label": source, "modality": "regions", "series_uid": "", "files": "1"}
        for source in dict.fromkeys(o.source for o in study.outlines)
    ]
    return Provenance(
        hevesy=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        python=sys.version.split()[0],
        platform=platform.platform(),
        libraries=libraries,
        inputs=tuple(inputs),
        tables=tables,
        parameters=parameters,
    )
