"""What can be chosen about a simulated SZZT ZT598: dialect, firmware, mechanics, and the names it gives itself."""

from dataclasses import dataclass
from enum import StrEnum

from protocol.szzt_zt598_tables import SPEEDS, HexMode, LengthCoding, PinDialect, ProofForm, SpeedCodes


class CommandSet(StrEnum):
    """Which commands the firmware has: those of all known drivers, or also I, J, N, S and SM4."""

    BASE = "base"
    ALL = "all"


class UnknownCommand(StrEnum):
    """What the firmware does with a command that it does not have: refuse it with EB, or say nothing."""

    REFUSED = "refused"
    SILENT = "silent"


class CheckValueForm(StrEnum):
    """How the check value of a clear key is written; drivers in the field differ."""

    HEX = "hex"
    RAW = "raw"


class BatteryState(StrEnum):
    """The battery that keeps the keys: an empty one loses them at the next power cut."""

    GOOD = "good"
    LOW = "low"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class SzztZt598Options:
    """Dialect, firmware and mechanics; times in seconds.

    `kcv_length` is in bytes; `checks_parity` refuses DES keys with even bytes; `timeout_ff_is_none` reads a PIN time
    limit of FF as none instead of 255 s; `one_use_authentication` ends an authentication with its first use. `speed`
    (baud) is what the pad says of its line; `speed_codes` how a change is read. `long_replies_counted` writes the
    length of a long reply in four more digits. `silence` follows a reset, and what is asked in it is answered at its
    end; `pin_lifetime` is how long an accepted PIN waits for its block; `repeat_window` how long a repeated command
    gets the same reply again. After a key press the keypad is blind for `debounce`; a key that is held blocks the
    others for `key_hold`, until a control sets that time (0: until it is let go).
    """

    dialects: tuple[PinDialect, ...] = (PinDialect.JC, PinDialect.R)
    lengths: LengthCoding = LengthCoding.BCD
    proof: ProofForm = ProofForm.ENCRYPTED
    commands: CommandSet = CommandSet.ALL
    unknown_commands: UnknownCommand = UnknownCommand.REFUSED
    sm_chip: bool = True
    kcv_length: int = 8
    clear_key_kcv: CheckValueForm = CheckValueForm.HEX
    checks_parity: bool = False
    failures_allowed: int = 5
    one_use_authentication: bool = False
    timeout_ff_is_none: bool = True
    hex_mode: HexMode = HexMode.TRUE
    speed: int = 9600
    speed_codes: SpeedCodes = SpeedCodes.SENT
    long_replies_counted: bool = False
    battery: BatteryState = BatteryState.GOOD
    silence: float = 2.0
    processing: float = 0.02
    gap: float = 0.25
    pin_lifetime: float = 60.0
    repeat_window: float = 10.0
    debounce: float = 0.0
    key_hold: float = 3.0
    pad_id: str = "SIM00001"
    function: str = "FUNC0001"
    model: str = "ZT588"
    hardware: str = "1.0"
    firmware: str = "2.3"
    produced: str = "2611"
    serial: str = "0001"
    sm_chip_version: str = "SIM-1.0"

    def __post_init__(self) -> None:
        if not 1 <= self.kcv_length <= 8:
            raise ValueError(f"a check value has 1 to 8 bytes, not {self.kcv_length}")
        if self.speed not in SPEEDS:
            raise ValueError(f"speed {self.speed} is none of {', '.join(map(str, SPEEDS))}")
        if not self.dialects:
            raise ValueError("a pad without a PIN dialect can't ask for a PIN; give JC, R or both")
