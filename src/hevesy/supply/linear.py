"""Small linear programmes: the simplex method on a dense table."""

import numpy as np
import numpy.typing as npt

from hevesy.errors import ConvergenceError, InputError

Vector = npt.NDArray[np.float64]
SMALL = 1e-10  # of what counts as zero; rows are of order one
MOST_PIVOTS = 20_000


def least_cost(
    cost: Vector, above: Vector, right: Vector, equal: Vector | None = None, equal_right: Vector | None = None
) -> Vector | None:
    """The x >= 0 that costs least under rows of limits and of equations; None where there is none.

        minimise c x,   A x <= b,   E x = e,   x >= 0

    By the simplex method in two phases with the rule of Bland, which cannot run in a circle. For tens of rows and some hundred
    columns, of numbers of order one: a large programme wants a library.

    Parameters
    ----------
    cost : ndarray, shape (n,)
    above, right : ndarray, shape (m, n), (m,)          A and b.
    equal, equal_right : ndarray, shape (k, n), (k,)    E and e.

    Raises
    ------
    InputError
        The least cost is minus infinity.
    ConvergenceError
        Too many steps.

    Reference: R. G. Bland, Math. Oper. Res. 2 (1977) 103.
    """
    n, m = cost.size, right.size
    E = np.empty((0, n)) if equal is None else equal
    e = np.empty(0) if equal_right is None else equal_right
    rows = np.vstack([np.hstack([above, np.eye(m)]), np.hstack([E, np.zeros((e.size, m))])])
    b = np.r_[right, e]
    rows[b < 0] *= -1.0
    b = np.abs(b)
    # a row begins with its own slack where that is there, else with an artificial variable
    own = np.r_[right >= 0, np.zeros(e.size, dtype=bool)]
    lacking = np.flatnonzero(~own)
    artificial = np.zeros((b.size, lacking.size))
    artificial[lacking, np.arange(lacking.size)] = 1.0
    table = np.hstack([rows, artificial, b[:, None]])
    basis = np.arange(n, n + b.size)
    basis[lacking] = n + m + np.arange(lacking.size)
    if lacking.size:
        table, basis = _improved(table, basis, np.r_[np.zeros(n + m), np.ones(lacking.size)])
        if float(table[basis >= n + m, -1].sum()) > 1e-7:
            return None
        table, basis = _without(table, basis, n + m)
    table, basis = _improved(table, basis, np.r_[cost, np.zeros(m)])
    x = np.zeros(n + m)
    x[basis] = table[:, -1]
    return x[:n]


def _improved(table: Vector, basis: npt.NDArray[np.intp], cost: Vector) -> tuple[Vector, npt.NDArray[np.intp]]:
    """The table when no column lowers the cost any more."""
    reduced = cost - cost[basis] @ table[:, :-1]
    for _ in range(MOST_PIVOTS):
        entering = np.flatnonzero(reduced < -SMALL)
        if not entering.size:
            return table, basis
        j = int(entering[0])
        up = np.flatnonzero(table[:, j] > SMALL)
        if not up.size:
            raise InputError("the linear programme has no least cost: something has no limit. Give every flow one.")
        ratio = table[up, -1] / table[up, j]
        tied = up[ratio <= ratio.min() + SMALL]
        i = int(tied[np.argmin(basis[tied])])
        _pivot(table, i, j)
        reduced = reduced - reduced[j] * table[i, :-1]
        basis[i] = j
    raise ConvergenceError(f"the linear programme is not solved after {MOST_PIVOTS} steps. Simplify the network.")


def _pivot(table: Vector, i: int, j: int) -> None:
    table[i] /= table[i, j]
    column = table[:, j].copy()
    column[i] = 0.0
    table -= np.outer(column, table[i])


def _without(table: Vector, basis: npt.NDArray[np.intp], n: int) -> tuple[Vector, npt.NDArray[np.intp]]:
    """The table without artificial columns; a row that still holds one says nothing new, and goes."""
    kept = []
    for i in range(basis.size):
        if basis[i] >= n:
            way = np.flatnonzero(np.abs(table[i, :n]) > 1e-8)
            if not way.size:
                continue
            _pivot(table, i, int(way[0]))
            basis[i] = int(way[0])
        kept.append(i)
    return np.hstack([table[kept, :n], table[kept, -1:]]), basis[kept]


def nearest(wanted: tuple[Vector, Vector], above: Vector, right: Vector, equal: Vector, equal_right: Vector) -> Vector | None:
    """The x >= 0 that comes nearest to what is wanted, under rows of limits and of equations; None where there is none.

        minimise |R x - r|^2,   A x <= b,   E x = e,   x >= 0

    There is one such x alone, whoever looks for it: the columns of R must be independent. As a least distance after C. L. Lawson,
    R. J. Hanson, Solving Least Squares Problems, 1974, chapter 23.

    Parameters
    ----------
    wanted : (R, r)                     ndarrays, shape (k, n) and (k,).
    """
    R, r = wanted
    Q, T = np.linalg.qr(R)
    G = np.vstack([-above, equal, -equal, np.eye(R.shape[1])])
    h = np.r_[-right, equal_right, -equal_right, np.zeros(R.shape[1])]
    middle = Q.T @ r
    inner = np.linalg.solve(T.T, G.T).T
    y = _least_distance(inner, h - inner @ middle)
    return None if y is None else np.maximum(0.0, np.linalg.solve(T, y + middle))


def _least_distance(G: Vector, h: Vector) -> Vector | None:
    """The y of least length with G y >= h; None where there is none."""
    E = np.vstack([G.T, h])
    f = np.r_[np.zeros(G.shape[1]), 1.0]
    residual = E @ _non_negative(E, f) - f
    if np.linalg.norm(residual) < 1e-7:
        return None
    return np.asarray(-residual[:-1] / residual[-1])


def _non_negative(E: Vector, f: Vector) -> Vector:
    """The u >= 0 with least |E u - f|: Lawson and Hanson, chapter 23, algorithm NNLS."""
    u, free = np.zeros(E.shape[1]), np.zeros(E.shape[1], dtype=bool)
    for _ in range(MOST_PIVOTS):
        gain = np.where(free, -np.inf, E.T @ (f - E @ u))
        j = int(np.argmax(gain))
        if gain[j] <= SMALL:
            return u
        free[j] = True
        while True:
            found = np.zeros_like(u)
            found[free] = np.linalg.lstsq(E[:, free], f, rcond=None)[0]
            if found[free].min(initial=1.0) > 0:
                break
            bad = free & (found <= 0)
            if bad[j] and not (free & ~bad).any() or np.all(u[bad] == 0) and bad[j]:
                # rounding alone: this column gains nothing
                free[j] = False
                return u
            step = float(np.min(u[bad] / (u[bad] - found[bad])))
            u = u + step * (found - u)
            free &= u > 1e-14
            u[~free] = 0.0
        u = found
    raise ConvergenceError(f"no nearest point after {MOST_PIVOTS} steps. Simplify the network.")
