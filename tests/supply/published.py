"""Published figures of supply, put together for the reference cases."""

from hevesy import units as u
from hevesy.supply.generator import elutions
from hevesy.supply.orders import grown_by, within


def capsule(days):
    """A capsule of 3.7 GBq I-131 after some days [GBq]."""
    return [3.7 / grown_by("I-131", t * u.d) for t in days]


def fractions(hours):
    """Tc-99m of all technetium atoms after a complete elution."""
    return [elutions("Mo-99", u.GBq, [t * u.h])[0].fraction for t in hours]


def assays(shares):
    """Whether shares of a prescribed activity may be given: 1 or 0."""
    return [float(within(share * u.GBq, u.GBq)) for share in shares]
