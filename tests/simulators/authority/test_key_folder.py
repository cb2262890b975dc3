"""Key files: made once, read again, and told without their content when they are wrong."""

from pathlib import Path

import pytest

from simulators.authority.key_folder import KeyFault, KeyFolder, kept_key, read_key


def test_the_master_key_is_made_once_and_is_for_its_owner_only(tmp_path: Path) -> None:
    first = KeyFolder(tmp_path / "keys").master_key()

    assert len(first) == 32
    assert KeyFolder(tmp_path / "keys").master_key() == first
    assert (tmp_path / "keys" / "master.key").stat().st_mode & 0o077 == 0


def test_a_key_may_be_written_with_blanks(tmp_path: Path) -> None:
    (tmp_path / "tmk").write_text("0123 4567 89AB CDEF\nFEDC BA98 7654 3210\n")

    assert kept_key(tmp_path / "tmk", 16) == bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


@pytest.mark.parametrize("content", [b"", b"SECRET", b"0123456789ABCDEF", b"\xff\xfe", b"00" * 17])
def test_what_is_no_key_is_told_without_its_content(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "tmk").write_bytes(content)

    with pytest.raises(KeyFault, match="32 hexadecimal digits") as wrong:
        read_key(tmp_path / "tmk", 16)
    assert "SECRET" not in str(wrong.value)


def test_a_place_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(KeyFault, match="folder"):
        KeyFolder(tmp_path / "file" / "keys")
    with pytest.raises(KeyFault, match="folder"):
        kept_key(tmp_path / "none" / "tmk", 16)
    with pytest.raises(KeyFault, match="hexadecimal digits"):
        read_key(tmp_path / "none", 16)
