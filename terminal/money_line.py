"""The terminal's end of the money line: sign-on, quote, withdrawal, and what became of the money.

The rules of this line:

- A cash request is in the journal, with all that its reversal needs, before it leaves. Whatever leaves it without an
  answer (silence, a broken line, a bad MAC, a cancelled task, a power cut) ends in a reversal.
- Only an answer that fits in every field and in its MAC counts (`host_exchange`).
- Confirms and reversals are in the journal before they are sent, are sent until an answer ends them, and go before any
  new request (`advices`).
- An approval is settled once: by one confirm or by one reversal.
- Keys change only in `sign_on` and `deliver`: a PIN block made under the keys before would be a wrong PIN at the host.

What the money is for, and when notes move, is not this file's business.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

from drivers.interfaces import PinPad
from drivers.link import Link
from protocol.money_line import (
    SECURITY_SM4,
    AmountType,
    CashReply,
    CashRequest,
    NetworkCode,
    NetworkManagement,
    NetworkManagementReply,
    Original,
    QuoteReply,
    QuoteRequest,
    ResponseCode,
    ReversalCause,
    TransferReply,
    TransferRequest,
    Treatment,
    UnitResult,
    response_code,
    treatment_of,
)
from terminal.advices import AdviceQueue, ApprovalSpent
from terminal.day_end import DayEnd
from terminal.host_answers import Approved, Declined, NoAnswer, Quote, SignedOn, Transferred
from terminal.host_connection import NoReply, NotSent
from terminal.host_exchange import BadMac, HostExchange, MoneyLineSettings
from terminal.host_memory import Advice, CashRequested, cash_request_data
from terminal.journal import Journal
from terminal.log import log
from terminal.sign_on import JournalSetBack, SignOnFailed, sign_on
from terminal.vault import Vault

__all__ = [
    "Advice",
    "ApprovalSpent",
    "Approved",
    "Card",
    "Declined",
    "JournalSetBack",
    "MoneyLine",
    "MoneyLineSettings",
    "NoAnswer",
    "Quote",
    "SignOnFailed",
    "SignedOn",
    "Transferred",
]


MoneyReply = TypeVar("MoneyReply", CashReply, TransferReply)

_LONGEST_LOOK: Final = 600.0
"""Seconds between two looks at the wall clock."""

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


class MoneyLine:
    """The host as the terminal sees it, one exchange at a time. `now` and `entropy`: the kiosk's clock and chance."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Link]],
        pad: PinPad,
        journal: Journal,
        vault: Vault,
        settings: MoneyLineSettings,
        now: Callable[[], datetime],
        entropy: Callable[[int], bytes],
    ) -> None:
        self._pad = pad
        self._settings = settings
        self._entropy = entropy
        self._exchange = HostExchange(connect, pad, journal, settings, now)
        self._advices = AdviceQueue(self._exchange, vault)
        self._day_end = DayEnd(self._exchange, settings.day_end)

    @property
    def signed_on(self) -> bool:
        """Are there working keys that the host has not called back?"""
        return self._exchange.signed_on

    @property
    def settling(self) -> bool:
        """Is the end of a batch under way, so that nothing new can be asked?"""
        return self._day_end.is_open

    @property
    def open_advices(self) -> tuple[Advice, ...]:
        """Confirms and reversals that the host has not answered yet, oldest first."""
        return tuple(self._exchange.memory.advices.values())

    @property
    def refused_advices(self) -> tuple[tuple[Advice, str], ...]:
        """Those of them that the host has answered and does not accept, with its last code."""
        memory = self._exchange.memory
        return tuple(
            (advice, memory.refused[exchange])
            for exchange, advice in memory.advices.items()
            if exchange in memory.refused
        )

    @property
    def open_approvals(self) -> tuple[Approved, ...]:
        """Approvals that are neither confirmed nor reversed; after a restart, what the last run left behind."""
        return tuple(self._exchange.memory.approvals.values())

    async def sign_on(self) -> SignedOn:
        """Get working keys into the PIN pad, the batch and the host's time. Raises SignOnFailed."""
        async with self._exchange.turn:
            return await sign_on(self._exchange, self._pad)

    async def echo(self) -> bool:
        """Does the host answer?"""
        return await self._manage(NetworkCode.ECHO)

    async def sign_off(self) -> bool:
        """Tell the host that we stop trading."""
        self._exchange.signed_on = False
        return await self._manage(NetworkCode.SIGN_OFF)

    async def quote(
        self, card: Card, pin_block: bytes, field55: bytes | None = None, *, transaction: str | None = None
    ) -> Quote | Declined | NoAnswer:
        """Have the PIN verified and ask what may be drawn. Raises DeviceError when the pad makes no MAC."""
        async with self._exchange.turn:
            if refusal := await self._not_ready():
                return refusal
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
        field55: bytes | None = None,
        *,
        transaction: str | None = None,
    ) -> Approved | Declined | NoAnswer:
        """Ask for `amount_fen` to be authorised and held. Without a clear answer a reversal is stored already.

        Raises DeviceError, before anything was sent, when the pad makes no MAC.
        """
        async with self._exchange.turn:
            if refusal := await self._not_ready():
                return refusal
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
        field55: bytes | None = None,
        *,
        transaction: str | None = None,
    ) -> Transferred | Declined | NoAnswer:
        """Ask for `amount_fen` to be paid to the account of the person's application: what is approved is paid.

        Without a clear answer a reversal is stored already. Raises what `withdraw` does.
        """
        async with self._exchange.turn:
            if refusal := await self._not_ready():
                return refusal
            name = self._exchange.begin()
            request = TransferRequest(
                **self._exchange.identity(name),
                **self._of_card(card, pin_block, field55),
                amount=amount_fen,
                anchor=self._exchange.anchor(),
            )
            requested = self._requested(request, name, transaction, field55)
            reply = await self._ask_for_money(request, TransferReply, requested)
            return reply if isinstance(reply, NoAnswer) else self._transfer_answer(requested, reply)

    def confirm(self, approved: Approved, paid_fen: int, units: Sequence[UnitResult] = ()) -> None:
        """Store that `paid_fen`, from nothing to all that was held, were paid out. Raises ApprovalSpent."""
        self._advices.confirm(approved, paid_fen, units)

    def reverse(
        self,
        approved: Approved,
        cause: ReversalCause = ReversalCause.TERMINAL_FAULT,
        units: Sequence[UnitResult] = (),
    ) -> None:
        """Store that all that was held is to be given back. Raises ApprovalSpent."""
        self._advices.reverse(approved, cause, units)

    async def deliver(self) -> bool:
        """Sign on where needed, send every open advice once, in order, and settle the batch when that is due.

        True when a new request may be made: keys are there, no advice is left open, no batch is being settled. For
        moments when no PIN block waits to be used, because signing on changes the keys.
        """
        async with self._exchange.turn:
            await self._have_keys()
            delivered = await self._advices.deliver()
            if not delivered or not self.signed_on:
                return False
            settled = await self._day_end.proceed()
            await self._have_keys()
            return settled and self.signed_on

    async def tend(self, stop: asyncio.Event) -> None:
        """While nobody is here: renew keys before they expire and settle the batch, until `stop` is set.

        What has begun then comes to its end, so that no customer's PIN meets other keys.
        """
        pause = self._settings.first_pause
        while not stop.is_set():
            try:
                async with asyncio.timeout(self._until_due()):
                    await stop.wait()
            except TimeoutError:
                if not self._due():
                    continue
                await self.deliver()
                if not self._due():
                    pause = self._settings.first_pause
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause):
                        await stop.wait()
                pause = min(pause * 2, self._settings.longest_pause)

    def _due(self) -> bool:
        return not self.signed_on or self._keys_left() <= 0 or self._day_end.due or self._day_end.is_open

    def _until_due(self) -> float:
        """Seconds; the wall clock, which says when the day ends, is looked at again and again because it may jump."""
        if self._due():
            return 0.0
        day_end = self._day_end.seconds_until_due()
        return self._keys_left() if day_end is None else min(self._keys_left(), day_end, _LONGEST_LOOK)

    def _keys_left(self) -> float:
        return self._exchange.keys_since + self._settings.key_lifetime - asyncio.get_running_loop().time()

    async def _have_keys(self) -> None:
        if self.signed_on and self._keys_left() > 0:
            return
        try:
            await sign_on(self._exchange, self._pad)
        except SignOnFailed as error:
            log.warning("sign-on failed", cause=str(error))

    async def keep_delivering(self) -> None:
        """Deliver with growing pauses until a new request may be made; see `deliver`."""
        pause = self._settings.first_pause
        while not await self.deliver():
            await asyncio.sleep(pause * (1 + self._entropy(1)[0] / 255))
            pause = min(pause * 2, self._settings.longest_pause)

    def close(self) -> None:
        """Give up the connection."""
        self._exchange.close()

    async def _not_ready(self) -> NoAnswer | None:
        """Advices go first; without keys, or with an advice still open, nothing new is asked."""
        if not await self._advices.deliver():
            return NoAnswer("earlier messages wait to be delivered", sent=False)
        if not self.signed_on:
            return NoAnswer("not signed on", sent=False)
        if self._day_end.is_open:
            return NoAnswer("the batch is being settled", sent=False)
        return None

    async def _manage(self, network: NetworkCode) -> bool:
        async with self._exchange.turn:
            name = self._exchange.begin()
            request = NetworkManagement(**self._exchange.identity(name), network=network)
            try:
                reply = await self._exchange.ask(request, NetworkManagementReply, name)
            except (NotSent, NoReply) as error:
                self._exchange.not_heard(error, name)
                return False
            self._exchange.heard(reply, name)
            return reply.code == ResponseCode.APPROVED

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
    )
