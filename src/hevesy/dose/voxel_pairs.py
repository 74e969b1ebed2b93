"""Averages over the pairs of points of two voxels."""

from functools import cache

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

# Directions of a shell whose radius is the shortest side; they grow with the shell's surface up to the limit.
DIRECTIONS, MOST_DIRECTIONS = 2000, 10_000
# Irrational steps of the direction lattice and from shell to shell.
_GOLDEN, _SILVER = 0.6180339887498949, 0.4142135623730951


@cache
def triangle_rule(n: int) -> tuple[Array, Array]:
    """Gauss rule on [-1, 1] for the weight 1 - |u|: nodes and weights that add to 1.

    The distance of two random points of two intervals of length 1 is that of their centres plus u with this density.
    Exact for polynomials of degree 2 n - 1. Golub and Welsch, Math Comp 1969;23:221, with the recurrence by Stieltjes.
    """
    x, w = np.polynomial.legendre.leggauss(2 * n + 8)
    u, weight = np.r_[(x - 1) / 2, (x + 1) / 2], np.r_[w, w] / 2
    weight = weight * (1 - np.abs(u))
    last, now, b = np.zeros_like(u), np.ones_like(u), 0.0
    norm, squares = 1.0, []
    for _ in range(n - 1):
        last, now = now, u * now - b * last
        b = float(weight @ now**2) / norm
        norm *= b
        squares.append(b)
    off = np.sqrt(np.array(squares))
    nodes, vectors = np.linalg.eigh(np.diag(off, 1) + np.diag(off, -1))
    return nodes, vectors[0] ** 2


def rule_for(side: float, distance: float) -> tuple[Array, Array]:
    """The smallest triangle rule that averages a kernel like 1/r^2 over a side at that distance within 1e-5.

    The error of n nodes falls as rho^(-2n) with rho = d/a + sqrt(1 + (d/a)^2), d the distance and a the side.
    """
    ratio = distance / side
    rate = np.log(ratio + np.hypot(1.0, ratio))
    return triangle_rule(max(2, int(np.ceil(np.log(1e5) / (2 * rate)))))


def shell_shares(r: Array, sides: tuple[float, float, float], half: tuple[int, int, int]) -> Array:
    """Share of the energy of spherical shells that lands in each voxel of the first octant, from a uniform voxel.

        W_i(r) = < prod_k T(i_k - r n_k / a_k) >_n,   T(u) = max(0, 1 - |u|)

    The overlap of a box with itself shifted by a vector is a product of triangles T, so the mean over the starting
    points is exact; the mean over directions n is closed for r up to the shortest side and a lattice sum beyond.

    Parameters
    ----------
    r : array, shape (n,)               Radii of the shells, increasing [mm].
    sides : (a_z, a_y, a_x)             Sides of the voxel [mm].
    half : (n_z, n_y, n_x)              The octant holds the indices 0 to half; what lands beyond is dropped.

    Returns
    -------
    array, shape (n, n_z + 1, n_y + 1, n_x + 1)   Share of one voxel (not of its mirror images together).
    """
    size = tuple(h + 1 for h in half)
    shares = np.zeros((r.size, *size))
    inner = int(np.searchsorted(r, min(sides), side="right"))
    shares[:inner, :2, :2, :2] = _near_shares(r[:inner], sides)[:, : size[0], : size[1], : size[2]]
    for n in range(inner, r.size):
        shares[n] = _lattice_shares(float(r[n]), sides, size, n)
    return shares / mirror_images(half)


def mirror_images(half: tuple[int, int, int]) -> Array:
    """How many voxels of the whole a voxel of the octant stands for: 1, 2, 4 or 8."""
    z, y, x = (np.where(np.arange(h + 1) == 0, 1.0, 2.0) for h in half)
    return np.asarray(z[:, None, None] * y[:, None] * x)


def _near_shares(r: Array, sides: tuple[float, float, float]) -> Array:
    """Closed form for radii up to the shortest side: <|n_x|> = 1/2, <|n_x n_y|> = 2/(3 pi), <|n_x n_y n_z|> = 1/(4 pi)."""
    moments = np.array([1.0, 1 / 2, 2 / (3 * np.pi), 1 / (4 * np.pi)])
    # The mean of a product of coordinates, by which coordinates are in it.
    product = np.empty((2, 2, 2, r.size))
    for i, j, k in np.ndindex(2, 2, 2):
        product[i, j, k] = moments[i + j + k] * r ** (i + j + k) / (sides[0] ** i * sides[1] ** j * sides[2] ** k)
    for axis in range(3):
        zero, one = np.take(product, 0, axis), np.take(product, 1, axis)
        product = np.stack([zero - one, one], axis=axis)  # 1 - |u| stays in the voxel, |u| goes to the next
    return np.moveaxis(product, 3, 0)


def _lattice_shares(r: float, sides: tuple[float, float, float], size: tuple[int, ...], shell: int) -> Array:
    """Mean over a golden lattice of directions in the octant, folded so that its edges are smooth, shifted by shell."""
    count = int(min(DIRECTIONS * (r / min(sides)) ** 2, MOST_DIRECTIONS))
    i = np.arange(count)
    cosine = (i + (0.5 + shell * _SILVER) % 1.0) / count
    turn = (i * _GOLDEN + shell * _SILVER**2) % 1.0
    cosine, angle = 1 - np.abs(2 * cosine - 1), np.pi / 2 * (1 - np.abs(2 * turn - 1))
    sine = np.sqrt(1 - cosine**2)
    flat = np.zeros(1, dtype=np.int64)
    weight = np.ones(1)
    for component, side, n in zip((cosine, sine * np.sin(angle), sine * np.cos(angle)), sides, size, strict=True):
        u = r * component / side
        index = np.floor(u).astype(np.int64)
        part = u - index
        index = np.stack([np.minimum(index, n), np.minimum(index + 1, n)])  # index n is the bin of what is dropped
        flat = (flat[..., None, :] * (n + 1) + index).reshape(-1, count)
        weight = (weight[..., None, :] * np.stack([1 - part, part])).reshape(-1, count)
    bins = np.bincount(flat.ravel(), weight.ravel(), int(np.prod([n + 1 for n in size])))
    box = bins.reshape([n + 1 for n in size]) / count
    return np.asarray(box[: size[0], : size[1], : size[2]])
