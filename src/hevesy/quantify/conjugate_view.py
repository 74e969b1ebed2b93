"""Activity of a region from two opposite planar views."""

import math
from dataclasses import dataclass

from hevesy.errors import InputError
from hevesy.model import Measured
from hevesy.units import MBq, cm

# Counts must stand that many standard uncertainties above their background to be called activity.
ABOVE = 2.0
ONE_SIDED_95 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Counts of a region in one view, the scatter of the windows already taken off.

    ``gross``: in the region; ``background``: in as many pixels of the background region [1].
    """

    gross: Measured
    background: Measured = Measured(value=0.0, u=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What lies between a region and the two detectors.

    Attributes
    ----------
    mu : Measured                       Effective linear attenuation coefficient [1/mm].
    thickness : Measured or None        Of the body at the region, from detector to detector [mm].
    transmission : Measured or None     Counts through the body by counts without it, at the same energy [1]; it takes the
                                        place of mu times thickness.
    organ_thickness : Measured          Of the region itself; 0 is a thin source [mm].
    background_fraction : Measured      Share of the background counts that lies before and behind the region [1].
    """

    mu: Measured
    thickness: Measured | None
    transmission: Measured | None = None
    organ_thickness: Measured = Measured(value=0.0, u=0.0)
    background_fraction: Measured = Measured(value=1.0, u=0.0)

    def __post_init__(self) -> None:
        if not 0.0005 <= self.mu.value <= 0.04:
            raise InputError(f"mu is {self.mu.value * cm:g} per cm; 0.005 to 0.4 per cm is plausible. Check its unit: 1/cm.")
        if (self.thickness is None) == (self.transmission is None):
            raise InputError("attenuation needs the thickness of the body or its transmission, and only one of them.")
        if self.thickness is not None and not 3 * cm <= self.thickness.value <= 70 * cm:
            raise InputError(
                f"thickness of the body is {self.thickness.value / cm:g} cm; 3 to 70 cm is plausible. "
                "Check its unit: cm, not mm or m."
            )
        if self.transmission is not None and not 1e-4 < self.transmission.value <= 1:
            raise InputError(f"transmission is {self.transmission.value:g}; it is a share, above 0.0001 and at most 1.")
        most = self.thickness.value if self.thickness is not None else 70 * cm
        if not 0 <= self.organ_thickness.value <= most:
            raise InputError(
                f"organ thickness is {self.organ_thickness.value / cm:g} cm; 0 to the body's {most / cm:g} cm is allowed. "
                "Check its unit: cm."
            )
        if not 0 <= self.background_fraction.value <= 1:
            raise InputError(f"background fraction is {self.background_fraction.value:g}; 0 to 1 is allowed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanarActivity:
    """What two views say of a region.

    Attributes
    ----------
    anterior, posterior : Measured      Net counts; u by counting [1].
    geometric_mean : Measured or None   Their geometric mean [1].
    attenuation_factor : float          exp(mu d / 2) [1].
    organ_factor : float                f [1].
    activity : Measured or None         [Bq]; None where ``verdict`` says that there is none to give.
    budget : dict                       Relative standard uncertainty of the activity by its cause [1].
    at_most : float                     One-sided 95 % limit of the activity [Bq].
    verdict : str                       "" where the number may be used.
    """

    anterior: Measured
    posterior: Measured
    geometric_mean: Measured | None
    attenuation_factor: float
    organ_factor: float
    activity: Measured | None
    budget: dict[str, float]
    at_most: float
    verdict: str


def self_attenuation(mu: float, organ_thickness: float) -> float:
    """f = x / sinh(x), x = mu t / 2: what a source of thickness t loses against a thin one in its middle [1]."""
    x = 0.5 * mu * organ_thickness
    return x / math.sinh(x) if x > 1e-6 else 1.0


def geometric_background_fraction(*, organ_thickness: float, thickness: float) -> float:
    """Share of the body's thickness that the organ does not fill, 1 - t / d [1].

    Reference: Buijs et al., J Nucl Med 1998;39:2167-2172.
    """
    return 1 - organ_thickness / thickness


def conjugate_view(
    anterior: View, posterior: View, *, body: Body, sensitivity: Measured, exposure: float, shared: dict[str, float] | None = None
) -> PlanarActivity:
    """Activity by the geometric mean of two opposite views.

        I_v = G_v - F B_v          G gross, B background counts of as many pixels, v = A, P
        A = sqrt(I_A I_P exp(mu d)) f / (C T),      f = (mu t / 2) / sinh(mu t / 2)

    Parameters
    ----------
    anterior, posterior : View
    body : Body                         mu [1/mm], d or transmission, t [mm], F [1].
    sensitivity : Measured              C, of one head in air [1/(s MBq)].
    exposure : float                    T, time for which each point was seen [s].
    shared : dict, optional             Further relative standard uncertainties of the activity by name [1].

    Returns
    -------
    PlanarActivity                      Net counts that are not above zero give a verdict and a limit, no number.

    Neglected: overlapping organs, scatter that mu and windows do not hold, a background that differs between the region and
    its background region, decay during the scan, dead time.
    Reference: Siegel et al., MIRD Pamphlet 16, J Nucl Med 1999;40:37S-61S.
    """
    if not 0.1 <= exposure <= 1e5:
        raise InputError(f"exposure is {exposure:g} s for each point; 0.1 to 100 000 s is plausible. Check its unit.")
    if not 0.01 <= sensitivity.value <= 1e5:
        raise InputError(f"sensitivity is {sensitivity.value:g} cps/MBq; 0.01 to 100 000 is plausible. Check its unit.")
    mu, t, F = body.mu, body.organ_thickness, body.background_fraction
    net = [net_counts(view, F.value) for view in (anterior, posterior)]
    exponent, by_mu, by_depth = _exponent(body)
    f = self_attenuation(mu.value, t.value)
    x = 0.5 * mu.value * t.value
    lost = 1 - x / math.tanh(x) if x > 1e-6 else 0.0
    per_count = math.exp(exponent / 2) * f / (sensitivity.value * exposure) * MBq
    budget = {
        "attenuation coefficient": abs(by_mu + lost / mu.value) * (mu.u or 0.0),
        "body thickness": by_depth,
        "organ thickness": 0.0 if t.value == 0 else abs(lost) / t.value * (t.u or 0.0),
        "sensitivity": sensitivity.relative or 0.0,
        **(shared or {}),
    }
    physical = math.hypot(*budget.values())
    limit = math.sqrt(math.prod(max(n.value, 0.0) + ONE_SIDED_95 * (n.u or 0.0) for n in net))
    common: dict[str, float] = {"attenuation_factor": math.exp(exponent / 2), "organ_factor": f}
    at_most = limit * per_count * (1 + ONE_SIDED_95 * physical)
    below = [name for name, n in zip(("anterior", "posterior"), net, strict=True) if n.value <= 0]
    if below:
        return PlanarActivity(
            anterior=net[0], posterior=net[1], geometric_mean=None, activity=None, budget=budget, at_most=at_most,
            verdict=f"no activity above background in the {' and '.join(below)} view: net counts are not above zero. "
            f"Less than {at_most / MBq:.3g} MBq (95 %). Check region and background region.",
            **common,
        )  # fmt: skip
    value = math.sqrt(net[0].value * net[1].value)
    counting = 0.5 * math.hypot(*(n.relative or 0.0 for n in net))
    by_fraction = 0.5 * sum(v.background.value / n.value for v, n in zip((anterior, posterior), net, strict=True))
    budget = {"counting": counting, "background fraction": abs(by_fraction) * (F.u or 0.0), **budget}
    weak = [n for n in net if n.value < ABOVE * (n.u or 0.0)]
    A = value * per_count
    return PlanarActivity(
        anterior=net[0],
        posterior=net[1],
        geometric_mean=Measured(value=value, u=value * counting),
        activity=Measured(value=A, u=A * math.hypot(*budget.values())),
        budget=budget,
        at_most=max(at_most, A),
        verdict="not detected with confidence: net counts are less than two standard uncertainties above zero." if weak else "",
        **common,
    )


def net_counts(view: View, fraction: float) -> Measured:
    """I = G - F B; u by counting [1]."""
    u = math.hypot(view.gross.u or 0.0, fraction * (view.background.u or 0.0))
    return Measured(value=view.gross.value - fraction * view.background.value, u=u)


def _exponent(body: Body) -> tuple[float, float, float]:
    """mu d; the derivative of ln A by mu through it; relative u of A by the depth."""
    if body.transmission is not None:
        return -math.log(body.transmission.value), 0.0, 0.5 * (body.transmission.relative or 0.0)
    d = body.thickness
    if d is None:
        raise InputError("attenuation needs the thickness of the body or its transmission.")
    return body.mu.value * d.value, 0.5 * d.value, 0.5 * body.mu.value * (d.u or 0.0)
