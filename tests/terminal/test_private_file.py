"""Files of one owner: whole or not at all."""

from pathlib import Path

import pytest

from terminal.private_file import readable_by_others, write_private


def test_a_private_file_is_its_owner_s_and_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, b"one")
    write_private(path, b"two")

    assert path.read_bytes() == b"two"
    assert not readable_by_others(path)
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_a_draft_that_a_power_cut_left_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "secret.new").write_bytes(b"half of som")

    write_private(tmp_path / "secret", b"whole")

    assert (tmp_path / "secret").read_bytes() == b"whole"


def test_what_can_not_be_written_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret"
    write_private(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(path, b"two")

    assert path.read_bytes() == b"one"
