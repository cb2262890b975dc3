"""What every wire format shares: whose fault an error is, and a decoder that loses no byte.

A wire format is a pure function `scan(pending) -> event | None`: it looks at the bytes that are waiting and returns
the first event in them, or None while it needs more. Every event carries the bytes it was made of in `raw`, so the
events of a stream, joined, are the stream. `Decoder` feeds that function.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from protocol.fast_init import fast_init


class ProtocolError(Exception):
    """A message that breaks the rules of its protocol."""


class LocalProtocolError(ProtocolError):
    """Our side asked for a message that the protocol forbids; nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The other side sent a well-framed message whose content breaks the protocol."""


class Received(Protocol):
    """Anything a decoder returns."""

    @property
    def raw(self) -> bytes:
        """The bytes on the wire, all of them."""


@fast_init
@dataclass(frozen=True, slots=True)
class Noise:
    """Bytes between messages: line noise, or the beginning of a message that never ended."""

    raw: bytes = field(repr=False)
    reason: str


@fast_init
@dataclass(frozen=True, slots=True)
class Damaged:
    """A message with a recognisable frame whose check code or content is wrong; worth a NAK."""

    raw: bytes = field(repr=False)
    reason: str


class ControlCode(IntEnum):
    """Bare control bytes of the ACK/NAK protocols."""

    EOT = 0x04
    ENQ = 0x05
    ACK = 0x06
    NAK = 0x15


@dataclass(frozen=True, slots=True)
class Control:
    """One bare control byte."""

    code: ControlCode
    raw: bytes = field(default=b"", compare=False, repr=False)


ACK = Control(ControlCode.ACK, b"\x06")
NAK = Control(ControlCode.NAK, b"\x15")
EOT = Control(ControlCode.EOT, b"\x04")

M = TypeVar("M", bound=Received)
Event: TypeAlias = M | Noise | Damaged


class Decoder(Generic[M]):
    """Turns bytes, in any fragmentation, into events; never raises on garbage and never drops a byte.

    `scan` gets all pending bytes (at least one) and returns the event they begin with, or None to wait for more. It
    must decide at the latest when the longest message of its protocol is pending.
    """

    def __init__(self, scan: Callable[[bytes], Event[M] | None]) -> None:
        self._scan = scan
        self._pending = b""

    @property
    def pending(self) -> bytes:
        """Bytes that are not part of any event yet."""
        return self._pending

    def feed(self, data: bytes) -> list[Event[M]]:
        """Take bytes from the line; returns the events that are complete now, in order."""
        pending = self._pending = self._pending + data
        if not pending or (event := self._scan(pending)) is None:
            return []
        self._pending = pending[len(event.raw) :]
        # Nearly always that was all.
        return _joined([event, *self._complete()]) if self._pending else [event]

    def give_up(self) -> list[Event[M]]:
        """The line fell silent inside a message: what can't be one is noise, what follows it is looked at afresh."""
        events: list[Event[M]] = []
        while self._pending:
            events.append(Noise(self._pending[:1], "the message was not finished in time"))
            self._pending = self._pending[1:]
            events += self._complete()
        return _joined(events)

    def _complete(self) -> list[Event[M]]:
        events: list[Event[M]] = []
        pending = self._pending
        while pending and (event := self._scan(pending)) is not None:
            events.append(event)
            pending = pending[len(event.raw) :]
        self._pending = pending
        return events


def _joined(events: list[Event[M]]) -> list[Event[M]]:
    """Neighbouring noise becomes one event."""
    if len(events) < 2:
        return events
    joined: list[Event[M]] = []
    for event in events:
        if isinstance(event, Noise) and joined and isinstance(last := joined[-1], Noise):
            joined[-1] = Noise(last.raw + event.raw, last.reason)
        else:
            joined.append(event)
    return joined


@dataclass(frozen=True, slots=True)
class Explanation:
    """An event in words, for a trace: one line without secrets, and which bytes of `raw` must not be written down."""

    text: str
    secrets: tuple[slice, ...] = ()


@dataclass(frozen=True, slots=True)
class WireFormat:
    """How to read one device's line in both directions; every protocol module publishes its own."""

    name: str
    from_host: Callable[[], Decoder[Any]]
    from_device: Callable[[], Decoder[Any]]
    explain: Callable[[Any], Explanation]
