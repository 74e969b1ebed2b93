"""Random numbers inside the loops: xoshiro256++, seeded from the batch's own stream."""

import math

import numpy as np
import numpy.typing as npt

from hevesy.transport._kernels.compiler import compiled

Words = npt.NDArray[np.uint64]


@compiled
def words(generator: np.random.Generator) -> Words:
    """State of four 64-bit words drawn from the generator of a batch.

    A call of the generator costs five times as much as a draw below: the loops draw billions of numbers.
    """
    state = np.empty(4, np.uint64)
    for i in range(4):
        high = np.uint64(generator.random() * 4294967296.0)
        state[i] = (high << np.uint64(32)) | np.uint64(generator.random() * 4294967296.0)
    return state


@compiled
def uniform(s: Words) -> float:
    """Number in [0, 1) with 53 bits. Blackman and Vigna, ACM Trans. Math. Softw. 47 (2021) 36."""
    total = s[0] + s[3]
    drawn = ((total << np.uint64(23)) | (total >> np.uint64(41))) + s[0]
    t = s[1] << np.uint64(17)
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = (s[3] << np.uint64(45)) | (s[3] >> np.uint64(19))
    return float((drawn >> np.uint64(11)) * 1.1102230246251565e-16)


@compiled
def exponential(s: Words) -> float:
    """Number of the exponential distribution of mean 1."""
    return -math.log(1.0 - uniform(s))


@compiled
def azimuth(s: Words) -> tuple[float, float]:
    """Cosine and sine of an angle that is even over the circle (von Neumann's rejection, no trigonometry)."""
    while True:
        a = 2.0 * uniform(s) - 1.0
        b = uniform(s)
        square = a * a + b * b
        if 1e-12 < square <= 1.0:
            return (a * a - b * b) / square, 2.0 * a * b / square
