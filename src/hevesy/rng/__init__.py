"""Random streams: one a batch, the same whoever draws it and in whatever order."""

import numpy as np


def stream(seed: int, batch: int) -> np.random.Generator:
    """The numbers of batch ``batch`` of the run ``seed`` (Philox 4x64, counter-based: Salmon et al., SC11)."""
    return np.random.Generator(np.random.Philox(key=seed, counter=[0, 0, 0, batch]))
