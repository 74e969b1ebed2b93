"""A small PET scanner and a short scan of a cylinder in it, for the tests of simulation and reconstruction."""

from hevesy.app.simulate_pet import AskedPet

SCANNER = """
name = "small"
kind = "pet"
title = "Small PET"
maker = "Test"

[sources]
made = { text = "made up for a test", how = "derived" }

[figures]
ring_diameter_mm = { value = 500, from = "made" }
axial_length_mm = { value = 120, from = "made" }
rings = { value = 15, from = "made" }
crystals_per_ring = { value = 192, from = "made" }
crystal_mm = { value = [8, 8, 20], from = "made" }
crystal_material = { value = "LSO", from = "made" }
energy_window_keV = { value = [435, 585], from = "made" }
coincidence_window_ns = { value = 2.3, from = "made" }
tof_resolution_ps = { value = 400, from = "made" }
energy_resolution_percent = { value = 11, from = "made" }
sensitivity_centre_cps_per_kBq = { value = 4.0, from = "made" }
peak_necr_kBq_per_ml = { value = 30, from = "made" }
peak_necr_kcps = { value = 50, from = "made" }
resolution_transverse_mm = { value = 6, from = "made" }
resolution_axial_mm = { value = 6, from = "made" }
"""


def asked(folder, **changes):
    """15 s of 6.3 MBq F-18 in the cylinder, on the small scanner whose file is put into ``folder``."""
    path = folder / "small.toml"
    path.write_text(SCANNER, "utf-8")
    settings = {"phantom": "cylinder", "nuclide": "F-18", "activity": 6.3e6, "duration": 15.0, **changes}
    return AskedPet(scanner=str(path), **settings)
