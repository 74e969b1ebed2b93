"""What a day needs at least: the plan with patients that may be split, and which ways no better plan can take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Span:
    """A resource that ``ways`` need from the step ``start`` on up to ``stop``, and of which ``there`` are."""

    ways: Whole
    start: Whole
    stop: Whole
    there: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relaxed:
    """The programme in which each patient may be split among ways.

    Attributes
    ----------
    bound : float                       No plan that places everybody costs less.
    excess : ndarray                    For each way: what a plan that takes it costs more than the bound, at least.
    share : ndarray                     Of its patient that each way takes [1].
    """

    bound: float
    excess: Vector
    share: Vector


def relaxed(
    costs: Vector, patients: Whole, spans: Sequence[Span], contents: Sequence[tuple[Whole, float]], *, seconds: float
) -> Relaxed | None:
    """The linear programme of a day; None where it is not solved in ``seconds``, or not everybody has a place.

        minimise sum_w c_w x_w,   sum_(w of p) x_w = 1 for each patient p,   0 <= x_w,
        n_k = n_(k-1) + sum_(w from k on) x_w - sum_(w up to k) x_w <= there  for each resource at each step k,
        sum_(w of v) c_w x_w <= C_v  for each vial v of limited content

    The excess of a way is its reduced cost. Reference: G. L. Nemhauser, L. A. Wolsey, Integer and Combinatorial Optimization,
    1988, section II.5.2.

    Parameters
    ----------
    costs, patients : ndarray, shape (n,)   Of each way what it costs and whose it is, counted from 0.
    spans : sequence of Span
    contents : sequence of (ways, float)    The ways that draw from a vial, and what it holds, in units of cost.
    """
    from scipy.optimize import linprog
    from scipy.sparse import csr_array, lil_array

    n, people = costs.size, int(patients.max(initial=-1)) + 1
    if not n or np.unique(patients).size != people:
        return None
    steps = 1 + max(int(span.stop.max(initial=0)) for span in spans)
    rows, columns, values = [patients], [np.arange(n)], [np.ones(n)]
    upper = [np.full(n, np.inf)]
    for r, span in enumerate(spans):
        row, state, k = people + r * steps, n + r * steps, np.arange(steps)
        rows += [row + span.start, row + span.stop, row + k, row + k[1:]]
        columns += [span.ways, span.ways, state + k, state + k[:-1]]
        values += [np.ones(span.ways.size), -np.ones(span.ways.size), -np.ones(steps), np.ones(steps - 1)]
        upper.append(np.full(steps, float(span.there)))
    wide = n + len(spans) * steps
    balance = csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(people + len(spans) * steps, wide)
    )
    drawn = lil_array((len(contents), wide))
    for v, (ways, content) in enumerate(contents):
        drawn[v, ways] = costs[ways] / content
    programme: Any = linprog  # its declaration knows no sparse equations
    found = programme(
        np.r_[costs, np.zeros(wide - n)],
        A_ub=drawn.tocsr() if contents else None,
        b_ub=np.ones(len(contents)) if contents else None,
        A_eq=balance,
        b_eq=np.r_[np.ones(people), np.zeros(len(spans) * steps)],
        bounds=np.column_stack([np.zeros(wide), np.concatenate(upper)]),
        method="highs-ds",
        options={"time_limit": seconds},
    )
    if found.status != 0:
        return None
    return Relaxed(bound=float(found.fun), excess=found.lower.marginals[:n], share=found.x[:n])
