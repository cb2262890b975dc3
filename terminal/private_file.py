"""Files that only their owner may read: written whole or not at all, and on the disk before anybody relies on them."""

import os
from pathlib import Path


def write_private(path: Path, data: bytes) -> None:
    """Put `data` in the place of what was there. Raises OSError; then the old file is still whole."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def readable_by_others(path: Path) -> bool:
    """May anybody but the owner read or change it?"""
    return bool(path.stat().st_mode & 0o077)
