"""Two messages that should be the same, and in words what is not: field by field where the wire format can tell."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum, Flag
from itertools import zip_longest
from typing import Any

from drivers.trace import redacted
from protocol.wire import Damaged, Decoder, Noise, WireFormat

SHOWN_BYTES = 8
"""Longer data are told by the first byte that differs."""


def read(decoder: Decoder[Any], data: bytes) -> list[Any]:
    """All events in bytes after which nothing comes."""
    return [*decoder.feed(data), *decoder.give_up()]


def in_words(wire: WireFormat, event: Any) -> str:
    """A message with its bytes, without secrets."""
    if isinstance(event, Noise | Damaged):
        kind = "noise" if isinstance(event, Noise) else "damaged"
        return f"{kind}, {len(event.raw)} bytes: {event.reason} ({redacted(event.raw, (slice(4, None),))})"
    told = wire.explain(event)
    return f"{told.text} ({redacted(event.raw, told.secrets)})"


def differences(wire: WireFormat, one: Any, other: Any, names: tuple[str, str]) -> list[str]:
    """What is different in the fields of two events; empty where that can't be said without telling a secret."""
    if type(one) is not type(other) or isinstance(one, Noise | Damaged):
        return []
    if wire.explain(one).secrets or wire.explain(other).secrets:
        return []
    return [f"{where}: {names[0]} {a}, {names[1]} {b}" for where, a, b in _unlike(one, other, "")]


def _unlike(one: Any, other: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """(field, one value, other value) for all that differ; `raw` is the same said again."""
    if one == other:
        return
    if is_dataclass(one) and type(one) is type(other):
        for part in fields(one):
            if part.name != "raw":
                name = f"{where}.{part.name}" if where else part.name
                yield from _unlike(getattr(one, part.name), getattr(other, part.name), name)
    elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for index, (a, b) in enumerate(zip(one, other, strict=True), 1):
            yield from _unlike(a, b, f"{where}[{index}]")
    elif isinstance(one, bytes) and isinstance(other, bytes) and max(len(one), len(other)) > SHOWN_BYTES:
        pairs = enumerate(zip_longest(one, other), 1)
        place, a, b = next((place, a, b) for place, (a, b) in pairs if a != b)
        yield f"{where} byte {place}", _byte(a), _byte(b)
    else:
        yield where, _shown(one), _shown(other)


def _byte(value: int | None) -> str:
    return "nothing" if value is None else f"{value:02x}"


def _shown(value: Any) -> str:
    match value:
        case bytes():
            return value.hex(" ") or "nothing"
        case Flag():
            return ", ".join(bit.name or "" for bit in value) or "none"
        case Enum():
            return f"{value.value!r} ({value.name.lower().replace('_', ' ')})"
        case int() if not isinstance(value, bool):
            return f"{value} (0x{value:02x})" if value > 9 else f"{value}"
        case _:
            return repr(value)
