"""What `hevesy biology` writes: facts, picture and BED maps."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from hevesy.app.result_file import ResultFile
from hevesy.app.tissue_file import Choice, matching
from hevesy.app.whole_files import made_folder, write_whole
from hevesy.errors import InputError
from hevesy.model import Grid, Image, Quantity
from hevesy.radiobiology import BiologicalDose, Response, bed, bed_map


def write_biology(
    folder: Path, facts: dict[str, Any], result: ResultFile, computed: tuple[dict[str, Choice], dict[str, BiologicalDose]],
    maps: tuple[str, ...],
) -> list[str]:  # fmt: skip
    """BED maps of the regions ``maps``, the picture and ``facts`` into ``folder``; the names of the files."""
    choices, found = computed
    wanted = [name for key in maps for _, name in matching(key, result.regions.values(), where="--map")]
    without = [name for name in wanted if name not in found]
    if without:
        raise InputError(f"--map {without[0]}: it has no tissue or no curve, so no BED. Name its tissue in a tissues file.")
    picture = _picture(facts, result, found, choices)
    made_folder(folder)
    files = []
    for name in wanted:
        files.append(_write_map(folder, result, name, found[name], choices[name]))
    files += ["biology.png", "biology.json"]
    text = json.dumps(facts | {"files": files}, ensure_ascii=False, indent=2, allow_nan=False)
    write_whole(folder, {"biology.png": picture, "biology.json": (text + "\n").encode("utf-8")})
    return files


def _write_map(folder: Path, result: ResultFile, name: str, found: BiologicalDose, choice: Choice) -> str:
    from hevesy.dicom.nifti import read_nifti, write_nifti

    if result.dose_map is None:
        raise InputError(
            f"--map {name}: {result.folder} holds no dose.nii.gz. Keep the map beside the result, or leave --map out."
        )
    values, grid = read_nifti(result.dose_map)
    rbe = 1.0 if choice.rbe is None else choice.rbe.value
    response = Response(G=found.G.value, alpha_beta=found.tissue.alpha_beta.value, rbe=rbe, cycles=found.cycles)
    made = bed_map(values, np.ones(values.shape, dtype=np.uint8), {1: response})
    file = f"bed_{''.join(c if c.isalnum() else '_' for c in name)}.nii.gz"
    image = Image(values=made, grid=Grid(shape=grid.shape, affine=grid.affine), quantity=Quantity.ABSORBED_DOSE)
    write_nifti(folder / file, image, holds=f"Hevesy, BED in Gy, valid inside {name}"[:79])
    return file


def _picture(facts: dict[str, Any], result: ResultFile, found: dict[str, BiologicalDose], choices: dict[str, Choice]) -> bytes:
    from hevesy.reports.biology_plot import BiologyPicture, BiologyRow, biology_plot

    rows = []
    for name, each in found.items():
        region = result.regions[name]
        given = choices[name].rbe
        rbe, said = (1.0, "") if given is None else (given.value, f", RBE {given.value:g}")
        B = each.cycles * bed(region.dose, each.G.value, each.tissue.alpha_beta.value, rbe=rbe)
        rows.append(
            BiologyRow(
                name=name, tissue=each.tissue.name + said, kind=region.kind, dose=each.dose, bed=each.bed, eqd2=each.eqd2,
                histogram_bed=B, histogram_share=region.volume_share,
            )
        )  # fmt: skip
    title = f"{result.title}, {facts['cycles']} cycle{'s' if facts['cycles'] > 1 else ''}"
    return biology_plot(BiologyPicture(title=title, synthetic=result.synthetic, tissues=facts["tissues"], rows=tuple(rows)))
