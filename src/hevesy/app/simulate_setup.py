"""How a simulated camera of each kind is set about a body: steps of flat heads, a pinhole close by, columns that swivel."""

import numpy as np

from hevesy.app.simulate_asked import Asked
from hevesy.dicom.read_tomo import PIXELS
from hevesy.errors import InputError
from hevesy.imaging.phantoms import Subject, body_map, grid_around
from hevesy.imaging.simulate import (
    CLEARANCE,
    Acquisition,
    outline_of,
    step_and_shoot,
    swivel_and_count,
    windows_about,
)
from hevesy.imaging.simulate.swivel import TURNS
from hevesy.imaging.systems import Camera, Collimator, RingCamera
from hevesy.model import Grid
from hevesy.transport import Phantom

VIEWS = 120  # of flat heads, unless asked otherwise
MOST_VOXELS = 128  # a side, about a pinhole: more would mean that the body is no small one
WHOLE, WHOLE_SIDE = (64, 64, 64), 8.0  # voxels, mm
LONG = 1e4  # mm: all slices of a body


def set_up(asked: Asked, who: Subject, camera: Camera, collimator: Collimator) -> tuple[Grid, Phantom, Acquisition]:
    """Voxels, the body in them, and the acquisition."""
    if not PIXELS[0] <= asked.pixel <= PIXELS[1]:
        raise InputError(
            f"--pixel: a side of {asked.pixel:g} mm; cameras have {PIXELS[0]:g} to {PIXELS[1]:g} mm. Choose another."
        )
    if isinstance(camera, RingCamera):
        return _ring(asked, who, camera)
    pinhole = collimator.shape == "pinhole"
    # About a pinhole the views may be smaller than the body: its reach is found on voxels that hold all of it.
    grid = grid_around(WHOLE, WHOLE_SIDE) if pinhole else grid_around((asked.matrix, asked.matrix, asked.matrix), asked.pixel)
    body = body_map(who, grid)
    radius = asked.radius or _reach(body, grid) + CLEARANCE
    if pinhole:
        grid = _small_voxels(asked, _reach(body, grid), radius / collimator.length)
        body = body_map(who, grid)
    setup = step_and_shoot(
        camera, collimator, nuclide=asked.nuclide, windows=windows_about(asked.lines), duration=asked.duration,
        views=asked.views or VIEWS, radius=radius, matrix=asked.matrix, pixel=asked.pixel,
    )  # fmt: skip
    return grid, body, setup


def _ring(asked: Asked, who: Subject, camera: RingCamera) -> tuple[Grid, Phantom, Acquisition]:
    if asked.monte_carlo:
        raise InputError(f"{camera.name}: photons are followed to flat heads only. Leave --monte-carlo out.")
    grid = grid_around((asked.matrix, asked.matrix, asked.matrix), asked.pixel)
    body = body_map(who, grid)
    each, turns = None, TURNS
    if asked.views:
        each, left = divmod(asked.views, camera.columns * turns)
        if left or not each:
            raise InputError(
                f"{asked.views} views; {camera.columns} columns at {turns} places of the ring take a multiple of "
                f"{camera.columns * turns}, one view for each swivel. Give one, or leave --views out."
            )
    setup = swivel_and_count(
        camera, nuclide=asked.nuclide, windows=windows_about(asked.lines), duration=asked.duration,
        outline=outline_of(body, grid, length=camera.axial_length), radius=asked.radius, swivels=each, turns=turns,
    )  # fmt: skip
    return grid, body, setup


def _reach(body: Phantom, grid: Grid) -> float:
    """Greatest distance of the body from the axis [mm]."""
    return float(np.hypot(*outline_of(body, grid, length=LONG).T).max())


def _small_voxels(asked: Asked, reach: float, smaller: float) -> Grid:
    """Voxels that the pinhole shows as large as a pixel, as many as hold the body and the view."""
    side = asked.pixel * smaller
    count = max(asked.matrix, 2 * int(np.ceil(reach / side)) + 2)
    if count > MOST_VOXELS:
        raise InputError(
            f"{asked.phantom} reaches {reach:.0f} mm from the axis; a pinhole is simulated about small bodies, of up to "
            f"{MOST_VOXELS * side / 2:.0f} mm with these pixels. Choose a smaller phantom or wider pixels."
        )
    return grid_around((count, count, count), side)
