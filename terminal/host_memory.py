"""What the terminal remembers of its exchanges with the host: a fold over the journal.

The same `apply` runs for a record just written and for the records found at start, so a restart knows exactly what was
known before it. A cash request is `pending` until it has an answer; an approval is open until a confirm or reversal of
it is stored; an advice is open until an answer ended it or operators handed it over; `refused` has the host's last code
for those that it answered and did not accept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from protocol.money_line import Original, ProcessingCode, ResponseCode, UnitResult
from protocol.money_line_fields import decode_unit_results, encode_unit_results
from terminal.host_answers import Approved
from terminal.journal import Entry, Record
from terminal.redaction import Json

HIGHEST_STAN: Final = 999_999

BLOCK: Final = 200
"""Trace numbers that one record reserves; at most so many are lost by a restart."""

KINDS: Final = (
    Entry.SIGNED_ON,
    Entry.CLOCK_STEPPED,
    Entry.TRACE_NUMBERS_RESERVED,
    Entry.HOST_REQUEST,
    Entry.HOST_REPLY,
    Entry.ADVICE_STORED,
    Entry.ADVICE_ANSWERED,
    Entry.ADVICE_HANDED_OVER,
    Entry.DAY_END_ORDERED,
    Entry.SETTLEMENT_BEGUN,
    Entry.BATCH_CLOSED,
)
"""The records that this memory is made of."""


class StanExhausted(Exception):
    """Every trace number of this business day is used."""


class AdviceKind(StrEnum):
    """The message type of an advice."""

    CONFIRM = "0220"
    REVERSAL = "0400"


@dataclass(frozen=True, slots=True)
class CashRequested:
    """A request for cash or a transfer that has left, or may have."""

    exchange: Original
    amount_fen: int
    entry_mode: str
    pan_sequence: str | None
    transaction: str | None
    sealed: str = field(repr=False)
    processing: ProcessingCode = ProcessingCode.CASH


@dataclass(frozen=True, slots=True)
class Advice:
    """A confirm or reversal that must reach the host. `stan` is its own; a reversal has that of its original."""

    kind: AdviceKind
    stan: int
    exchange: Original
    original: Original
    amount_fen: int
    cause: str
    reference: str | None
    authorisation: str | None
    units: tuple[UnitResult, ...]
    entry_mode: str
    pan_sequence: str | None
    transaction: str | None
    sealed: str = field(repr=False)
    processing: ProcessingCode = ProcessingCode.CASH


@dataclass(frozen=True, slots=True)
class Paid:
    """One payout of a batch that is not closed."""

    exchange: Original
    original: Original
    amount_fen: int
    reference: str | None
    authorisation: str | None
    processing: ProcessingCode


@dataclass(frozen=True, slots=True)
class Settling:
    """A batch whose totals the host is being told."""

    batch: int
    debit_fen: int
    debit_count: int


class HostMemory:
    """Trace numbers, pending requests, open approvals and open advices; payouts of the batch, and its settlement.

    `settled_at` is when the last settlement began, `paid_since` when the first payout came, both by the host's
    clock; `clock_offset` is that clock minus ours.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.pending: dict[Original, CashRequested] = {}
        self.approvals: dict[Original, Approved] = {}
        self.advices: dict[Original, Advice] = {}
        self.refused: dict[Original, str] = {}
        self.paid: dict[Original, Paid] = {}
        self.settling: Settling | None = None
        self.settled_at: datetime | None = None
        self.paid_since: datetime | None = None
        self.day_end_ordered = False
        self.clock_offset = timedelta()
        self._stan = 0
        self._day = ""
        self._first_of_day = 0
        self._reserved = Original(0, 0, "")
        """The last number of a block, and its day."""
        for record in records:
            self.apply(record)
        if self._reserved.date == self._day:
            self._used(self._reserved.stan, self._day)  # how many of them the last run used, nobody knows

    @property
    def refused_advices(self) -> tuple[tuple[Advice, str], ...]:
        """Those of the open ones that the host has answered and does not accept, with its last code."""
        return tuple(
            (advice, self.refused[exchange]) for exchange, advice in self.advices.items() if exchange in self.refused
        )

    def take_stan(self, date: str) -> int:
        """The next trace number on the business day `date` (MMDD), never given again that day. Raises StanExhausted."""
        stan = self._stan % HIGHEST_STAN + 1
        if date == self._day and stan == self._first_of_day:
            raise StanExhausted(f"all trace numbers of {date} are used")
        self._used(stan, date)
        return stan

    def is_reserved(self, name: Original) -> bool:
        """Is its trace number one of the last block?"""
        left = (self._reserved.stan - name.stan) % HIGHEST_STAN
        return name.date == self._reserved.date and left < BLOCK

    def block_from(self, name: Original) -> int:
        """The last trace number of a block that begins with that of `name`, which was just taken."""
        unused = (self._first_of_day - name.stan - 1) % HIGHEST_STAN
        return (name.stan - 1 + min(BLOCK - 1, unused)) % HIGHEST_STAN + 1

    def apply(self, record: Record) -> None:
        """Take one record of `KINDS`; others change nothing."""
        data = record.data
        match record.kind:
            case Entry.SIGNED_ON | Entry.CLOCK_STEPPED:
                self.clock_offset = timedelta(seconds=data["clock_offset_seconds"])
            case Entry.TRACE_NUMBERS_RESERVED:
                self._used(data["stan"], data["date"])
                self._reserved = Original(data["batch"], data["last"], data["date"])
            case Entry.HOST_REQUEST:
                self._used(data["stan"], data["date"])
                if "sealed" in data:
                    request = _cash_requested(record)
                    self.pending[request.exchange] = request
            case Entry.HOST_REPLY:
                answered = self.pending.pop(_exchange(data), None)
                if answered is not None and data.get("approved"):
                    self._granted(answered, record)
            case Entry.ADVICE_STORED:
                if data["mti"] == AdviceKind.CONFIRM:
                    self._used(data["own_stan"], data["own_date"])
                advice = _advice(record)
                self.pending.pop(advice.exchange, None)
                self.approvals.pop(advice.exchange, None)
                self.advices[advice.exchange] = advice
                if advice.kind is AdviceKind.CONFIRM and advice.amount_fen:
                    self._count(record, advice, advice.processing)
            case Entry.ADVICE_ANSWERED:
                if data["ended"]:
                    ended = self.advices.pop(_exchange(data), None)
                    self.refused.pop(_exchange(data), None)
                    if ended is not None and _stays_paid(ended, data.get("code", "")):
                        self._count(record, ended, ended.processing)
                else:
                    self.refused[_exchange(data)] = data.get("code", "")
            case Entry.ADVICE_HANDED_OVER:
                self.advices.pop(_exchange(data), None)
                self.refused.pop(_exchange(data), None)
            case Entry.DAY_END_ORDERED:
                self.day_end_ordered = True
            case Entry.SETTLEMENT_BEGUN:
                self.settling = Settling(data["batch"], data["debit_fen"], data["debit_count"])
                self.settled_at = datetime.fromisoformat(data["host_time"])
                self.day_end_ordered = False
            case Entry.BATCH_CLOSED:
                self.settling = None
                self.paid = {name: each for name, each in self.paid.items() if name.batch != data["batch"]}

    def _granted(self, request: CashRequested, record: Record) -> None:
        """An approval of cash is open until it is settled; a transfer is paid."""
        approved = _approved(request, record.data)
        if request.processing is ProcessingCode.CASH:
            self.approvals[request.exchange] = approved
        else:
            self._count(record, approved, request.processing)

    def _count(self, record: Record, paid: Advice | Approved, processing: ProcessingCode) -> None:
        """A payout belongs to the totals of its batch."""
        self.paid_since = self.paid_since or self._host_time(record)
        self.paid[paid.exchange] = Paid(
            paid.exchange, paid.original, paid.amount_fen, paid.reference, paid.authorisation, processing
        )

    def _host_time(self, record: Record) -> datetime:
        moment = datetime.fromisoformat(record.time)
        return (moment if moment.tzinfo else moment.astimezone()) + self.clock_offset

    def _used(self, stan: int, date: str) -> None:
        """Numbers run in a circle, and records may come in another order than their numbers were taken."""
        if date != self._day:
            self._day, self._first_of_day = date, stan
        ahead = (stan - self._stan) % HIGHEST_STAN
        if self._stan == 0 or 0 < ahead < HIGHEST_STAN // 2:
            self._stan = stan


def _stays_paid(reversal: Advice, code: str) -> bool:
    """The host can't have a transfer back: the bank has credited it, and it is the person's."""
    is_transfer = reversal.kind is AdviceKind.REVERSAL and reversal.processing is ProcessingCode.TRANSFER
    return is_transfer and code == ResponseCode.DUPLICATE


def exchange_data(exchange: Original) -> dict[str, Json]:
    """How an exchange is named in a record."""
    return {"batch": exchange.batch, "stan": exchange.stan, "date": exchange.date}


def cash_request_data(request: CashRequested) -> dict[str, Json]:
    """What a cash request's record holds besides the name of its exchange."""
    return {
        "amount_fen": request.amount_fen,
        "entry_mode": request.entry_mode,
        "pan_sequence": request.pan_sequence,
        "processing": request.processing,
        "sealed": request.sealed,
    }


def advice_data(advice: Advice, own_date: str) -> dict[str, Json]:
    """The data of a stored advice's record."""
    return {
        **exchange_data(advice.exchange),
        "mti": advice.kind,
        "own_stan": advice.stan,
        "own_date": own_date,
        "original_date": advice.original.date,
        "amount_fen": advice.amount_fen,
        "cause": advice.cause,
        "reference": advice.reference,
        "authorisation": advice.authorisation,
        "units": encode_unit_results(advice.units),
        "entry_mode": advice.entry_mode,
        "pan_sequence": advice.pan_sequence,
        "processing": advice.processing,
        "sealed": advice.sealed,
    }


def _exchange(data: dict[str, Any]) -> Original:
    return Original(data["batch"], data["stan"], data["date"])


def _cash_requested(record: Record) -> CashRequested:
    data = record.data
    return CashRequested(
        _exchange(data),
        data["amount_fen"],
        data["entry_mode"],
        data["pan_sequence"],
        record.transaction,
        data["sealed"],
        _processing(data),
    )


def _approved(request: CashRequested, data: dict[str, Any]) -> Approved:
    return Approved(
        exchange=request.exchange,
        original=replace(request.exchange, date=data["host_date"]),
        amount_fen=request.amount_fen,
        reference=data["reference"],
        authorisation=data["authorisation"],
        entry_mode=request.entry_mode,
        pan_sequence=request.pan_sequence,
        transaction=request.transaction,
        sealed=request.sealed,
    )


def _advice(record: Record) -> Advice:
    data = record.data
    exchange = _exchange(data)
    return Advice(
        kind=AdviceKind(data["mti"]),
        stan=data["own_stan"],
        exchange=exchange,
        original=replace(exchange, date=data["original_date"]),
        amount_fen=data["amount_fen"],
        cause=data["cause"],
        reference=data["reference"],
        authorisation=data["authorisation"],
        units=decode_unit_results(data["units"]),
        entry_mode=data["entry_mode"],
        pan_sequence=data["pan_sequence"],
        transaction=record.transaction,
        sealed=data["sealed"],
        processing=_processing(data),
    )


def _processing(data: dict[str, Any]) -> ProcessingCode:
    return ProcessingCode(data.get("processing", ProcessingCode.CASH))
