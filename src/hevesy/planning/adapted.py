"""A course whose activities follow what each cycle was measured to deliver."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.planning.activity import MAXIMUM, Outlook, Plan, at_activity, check_most
from hevesy.planning.burden import Burden
from hevesy.planning.limits import Limit

Vector = npt.NDArray[np.float64]


def adapted_course(outlook: Outlook, *, most: float | None = None) -> Plan:
    """The activity of the next cycle where each later one is planned again from what was measured.

        A_c = what is left of an allowance by the measured doses, spread equally over the cycles that remain,
              at the dose by activity that the newest cycle showed

    The allowance of each limit lies below the limit by as much as makes the chance to exceed it the chosen one, were it the only
    limit. Where several limits hold, the smallest activity is given in each cycle, so that no chance is above its own.

    Parameters
    ----------
    outlook : Outlook                     With at least one limit.
    most : float, optional              Activity by cycle that is never passed [Bq].

    Neglected: an allowance that is not used up because another limit ruled; it makes the course a little too careful.
    """
    from scipy.optimize import brentq

    check_most(most)
    if not outlook.limited:
        raise InputError("an adapted course needs a limit: there is no allowance to spread. Give limits.")
    # Dose by activity as each cycle's own scans will show it.
    seen = [outlook.world.as_measured(each.target) for each in outlook.limited]
    allowances: list[float] = []
    for each in outlook.limited:
        limit = each.target.limit
        assert limit is not None  # noqa: S101  (for the type checker)
        shown = seen[len(allowances)]

        def over(share: float, each: Burden = each, limit: Limit = limit, shown: Vector = shown) -> float:
            given, _ = _simulated([each], [share * limit.value], [shown], None)
            # The quantile moves smoothly with the allowance, the share of draws above the limit in steps.
            return float(np.quantile(each.quantity(given), 1 - limit.probability)) / limit.value - 1

        low, high = 0.0, 2.0
        if over(low) >= 0:
            allowances.append(0.0)
            continue
        while over(high) < 0:
            high *= 2
        allowances.append(limit.value * float(brentq(over, low, high, xtol=1e-4)))
    activities, rules = _simulated(outlook.limited, allowances, seen, most)
    name = MAXIMUM if rules == len(outlook.limited) else outlook.limited[rules].target.name
    return at_activity(outlook, activities, limiting=name)


def _simulated(
    burdens: Sequence[Burden], allowances: Sequence[float], seen: Sequence[Vector], most: float | None
) -> tuple[Vector, int]:
    """Activity of each cycle in each draw (n, N) [Bq], and which limit rules the first: its place, or the number of limits."""
    n, N = seen[0].shape
    activities = np.zeros((n, N))
    used = [np.full(n, each.given_estimate) for each in burdens]
    shown = [np.full(n, each.d_estimate) for each in burdens]
    rules = 0
    for c in range(N):
        wanted = [
            _spread(each, allowance - given, d, N - c)
            for each, allowance, given, d in zip(burdens, allowances, used, shown, strict=True)
        ]
        if most is not None:
            wanted.append(np.full(n, most))
        if c == 0:
            rules = int(np.argmin([float(one[0]) for one in wanted]))
        activities[:, c] = np.min(wanted, axis=0)
        for i, each in enumerate(burdens):
            shown[i] = seen[i][:, c]
            dose = activities[:, c] * shown[i]
            used[i] = used[i] + each.s_estimate * (dose + each.q_estimate * dose**2)
    return activities, rules


def _spread(each: Burden, left: Vector, d: Vector, cycles: int) -> Vector:
    """Equal activity of ``cycles`` that uses up ``left`` at the estimated dose by activity ``d`` (n,) [Bq]."""
    left = np.maximum(left, 0.0)
    linear = each.s_estimate * cycles * d
    square = each.s_estimate * each.q_estimate * cycles * d**2
    return np.asarray(2 * left / (linear + np.sqrt(linear**2 + 4 * square * left)))
