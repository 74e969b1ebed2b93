"""A camera and an acquisition for tests: a low-energy collimator as many have it."""

from hevesy.imaging.simulate import step_and_shoot, triple_windows
from hevesy.imaging.systems import Collimator, GammaCamera

LEHR = Collimator(name="LEHR", hole=1.11, septum=0.16, length=24.05)
CAMERA = GammaCamera(
    name="test", heads=2, field_of_view=(400.0, 540.0), crystal_material="NaI", crystal_thickness=9.5,
    intrinsic_resolution=3.8, energy_resolution=0.099, collimators=(LEHR,),
)  # fmt: skip
TECHNETIUM = 0.140511


def setup(*, views=4, matrix=32, pixel=10.0, radius=150.0, duration=1200.0, camera=CAMERA, **more):
    return step_and_shoot(
        camera, camera.collimators[0], nuclide="Tc-99m", windows=triple_windows(TECHNETIUM), duration=duration,
        views=views, radius=radius, matrix=matrix, pixel=pixel, **more,
    )  # fmt: skip
