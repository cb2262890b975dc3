"""BER-TLV data objects and data object lists of chip cards (ISO 7816-4 annex, EMV Book 3 annex B)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol.wire import LocalProtocolError, RemoteProtocolError


@dataclass(frozen=True, slots=True)
class Tlv:
    """One data object; `parts` are the objects inside a constructed one."""

    tag: int
    value: bytes = field(repr=False)
    parts: tuple["Tlv", ...] = ()


def encode_tag(tag: int) -> bytes:
    """A tag as it stands on the line, for example 0x9F36 as 9F 36."""
    return tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")


def encode_tlv(tag: int, value: bytes) -> bytes:
    """One data object, its length in the shortest form. Raises LocalProtocolError beyond 65535 bytes."""
    size = len(value)
    if size < 0x80:
        length = bytes((size,))
    elif size < 0x100:
        length = bytes((0x81, size))
    elif size < 0x10000:
        length = b"\x82" + size.to_bytes(2, "big")
    else:
        raise LocalProtocolError(f"a data object of {size} bytes")
    return encode_tag(tag) + length + value


def parse_tlv(data: bytes, *, strict: bool = True) -> tuple[Tlv, ...]:
    """The data objects one after another in `data`; 00 and FF between them are padding.

    A broken object raises RemoteProtocolError, or with `strict=False` ends the parsing: what came before it is kept.
    """
    found: list[Tlv] = []
    at = 0
    while at < len(data):
        if data[at] in (0x00, 0xFF):
            at += 1
            continue
        try:
            tag, start = _tag(data, at)
            size, start = _length(data, start)
            if start + size > len(data):
                raise RemoteProtocolError(f"tag {tag:X} announces {size} bytes, {len(data) - start} are there")
            value = data[start : start + size]
            parts = parse_tlv(value, strict=strict) if _is_constructed(data[at]) else ()
        except RemoteProtocolError:
            if strict:
                raise
            break
        found.append(Tlv(tag, value, parts))
        at = start + size
    return tuple(found)


def find(objects: tuple[Tlv, ...], tag: int) -> bytes | None:
    """The value of the first object with this tag, looked for in depth; None when it is not there."""
    for found in objects:
        if found.tag == tag:
            return found.value
        if (inside := find(found.parts, tag)) is not None:
            return inside
    return None


def _is_constructed(first: int) -> bool:
    return bool(first & 0x20)


def _tag(data: bytes, at: int) -> tuple[int, int]:
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data) or end - at > 4:
        raise RemoteProtocolError("a tag without end")
    return int.from_bytes(data[at:end], "big"), end


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at >= len(data):
        raise RemoteProtocolError("a tag without length")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    count = first & 0x7F
    if not 1 <= count <= 3 or at + 1 + count > len(data):
        raise RemoteProtocolError(f"length byte {first:02X}")
    return int.from_bytes(data[at + 1 : at + 1 + count], "big"), at + 1 + count


@dataclass(frozen=True, slots=True)
class DolEntry:
    """One wish of a data object list: `length` bytes of `tag`."""

    tag: int
    length: int


def parse_dol(data: bytes) -> tuple[DolEntry, ...]:
    """The wishes of a PDOL or CDOL. Raises RemoteProtocolError."""
    entries: list[DolEntry] = []
    at = 0
    while at < len(data):
        tag, at = _tag(data, at)
        if at == len(data):
            raise RemoteProtocolError(f"tag {tag:X} of a data object list without length")
        entries.append(DolEntry(tag, data[at]))
        at += 1
    return tuple(entries)


def build_dol(entries: tuple[DolEntry, ...], values: Mapping[int, bytes], numeric: frozenset[int]) -> bytes:
    """The data a card asked for, without tags; what is not known is zeros.

    A value of the wrong length is cut or filled as EMV Book 3, section 5.4 says: `numeric` tags at the left with 00,
    all others at the right with 00.
    """
    built = b""
    for entry in entries:
        value = values.get(entry.tag, b"")
        if entry.tag in numeric:
            built += value[-entry.length :].rjust(entry.length, b"\x00") if entry.length else b""
        else:
            built += value[: entry.length].ljust(entry.length, b"\x00")
    return built


def split_dol(entries: tuple[DolEntry, ...], data: bytes) -> dict[int, bytes]:
    """What the other side filled in. Raises RemoteProtocolError when the length is wrong."""
    if len(data) != sum(entry.length for entry in entries):
        raise RemoteProtocolError(f"{len(data)} bytes for a list of {sum(entry.length for entry in entries)}")
    values: dict[int, bytes] = {}
    at = 0
    for entry in entries:
        values[entry.tag] = data[at : at + entry.length]
        at += entry.length
    return values
