"""Seals small secrets for the journal: AES-256-GCM under a key that never leaves this machine.

The card number of an advice that waits to be sent is the only customer of the vault. The journal keeps the sealed text;
losing or deleting the key file makes every one of them unreadable for ever.
"""

import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from terminal.private_file import readable_by_others, write_private
from terminal.redaction import from_letters, in_letters

Entropy = Callable[[int], bytes]

_KEY_SIZE: Final = 32
_NONCE_SIZE: Final = 12


class VaultError(Exception):
    """A key file that can't be used, or a sealed text that this key did not make."""


class Vault:
    """Seals and opens with one key. `context` ties a sealed text to its use; it opens for no other."""

    def __init__(self, key: bytes, entropy: Entropy) -> None:
        if len(key) != _KEY_SIZE:
            raise VaultError(f"the vault's key has {len(key)} bytes, not {_KEY_SIZE}")
        self._cipher = AESGCM(key)
        self._index_key = hmac.digest(key, b"index", "sha256")
        self._entropy = entropy

    def seal(self, secret: bytes, context: str) -> str:
        """The sealed text, in letters only so that it never looks like a number."""
        nonce = self._entropy(_NONCE_SIZE)
        sealed = nonce + self._cipher.encrypt(nonce, secret, context.encode())
        return in_letters(sealed)

    def index(self, secret: str, context: str) -> str:
        """By which a secret is found again without being told: keyed, one way, in letters."""
        return in_letters(hmac.digest(self._index_key, f"{context}/{secret}".encode(), "sha256")[:16])

    def open(self, sealed: str, context: str) -> bytes:
        """The secret. Raises VaultError."""
        try:
            data = from_letters(sealed)
            return self._cipher.decrypt(data[:_NONCE_SIZE], data[_NONCE_SIZE:], context.encode())
        except (InvalidTag, ValueError):
            pass
        raise VaultError(f"the sealed text of {context} was not made with this key, or was changed")


def open_vault(path: Path, entropy: Entropy) -> Vault:
    """The vault of this machine; its key is made at the first start, readable by the owner only. Raises VaultError."""
    if not path.exists():
        _create(path, entropy(_KEY_SIZE))
    try:
        if readable_by_others(path):
            raise VaultError(f"key file {path} can be read by others; run: chmod 600 {path}")
        return Vault(path.read_bytes(), entropy)
    except OSError as error:
        raise VaultError(f"key file {path} can't be read: {error.strerror}") from error


def _create(path: Path, key: bytes) -> None:
    """Whole or not at all, and on the disk before anything is sealed with it."""
    try:
        write_private(path, key)
    except OSError as error:
        raise VaultError(f"key file {path} can't be made: {error.strerror}") from error
