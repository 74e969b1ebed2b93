"""Arrays that the loops read: cross sections and stopping powers by material and energy, voxels, sources."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]


class Voxels(NamedTuple):
    """A grid of ``nx * ny * nz`` voxels, flat with x fastest; lengths in mm, density in g/ml."""

    nx: int
    ny: int
    nz: int
    dx: float
    dy: float
    dz: float
    density: Floats
    material: Bytes


# Columns of ElectronTables.data.
STOPPING, KEPT, ABSORBED, REACH, EARLY, LOW, SHARE, HARD, SPREAD = range(9)
HARD_SHARE = 0.1  # of its energy: a particle's losses above it are followed whatever the cutoff says
# Columns of PhotonTables.data.
TOTAL, KERMA, INCOHERENT, COHERENT, PHOTOELECTRIC = range(5)


class ElectronTables(NamedTuple):
    """Charged particles by charge (0 electron, 1 positron), material and energy, for 1 g/ml.

    ``log_first`` and ``per_log`` place an energy on the grid of nodes even in ln E.  ``step``: share of its energy that
    a step loses.  ``lowest`` ends a track, ``hard_from`` is where collisions are followed [MeV].  ``data``: shape
    (charge, material, node, column), one array because a call passes each array's shape and strides:

    STOPPING  mean soft energy loss in a step that starts there, radiation included [MeV/mm]
    KEPT      share of it that is not radiated, ABSORBED the same for the rest of the track
    REACH     CSDA range [mm]
    EARLY     how far the density of the hinge falls along the step, 0 where it is even
    LOW       where the angular distribution of a step changes, SHARE its part below that, in (1 - cos)/2; even in both
    HARD      expected collisions above ``hard_from`` in a step
    SPREAD    standard deviation of the soft loss in a step [MeV]
    """

    log_first: float
    per_log: float
    step: float
    lowest: float
    hard_from: float
    data: Floats


class PhotonTables(NamedTuple):
    """Photons by material and energy, for 1 g/ml.

    ``lowest``: energy below which a photon is absorbed; ``follow_from``: above which a secondary electron is followed
    [MeV].  ``data``: shape (material, node, column):

    TOTAL     attenuation [1/mm]
    KERMA     energy given to electrons too slow to be followed, by the photon's energy [1/mm]
    INCOHERENT, COHERENT, PHOTOELECTRIC   cumulative chances of the kinds of interaction; the rest is pair production

    ``scattering`` (material, node): incoherent scattering function by its largest value over x = sin(angle/2)/wavelength
    = node * ``x_step`` [1/Angstrom].  ``form`` (2, material, node): x^2, and the integral of the squared form factor to it.
    """

    log_first: float
    per_log: float
    lowest: float
    follow_from: float
    x_step: float
    data: Floats
    scattering: Floats
    form: Floats


class Origins(NamedTuple):
    """Where particles start: voxels (flat index) with a chance each (cumulative) and the weight that undoes it.

    ``weight``: time-integrated activity [Bq s] of the voxel by its chance.
    """

    voxel: Ints
    cumulative: Floats
    weight: Floats


class Lines(NamedTuple):
    """What starts: energy bins (a line has ``low`` = ``high``) [MeV], by class of density.

    ``cumulative``, ``weight`` (class, bin): chance of the bin, and yield by chance.  ``charge`` 0 electron, 1 positron,
    2 photon, 3 annihilation (``low``, ``high`` are the positron's).
    """

    low: Floats
    high: Floats
    charge: Ints
    cumulative: Floats
    weight: Floats
