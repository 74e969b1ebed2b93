"""Speed of a virtual trial: 20 realisations at 4 activities of one SPECT task.

    python benchmarks/trial.py [--scanner NAME] [--target KIND] [--realisations N] [--levels N]

Tc-99m MDP in an adult man, a lesion of 15 mm at 4 to 1 in the spine, 20 min; the loops are compiled before. The grid is that
of the trial: 4.8 mm voxels, as wide as the body, the slices about the regions alone. Goal: 2 min on two cores.
"""

import argparse
import os
import resource
import time

from hevesy.app.alara import Asked, alara


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scanner", default="siemens-intevo")
    parser.add_argument("--target", default="cnr")
    parser.add_argument("--realisations", type=int, default=20)
    parser.add_argument("--levels", type=int, default=4)
    asked = parser.parse_args()

    def run(realisations: int, levels: int) -> dict:
        question = Asked(
            scanner=asked.scanner, tracer="Tc-99m MDP", targets=(asked.target,), lesion="15 mm", place="spine",
            realisations=realisations, levels=levels, activity="500 MBq",
        )  # fmt: skip
        return alara(question)

    run(4, 2)  # compiles
    wall, cpu = time.perf_counter(), time.process_time()
    facts = run(asked.realisations, asked.levels)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = " x ".join(str(n) for n in facts["modelled"]["grid"])
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(
        f"{facts['scanner']}: {facts['images']} images of {size} voxels in {wall:.1f} s ({cpu:.1f} CPU s, {memory:.2f} GB, "
        f"{os.cpu_count()} cores); least activity {facts['least_activity_MBq']:.3g} MBq, "
        f"95 % {facts['least_activity_95_MBq'][0]:.3g} to {facts['least_activity_95_MBq'][1]:.3g} MBq"
    )


if __name__ == "__main__":
    main()
