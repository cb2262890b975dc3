"""Sankyo ICT3Q8: what can stand on a track, which commands read and write it, and how a write ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from protocol.wire import LocalProtocolError, RemoteProtocolError


class TrackFormat(StrEnum):
    """What `C7U` and Initialize set for a track."""

    NOT_USED = "0"
    ABA = "2"
    IATA = "3"
    MINTS = "4"
    SAFLOK = "J"


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Which characters a track holds on the line, and how many between its sentinels."""

    lowest: int
    highest: int
    longest: int

    def violation(self, data: bytes) -> str | None:
        """Why these characters can't stand on the track, or None."""
        if not data:
            return "no characters"
        if len(data) > self.longest:
            return f"{len(data)} characters, {self.longest} fit"
        wrong = [byte for byte in data if not self.lowest <= byte <= self.highest]
        return f"{len(wrong)} characters outside {self.lowest:02X} to {self.highest:02X}" if wrong else None


ALPHABETS: Mapping[TrackFormat, Alphabet] = {
    TrackFormat.IATA: Alphabet(0x20, 0x5F, 76),
    TrackFormat.ABA: Alphabet(0x30, 0x3F, 37),
    TrackFormat.MINTS: Alphabet(0x30, 0x3F, 104),
    TrackFormat.SAFLOK: Alphabet(0x00, 0xFF, 104),
}
"""How much fits comes from one driver in the field; how much a keycard of SAFLOK holds is a guess."""

STANDARD_FORMATS: Mapping[int, TrackFormat] = {1: TrackFormat.IATA, 2: TrackFormat.ABA, 3: TrackFormat.MINTS}

READ_BUFFER = {1: "1", 2: "2", 3: "3", 4: "4"}
"""pm of `C6`: what was read at intake. Track 4 is the ICT3K5's."""
READ_ONCE = {1: "9", 2: ":", 3: ";"}
"""pm of `C6`: read again in a single pass."""
WRITE = {1: "1", 2: "2", 3: "3"}
"""pm of `C7`: write and verify one track."""
FILL = {1: "6", 2: "7", 3: "8"}
"""pm of `C7`: fill a write buffer; `C79` writes all that are filled."""


class Coercivity(StrEnum):
    """co of `C70`. High is not in the specification: a driver in the field sends it to units that can."""

    LOW = "0"
    HIGH = "1"


class Written(StrEnum):
    """First character of a result of a write."""

    GOOD = "P"
    BAD = "N"
    NOT_WRITTEN = "X"


@dataclass(frozen=True, slots=True)
class TrackResult:
    """What became of one track. `detail` is 00, 01 or 02 (good, weaker) or the error of a bad one."""

    written: Written
    detail: str = "00"


NOT_WRITTEN = TrackResult(Written.NOT_WRITTEN)


def encode_results(results: Mapping[int, TrackResult]) -> bytes:
    """Three triplets joined by `~`; tracks that are not named were not written."""
    rows = (results.get(number, NOT_WRITTEN) for number in (1, 2, 3))
    return "~".join(f"{row.written}{row.detail}" for row in rows).encode("ascii")


def parse_results(data: bytes) -> dict[int, TrackResult]:
    """Results by track. Raises RemoteProtocolError."""
    rows = data.decode("latin-1").split("~")
    if len(rows) != 3 or any(len(row) != 3 or row[0] not in tuple(Written) for row in rows):
        raise RemoteProtocolError(f"{len(data)} bytes are no results of a write")
    return {number: TrackResult(Written(row[0]), row[1:]) for number, row in enumerate(rows, 1)}


def writable(number: int, text: str) -> bytes:
    """The data of a write command in the standard formats. Raises LocalProtocolError that holds no character of it."""
    if number not in STANDARD_FORMATS:
        raise LocalProtocolError(f"there is no track {number} to write")
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        raise LocalProtocolError(f"track {number}: characters that no track holds") from None
    if (violation := ALPHABETS[STANDARD_FORMATS[number]].violation(data)) is not None:
        raise LocalProtocolError(f"track {number}: {violation}")
    return data
