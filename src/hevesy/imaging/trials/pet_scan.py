"""A PET scanner in a trial: the axially rebinned time-of-flight model, scatter and randoms, OSEM and a filter."""

import numpy as np
import numpy.typing as npt

from hevesy.errors import InputError
from hevesy.imaging.pet import Field, RebinnedModel, from_scanner, noise_model, pair_efficiency, rebinned_osem, trunk_of
from hevesy.imaging.pet.analytic import NoiseModel
from hevesy.imaging.pet.cylinder import ANNIHILATION
from hevesy.imaging.pet.resolution import FWHM
from hevesy.imaging.simulate import attenuation_map
from hevesy.imaging.systems import PetScanner
from hevesy.imaging.trials.protocol import PET, Protocol
from hevesy.imaging.trials.scene import Scene
from hevesy.nuclides import radiations

Floats = npt.NDArray[np.float32]

SCATTER_BLUR = 100.0  # mm: FWHM by which the image is blurred to place its scatter


class PetScan:
    """Trues by `hevesy.imaging.pet.RebinnedModel`, the regions in the middle of the scanner's axis.

        prompts = A T (trues + S trues of the blurred image) + A^2 T randoms

    S, the scatter to trues ratio, and the randoms are those of :func:`hevesy.imaging.pet.noise_model` in the liver
    of a trunk of the same mass; randoms are even over the lines. Reconstruction knows both means exactly, and does
    not model the resolution; a Gaussian follows.

    Neglected: dead time, oblique lines' blur along the axis, the error of the scatter estimate, scatter of the lesion,
    motion, the lower sensitivity away from the middle of a bed.
    """

    def __init__(self, scanner: PetScanner, scene: Scene, protocol: Protocol = PET) -> None:
        self.scanner, self.scene, self.protocol, self.grid = scanner, scene, protocol, scene.grid
        n_z, n, _ = scene.grid.shape
        if n_z * protocol.voxel > scanner.axial_length:
            raise InputError(
                f"{scanner.name} is {scanner.axial_length:g} mm long, the regions with their margin take "
                f"{n_z * protocol.voxel:g} mm. Choose a place nearer to the liver, or one target at a time."
            )
        field = Field(shape=(n, n, n_z), side=protocol.voxel, thickness=protocol.voxel)
        mu = attenuation_map(scene.matter, ANNIHILATION)
        tof = (scanner.tof_resolution or 0.0) * 1e12
        self.positrons = float(radiations(scene.nuclide).annihilation_yield.sum()) / 2
        gain = pair_efficiency(scanner) * self.positrons
        blur = (scanner.resolution_transverse or 0.0, scanner.resolution_axial or 0.0)
        cylinder = from_scanner(scanner)
        views = protocol.views
        seen = RebinnedModel(field, cylinder, tof_fwhm=tof, views=views, mu=mu, resolution=blur, gain=gain)
        self.model = RebinnedModel(field, cylinder, tof_fwhm=tof, views=views, mu=mu, gain=gain)
        self.noise = self._noise_model()
        self._trues = seen.forward(scene.activity.values)
        self._lesion = seen.forward(scene.lesion)
        self._scatter = self._scattered()
        self._randoms = self._random()
        self.randoms = self.noise.randoms_ratio * scene.mean_concentration / (1 + self.noise.scatter_ratio)

    def expected(self, activity: float, duration: float, *, lesion: bool) -> tuple[Floats, Floats]:
        """Expected prompts, and those of them that are scattered or random; ``activity`` [MBq]."""
        signal = self._trues + self._lesion if lesion else self._trues
        extra = np.float32(activity * duration) * self._scatter + np.float32(activity**2 * duration) * self._randoms
        return np.float32(activity * duration) * signal + extra, extra

    def image(self, activity: float, duration: float, *, lesion: bool, draw: np.random.Generator | None = None) -> Floats:
        """Reconstructed concentration for 1 MBq [Bq/ml]."""
        from scipy.ndimage import gaussian_filter

        prompts, extra = self.expected(activity, duration, lesion=lesion)
        counts = prompts if draw is None else draw.poisson(prompts).astype(np.float32)
        found = rebinned_osem(
            self.model, counts, additive=extra, iterations=self.protocol.iterations, subsets=self.protocol.subsets
        )
        width = self.protocol.filter_fwhm / FWHM / self.protocol.voxel
        smooth = gaussian_filter(found, width) if width > 0 else found
        return np.asarray(smooth / np.float32(activity * duration), np.float32)

    def described(self) -> dict[str, object]:
        """What was modelled."""
        p = self.protocol
        return {
            "model": "axially rebinned time-of-flight model of the scanner, Poisson noise, OSEM without resolution model",
            "grid": list(self.grid.shape),
            "voxel_mm": p.voxel,
            "views": p.views,
            "iterations": p.iterations,
            "subsets": p.subsets,
            "filter_mm": p.filter_fwhm,
            "scatter_to_trues": round(self.noise.scatter_ratio, 4),
            "randoms_to_trues_per_MBq": float(f"{self.noise.randoms_ratio * self.scene.mean_concentration:.4g}"),
            "neglected": [
                "dead time", "axial blur of oblique lines", "error of the scatter estimate", "motion",
                "the lower sensitivity away from the middle of a bed",
            ],
        }  # fmt: skip

    def _noise_model(self) -> NoiseModel:
        body, task = self.scene.body, self.scene.task
        trunk = trunk_of(body.mass, body.height)
        x, y, _ = task.liver.centre
        return noise_model(
            self.scanner, trunk, filter_fwhm=max(self.protocol.filter_fwhm, 1.0),
            updates=self.protocol.iterations * self.protocol.subsets,
            place=(x / trunk.half_width, y / trunk.half_depth), positrons=self.positrons,
        )  # fmt: skip

    def _scattered(self) -> Floats:
        from scipy.ndimage import gaussian_filter

        wide = gaussian_filter(self.scene.activity.values, SCATTER_BLUR / FWHM / self.protocol.voxel, mode="nearest")
        made = self.model.forward(np.asarray(wide, np.float32))
        total = float(made.sum(dtype=np.float64))
        return made * np.float32(self.noise.scatter_ratio * float(self._trues.sum(dtype=np.float64)) / total)

    def _random(self) -> Floats:
        """Counts of a cell for 1 MBq^2 s: even along the lines, which the noise model gives for each mm of them."""
        n, p = self.noise, self.protocol
        lines = self.model.lines
        if self.scanner.tof_resolution:
            length = float(lines.spans[0, 0, 1]) * p.voxel
        else:
            length = float(trunk_of(self.scene.body.mass, self.scene.body.height).chords().mean())
        density = n.randoms_ratio * n.sensitivity * 1e-3 * self.scene.mean_concentration**2
        used = self.model.forward(np.ones(self.grid.shape, np.float32)) > 0
        return used * np.float32(density * length * p.voxel**2 / p.views)
