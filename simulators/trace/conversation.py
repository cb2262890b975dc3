"""What was said on one port of a trace: messages whose hidden bytes match anything, and exchanges of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from drivers.trace_file import HIDDEN, BadLine, Line, Sender, TraceHeader, TraceRecord
from simulators.trace.dialects import NO_MESSAGE_FILLER, Dialect, dialect


class TraceUnusable(ValueError):
    """A trace that can't be played; the message says what to do."""


class Fit(Enum):
    """How bytes that were heard stand to a message."""

    NO = auto()
    PART = auto()
    WHOLE = auto()


@dataclass(frozen=True, slots=True)
class Said:
    """One recorded message. `filled` are its bytes, hidden ones filled in; `known` is FF where a byte must be the same.

    The check code of a message with hidden bytes counts as hidden: it would be another one with other bytes.
    """

    number: int
    record: TraceRecord
    filled: bytes
    known: bytes

    @property
    def hidden(self) -> bool:
        """Some bytes were not written down."""
        return HIDDEN in self.record.hex

    @property
    def from_host(self) -> bool:
        """The host said it."""
        return self.record.direction is Sender.HOST

    def fit(self, heard: bytes) -> Fit:
        """Do bytes begin with this message, or this message with them?"""
        size = min(len(heard), len(self.filled))
        known = int.from_bytes(self.known[:size], "big")
        if (int.from_bytes(heard[:size], "big") ^ int.from_bytes(self.filled[:size], "big")) & known:
            return Fit.NO
        return Fit.WHOLE if size == len(self.filled) else Fit.PART


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the host said without hearing anything in between, and what the device said to it."""

    requests: tuple[Said, ...]
    answers: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that was said on one port, in order."""

    port: str
    model: str
    said: tuple[Said, ...]

    @property
    def dialect(self) -> Dialect:
        """How to read it."""
        return dialect(self.model)

    def hidden(self, sender: Sender) -> int:
        """How many messages of one side have hidden bytes."""
        return sum(said.hidden for said in self.said if said.record.direction is sender)

    def exchanges(self) -> list[Exchange]:
        """The messages as questions and answers; the first may have no question."""
        made: list[tuple[list[Said], list[Said]]] = []
        for said in self.said:
            if not made or (said.from_host and made[-1][1]):
                made.append(([], []))
            made[-1][0 if said.from_host else 1].append(said)
        return [Exchange(tuple(requests), tuple(answers)) for requests, answers in made]


def ports_of(lines: Iterable[tuple[int, Line]]) -> dict[str, str]:
    """The ports on which something was said, and their models ("" where no header tells)."""
    models: dict[str, str] = {}
    found: dict[str, str] = {}
    for _, line in lines:
        if isinstance(line, TraceHeader):
            models |= {name: port.model for name, port in line.ports.items()}
        elif isinstance(line, TraceRecord):
            found[line.port] = models.get(line.port, "")
    return found


def conversation(lines: Iterable[tuple[int, Line]], port: str, model: str | None = None) -> Conversation:
    """What was said on `port`; `model` where no header tells, or in its place. Raises TraceUnusable, NoDialect."""
    records: list[tuple[int, TraceRecord]] = []
    ports: dict[str, str] = {}
    for number, line in lines:
        if isinstance(line, BadLine):
            raise TraceUnusable(f"line {number}: {line.reason}; take the line out, then what is left can be played")
        if isinstance(line, TraceHeader):
            ports |= {name: about.model for name, about in line.ports.items()}
        else:
            ports.setdefault(line.port, "")
            if line.port == port:
                records.append((number, line))
    if not records:
        raise TraceUnusable(f"nothing was recorded on a port {port!r}; ports: {', '.join(ports) or 'none'}")
    spoken = model or ports[port]
    if not spoken:
        raise TraceUnusable(f"no header says what is on the port {port!r}; say it with --model")
    how = dialect(spoken)
    return Conversation(port, spoken, tuple(said(number, record, how) for number, record in records))


def said(number: int, record: TraceRecord, how: Dialect) -> Said:
    """A record as a message that can be sent and matched."""
    pieces = record.hex.split()
    broken = record.note.startswith(("noise", "damaged"))
    filler = f"{NO_MESSAGE_FILLER if broken else how.filler:02x}"
    filled = bytes.fromhex("".join(filler if piece == HIDDEN else piece for piece in pieces))
    known = bytearray(0x00 if piece == HIDDEN else 0xFF for piece in pieces)
    if HIDDEN in pieces and not broken and how.check < len(pieces):
        filled = how.seal(filled)
        known[len(known) - how.check :] = bytes(how.check)
    return Said(number, record, filled, bytes(known))
