"""The terminal's end of the money line, as one thing: sign-on, quote, withdrawal, and what became of the money.

The rules of this line, and who keeps them:

- A request for money is in the journal before it leaves, and ends in a reversal where no clear answer comes
  (`host_requests`). Only an answer that fits in every field and in its MAC counts (`host_exchange`).
- Confirms and reversals are in the journal before they are sent, are sent until an answer ends them, and go before any
  new request; an approval is settled once (`advices`).
- Keys change only in `sign_on` and `deliver`: a PIN block made under the keys before would be a wrong PIN at the host
  (`host_upkeep`).

What the money is for, and when notes move, is not this file's business.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from drivers.interfaces import PinPad
from drivers.link import Link
from protocol.money_line import (
    ReversalCause,
    UnitResult,
)
from terminal.advices import AdviceQueue, ApprovalSpent
from terminal.day_end import DayEnd
from terminal.host_answers import Approved, Declined, NoAnswer, Quote, SignedOn, Transferred
from terminal.host_exchange import HostExchange, MoneyLineSettings
from terminal.host_memory import Advice
from terminal.host_requests import Card, HostRequests, Objection, no_objection
from terminal.host_upkeep import HostUpkeep
from terminal.journal import Journal
from terminal.network_management import echo, sign_off
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
        self._exchange = HostExchange(connect, pad, journal, settings, now)
        self._advices = AdviceQueue(self._exchange, vault)
        self._day_end = DayEnd(self._exchange, settings.day_end)
        self._requests = HostRequests(self._exchange, self._advices)
        self._upkeep = HostUpkeep(self._exchange, self._advices, self._day_end, pad, entropy)

    @property
    def signed_on(self) -> bool:
        """Are there working keys that the host has not called back?"""
        return self._exchange.signed_on

    def now(self) -> datetime:
        """What time it is at the host, as far as it has told; receipts, hours and expiry dates go by that."""
        return self._exchange.clock.now()

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
        return self._exchange.memory.refused_advices

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
        async with self._exchange.turn:
            return await echo(self._exchange)

    async def sign_off(self) -> bool:
        """Tell the host that we stop trading."""
        self._exchange.signed_on = False
        async with self._exchange.turn:
            return await sign_off(self._exchange)

    async def quote(
        self, card: Card, pin_block: bytes, field55: bytes | None = None, *, transaction: str | None = None
    ) -> Quote | Declined | NoAnswer:
        """Have the PIN verified and ask what may be drawn. Raises DeviceError when the pad makes no MAC."""
        async with self._exchange.turn:
            if refusal := await self._upkeep.not_ready():
                return refusal
            return await self._requests.quote(card, pin_block, field55, transaction)

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
            if refusal := await self._upkeep.not_ready():
                return refusal
            return await self._requests.withdraw(card, pin_block, amount_fen, field55, transaction)

    async def transfer(
        self,
        card: Card,
        pin_block: bytes,
        amount_fen: int,
        field55: bytes | None = None,
        *,
        objection: Objection = no_objection,
        transaction: str | None = None,
    ) -> Transferred | Declined | NoAnswer:
        """Ask for `amount_fen` to be paid to the account of the person's application: what is approved is paid.

        Without a clear answer, or with one to which the card has an `objection`, a reversal is stored already. Raises
        what `withdraw` does.
        """
        async with self._exchange.turn:
            if refusal := await self._upkeep.not_ready():
                return refusal
            return await self._requests.transfer(card, pin_block, amount_fen, field55, objection, transaction)

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
        """Sign on where needed, send every open advice once, and settle a batch that is due; see `HostUpkeep`.

        True when a new request may be made. For moments when no PIN block waits to be used.
        """
        return await self._upkeep.deliver()

    async def keep_delivering(self) -> None:
        """Deliver with growing pauses until a new request may be made."""
        await self._upkeep.keep_delivering()

    async def tend(self, stop: asyncio.Event) -> bool:
        """While nobody is here: keep the line fit for the next customer, until `stop` is set; False when it is dead."""
        return await self._upkeep.tend(stop)

    def close(self) -> None:
        """Give up the connection."""
        self._exchange.close()
