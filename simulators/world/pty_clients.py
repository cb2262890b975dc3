"""Who has a pty open: counted by inotify, because the device's own end can't tell."""

import ctypes
import os
import struct
from typing import Final

_OPEN, _CLOSE_WRITE, _CLOSE_OTHER = 0x20, 0x08, 0x10
_EVENT: Final = struct.Struct("iIII")
"""struct inotify_event: watch, mask, cookie, length of the name (0 for a watched file)."""

_CHUNK = 4096


class PtyClients:
    """Counts the programs that have `path` open, from now on. Raises OSError where the system has no watch left."""

    def __init__(self, path: str) -> None:
        self.number = 0
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        if libc.inotify_add_watch(self.descriptor, os.fsencode(path), _OPEN | _CLOSE_WRITE | _CLOSE_OTHER) < 0:
            error = ctypes.get_errno()
            os.close(self.descriptor)
            raise OSError(error, "inotify_add_watch")

    def look(self) -> bool:
        """Count up to now; True when the last one has left since the last look."""
        left = False
        try:
            told = os.read(self.descriptor, _CHUNK)
        except BlockingIOError:
            return False
        for start in range(0, len(told), _EVENT.size):
            mask = _EVENT.unpack_from(told, start)[1]
            self.number += 1 if mask & _OPEN else -1
            left = left or self.number == 0
        return left

    def close(self) -> None:
        """Count no more."""
        os.close(self.descriptor)
