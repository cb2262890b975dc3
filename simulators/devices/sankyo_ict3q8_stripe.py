"""Sankyo ICT3Q8: the stripe head - what it read, what it is to write, and how the stripe of a card changes."""

from collections.abc import Iterable, Mapping

from protocol.sankyo_ict3q8_codes import ErrorCode
from protocol.sankyo_ict3q8_stripe import ALPHABETS, STANDARD_FORMATS, Coercivity, TrackFormat, TrackResult, Written
from simulators.devices.sankyo_ict3q8_options import Refusal, SankyoIct3q8Options, WriteOption
from simulators.world.cards import VirtualCard

_GOOD = TrackResult(Written.GOOD)


class StripeHead:
    """Read and write buffers of three tracks (four on an ICT3K5)."""

    def __init__(self, options: SankyoIct3q8Options) -> None:
        self.read_well: dict[int, str] = {}
        self.read_badly: dict[int, str] = {}
        self.filled: dict[int, bytes] = {}
        self.formats: Mapping[int, TrackFormat] = STANDARD_FORMATS
        self.coercivity = Coercivity.LOW
        self.dirty = False
        self.failing_reads: dict[int, str] = {}
        self.failing_writes: dict[int, list[str]] = {}
        self._options = options

    def initialize(self) -> None:
        """As after power-on: standard formats, weak current, empty buffers."""
        self.formats = STANDARD_FORMATS
        self.coercivity = Coercivity.LOW
        self.forget()

    def forget(self) -> None:
        """Clear read and write buffers."""
        self.read_well, self.read_badly, self.filled = {}, {}, {}

    def knows(self, number: int) -> bool:
        """Was this track read, well or badly, since the buffers were cleared?"""
        return number in self.read_well or number in self.read_badly

    def read(self, card: VirtualCard | None, wrong_way: bool) -> None:
        """The stripe of a card passes the head."""
        self.read_well, self.read_badly = {}, {}
        if card is None:
            return
        for number in (1, 2, 3, 4):
            if (error := self._why_unread(card, number, wrong_way)) is not None:
                self.read_badly[number] = error
            else:
                self.read_well[number] = card.tracks[number]

    def encoded(self) -> bytes:
        """What `C67` says: is there anything on each track?"""
        empty = (ErrorCode.TRACK_BLANK, ErrorCode.TRACK_EMPTY)
        seen = (
            number in self.read_well or self.read_badly.get(number, ErrorCode.TRACK_BLANK) not in empty
            for number in (1, 2, 3)
        )
        return "".join("01"[each] for each in seen).encode()

    def before_the_error(self, card: VirtualCard, number: int) -> bytes:
        """What one pass reads of a worn track; the error is taken to be in its middle."""
        if self.read_badly.get(number) != ErrorCode.PARITY:
            return b""
        track = card.tracks[number]
        return track[: len(track) // 2].encode("ascii")

    def use_formats(self, data: bytes) -> None:
        """`C7U TR1 TR2 TR3 0`. Raises Refusal."""
        try:
            wanted = [TrackFormat(chr(byte)) for byte in data[:3]]
        except ValueError:
            raise Refusal(ErrorCode.BAD_DATA) from None
        if len(data) != 4 or data[3:] != b"0" or TrackFormat.SAFLOK in wanted[:2]:
            raise Refusal(ErrorCode.BAD_DATA)
        self.formats = dict(enumerate(wanted, 1))

    def use_current(self, data: bytes) -> None:
        """`C70 co mode`. Raises Refusal."""
        high = self._options.write is WriteOption.HIGH
        if len(data) != 2 or data[:1] not in (b"0", b"1") or (data[:1] == b"1" and not high):
            raise Refusal(ErrorCode.BAD_PARAMETER)
        if data[1:] != b"0":
            raise Refusal(ErrorCode.BAD_DATA)
        self.coercivity = Coercivity(data[:1].decode())

    def check(self, number: int, data: bytes) -> None:
        """Can these characters stand on the track? Raises Refusal."""
        alphabet = ALPHABETS.get(self.formats[number])
        if alphabet is None or alphabet.violation(data) is not None:
            raise Refusal(ErrorCode.BAD_DATA)

    def write(self, card: VirtualCard, wrong_way: bool, tracks: Mapping[int, bytes]) -> dict[int, TrackResult]:
        """The stripe passes the head and is written, then verified; returns what became of each track."""
        results = {number: self._written(card, wrong_way, number, data) for number, data in tracks.items()}
        self.read(card, wrong_way)
        return results

    def _written(self, card: VirtualCard, wrong_way: bool, number: int, data: bytes) -> TrackResult:
        if wrong_way or not card.has_stripe:
            return TrackResult(Written.BAD, ErrorCode.TRACK_BLANK)
        if number in card.bad_tracks or self.dirty:
            return TrackResult(Written.BAD, ErrorCode.PARITY)
        if card.high_coercivity and self.coercivity is Coercivity.LOW:
            return TrackResult(Written.BAD, ErrorCode.WRITTEN_DATA_DIFFER)
        if told := self.failing_writes.get(number):
            return TrackResult(Written.BAD, told.pop(0))
        card.write_track(number, data.decode("latin-1"))
        return _GOOD

    def _why_unread(self, card: VirtualCard, number: int, wrong_way: bool) -> str | None:
        unused = self.formats.get(number) is TrackFormat.NOT_USED
        if wrong_way or unused or number not in card.tracks:
            return ErrorCode.TRACK_BLANK
        if (error := self.failing_reads.get(number)) is not None:
            return error
        if not card.tracks[number]:
            return ErrorCode.TRACK_EMPTY
        return ErrorCode.PARITY if self.dirty or number in card.bad_tracks else None


def all_good(results: Iterable[TrackResult]) -> bool:
    """Is none of them bad?"""
    return all(result.written is not Written.BAD for result in results)
