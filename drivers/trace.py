"""The wire trace: every message on a port, decoded and without secrets, to any number of sinks."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from drivers.link import Link
from drivers.trace_file import HIDDEN, JsonLinesSink, Sender, TraceRecord
from protocol.wire import Damaged, Decoder, Explanation, Noise, WireFormat

__all__ = [
    "JsonLinesSink",
    "Recorder",
    "Sender",
    "Sink",
    "TraceRecord",
    "TracedLink",
    "Tracer",
    "redacted",
    "trace_hash",
]

SHOWN_OF_BROKEN = 4
"""Bytes shown of what is no message: enough to recognise it, too few to hold a secret."""

Sink: TypeAlias = Callable[[TraceRecord], None]


def trace_hash(records: Iterable[TraceRecord]) -> str:
    """SHA-256 over the records, in hex: two runs with the same hash said the same on every wire."""
    digest = hashlib.sha256()
    for record in records:
        digest.update(record.to_json().encode() + b"\n")
    return digest.hexdigest()


class Tracer:
    """Hands records to sinks. A sink that fails is left out from then on: no trace may stop a device."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = list(sinks)
        self.failures: list[Exception] = []

    def add(self, sink: Sink) -> None:
        """Let `sink` hear every record from now on."""
        self._sinks.append(sink)

    @property
    def heard(self) -> bool:
        """Somebody listens; else nothing that passes need be explained and redacted."""
        return bool(self._sinks)

    def __call__(self, record: TraceRecord) -> None:
        """Give the record to every sink."""
        for sink in tuple(self._sinks):
            try:
                sink(record)
            except Exception as error:  # notes may be moving on the other side of this call
                self._sinks.remove(sink)
                self.failures.append(error)


class Recorder:
    """Makes records of the bytes that pass in both directions of one port.

    `gap` is the silence in seconds after which an unfinished message is taken for broken off.
    """

    def __init__(self, port: str, wire_format: WireFormat, trace: Sink, *, gap: float = 0.25) -> None:
        self._last = 0.0
        self._host = _Side(port, Sender.HOST, wire_format.from_host(), wire_format.explain, trace, gap)
        self._device = _Side(port, Sender.DEVICE, wire_format.from_device(), wire_format.explain, trace, gap)

    def from_host(self, data: bytes, now: float) -> None:
        """The host said this, `now` seconds by the caller's clock."""
        self._last = now
        self._host.pass_on(data, now)

    def from_device(self, data: bytes, now: float) -> None:
        """The device said this."""
        self._last = now
        self._device.pass_on(data, now)

    def finish(self) -> None:
        """Record what was not finished: the line is gone."""
        self._host.finish(self._last)
        self._device.finish(self._last)


class TracedLink:
    """A link that tells a tracer what passes through it; `gap` as of `Recorder`."""

    def __init__(
        self,
        link: Link,
        port: str,
        wire_format: WireFormat,
        trace: Sink,
        *,
        clock: Callable[[], float] | None = None,
        gap: float = 0.25,
    ) -> None:
        self._link = link
        self._clock = clock or (lambda: asyncio.get_running_loop().time())
        self._recorder = Recorder(port, wire_format, trace, gap=gap)

    async def receive(self, deadline: float | None = None) -> bytes:
        """Wait for bytes and return them, recorded; nothing once `deadline` is over. Raises ConnectionError."""
        try:
            data = await self._link.receive(deadline)
        except ConnectionError:
            self._recorder.finish()
            raise
        if data:
            self._recorder.from_device(data, self._clock())
        return data

    async def send(self, data: bytes, deadline: float | None = None) -> None:
        """Record the bytes and send them. Raises ConnectionError, TimeoutError."""
        self._recorder.from_host(data, self._clock())
        await self._link.send(data, deadline)

    def close(self) -> None:
        """Record what was not finished, then release the port."""
        self._recorder.finish()
        self._link.close()


class _Side:
    """One direction of a traced link."""

    def __init__(
        self,
        port: str,
        sender: Sender,
        decoder: Decoder[Any],
        explain: Callable[[Any], Explanation],
        trace: Sink,
        gap: float,
    ) -> None:
        self._port = port
        self._sender = sender
        self._decoder = decoder
        self._explain = explain
        self._trace = trace
        self._gap = gap
        self._heard = 0.0
        self._may_show = SHOWN_OF_BROKEN

    def pass_on(self, data: bytes, now: float) -> None:
        if self._decoder.pending and now - self._heard >= self._gap:
            self.finish(self._heard)
        self._heard = now
        for event in self._decoder.feed(data):
            self._record(event, now)

    def finish(self, now: float) -> None:
        for event in self._decoder.give_up():
            self._record(event, now)

    def _record(self, event: Any, now: float) -> None:  # an event of whatever format is traced
        may_show, broken = self._may_show, isinstance(event, Noise | Damaged)
        if broken:  # its pieces share what may be shown
            self._may_show = max(0, may_show - len(event.raw))
        elif len(event.raw) > SHOWN_OF_BROKEN:  # shorter ones turn up by chance inside a broken message
            self._may_show = SHOWN_OF_BROKEN
        if isinstance(self._trace, Tracer) and not self._trace.heard:
            return
        explanation = _broken(event, may_show) if broken else self._explained(event)
        self._trace(
            TraceRecord(now, self._port, self._sender, redacted(event.raw, explanation.secrets), explanation.text)
        )

    def _explained(self, event: Any) -> Explanation:
        try:
            return self._explain(event)
        except Exception as error:  # a mistake in a text may not stop a device
            return Explanation(f"not explained ({type(error).__name__})", (slice(None),))


def _broken(event: Noise | Damaged, may_show: int) -> Explanation:
    kind = "noise" if isinstance(event, Noise) else "damaged"
    return Explanation(f"{kind}, {len(event.raw)} bytes: {event.reason}", (slice(may_show, None),))


def redacted(raw: bytes, secrets: Iterable[slice]) -> str:
    """Hex with spaces, the bytes in `secrets` as `..`."""
    shown = [f"{byte:02x}" for byte in raw]
    for secret in secrets:
        for index in range(*secret.indices(len(raw))):
            shown[index] = HIDDEN
    return " ".join(shown)
