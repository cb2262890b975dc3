"""Sankyo ICT3Q8: what the reader tells about itself - sensors, sensor levels, type code, performance log."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from protocol.wire import RemoteProtocolError


@dataclass(frozen=True, slots=True)
class Sensors:
    """The four sensor bytes of C12 and C13; on the line in the order Se1 Se0 Se2 Se3."""

    insertion_switch: bool = False
    shutter_switch: bool = False
    front: bool = False
    middle: bool = False
    rear: bool = False
    capture_box: bool = True
    chip_contact: bool = False
    chip_position: bool = False
    stripe_at_prehead: bool = False
    end_of_life: bool = False
    enabled: bool = False
    magnetic_only: bool = False

    def encode(self) -> bytes:
        """Se1 Se0 Se2 Se3."""
        se0 = _bits(0x40, (4, self.insertion_switch), (3, self.shutter_switch), (2, self.front), (1, self.middle))
        se1 = _bits(0x40, (3, self.capture_box), (2, self.chip_contact), (1, self.chip_position))
        return bytes(
            (
                _bits(se1, (0, self.stripe_at_prehead)),
                _bits(se0, (0, self.rear)),
                _bits(0x40, (4, self.end_of_life)),
                _bits(0x40, (2, self.enabled), (1, self.magnetic_only)),
            )
        )

    @classmethod
    def parse(cls, data: bytes) -> "Sensors":
        """From four bytes. Raises RemoteProtocolError."""
        if len(data) != 4:
            raise RemoteProtocolError(f"{len(data)} sensor bytes in place of 4")
        se1, se0, se2, se3 = data
        return cls(
            insertion_switch=bool(se0 & 0x10),
            shutter_switch=bool(se0 & 0x08),
            front=bool(se0 & 0x04),
            middle=bool(se0 & 0x02),
            rear=bool(se0 & 0x01),
            capture_box=bool(se1 & 0x08),
            chip_contact=bool(se1 & 0x04),
            chip_position=bool(se1 & 0x02),
            stripe_at_prehead=bool(se1 & 0x01),
            end_of_life=bool(se2 & 0x10),
            enabled=bool(se3 & 0x04),
            magnetic_only=bool(se3 & 0x02),
        )


def _bits(base: int, *flags: tuple[int, bool]) -> int:
    return base | sum(1 << bit for bit, is_set in flags if is_set)


class Barrier(StrEnum):
    """The light barriers whose levels `C>` tells, in their order on the line."""

    PD1 = "PD1"
    PD2 = "PD2"
    PD3 = "PD3"
    PDI = "PDI"


FULL_SCALE = 5.0
CLEANING_LEVEL = 1.2
"""Volts with the LED at one fifth (`C>1`); below this the sensors are to be cleaned, and can't be calibrated."""
NORMAL_PERCENT = range(43, 116)


def encode_levels(volts: Mapping[Barrier, float]) -> bytes:
    """Data of `C>0` and `C>1`: two characters a barrier, each a nibble + 30; a step is 5 V / 255."""
    steps = [min(255, max(0, round(volts[barrier] * 255 / FULL_SCALE))) for barrier in Barrier]
    return bytes(0x30 + nibble for step in steps for nibble in divmod(step, 16))


def parse_levels(data: bytes) -> dict[Barrier, float]:
    """Volts, the other way round. Raises RemoteProtocolError."""
    if len(data) != 8 or any(not 0x30 <= byte <= 0x3F for byte in data):
        raise RemoteProtocolError(f"sensor levels {data.hex()}")
    steps = [(high - 0x30) * 16 + low - 0x30 for high, low in zip(data[::2], data[1::2], strict=True)]
    return {barrier: step * FULL_SCALE / 255 for barrier, step in zip(Barrier, steps, strict=True)}


def encode_percent(percent: Mapping[Barrier, int]) -> bytes:
    """Data of `C>2`: a byte a barrier, 64 is 100 %."""
    return bytes(min(0xFF, percent[barrier]) for barrier in Barrier)


def parse_percent(data: bytes) -> dict[Barrier, int]:
    """Per cent of the level that was stored at calibration; 43 to 115 is normal. Raises RemoteProtocolError."""
    if len(data) != len(Barrier):
        raise RemoteProtocolError(f"{len(data)} sensor percentages in place of {len(Barrier)}")
    return dict(zip(Barrier, data, strict=True))


@dataclass(frozen=True, slots=True)
class UnitType:
    """The 16 characters that Initialize answers with Ty = 1. `tracks`: 0 none, 1 read, 2 read and write.

    Two real units contradict the vendor's figure from the fifth character on: rely on `tracks` only.
    """

    tracks: tuple[int, int, int]
    chip: int = 1
    high_coercivity: bool = False

    def encode(self) -> bytes:
        """Sixteen characters after the vendor's figure."""
        return f"{''.join(map(str, self.tracks))}0{self.chip}{self.high_coercivity:d}".ljust(16, "0").encode()

    @classmethod
    def parse(cls, data: bytes) -> "UnitType":
        """Raises RemoteProtocolError."""
        if len(data) != 16 or not data.isdigit() or any(byte not in b"012" for byte in data[:3]):
            raise RemoteProtocolError(f"type code {data!r}")
        first, second, third = data[:3]
        return cls((first - 0x30, second - 0x30, third - 0x30), data[4] - 0x30, data[5] == 0x31)


@dataclass(frozen=True, slots=True)
class Performance:
    """Counters of `CfA`, a page that some firmwares offer (one driver in the field); their places are in `_COUNTERS`.

    Chip errors between the activations and the shutter have no layout that could be trusted, and are left 0.
    """

    passes: int = 0
    captures: int = 0
    head_passes: int = 0
    track1: tuple[int, int, int, int] = (0, 0, 0, 0)
    """Read well, read badly, written well, written badly; so for the other tracks."""
    track2: tuple[int, int, int, int] = (0, 0, 0, 0)
    track3: tuple[int, int, int, int] = (0, 0, 0, 0)
    chip_activations: int = 0
    shutter: tuple[int, int] = (0, 0)
    """Opened and closed well, badly; so for the contact."""
    contact: tuple[int, int] = (0, 0)

    def encode(self) -> bytes:
        """136 bytes."""
        page = bytearray(_PAGE)
        for (name, index), offset in _COUNTERS.items():
            value = getattr(self, name)
            page[offset : offset + 4] = (value if index is None else value[index]).to_bytes(4, "big")
        return bytes(page)

    @classmethod
    def parse(cls, data: bytes) -> "Performance":
        """Raises RemoteProtocolError."""
        if len(data) < _PAGE:
            raise RemoteProtocolError(f"a performance log of {len(data)} bytes in place of {_PAGE}")
        read = {key: int.from_bytes(data[offset : offset + 4], "big") for key, offset in _COUNTERS.items()}

        def four(name: str) -> tuple[int, int, int, int]:
            return read[name, 0], read[name, 1], read[name, 2], read[name, 3]

        return cls(
            read["passes", None],
            read["captures", None],
            read["head_passes", None],
            four("track1"),
            four("track2"),
            four("track3"),
            read["chip_activations", None],
            (read["shutter", 0], read["shutter", 1]),
            (read["contact", 0], read["contact", 1]),
        )


_PAGE = 136
_COUNTERS: dict[tuple[str, int | None], int] = {
    ("passes", None): 0,
    ("captures", None): 4,
    ("head_passes", None): 8,
    **{(f"track{track}", index): 12 + 16 * (track - 1) + 4 * index for track in (1, 2, 3) for index in range(4)},
    ("chip_activations", None): 60,
    **{("shutter", index): 120 + 4 * index for index in range(2)},
    **{("contact", index): 128 + 4 * index for index in range(2)},
}
"""Offset of each big-endian 32-bit counter in the page; the number is the place in a tuple."""
ERROR_RECORD = 5
"""`CfC` answers records of three characters of a command and two of its error; five NULs are an empty one."""
