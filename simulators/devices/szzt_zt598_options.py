"""What can be chosen about a simulated SZZT ZT598: dialect, firmware, mechanics, and the names it gives itself."""

from dataclasses import dataclass

from protocol.szzt_zt598_tables import HexMode, LengthCoding, PinDialect, ProofForm


@dataclass(frozen=True, slots=True)
class SzztZt598Options:
    """Dialect, firmware and mechanics; times in seconds.

    `silence` follows a reset, and what is asked in it is answered at its end; `pin_lifetime` is how long an accepted
    PIN waits for its block; `repeat_window` how long a repeated command gets the same reply again;
    `one_use_authentication` ends an authentication with its first use.
    """

    dialects: tuple[PinDialect, ...] = (PinDialect.JC, PinDialect.R)
    lengths: LengthCoding = LengthCoding.BCD
    proof: ProofForm = ProofForm.ENCRYPTED
    kcv_length: int = 8
    failures_allowed: int = 5
    one_use_authentication: bool = False
    hex_mode: HexMode = HexMode.TRUE
    silence: float = 2.0
    processing: float = 0.02
    gap: float = 0.25
    pin_lifetime: float = 60.0
    repeat_window: float = 10.0
    pad_id: str = "SIM00001"
    function: str = "FUNC0001"
    model: str = "ZT588"
    hardware: str = "1.0"
    firmware: str = "2.3"
    produced: str = "2611"
    serial: str = "0001"
    sm_chip: str = "SIM-1.0"
