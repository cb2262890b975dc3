"""Pauses between attempts that fail: they double up to a longest one, and chance keeps a fleet apart."""

from collections.abc import Callable
from typing import Final

_STEPS: Final = 255
"""Of one byte of chance."""


class Backoff:
    """Pauses in seconds, from `first` to `longest`; chance (`entropy`: so many random bytes) takes up to half away."""

    def __init__(self, first: float, longest: float, entropy: Callable[[int], bytes]) -> None:
        self._first = first
        self._longest = longest
        self._entropy = entropy
        self._next = first

    def pause(self) -> float:
        """How long to wait before the next attempt; never more than `longest`."""
        whole = min(self._next, self._longest)
        self._next = min(self._next * 2, self._longest)
        return whole * (1 - self._entropy(1)[0] / _STEPS / 2)

    def reset(self) -> None:
        """An attempt went well."""
        self._next = self._first
