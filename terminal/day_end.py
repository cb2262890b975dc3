"""The end of a batch: totals told to the host, every payout told where they differ, sign-off, and the next batch.

    SETTLEMENT_BEGUN -> 0500 -> balanced ----------------------------> BATCH_CLOSED -> sign-off -> sign-on
                            \\-> not balanced -> 0320 ... -> 0320 end -/

It begins at the configured time, on an operator's order, or when the totals are nearly full, and only while nothing is
open: no approval, no confirm or reversal. The totals are on the disk before the host hears of them, so that a start
after a power cut tells the same again; the host answers what comes twice as before, and counts it once. Until the batch
is closed nothing new is asked.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Final

from drivers.interfaces import DeviceError
from protocol.money_line import (
    BatchEnd,
    BatchEndReply,
    BatchRecord,
    BatchRecordReply,
    NetworkCode,
    Original,
    ResponseCode,
    Settlement,
    SettlementReply,
    SettlementRequest,
    Totals,
)
from terminal.host_connection import NoReply, NotSent
from terminal.host_exchange import BadMac, HostExchange
from terminal.host_memory import Paid, Settling
from terminal.journal import Entry
from terminal.log import log
from terminal.network_management import sign_off

MOST_PAYOUTS: Final = 900
"""A batch is settled when it has so many: totals have three digits for their number."""

_DAY: Final = timedelta(days=1)
"""What lies so far ahead was dated by a clock that was wrong: without a new settlement none would ever be due."""

_KEPT: Final = (ResponseCode.APPROVED, ResponseCode.DUPLICATE)
_OVER: Final = (ResponseCode.DUPLICATE, ResponseCode.BATCH_MISMATCH)
"""The host has closed that batch, or never had it open: there is nothing more to tell."""


class DayEnd:
    """Settles batches over `exchange`; `at` is the time of day by the host's clock, None for never by itself."""

    def __init__(self, exchange: HostExchange, at: time | None) -> None:
        self._exchange = exchange
        self._at = at

    @property
    def is_open(self) -> bool:
        """Has one begun that is not over?"""
        return self._exchange.memory.settling is not None

    @property
    def due(self) -> bool:
        """Should one begin?"""
        memory = self._exchange.memory
        if memory.day_end_ordered or len(memory.paid) >= MOST_PAYOUTS:
            return True
        since = memory.settled_at or memory.paid_since
        if self._at is None or since is None:
            return False
        now = self._exchange.clock.now()
        return since < self._last_due(now, self._at) or since > now + _DAY

    def seconds_until_due(self) -> float | None:
        """By the clock; None where it is never due by itself."""
        if self._at is None:
            return None
        now = self._exchange.clock.now()
        return (self._last_due(now, self._at) + _DAY - now).total_seconds()

    async def proceed(self) -> bool:
        """Begin one that is due, or go on with one; the caller has the turn and keys. False while one is open."""
        memory = self._exchange.memory
        if memory.settling is None:
            if not self.due or memory.approvals or memory.pending or memory.advices:
                return True
            self._begin()
        assert memory.settling is not None
        try:
            result = await self._settle(memory.settling)
        except (NotSent, NoReply, BadMac, DeviceError) as error:
            log.warning("the batch is not settled", batch=memory.settling.batch, cause=str(error))
            return False
        if not result:
            return False
        self._exchange.write(Entry.BATCH_CLOSED, batch=memory.settling.batch, result=result)
        await sign_off(self._exchange)  # what the host does not hear now, the sign-on that follows says too
        return True

    def _begin(self) -> None:
        exchange = self._exchange
        batch = exchange.batch
        paid = [each for each in exchange.memory.paid.values() if each.exchange.batch == batch]
        exchange.write(
            Entry.SETTLEMENT_BEGUN,
            batch=batch,
            debit_fen=sum(each.amount_fen for each in paid),
            debit_count=len(paid),
            host_time=exchange.clock.now().isoformat(),
        )

    async def _settle(self, settling: Settling) -> str:
        """How the batch ended, empty while it has not."""
        exchange, name = self._exchange, self._name(settling.batch)
        totals = Totals(debit_fen=settling.debit_fen, debit_count=settling.debit_count)
        request = SettlementRequest(
            **exchange.identity(name), settlement=Settlement(totals), operator=exchange.settings.operator
        )
        reply = await exchange.ask(request, SettlementReply, name)
        exchange.heard(reply, name)
        if reply.settlement is not None and reply.settlement.balanced:
            return "balanced"
        if reply.settlement is not None or reply.code == ResponseCode.NOT_BALANCED:
            paid = [each for each in exchange.memory.paid.values() if each.exchange.batch == settling.batch]
            return await self._upload(settling, paid)
        if reply.code in _OVER:
            log.error("the host takes no totals of the batch", batch=settling.batch, code=reply.code)
            return f"refused with {reply.code}"
        return ""

    async def _upload(self, settling: Settling, paid: Sequence[Paid]) -> str:
        exchange = self._exchange
        for each in paid:
            name = self._name(settling.batch)
            record = BatchRecord(
                **exchange.identity(name),
                processing_code=each.processing,
                amount=each.amount_fen,
                reference=each.reference,
                authorisation=each.authorisation,
                original=each.original,
            )
            if (await exchange.send(record, BatchRecordReply)).code not in _KEPT:
                return ""
        name = self._name(settling.batch)
        end = BatchEnd(**exchange.identity(name), records=len(paid), network=NetworkCode.UPLOAD_ENDED)
        reply = await exchange.ask(end, BatchEndReply, name)
        exchange.heard(reply, name)
        if reply.code == ResponseCode.RECONCILIATION_ERROR:
            log.error("the host has not got every payout of the batch", batch=settling.batch, told=len(paid))
        return "uploaded" if reply.code == ResponseCode.APPROVED else ""

    def _name(self, batch: int) -> Original:
        begun = self._exchange.begin()
        return Original(batch, begun.stan, begun.date)

    @staticmethod
    def _last_due(now: datetime, at: time) -> datetime:
        today = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        return today if today <= now else today - _DAY
