"""Confirms and reversals: stored before they are sent, sent until an answer ends them, never forgotten.

What a host goes on refusing closes the kiosk until people hand it over to a case of the authority.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from drivers.interfaces import DeviceError
from protocol.money_line import (
    ADVICE_ENDING_CODES,
    Confirm,
    ConfirmReply,
    Original,
    ProcessingCode,
    ResponseCode,
    Reversal,
    ReversalCause,
    ReversalReply,
    TransactionType,
    UnitResult,
)
from terminal.host_answers import Approved
from terminal.host_connection import NoReply, NotSent
from terminal.host_exchange import BadMac, HostExchange
from terminal.host_memory import Advice, AdviceKind, CashRequested, HostMemory, advice_data, exchange_data
from terminal.journal import Entry, Journal, Record
from terminal.log import log
from terminal.vault import Vault, VaultError

TRANSACTION_TYPES: Final[Mapping[ProcessingCode, TransactionType]] = {
    ProcessingCode.CASH: TransactionType.CASH,
    ProcessingCode.TRANSFER: TransactionType.TRANSFER,
}
"""Field 60.1 of what a reversal gives back."""


class ApprovalSpent(Exception):
    """This approval has been confirmed or reversed before."""


class AdviceQueue:
    """The advices of one terminal; what is open is in the memory of `exchange`, and so in the journal."""

    def __init__(self, exchange: HostExchange, vault: Vault) -> None:
        self._exchange = exchange
        self._vault = vault

    def seal(self, exchange: Original, pan: str, chip_data: bytes | None) -> str:
        """What an advice needs of the card, for the journal."""
        secret = {"pan": pan, "chip_data": chip_data.hex() if chip_data else None}
        return self._vault.seal(json.dumps(secret).encode(), _context(exchange))

    def confirm(self, approved: Approved, paid_fen: int, units: Sequence[UnitResult]) -> None:
        """Store a confirm. Raises ApprovalSpent, and ValueError for more than was held."""
        if not 0 <= paid_fen <= approved.amount_fen:
            raise ValueError(f"{paid_fen} fen is not between nothing and the {approved.amount_fen} fen held")
        self._check_unspent(approved)
        self._settle(approved, AdviceKind.CONFIRM, self._exchange.begin().stan, paid_fen, "", units)

    def reverse(self, approved: Approved, cause: ReversalCause, units: Sequence[UnitResult]) -> None:
        """Store the reversal of an approval. Raises ApprovalSpent."""
        self._check_unspent(approved)
        self._settle(approved, AdviceKind.REVERSAL, approved.original.stan, approved.amount_fen, cause, units)

    def reverse_request(self, requested: CashRequested, cause: ReversalCause) -> None:
        """Store the reversal of a request that has no answer to build on."""
        self._store(
            Advice(
                kind=AdviceKind.REVERSAL,
                stan=requested.exchange.stan,
                exchange=requested.exchange,
                original=requested.exchange,
                amount_fen=requested.amount_fen,
                cause=cause,
                reference=None,
                authorisation=None,
                units=(),
                entry_mode=requested.entry_mode,
                pan_sequence=requested.pan_sequence,
                transaction=requested.transaction,
                sealed=requested.sealed,
                processing=requested.processing,
            )
        )

    async def deliver(self) -> bool:
        """One try for each open advice, oldest first; the caller has the turn. True when none is left open.

        A cash request without an answer that is found here was cut short, by a cancelled task or a power cut: it is
        reversed first. Nothing can be sent while not signed on.
        """
        memory = self._exchange.memory
        for orphan in list(memory.pending.values()):
            self.reverse_request(orphan, ReversalCause.NO_ANSWER)
        for advice in list(memory.advices.values()):
            if not self._exchange.signed_on:
                break
            try:
                await self._send(advice)
            except VaultError as error:
                log.critical("an advice can't be sent", mti=advice.kind, stan=advice.stan, cause=str(error))
            except (NotSent, NoReply, BadMac, DeviceError) as error:
                log.warning("advice not delivered", mti=advice.kind, stan=advice.stan, cause=str(error))
                break
        return not memory.advices

    def _check_unspent(self, approved: Approved) -> None:
        if approved.exchange not in self._exchange.memory.approvals:
            raise ApprovalSpent(f"approval {approved.reference} has been settled before")

    def _settle(
        self, approved: Approved, kind: AdviceKind, stan: int, amount_fen: int, cause: str, units: Sequence[UnitResult]
    ) -> None:
        self._store(
            Advice(
                kind=kind,
                stan=stan,
                exchange=approved.exchange,
                original=approved.original,
                amount_fen=amount_fen,
                cause=cause,
                reference=approved.reference,
                authorisation=approved.authorisation,
                units=tuple(units),
                entry_mode=approved.entry_mode,
                pan_sequence=approved.pan_sequence,
                transaction=approved.transaction,
                sealed=approved.sealed,
            )
        )

    def _store(self, advice: Advice) -> None:
        data = advice_data(advice, self._exchange.business_date())
        self._exchange.write(Entry.ADVICE_STORED, advice.transaction, **data)

    async def _send(self, advice: Advice) -> None:
        reply_type = ConfirmReply if advice.kind is AdviceKind.CONFIRM else ReversalReply
        reply = await self._exchange.send(self._message(advice), reply_type)
        ended = reply.code in ADVICE_ENDING_CODES
        if not ended:
            log.error("the host does not accept an advice", mti=advice.kind, stan=advice.stan, code=reply.code)
        elif reply.code == ResponseCode.ORIGINAL_NOT_FOUND:
            log.warning("the host does not know what an advice names", mti=advice.kind, stan=advice.stan)
        self._exchange.write(
            Entry.ADVICE_ANSWERED,
            advice.transaction,
            mti=advice.kind,
            **exchange_data(advice.exchange),
            code=reply.code,
            ended=ended,
        )

    def _message(self, advice: Advice) -> Confirm | Reversal:
        secret = json.loads(self._vault.open(advice.sealed, _context(advice.exchange)))
        identity = self._exchange.identity(Original(advice.original.batch, advice.stan, advice.original.date))
        chip_data = bytes.fromhex(secret["chip_data"]) if secret["chip_data"] else None
        match advice.kind:
            case AdviceKind.CONFIRM:
                return Confirm(
                    **identity,
                    pan=secret["pan"],
                    amount=advice.amount_fen,
                    entry_mode=advice.entry_mode,
                    pan_sequence=advice.pan_sequence,
                    units=advice.units,
                    chip_data=chip_data,
                    original=advice.original,
                    anchor=self._exchange.anchor(),
                    reference=advice.reference or "",
                    authorisation=advice.authorisation,
                )
            case AdviceKind.REVERSAL:
                return Reversal(
                    **identity,
                    pan=secret["pan"],
                    processing_code=advice.processing,
                    transaction_type=TRANSACTION_TYPES[advice.processing],
                    amount=advice.amount_fen,
                    entry_mode=advice.entry_mode,
                    pan_sequence=advice.pan_sequence,
                    units=advice.units,
                    chip_data=chip_data,
                    original=advice.original,
                    anchor=self._exchange.anchor(),
                    reference=advice.reference,
                    authorisation=advice.authorisation,
                    cause=advice.cause,
                )


def hand_over(journal: Journal, memory: HostMemory, visit: str, case: str, by: Sequence[str]) -> Advice:
    """Leave an advice that the host refuses to people: it is sent no more, and `case` of the authority settles it.

    Raises LookupError where that visit has none, JournalError.
    """
    advice = next((advice for advice in memory.advices.values() if advice.transaction == visit), None)
    if advice is None:
        raise LookupError(f"{visit} has no confirm or reversal that waits for the host")
    record = journal.write(
        Entry.ADVICE_HANDED_OVER,
        visit,
        **exchange_data(advice.exchange),
        mti=advice.kind,
        amount_fen=advice.amount_fen,
        code=memory.refused.get(advice.exchange, ""),
        reference=advice.reference,
        case=case,
        by=list(by),
    )
    memory.apply(record)
    return advice


def not_found(records: Iterable[Record]) -> Sequence[Advice]:
    """Advices that ended because the host does not know what they name: a request that never reached it, or another.

    `records` are those of `host_memory.KINDS`.
    """
    memory, found = HostMemory(), list[Advice]()
    for record in records:
        data = record.data
        if record.kind == Entry.ADVICE_ANSWERED and data["code"] == ResponseCode.ORIGINAL_NOT_FOUND:
            found.append(memory.advices[Original(data["batch"], data["stan"], data["date"])])
        memory.apply(record)
    return found


def _context(exchange: Original) -> str:
    """Ties sealed card data to the one exchange it belongs to."""
    return f"{exchange.batch}/{exchange.stan}/{exchange.date}"
