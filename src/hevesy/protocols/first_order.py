"""Uncertainty of a result from those of its inputs, to first order."""

import math
from collections.abc import Callable, Mapping

from hevesy.errors import InputError
from hevesy.model import Measured

STEP = 1e-4  # of the value: central differences of smooth formulas are then exact to some 1e-8

Formula = Callable[[Mapping[str, float]], float]


def propagated(formula: Formula, inputs: Mapping[str, Measured]) -> Measured:
    """A result and its standard uncertainty from independent inputs.

        u(y)^2 = sum_i (df/dx_i)^2 u(x_i)^2

    Parameters
    ----------
    formula : callable                  From values by name to the result.
    inputs : mapping                    Values by name with u. One without u adds nothing: name it to the reader, see
                                        :func:`without_u`.

    Returns
    -------
    Measured                            Without u where no input has one.

    Derivatives are central differences. Neglected: correlation between inputs, curvature of the formula within u.
    Reference: JCGM 100:2008 (GUM), eq. (10).
    """
    centre = {name: x.value for name, x in inputs.items()}
    value = formula(centre)
    known = {name: x.u for name, x in inputs.items() if x.u is not None}
    # One that is exact says nothing of the others: a zero would be certainty that nobody has.
    if not any(known.values()) and len(known) < len(inputs):
        return Measured(value=value, u=None, why_no_u="no input carries an uncertainty")
    terms = []
    for name, u in known.items():
        if u == 0:
            continue
        step = STEP * (abs(centre[name]) or u)
        slope = (formula(centre | {name: centre[name] + step}) - formula(centre | {name: centre[name] - step})) / (2 * step)
        terms.append(slope * u)
    return Measured(value=value, u=math.hypot(*terms) if terms else 0.0)


def without_u(inputs: Mapping[str, Measured]) -> tuple[str, ...]:
    """A remark that names the inputs whose uncertainty is not in the result, or none."""
    missing = [name for name, x in inputs.items() if x.u is None]
    if not missing:
        return ()
    return (f"u is too small: it holds nothing of {', '.join(missing)}, given without uncertainty.",)


def exact(value: float) -> Measured:
    """A number that is certain by definition."""
    return Measured(value=value, u=0.0)


def positive(value: float, what: str, unit: str) -> float:
    """``value``, or an :class:`hevesy.errors.InputError` where it is not above zero."""
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{what} is {value:g} {unit}; it must be above 0. Check the number and its unit.")
    return value


def between(value: float, ends: tuple[float, float], what: str, unit: str, scale: float = 1.0) -> float:
    """``value``, or an :class:`hevesy.errors.InputError` where it lies outside what occurs: a slip of 1000, or of a unit.

    ``ends`` are in the unit of ``value``; both print by ``scale``, one of ``unit``.
    """
    if not ends[0] <= value <= ends[1]:
        raise InputError(
            f"{what} is {value / scale:.6g} {unit}; from {ends[0] / scale:g} to {ends[1] / scale:g} {unit} is allowed. "
            "Check the number and its unit."
        )
    return value


def share(value: float, what: str) -> float:
    """``value``, or an :class:`hevesy.errors.InputError` where it is no share from 0 to below 1."""
    if not 0 <= value < 1:
        raise InputError(f"{what} is {value:g}; a share is from 0 to below 1, 5 % is 0.05. Is it a percentage?")
    return value
