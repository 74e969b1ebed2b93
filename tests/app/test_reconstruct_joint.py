"""Both photopeaks of Lu-177 in one image, by the command."""

from dataclasses import replace

import numpy as np
import pydicom
import pytest
from tests.app.reconstruct_study import study

from hevesy.app.noise_file import read_noise
from hevesy.app.reconstruct import Options, jobs_of, reconstruct
from hevesy.errors import DataError, InputError

ONE, TWO = "9.3 cps/MBq ± 3 %", "9.3 cps/MBq ± 3 %, 9.3 cps/MBq ± 4 %"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The study, its activity [MBq], and what came of both peaks together."""
    folder = tmp_path_factory.mktemp("peaks")
    activity = study(folder / "in", low_line=True) / 1e6
    return folder, activity, reconstruct(folder / "in", folder / "both", options=asked(folder, "[208, 113]", TWO))


def asked(folder, peaks, sensitivity="", more="", **options):
    path = folder / "protocol.toml"
    path.write_text(
        f"[reconstruction]\niterations = 2\nsubsets = 6\nuncertainty_combs = 1\npeak_keV = {peaks}\n{more}", encoding="utf-8"
    )
    return Options(protocol=path, sensitivity=sensitivity, **options)


def test_the_activity_comes_out_with_less_noise_than_of_one_peak(made):
    folder, activity, both = made
    alone = reconstruct(folder / "in", folder / "alone", options=asked(folder, "208", ONE))
    two, one = (facts["images"][0]["figures"] for facts in (both, alone))
    assert two["activity_MBq"] == pytest.approx(activity, rel=0.01)
    assert two["fitted_by_measured"] == pytest.approx(1, abs=0.01)
    assert two["counts"] == pytest.approx(sum(each["counts"] for each in two["photopeaks"]))
    assert two["photopeaks"][0] == one["photopeaks"][0]
    assert two["u_max"] / two["max"] < 0.85 * one["u_max"] / one["max"]  # nearly twice the counts
    assert [each["u_sensitivity_cps_per_MBq"] for each in two["photopeaks"]] == pytest.approx([0.279, 0.372])


def test_report_and_image_name_both(made):
    folder, _, both = made
    lines = dict(both["images"][0]["lines"])
    assert "208: 187.2 to 228.8 keV, 113: 101.7 to 124.3 keV" in lines["photopeaks, together"]
    assert "at 208.4 and 112.9 keV" in lines["attenuation"]
    assert lines["scatter"].endswith("by the windows lower, upper, lower 113, upper 113")
    assert "9.3 cps/MBq ± 3 % and 9.3 cps/MBq ± 4 %" in lines["sensitivity of a head"]
    (window,) = pydicom.dcmread(folder / "both" / "spect.dcm").EnergyWindowInformationSequence
    assert [float(span.EnergyWindowLowerLimit) for span in window.EnergyWindowRangeSequence] == [187.2, 101.7]


def test_the_noise_of_regions_knows_both(made):
    from hevesy.imaging.reconstruct.noise_model import answer_of, coarsened
    from hevesy.imaging.reconstruct.uncertainty import covariance_of_sums

    folder, activity, _ = made
    (bed,) = read_noise(folder / "both" / "spect_noise.h5")
    (other,) = bed.model.further
    assert float(other.counts.sum()) > 0
    assert not np.array_equal(other.mu, bed.model.mu)
    both, whole, ways = coarsened(bed.model, 2), None, []
    for one in (both, replace(both, further=()), both.further[0]):
        answer = answer_of(one)
        whole = np.ones(one.grid.shape, np.float32)
        assert answer.scatter is not None
        assert float(np.sum(answer.image, dtype=np.float64)) * one.grid.voxel_volume / 1e9 == pytest.approx(activity, rel=0.01)
        ways.append(float(covariance_of_sums(answer, [whole])[0, 0]))
    # What two independent measurements know adds up: inverse variances.
    assert 1 / ways[0] == pytest.approx(1 / ways[1] + 1 / ways[2], rel=0.1)


def test_a_prior_that_is_too_strong_is_said(made):
    folder, *_ = made
    options = asked(folder, "208", ONE, more='algorithm = "map"\nprior_beta = 0.1\nuncertainty = false')
    (image,) = reconstruct(folder / "in", folder / "strong", options=options)["images"]
    assert image["figures"]["fitted_by_measured"] < 0.95
    assert any("prior_beta" in remark for remark in image["remarks"])


@pytest.mark.parametrize(
    ("peaks", "options", "words"),
    [
        ("[208, 210]", {}, "two energies of peak_keV lie in one window, 187.2 to 228.8"),
        ("[208, 140]", {}, "140 keV lies in 0 of the energy windows"),
        ("[208, 113]", {"sensitivity": ONE}, "1 sensitivities for 2 photopeaks"),
        ("208", {"sensitivity": TWO}, "2 sensitivities for 1 photopeaks"),
        ("[208, 113]", {"counts": True}, "State sensitivities, or one peak_keV"),
        ("[208, 113]", {"more": "[scanner]\nsensitivity_cps_per_MBq = [9, 8]\nu_sensitivity_percent = [1, 2, 3]"}, "one for all"),
        ("[208, -113]", {}, "greater than 0"),
    ],
)
def test_refusals(made, peaks, options, words):
    folder, *_ = made
    more = options.get("more", "") + '\n[attenuation]\nsource = "none"'  # without reading the CT
    with pytest.raises(InputError) as caught:
        reconstruct(folder / "in", folder / "no", options=asked(folder, peaks, **{**options, "more": more}))
    assert words in str(caught.value)
    assert not (folder / "no").exists()


def test_one_percentage_may_stand_for_all_and_recovery_is_of_one_peak(made):
    folder, *_ = made
    more = "[scanner]\nsensitivity_cps_per_MBq = [9, 8]\nu_sensitivity_percent = 5"
    with pytest.raises(InputError, match="State one of them"):
        jobs_of(folder / "in", asked(folder, "[208, 113]", more=more))


def test_nothing_counted_is_no_measurement_of_0(tmp_path):
    study(tmp_path / "in", ct=False, counts=np.zeros((3, 30, 40, 32), np.float32))
    with pytest.raises(DataError, match="nothing was counted in the photopeak, 187.2 to 228.8 keV"):
        reconstruct(tmp_path / "in", tmp_path / "no", options=Options(sensitivity=ONE))
