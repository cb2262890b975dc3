"""Questions about money to the host: quote, withdrawal, transfer, and what an answer is worth.

- A request for money is in the journal, with all that its reversal needs, before it leaves. Whatever leaves it without
  an answer (silence, a broken line, a bad MAC, a cancelled task, a power cut) ends in a reversal.
- Only an answer that fits in every field and in its MAC counts (`host_exchange`).
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from protocol.money_line import (
    SECURITY_SM4,
    AmountType,
    CashReply,
    CashRequest,
    Original,
    QuoteReply,
    QuoteRequest,
    ResponseCode,
    ReversalCause,
    TransferReply,
    TransferRequest,
    Treatment,
    response_code,
    treatment_of,
)
from terminal.advices import AdviceQueue
from terminal.host_answers import Approved, Declined, NoAnswer, Quote, Transferred
from terminal.host_connection import NoReply, NotSent
from terminal.host_exchange import BadMac, HostExchange
from terminal.host_memory import CashRequested, cash_request_data

MoneyReply = TypeVar("MoneyReply", CashReply, TransferReply)

Objection: TypeAlias = Callable[[bytes | None], Awaitable[str]]
"""Why the card does not take the host's answer (field 55) for its issuer's; empty where it does. Raises nothing."""

_SM4_BLOCK: Final = 16
"""Bytes of a PIN block under an SM4 key."""


class Card(Protocol):
    """What the host wants to know of a card; empty or None where it is not known."""

    @property
    def pan(self) -> str:
        """The card number."""

    @property
    def expiry(self) -> str | None:
        """YYMM."""

    @property
    def pan_sequence(self) -> str | None:
        """Three digits."""

    @property
    def track2(self) -> str | None:
        """Track 2 or its equivalent on the chip."""


async def no_objection(_: bytes | None) -> str:
    """Where there is no card to ask."""
    return ""


class HostRequests:
    """What a card and a PIN can ask for. The caller has the turn, and has seen that the line is ready."""

    def __init__(self, exchange: HostExchange, advices: AdviceQueue) -> None:
        self._exchange = exchange
        self._settings = exchange.settings
        self._advices = advices

    async def quote(
        self, card: Card, pin_block: bytes, field55: bytes | None, transaction: str | None
    ) -> Quote | Declined | NoAnswer:
        """Have the PIN verified and ask what may be drawn. Raises DeviceError when the pad makes no MAC."""
        name = self._exchange.begin()
        request = QuoteRequest(**self._exchange.identity(name), **self._of_card(card, pin_block, field55))
        try:
            reply = await self._exchange.ask(request, QuoteReply, name, transaction)
        except (NotSent, NoReply, BadMac) as error:
            return self._exchange.not_heard(error, name, transaction)
        self._exchange.heard(reply, name, transaction)
        if reply.code != ResponseCode.APPROVED:
            return _declined(reply)
        if reply.amounts is None or AmountType.AVAILABLE not in reply.amounts:
            return NoAnswer("the quote names no amounts", sent=True)
        return Quote(reply.amounts, reply.rules, reply.reference)

    async def withdraw(
        self,
        card: Card,
        pin_block: bytes,
        amount_fen: int,
        field55: bytes | None,
        transaction: str | None,
    ) -> Approved | Declined | NoAnswer:
        """Ask for `amount_fen` to be authorised and held. Without a clear answer a reversal is stored already.

        Raises DeviceError, before anything was sent, when the pad makes no MAC.
        """
        name = self._exchange.begin()
        request = CashRequest(
            **self._exchange.identity(name),
            **self._of_card(card, pin_block, field55),
            amount=amount_fen,
            anchor=self._exchange.anchor(),
        )
        requested = self._requested(request, name, transaction, field55)
        reply = await self._ask_for_money(request, CashReply, requested)
        return reply if isinstance(reply, NoAnswer) else self._cash_answer(requested, reply)

    async def transfer(
        self,
        card: Card,
        pin_block: bytes,
        amount_fen: int,
        field55: bytes | None,
        objection: Objection,
        transaction: str | None,
    ) -> Transferred | Declined | NoAnswer:
        """Ask for `amount_fen` to be paid to the account of the person's application: what is approved is paid.

        Until the card has no `objection` to the answer the request is pending: a power cut gives the money back, as
        an objection does. Raises what `withdraw` does.
        """
        name = self._exchange.begin()
        request = TransferRequest(
            **self._exchange.identity(name),
            **self._of_card(card, pin_block, field55),
            amount=amount_fen,
            anchor=self._exchange.anchor(),
        )
        requested = self._requested(request, name, transaction, field55)
        reply = await self._ask_for_money(request, TransferReply, requested)
        if isinstance(reply, NoAnswer):
            return reply
        if reply.code == ResponseCode.APPROVED and (cause := await objection(reply.chip_data)):
            return self._reversed(requested, ReversalCause.OTHER, cause)
        return self._transfer_answer(requested, reply)

    def _of_card(self, card: Card, pin_block: bytes, field55: bytes | None) -> dict[str, Any]:
        """The fields about card and PIN; a block of 16 bytes is one under an SM4 key."""
        is_sm4 = len(pin_block) == _SM4_BLOCK
        pin = {"pin_block_sm4": pin_block, "security_control": SECURITY_SM4} if is_sm4 else {"pin_block": pin_block}
        return {
            "pan": card.pan,
            "expiry": card.expiry or None,
            "entry_mode": self._settings.entry_mode,
            "pan_sequence": card.pan_sequence or None,
            "track2": card.track2 or None,
            "chip_data": field55,
            **pin,
        }

    def _requested(
        self, request: CashRequest | TransferRequest, name: Original, transaction: str | None, field55: bytes | None
    ) -> CashRequested:
        return CashRequested(
            name,
            request.amount,
            request.entry_mode,
            request.pan_sequence,
            transaction,
            sealed=self._advices.seal(name, request.pan, field55),
            processing=request.processing_code,
        )

    async def _ask_for_money(
        self, request: CashRequest | TransferRequest, reply_type: type[MoneyReply], requested: CashRequested
    ) -> MoneyReply | NoAnswer:
        """The reply; what may have moved money and has none is reversed."""
        name, transaction = requested.exchange, requested.transaction
        try:
            return await self._exchange.ask(request, reply_type, name, transaction, **cash_request_data(requested))
        except NotSent as error:
            return self._exchange.not_heard(error, name, transaction)
        except NoReply as error:
            return self._reversed(requested, ReversalCause.NO_ANSWER, error)
        except BadMac as error:
            return self._reversed(requested, ReversalCause.BAD_MAC, error)

    def _transfer_answer(self, requested: CashRequested, reply: TransferReply) -> Transferred | Declined | NoAnswer:
        name, transaction = requested.exchange, requested.transaction
        if reply.code != ResponseCode.APPROVED:
            return self._refusal(requested, reply)
        if reply.reference is None:
            return self._reversed(requested, ReversalCause.OTHER, "the approval has no reference")
        self._exchange.heard(
            reply, name, transaction, approved=True, host_date=reply.date, authorisation=reply.authorisation
        )
        available = (reply.amounts or {}).get(AmountType.AVAILABLE)
        return Transferred(
            requested.amount_fen,
            reply.reference,
            reply.authorisation,
            reply.payee,
            available,
            reply.check_code or "",
        )

    def _refusal(self, requested: CashRequested, reply: CashReply | TransferReply) -> Declined:
        if treatment_of(reply.code) is Treatment.REVERSE:
            cause = ReversalCause.BAD_MAC if reply.code == ResponseCode.MAC_ERROR else ReversalCause.OTHER
            self._advices.reverse_request(requested, cause)
        self._exchange.heard(reply, requested.exchange, requested.transaction)
        return _declined(reply)

    def _cash_answer(self, requested: CashRequested, reply: CashReply) -> Approved | Declined | NoAnswer:
        name, transaction = requested.exchange, requested.transaction
        if reply.code == ResponseCode.APPROVED:
            if reply.reference is None:
                return self._reversed(requested, ReversalCause.OTHER, "the approval has no reference")
            self._exchange.heard(
                reply, name, transaction, approved=True, host_date=reply.date, authorisation=reply.authorisation
            )
            return replace(
                self._exchange.memory.approvals[name],
                available_fen=(reply.amounts or {}).get(AmountType.AVAILABLE),
                chip_data=reply.chip_data,
                check_code=reply.check_code or "",
            )
        return self._refusal(requested, reply)

    def _reversed(self, requested: CashRequested, cause: ReversalCause, why: Exception | str) -> NoAnswer:
        self._advices.reverse_request(requested, cause)
        return self._exchange.not_heard(why, requested.exchange, requested.transaction)


def _declined(reply: QuoteReply | CashReply | TransferReply) -> Declined:
    return Declined(
        code=response_code(reply.code) or ResponseCode.SYSTEM_ERROR,
        host_code=reply.code,
        rules=reply.rules,
        amounts=reply.amounts or {},
        pin_tries_left=reply.pin_tries_left,
        reference=reply.reference,
        check_code=reply.check_code or "",
        stan=reply.stan,
    )
