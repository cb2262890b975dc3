"""The frame that all Puloon LCDM dispensers share, and how to find it in a stream of bytes.

    command   04 ID 02 CMD [data] 03 BCC
    response  01 ID 02 CMD [data] 03 BCC        BCC = XOR of all bytes before it

There is no escaping. Response data is binary, so a response is read by the length its command has; the data of a
command never holds a byte below 1C, so a command is read to its ETX (LCDM-1000T interface specification V3.3T).
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from protocol.checksums import bcc
from protocol.wire import ACK, EOT, NAK, Control, Damaged, Event, Noise, Received

COMMAND_START = 0x04
RESPONSE_START = 0x01
STX = 0x02
ETX = 0x03

SHORT_REPLY = 7
"""A response that is only an error byte; any command may get one, an unknown command gets nothing else."""

_LONGEST_COMMAND = 24
_HEAD = 4

M = TypeVar("M", bound=Received)
Scan: TypeAlias = Callable[[bytes], Event[M] | Control | None]


def command_frame(device_id: int, command: int, data: bytes = b"") -> bytes:
    """A command of the host."""
    return _frame(COMMAND_START, device_id, command, data)


def response_frame(device_id: int, command: int, data: bytes) -> bytes:
    """A response of the device."""
    return _frame(RESPONSE_START, device_id, command, data)


def _frame(start: int, device_id: int, command: int, data: bytes) -> bytes:
    body = b"%c%c\x02%c%s\x03" % (start, device_id, command, data)
    return b"%s%c" % (body, bcc(body))


def scan_commands(device_id: int, parse: Callable[[bytes], M]) -> Scan[M]:
    """What the host says: commands, ACK, NAK. `parse` gets a frame with a good BCC, raises ValueError on bad data."""
    head = bytes((COMMAND_START, device_id, STX))

    def scan(pending: bytes) -> Event[M] | Control | None:
        if not pending.startswith(head):
            return _control_or_noise(pending, head, (ACK, NAK))
        if len(pending) <= _HEAD:
            return None
        etx = pending.find(ETX, _HEAD, _LONGEST_COMMAND)
        if etx < 0:
            return Noise(pending[:1], "a command without end") if len(pending) >= _LONGEST_COMMAND else None
        return _checked(pending, etx + 2, head, parse)

    return scan


def scan_responses(
    device_id: int,
    lengths: Mapping[int, int],
    parse: Callable[[bytes], M],
    *,
    closing_eot: bool,
    never_short: int | None = None,
) -> Scan[M]:
    """What the device says: responses, ACK, NAK and, on models that close with it, EOT.

    `lengths` gives the whole length of the response to each command; every other command has the short one.
    `never_short` is the command whose data may hold an ETX right after the error byte.
    """
    head = bytes((RESPONSE_START, device_id, STX))
    controls = (ACK, NAK, EOT) if closing_eot else (ACK, NAK)

    def scan(pending: bytes) -> Event[M] | Control | None:
        if not pending.startswith(head):
            return _control_or_noise(pending, head, controls)
        if len(pending) < SHORT_REPLY:
            return None
        command = pending[3]
        short = command != never_short and pending[5] == ETX and bcc(pending[:6]) == pending[6]
        length = SHORT_REPLY if short else lengths.get(command, SHORT_REPLY)
        return _checked(pending, length, head, parse)

    return scan


def _control_or_noise(pending: bytes, head: bytes, controls: tuple[Control, ...]) -> Control | Noise | None:
    """A control byte, or noise where no frame can begin; None where one still may."""
    if head.startswith(pending):
        # A lone EOT and the start of a command share a byte value, but never a direction.
        return None
    for control in controls:
        if pending[0] == control.code:
            return control
    return Noise(pending[:1], "no message begins with this byte")


def _checked(pending: bytes, length: int, head: bytes, parse: Callable[[bytes], M]) -> Event[M] | Control | None:
    if len(pending) < length:
        return None
    raw = pending[:length]
    if raw[-2] == ETX and not bcc(raw):  # the BCC takes itself back
        try:
            return parse(raw)
        except ValueError as wrong:
            return Damaged(raw, str(wrong))
    restart = raw.find(head, 1)
    return Damaged(raw[:restart] if restart > 0 else raw, "wrong BCC" if raw[-2] == ETX else "no ETX where it belongs")
