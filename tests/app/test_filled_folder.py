"""A folder is whole or as it was before: what stops a run in the middle leaves no half of it."""

import pytest

from hevesy.app.filled_folder import filling, is_empty
from hevesy.app.reconstruct_files import filling as of_reconstruction
from hevesy.errors import InputError


def written(folder, *, stop=None, names=("a.dcm", "last.json"), word="new"):
    with filling(folder, ours=("*.dcm", "study"), last="last.json") as part:
        for name in names:
            (part / name).write_text(word)
        (part / "study").mkdir()
        (part / "study" / word).write_text(word)
        if stop is not None:
            raise stop


def names(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_what_is_old_gives_way_and_what_is_not_ours_stays(tmp_path):
    written(tmp_path, names=("a.dcm", "b.dcm", "last.json"), word="old")
    (tmp_path / "mine.txt").write_text("mine")
    written(tmp_path)
    assert names(tmp_path) == ["a.dcm", "last.json", "mine.txt", "study/new"]
    assert (tmp_path / "a.dcm").read_text() == "new"


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), OSError(28, "No space left on device"), ValueError()])
def test_a_stop_changes_nothing(tmp_path, stop):
    written(tmp_path, word="old")
    before = names(tmp_path)
    with pytest.raises(type(stop)):
        written(tmp_path, stop=stop)
    assert names(tmp_path) == before
    assert (tmp_path / "a.dcm").read_text() == "old"


def test_a_stop_while_files_are_moved_leaves_no_word_that_all_is_whole(tmp_path, monkeypatch):
    written(tmp_path, word="old")
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path)
    assert "last.json" not in names(tmp_path)


def test_a_folder_of_remains_is_empty(tmp_path):
    (tmp_path / ".part-x").mkdir()
    assert is_empty(tmp_path)
    (tmp_path / "x").touch()
    assert not is_empty(tmp_path)
    with pytest.raises(InputError, match="is a file"), filling(tmp_path / "x", ours=(), last="l"):
        pass


def test_noise_files_of_an_earlier_reconstruction_give_way(tmp_path):
    (tmp_path / "spect_1_noise.h5").touch()
    with of_reconstruction(tmp_path) as part:
        (part / "result.json").touch()
    assert names(tmp_path) == ["result.json"]
