"""Two runs never share a real device: one lock for each port, in a folder that all users of the machine share."""

import getpass
import json
import os
import socket
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from filelock import FileLock, Timeout

FOLDER = Path(tempfile.gettempdir()) / "medteller-locks"
"""Where locks are unless `--bench-locks` says otherwise."""


class Taken(Exception):
    """Somebody else has a port; the message says who."""


class PortLocks:
    """The ports of one run. Released at the latest when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: list[tuple[FileLock, Path]] = []

    def take(self, ports: Iterable[str], what: str) -> None:
        """Take all or none. Raises Taken, OSError."""
        if not self._folder.is_dir():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o1777)
        try:
            for port in sorted(ports, key=_identity):
                self._take(port, what)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Let others have them."""
        while self._held:
            lock, note = self._held.pop()
            note.unlink(missing_ok=True)
            lock.release()

    def _take(self, port: str, what: str) -> None:
        name = quote(_identity(port), safe="")
        note = self._folder / f"{name}.json"
        lock = FileLock(self._folder / f"{name}.lock", timeout=0, mode=0o666)
        try:
            lock.acquire()
        except Timeout:
            raise Taken(f"{port} is in use by {_holder(note)}") from None
        except PermissionError as error:
            raise Taken(f"{port}: its lock {error.filename} belongs to another user; {_holder(note)}") from None
        self._held.append((lock, note))
        with suppress(OSError):
            note.unlink(missing_ok=True)
            note.write_text(json.dumps(_myself(what)), encoding="utf-8")


def _identity(port: str) -> str:
    """The same for every name of one port: links lead to the device, a TCP port is one whatever is spoken on it."""
    if "://" not in port:
        return os.path.realpath(port)
    parts = urlsplit(port)
    return f"{parts.netloc.lower()}{parts.path}"


def _myself(what: str) -> dict[str, str | int]:
    return {
        "user": getpass.getuser(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": datetime.now().astimezone().isoformat(timespec="seconds"),
        "what": what,
    }


def _holder(note: Path) -> str:
    """Who wrote the note, in words."""
    try:
        held = json.loads(note.read_text(encoding="utf-8"))
        return f"{held['user']}@{held['host']}, process {held['pid']}, since {held['since']}: {held['what']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run that left no name"


def command_line(arguments: Sequence[str]) -> str:
    """How a run is named to others."""
    return " ".join(("pytest", *arguments))
