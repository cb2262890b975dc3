"""The codecs' cases: one frame of each protocol, ours and as `construct` would have it, both reading every field.

Ours decodes from a stream, as the drivers do; construct parses one frame that is known to be whole, compiled. Where its
layout would need code of its own (ISO 8583 bitmap, which fields are there), it is given the layout of this one frame.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import construct as c

from protocol import escpos_status, fujitsu_f56, money_line, puloon_lcdm_2000, puloon_lcdm_4000, sankyo_ict3q8
from protocol.checksums import bcc, crc16_kermit, crc16_xmodem
from protocol.escpos import ESCPOS
from protocol.szzt_zt598 import SZZT_ZT598, Reply
from protocol.wire import Decoder
from tests.vectors import vector


@dataclass(frozen=True, slots=True)
class Case:
    """One frame: our message, our way to the bytes and back, and construct's."""

    name: str
    frame: bytes
    message: Any
    encode: Callable[[Any], bytes]
    decoder: Callable[[], Decoder[Any]]
    layout: Any

    def doings(self) -> dict[str, Callable[[], object]]:
        """What is measured."""
        decoder, layout = self.decoder(), self.layout.compile()
        encode, message, frame = self.encode, self.message, self.frame
        parsed = layout.parse(frame)
        values = {key: value for key, value in parsed.items() if not key.startswith("_")}
        return {
            PLAIN_LOOP: _plain_loop,
            "decode": lambda: decoder.feed(frame),
            "construct decode": lambda: layout.parse(frame),
            "encode": lambda: encode(message),
            "construct encode": lambda: layout.build(values),
        }


PLAIN_LOOP = "plain loop"
_PLAIN = struct.Struct(">BHB22sBB")
_PLAIN_FRAME = bytes(range(28))


def _plain_loop() -> int:
    """What the processor does just now, as a measure: 28 bytes taken apart by `struct` and XORed in a Python loop."""
    _PLAIN.unpack(_PLAIN_FRAME)
    check = 0
    for byte in _PLAIN_FRAME:
        check ^= byte
    return check


def _checked(body: Any, size: int, check: Callable[[bytes], bytes], start: bytes = b"") -> Any:
    """A frame with a check code behind its body; `start` is not part of what is checked."""
    parts = {"body": c.RawCopy(body), "check": c.Checksum(c.Bytes(size), check, c.this.body.data)}
    return c.Struct(*([c.Const(start)] * bool(start)), *(name / part for name, part in parts.items()))


def _bcc(data: bytes) -> bytes:
    return bytes((bcc(data),))


_DIGITS = c.ExprAdapter(c.Bytes(2), lambda obj, _: int(obj), lambda obj, _: b"%02d" % obj)
_SENSOR = c.ExprAdapter(c.Byte, lambda obj, _: obj & 0x7F, lambda obj, _: obj | 0x80)
_BIASED = c.ExprAdapter(c.Byte, lambda obj, _: obj - 0x20, lambda obj, _: obj + 0x20)

_SANKYO = _checked(
    c.Struct(
        c.Const(b"\xf2"),
        "text"
        / c.Prefixed(
            c.Int16ub,
            c.Struct(c.Const(b"P"), "cm" / c.Bytes(1), "pm" / c.Bytes(1), "st" / c.Bytes(2), "data" / c.GreedyBytes),
        ),
    ),
    2,
    lambda data: crc16_xmodem(data).to_bytes(2, "big"),
)
_ZT598 = _checked(
    c.Struct(
        "length" / c.Rebuild(c.Bytes(3), lambda this: b"%03d" % (1 + len(this.data))),
        "rtn" / c.Byte,
        "data" / c.Bytes(lambda this: int(this.length) - 1),
        c.Const(b"\x03"),
    ),
    2,
    lambda data: b"%02X" % bcc(data),
    b"\x02",
)
_LCDM_2000_STATUS = _checked(
    c.Struct(c.Const(b"\x01\x50\x02\x46\x30"), "error" / c.Byte, "sensors" / c.Array(2, _SENSOR), c.Const(b"\x03")),
    1,
    _bcc,
)
_LCDM_2000_DISPENSE = _checked(
    c.Struct(
        c.Const(b"\x01\x50\x02\x56"),
        "checked_upper" / _DIGITS,
        "exited_upper" / _DIGITS,
        "checked_lower" / _DIGITS,
        "exited_lower" / _DIGITS,
        "error" / c.Byte,
        "near_end" / c.Bytes(2),
        "rejected_upper" / _DIGITS,
        "rejected_lower" / _DIGITS,
        c.Const(b"\x03"),
    ),
    1,
    _bcc,
)
_LCDM_4000_STATUS = _checked(
    c.Struct(
        c.Const(b"\x01\x30\x02\x50"),
        "error" / c.Byte,
        "path" / _SENSOR,
        "cassettes"
        / c.Array(4, c.Struct("sensors" / _SENSOR, "position" / c.Byte, "opacity" / _BIASED, "length" / _BIASED)),
        c.Const(b"\x03"),
    ),
    1,
    _bcc,
)
_F56 = _checked(
    c.Struct(
        "data"
        / c.Prefixed(
            c.Int16ub,
            c.Struct(
                c.Const(b"\x60"),
                "command" / c.Byte,
                "length" / c.Byte,
                c.Const(b"\xe4"),
                "notes" / c.Array(4, c.Bytes(2)),
                "rejects" / c.Array(4, c.Bytes(2)),
                "retries" / c.Array(4, c.Byte),
                c.Const(b"\x1c"),
            ),
        ),
        c.Const(b"\x10\x03"),
    ),
    2,
    lambda data: crc16_kermit(data).to_bytes(2, "little"),
    b"\x10\x02",
)
_BCD = c.ExprAdapter(c.GreedyBytes, lambda obj, _: obj.hex(), lambda obj, _: bytes.fromhex(obj))
_MONEY = c.Struct(
    "message"
    / c.Prefixed(
        c.Int16ub,
        c.Struct(
            "tpdu" / c.FixedSized(5, _BCD),
            "header" / c.FixedSized(6, _BCD),
            "mti" / c.FixedSized(2, _BCD),
            "bitmap" / c.Bytes(8),
            "rest" / c.GreedyBytes,
        ),
    )
)
_ESCPOS = c.Struct("value" / c.Byte)


def _read(decoder: Decoder[Any], frame: bytes) -> Any:
    (message,) = decoder.feed(frame)
    return message


def _case(
    name: str, frame: bytes, encode: Callable[[Any], bytes], decoder: Callable[[], Decoder[Any]], layout: Any
) -> Case:
    return Case(name, frame, _read(decoder(), frame), encode, decoder, layout)


def cases() -> list[Case]:
    """All of them."""
    lcdm, f56 = "puloon_lcdm", "fujitsu_f56"
    return [
        _case(
            "sankyo status reply",
            bytes.fromhex("f20009503133303048404040114a"),
            sankyo_ict3q8.encode,
            sankyo_ict3q8.SANKYO_ICT3Q8.from_device,
            _SANKYO,
        ),
        _case(
            "zt598 random number", vector("szzt_zt598", "random number"), Reply.encode, SZZT_ZT598.from_device, _ZT598
        ),
        _case(
            "lcdm-2000 status reply",
            vector(lcdm, "2000: STATUS reply, idle"),
            puloon_lcdm_2000.encode,
            puloon_lcdm_2000.device_decoder,
            _LCDM_2000_STATUS,
        ),
        _case(
            "lcdm-2000 dispense reply",
            vector(lcdm, "2000: DISPENSE both reply, one rejected above, near end below"),
            puloon_lcdm_2000.encode,
            puloon_lcdm_2000.device_decoder,
            _LCDM_2000_DISPENSE,
        ),
        _case(
            "lcdm-4000 status reply",
            bytes.fromhex("0130025020808431407084324070803040708030407003c3"),
            puloon_lcdm_4000.encode,
            puloon_lcdm_4000.device_decoder,
            _LCDM_4000_STATUS,
        ),
        _case(
            "f56 count",
            vector(f56, "COUNT 1, 2, 0, 13"),
            fujitsu_f56.encode,
            fujitsu_f56.host_decoder,
            _F56,
        ),
        _case("escpos status", b"\x12", escpos_status.encode_reply, ESCPOS.from_device, _ESCPOS),
        _case("money line sign-on", vector("money_line", "sign-on"), money_line.encode, money_line.decoder, _MONEY),
    ]
