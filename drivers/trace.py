"""The wire trace: every message on a port, decoded and without secrets, to any number of sinks."""

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from drivers.link import Link
from protocol.wire import Damaged, Decoder, Explanation, Noise, WireFormat

SHOWN_OF_BROKEN = 4
"""Bytes shown of what is no message: enough to recognise it, too few to hold a secret."""

HIDDEN = ".."


class Sender(StrEnum):
    """Who put the bytes on the line."""

    HOST = "host"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class TraceRecord:
    """One message: time in seconds, port, sender, bytes in hex (secret ones as `..`), and its meaning."""

    t: float
    port: str
    direction: Sender
    hex: str
    note: str

    def to_json(self) -> str:
        """One line, always the same for the same record: keys t, port, dir, hex, note."""
        fields = asdict(self)
        fields["dir"] = fields.pop("direction")
        return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


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

    def __call__(self, record: TraceRecord) -> None:
        """Give the record to every sink."""
        for sink in tuple(self._sinks):
            try:
                sink(record)
            except Exception as error:  # notes may be moving on the other side of this call
                self._sinks.remove(sink)
                self.failures.append(error)


class JsonLinesSink:
    """Appends records to a file that only its owner can read, one JSON object a line."""

    def __init__(self, path: Path) -> None:
        self._file = os.fdopen(
            os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600),
            "w",
            encoding="utf-8",
            buffering=1,
        )

    def __call__(self, record: TraceRecord) -> None:
        """Write one line."""
        self._file.write(record.to_json() + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class TracedLink:
    """A link that tells a tracer what passes through it.

    `gap` is the silence in seconds after which an unfinished message is taken for broken off.
    """

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
        self._last = 0.0
        self._host = _Side(port, Sender.HOST, wire_format.from_host(), wire_format.explain, trace, gap)
        self._device = _Side(port, Sender.DEVICE, wire_format.from_device(), wire_format.explain, trace, gap)

    async def receive(self) -> bytes:
        """Wait for bytes and return them, recorded. Raises ConnectionError."""
        try:
            data = await self._link.receive()
        except ConnectionError:
            self._finish()
            raise
        self._device.pass_on(data, self._now())
        return data

    async def send(self, data: bytes) -> None:
        """Record the bytes and send them. Raises ConnectionError."""
        self._host.pass_on(data, self._now())
        await self._link.send(data)

    def close(self) -> None:
        """Record what was not finished, then release the port."""
        self._finish()
        self._link.close()

    def _now(self) -> float:
        self._last = self._clock()
        return self._last

    def _finish(self) -> None:
        self._host.finish(self._last)
        self._device.finish(self._last)


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
        if isinstance(event, Noise | Damaged):
            kind = "noise" if isinstance(event, Noise) else "damaged"
            explanation = Explanation(f"{kind}, {len(event.raw)} bytes: {event.reason}", (slice(self._may_show, None),))
            # Pieces of a broken message share what may be shown.
            self._may_show = max(0, self._may_show - len(event.raw))
        else:
            explanation = self._explained(event)
            if len(event.raw) > SHOWN_OF_BROKEN:  # shorter ones turn up by chance inside a broken message
                self._may_show = SHOWN_OF_BROKEN
        self._trace(
            TraceRecord(now, self._port, self._sender, redacted(event.raw, explanation.secrets), explanation.text)
        )

    def _explained(self, event: Any) -> Explanation:
        try:
            return self._explain(event)
        except Exception as error:  # a mistake in a text may not stop a device
            return Explanation(f"not explained ({type(error).__name__})", (slice(None),))


def redacted(raw: bytes, secrets: Iterable[slice]) -> str:
    """Hex with spaces, the bytes in `secrets` as `..`."""
    shown = [f"{byte:02x}" for byte in raw]
    for secret in secrets:
        for index in range(*secret.indices(len(raw))):
            shown[index] = HIDDEN
    return " ".join(shown)
