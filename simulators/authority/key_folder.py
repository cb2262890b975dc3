"""The folder in which a simulated authority keeps its keys: the security module's master key, and its development CA.

A backup of the database is worth nothing without this folder, and this folder opens every backup: keep them apart.
"""

import os
import re
from datetime import datetime
from pathlib import Path

from simulators.authority.certificates import DevelopmentCa

MASTER_KEY = "master.key"
"""64 hexadecimal digits."""


class KeyFault(Exception):
    """A key file can't be used; the message names the file, never what is in it."""


class KeyFolder:
    """Keys are made at the first use and stay. Raises KeyFault."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise KeyFault(f"{folder}: {error.strerror}; give a folder that may be written to") from None

    def master_key(self) -> bytes:
        """32 bytes for the security module."""
        return kept_key(self.folder / MASTER_KEY, 32)

    def ca(self, now: datetime) -> DevelopmentCa:
        """The CA whose certificates both lines use. Raises CertificateError."""
        return DevelopmentCa(self.folder, now)


def kept_key(path: Path, size: int) -> bytes:
    """The key in a file (hexadecimal), which is made with a random one when it is not there. Raises KeyFault."""
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(os.urandom(size).hex() + "\n")
    except FileExistsError:
        pass
    except OSError as error:
        raise KeyFault(f"{path}: {error.strerror}; give a file in a folder that may be written to") from None
    return read_key(path, size)


def read_key(path: Path, size: int) -> bytes:
    """The key in a file: hexadecimal digits, blanks don't count. Raises KeyFault."""
    try:
        text = re.sub(r"\s", "", path.read_text(encoding="ascii"))
        key = bytes.fromhex(text)
    except OSError as error:
        raise KeyFault(f"{path}: {error.strerror}; give a file with {2 * size} hexadecimal digits") from None
    except ValueError:
        key = b""
    if len(key) != size:
        raise KeyFault(f"{path} holds no key: it must have {2 * size} hexadecimal digits")
    return key
