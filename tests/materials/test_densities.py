import pytest

from hevesy.errors import InputError
from hevesy.materials import reference_densities, reference_tissue


def test_each_row_has_its_sources():
    tissues = reference_densities()
    assert len(tissues) >= 12
    for tissue in tissues.values():
        assert 0 < tissue.density < 3
        assert tissue.density_source
        assert tissue.hounsfield_source


def test_values():
    assert reference_tissue("liver").density == 1.06
    assert reference_tissue("lung").density == 0.26
    assert reference_tissue("water").hounsfield == 0


def test_an_unknown_tissue_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"'liver!'.*spleen"):
        reference_tissue("liver!")
