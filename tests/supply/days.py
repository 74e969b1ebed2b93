"""Days for the tests of plans."""

from hevesy import units as un
from hevesy.supply.day_plan import Day, Patient, Scanner, Vial


def patient(name, activity, **changes):
    given = {
        "lowest": 0.8 * activity * un.MBq, "highest": 1.1 * activity * un.MBq, "uptake": 60 * un.min_, "shortest": 55 * un.min_,
        "longest": 75 * un.min_, "scan": 20 * un.min_, "earliest": 8 * un.h, "latest": 16.5 * un.h,
    } | changes  # fmt: skip
    return Patient(name=name, activity=activity * un.MBq, **given)


def day(patients, *, scanners=1, vials=None, **rules):
    return Day(
        nuclide="F-18",
        vials=tuple(vials or (Vial(name="A", calibration=8 * un.h, available=7.5 * un.h),)),
        scanners=tuple(Scanner(name=f"PET {i + 1}", opens=8 * un.h, closes=17 * un.h) for i in range(scanners)),
        patients=tuple(patients),
        **rules,
    )
