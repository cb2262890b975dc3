"""The link layer of the Fujitsu F53 and F56: control pairs, and text frames that are read by their length.

    control   10 05 ENQ, 10 06 ACK, 10 15 NAK
    text      10 02 | LEN hi lo | DATA | 10 03 | CRC lo hi      CRC-16/KERMIT over LEN, DATA and 10 03

No byte is ever doubled: a bare 10 may stand in DATA. Source: drivers in the field, which agree.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from protocol.checksums import crc16_kermit, ends_with_crc16_kermit
from protocol.wire import Control, ControlCode, Damaged, Event, LocalProtocolError, Noise, Received

DLE = 0x10
STX = 0x02
TEXT_START = bytes((DLE, STX))
TEXT_END = bytes((DLE, 0x03))

ENQ = Control(ControlCode.ENQ, bytes((DLE, ControlCode.ENQ)))
ACK = Control(ControlCode.ACK, bytes((DLE, ControlCode.ACK)))
NAK = Control(ControlCode.NAK, bytes((DLE, ControlCode.NAK)))

SHORTEST_DATA = 3
LONGEST_DATA = 0x200
"""The longest known text has 157 bytes of DATA; a length beyond this one is damage, not a message to wait for."""

_HEAD = 4
_TAIL = 4
_CONTROLS: Mapping[int, Control] = {control.code: control for control in (ENQ, ACK, NAK)}

M = TypeVar("M", bound=Received)
Scan: TypeAlias = Callable[[bytes], Event[M] | Control | None]


def text_frame(data: bytes) -> bytes:
    """DATA on the wire. Raises LocalProtocolError when no frame can hold it."""
    if not SHORTEST_DATA <= len(data) <= LONGEST_DATA:
        raise LocalProtocolError(f"a text of {len(data)} bytes does not fit a frame")
    body = b"%c%c%s\x10\x03" % (len(data) >> 8, len(data) & 0xFF, data)
    return b"\x10\x02%s%s" % (body, crc16_kermit(body).to_bytes(2, "little"))


def scan_texts(parse: Callable[[bytes, bytes], M]) -> Scan[M]:
    """What either side says. `parse` gets DATA and the whole frame of a text, and raises ValueError on bad data."""

    def scan(pending: bytes) -> Event[M] | Control | None:
        if not pending.startswith(TEXT_START):
            return _no_text(pending)
        if len(pending) < _HEAD:
            return None
        length = pending[2] << 8 | pending[3]
        if not SHORTEST_DATA <= length <= LONGEST_DATA:
            return Damaged(pending[:_HEAD], f"a text can't have {length} bytes")
        whole = _HEAD + length + _TAIL
        return _checked(pending[:whole], parse) if len(pending) >= whole else None

    return scan


def _no_text(pending: bytes) -> Control | Noise | None:
    if pending[0] != DLE:
        return Noise(pending[:1], "no message begins with this byte")
    if len(pending) < len(TEXT_START):
        return None
    return _CONTROLS.get(pending[1]) or Noise(pending[:1], "no message begins with these bytes")


def _checked(raw: bytes, parse: Callable[[bytes, bytes], M]) -> Event[M]:
    if raw[-4:-2] == TEXT_END and ends_with_crc16_kermit(raw[2:]):
        try:
            return parse(raw[_HEAD:-_TAIL], raw)
        except ValueError as wrong:
            return Damaged(raw, str(wrong))
    # A frame that lost bytes reaches into the next one, which is looked at afresh.
    restart = raw.find(TEXT_START, 2)
    return Damaged(raw[:restart] if restart > 0 else raw, "wrong CRC" if raw[-4:-2] == TEXT_END else "no end of text")
