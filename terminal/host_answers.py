"""What a question to the host can end in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from protocol.money_line import AmountType, BindingRule, Original, ResponseCode


@dataclass(frozen=True, slots=True)
class SignedOn:
    """Working keys are loaded. `clock_offset` is the host's time minus ours."""

    batch: int
    host_time: datetime
    clock_offset: timedelta


@dataclass(frozen=True, slots=True)
class Quote:
    """The PIN is right, and this is what may be drawn: `amounts` in fen, and the rules that bind them."""

    amounts: Mapping[AmountType, int]
    rules: tuple[BindingRule, ...] = ()
    reference: str | None = None

    @property
    def available(self) -> int:
        """Balance less holds, in fen."""
        return self.amounts[AmountType.AVAILABLE]

    @property
    def maximum(self) -> int:
        """The most of one draw by every rule of the host, in fen."""
        return self.amounts.get(AmountType.MAXIMUM_DRAW, self.available)


@dataclass(frozen=True, slots=True)
class Approved:
    """An authenticated approval: `amount_fen` are held at the host, to be paid out once.

    `exchange` names it in our journal, `original` on the line (the host may have seen midnight first). With
    `check_code` the host can tell later that a receipt is genuine.
    """

    exchange: Original
    original: Original
    amount_fen: int
    reference: str
    authorisation: str | None
    entry_mode: str
    pan_sequence: str | None
    transaction: str | None
    sealed: str = field(repr=False)
    available_fen: int | None = None
    chip_data: bytes | None = field(default=None, repr=False)
    check_code: str = ""


@dataclass(frozen=True, slots=True)
class Transferred:
    """`amount_fen` were paid to the person's own account, `payee` (masked); nothing is left to confirm."""

    amount_fen: int
    reference: str
    authorisation: str | None
    payee: str | None
    available_fen: int | None = None
    check_code: str = ""


@dataclass(frozen=True, slots=True)
class Declined:
    """The host refused. `code` is SYSTEM_ERROR for a `host_code` that no table has.

    `amounts` and `rules` say what would have been possible and what bound it. `reference`, `check_code` and the trace
    number `stan` are what a counter finds the case by.
    """

    code: ResponseCode
    host_code: str
    rules: tuple[BindingRule, ...] = ()
    amounts: Mapping[AmountType, int] = field(default_factory=dict)
    pin_tries_left: int | None = None
    reference: str | None = None
    check_code: str = ""
    stan: int | None = None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No answer that can be believed. A cash request that was `sent` is being reversed already.

    `stan` is its trace number, None where there was no request.
    """

    cause: str
    sent: bool
    stan: int | None = field(default=None, compare=False)
