"""Files that are written whole or not at all."""

from pathlib import Path

import pytest

from hevesy.app.whole_files import made_folder, write_whole
from hevesy.errors import InputError


def test_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "out"
    assert [p.read_bytes() for p in write_whole(folder, {"a.json": b"1", "b.png": b"2"})] == [b"1", b"2"]
    real = Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if self.name.endswith("b.png"):
            raise OSError(28, "No space left on device")
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left on device"):
        write_whole(folder, {"a.json": b"3", "b.png": b"4"})
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == {"a.json": b"1", "b.png": b"2"}


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="is a file"):
        made_folder(tmp_path / "file")
    with pytest.raises(InputError, match="cannot be a folder"):
        made_folder(tmp_path / "file" / "below")
