"""The vault that keeps card numbers out of the journal."""

import os
from pathlib import Path

import pytest

from terminal.redaction import looks_secret
from terminal.vault import Vault, VaultError, open_vault

KEY = bytes(range(32))


def test_what_was_sealed_is_opened_for_the_same_use() -> None:
    vault = Vault(KEY, os.urandom)

    assert vault.open(vault.seal(b"6217000000000000012", "7/123/0105"), "7/123/0105") == b"6217000000000000012"


def test_a_sealed_text_hides_the_secret_and_never_looks_like_a_number() -> None:
    vault = Vault(KEY, lambda size: bytes(size))
    sealed = vault.seal(b"6217000000000000012", "7/123/0105")

    assert sealed.isalpha()
    assert not looks_secret(sealed)


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    vault = Vault(KEY, os.urandom)

    assert vault.seal(b"6217000000000000012", "x") != vault.seal(b"6217000000000000012", "x")


@pytest.mark.parametrize("change", ["context", "key", "text", "short"])
def test_what_does_not_belong_together_does_not_open(change: str) -> None:
    vault = Vault(KEY, os.urandom)
    sealed = vault.seal(b"secret", "7/123/0105")
    context = "7/124/0105" if change == "context" else "7/123/0105"
    if change == "key":
        vault = Vault(KEY[::-1], os.urandom)
    if change == "text":
        sealed = ("g" if sealed[0] != "g" else "h") + sealed[1:]
    if change == "short":
        sealed = "gg"

    with pytest.raises(VaultError, match=context) as caught:
        vault.open(sealed, context)
    assert "secret" not in repr(caught.value)


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    sealed = open_vault(path, os.urandom).seal(b"secret", "x")

    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["vault.key"]
    assert open_vault(path, os.urandom).open(sealed, "x") == b"secret"


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    open_vault(path, os.urandom)
    path.chmod(0o644)

    with pytest.raises(VaultError, match="chmod 600"):
        open_vault(path, os.urandom)


def test_a_damaged_key_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "vault.key"
    path.write_bytes(b"short")
    path.chmod(0o600)

    with pytest.raises(VaultError, match="5 bytes, not 32"):
        open_vault(path, os.urandom)


def test_a_key_file_that_cannot_be_made_says_where(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match=r"nowhere/vault\.key can't be made"):
        open_vault(tmp_path / "nowhere" / "vault.key", os.urandom)
