"""One authenticated exchange with the host: made ready, journalled, sent, and its answer checked.

An answer counts only when message type, fields 3, 11, 41, 42, the amount and the MAC are right. Anything else that is
heard is dropped and journalled.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final, TypeAlias, TypedDict, TypeVar

from drivers.interfaces import DeviceError, KeyAlgorithm, MacAlgorithm, PinPad
from drivers.link import Link
from protocol.money_line import (
    BatchEndReply,
    CashReply,
    Header,
    JournalAnchor,
    Message,
    NetworkManagementReply,
    Original,
    ProcessingRequest,
    QuoteReply,
    ResponseCode,
    SettlementReply,
    SignOnReply,
    Tpdu,
    TransferReply,
    Treatment,
    TypedMessage,
    encode,
    is_authenticated,
    mac_input,
    reply_mti,
    treatment_of,
    with_mac,
)
from protocol.wire import Event, RemoteProtocolError
from terminal.host_answers import NoAnswer
from terminal.host_clock import CLOCK_STEP, HostClock
from terminal.host_connection import HostConnection, NotSent
from terminal.host_memory import KINDS, HostMemory, exchange_data
from terminal.journal import Entry, Journal
from terminal.redaction import Json

T = TypeVar("T", bound=TypedMessage)

ANCHOR_DIGITS: Final = 16
"""Of a record's hash, in an anchor."""


Heard: TypeAlias = (
    QuoteReply | CashReply | TransferReply | SignOnReply | NetworkManagementReply | SettlementReply | BatchEndReply
)


class BadMac(Exception):
    """The answer fits in everything but its MAC."""


@dataclass(frozen=True, slots=True)
class MoneyLineSettings:
    """Who we are to the host. Times are seconds; `patience` is after how many silences the connection is renewed.

    In idle time keys are renewed after `key_lifetime`, which is well within the host's, the batch is settled at
    `day_end` by the host's clock, and a host that was not heard for `echo_after` is asked for an echo; None: never.
    """

    terminal: str
    merchant: str
    keys: KeyAlgorithm = KeyAlgorithm.TDES
    mac_algorithm: MacAlgorithm = MacAlgorithm.X9_19
    operator: str = "001"
    terminal_info: bytes = b"medteller"
    entry_mode: str = "051"
    connect_timeout: float = 10.0
    reply_timeout: float = 30.0
    key_lifetime: float = 12 * 3600.0
    day_end: time | None = None
    echo_after: float | None = None
    first_pause: float = 1.0
    longest_pause: float = 60.0
    patience: int = 2
    tpdu: Tpdu = field(default=Tpdu())
    header: Header = field(default=Header())


class Identity(TypedDict):
    """What every message says of where it comes from."""

    stan: int
    terminal: str
    merchant: str
    batch: int


class HostExchange:
    """Exchanges one at a time (`turn`), remembered in `memory`; `signed_on` falls when the keys can't be trusted."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[Link]],
        pad: PinPad,
        journal: Journal,
        settings: MoneyLineSettings,
        now: Callable[[], datetime],
    ) -> None:
        self.settings = settings
        self.memory = HostMemory(journal.records(*KINDS))
        self.turn = asyncio.Lock()
        self.batch = 0
        self.clock = HostClock(now, self.memory.clock_offset)
        self.signed_on = False
        self.keys_since = 0.0
        """When the keys came, by the loop's clock."""
        self.heard_at = 0.0
        """When an answer came last, by the loop's clock."""
        self._pad = pad
        self._journal = journal
        self._connection = HostConnection(
            connect,
            self._overheard,
            connect_timeout=settings.connect_timeout,
            reply_timeout=settings.reply_timeout,
            patience=settings.patience,
        )

    def begin(self) -> Original:
        """The name of a new exchange; its trace number is used up."""
        date = self.business_date()
        return Original(self.batch, self.memory.take_stan(date), date)

    def begin_unrecorded(self) -> Original:
        """The name of an exchange that gets no record of its own: its trace number is one of a block on record."""
        name = self.begin()
        if not self.memory.is_reserved(name):
            last = self.memory.block_from(name)
            self.write(Entry.TRACE_NUMBERS_RESERVED, None, **exchange_data(name), last=last)
        return name

    def identity(self, exchange: Original) -> Identity:
        """The fields that name us and the exchange."""
        return Identity(
            stan=exchange.stan,
            terminal=self.settings.terminal,
            merchant=self.settings.merchant,
            batch=exchange.batch,
        )

    def anchor(self) -> JournalAnchor:
        """How far the journal has got."""
        seq, digest = self._journal.head
        return JournalAnchor(seq, digest[:ANCHOR_DIGITS])

    def has(self, anchor: JournalAnchor) -> bool:
        """Is this record in the journal, as the host has heard of it?"""
        return (self._journal.hash_of(anchor.seq) or "")[:ANCHOR_DIGITS] == anchor.digest

    async def ask(
        self,
        request: TypedMessage,
        reply_type: type[T],
        exchange: Original,
        transaction: str | None = None,
        **more: Json,
    ) -> T:
        """Send a new request, journalled with `more` before it leaves. Raises what `send` does."""
        data = {"mti": request.MTI, "name": type(request).__name__} | exchange_data(exchange) | more
        return await self.send(request, reply_type, lambda: self.write(Entry.HOST_REQUEST, transaction, **data))

    async def send(
        self, request: TypedMessage, reply_type: type[T], before_sending: Callable[[], None] = lambda: None
    ) -> T:
        """Send a message and return its answer.

        Raises NotSent, NoReply, BadMac, and DeviceError when the pad makes no MAC: then nothing was sent.
        """
        message = request.to_message(self.settings.tpdu, self.settings.header)
        authenticated = is_authenticated(message.mti)
        if authenticated:
            message = with_mac(message, await self._mac(message))
        frame = encode(message)
        await self._connection.open()
        before_sending()
        answer = await self._connection.converse(frame, lambda heard: _objection(message, heard, reply_type))
        self.heard_at = asyncio.get_running_loop().time()
        if authenticated:
            await self._check_mac(answer)
        code = answer.text(39)
        if (
            answer.header.processing_request == ProcessingRequest.SIGN_ON
            or treatment_of(code) is Treatment.SIGN_ON
            or code == ResponseCode.MAC_ERROR
        ):
            self.signed_on = False
        reply = reply_type.from_message(answer)
        if isinstance(reply, QuoteReply | CashReply | TransferReply | NetworkManagementReply):
            self._note_time(reply.date, reply.time)  # an answer to what may have been asked before may be an old one
        return reply

    def heard(
        self,
        reply: Heard,
        exchange: Original,
        transaction: str | None = None,
        **more: Json,
    ) -> None:
        """Journal an answer to a request."""
        data: dict[str, Json] = {"mti": reply.MTI, "code": reply.code}
        if isinstance(reply, QuoteReply | CashReply | TransferReply):
            data["reference"] = reply.reference
            data["rules"] = [f"{rule.rule}:{rule.region}:{rule.version}" for rule in reply.rules]
        self.write(Entry.HOST_REPLY, transaction, **exchange_data(exchange), **data, **more)

    def not_heard(self, why: Exception | str, exchange: Original, transaction: str | None = None) -> NoAnswer:
        """Journal that a request has no answer."""
        sent = not isinstance(why, NotSent)
        self._journal.write(Entry.HOST_NO_ANSWER, transaction, **exchange_data(exchange), cause=str(why), sent=sent)
        return NoAnswer(str(why), sent, exchange.stan)

    def write(self, kind: Entry, transaction: str | None = None, **data: Json) -> None:
        """Journal a record and remember it, in that order. Raises JournalError."""
        self.memory.apply(self._journal.write(kind, transaction, **data))

    def business_date(self) -> str:
        """MMDD by the host's clock."""
        return f"{self.clock.now():%m%d}"

    def close(self) -> None:
        """Give up the connection; the next exchange makes a new one."""
        self._connection.close()

    def _note_time(self, date: str, time: str) -> None:
        """A wall clock that was put forward or back has dated records: how far is on record too."""
        step = self.clock.tell(date, time)
        if step is not None and abs(step) >= CLOCK_STEP:
            self.write(
                Entry.CLOCK_STEPPED,
                seconds=-round(step.total_seconds()),
                clock_offset_seconds=round(self.clock.offset.total_seconds()),
            )

    async def _mac(self, message: Message) -> bytes:
        return await self._pad.generate_authentication(mac_input(message), self.settings.mac_algorithm)

    async def _check_mac(self, answer: Message) -> None:
        """Raises BadMac; keys that make wrong MACs are not used again."""
        why = "the answer carries no MAC"
        if answer.mac is not None:
            try:
                if hmac.compare_digest(await self._mac(answer), answer.mac):
                    return
                why = "the MAC of the answer is wrong"
            except DeviceError as error:
                why = f"the MAC of the answer can't be checked: {error}"
        self.signed_on = False
        self._overheard(answer, why)
        raise BadMac(why)

    def _overheard(self, event: Event[Message], why: str) -> None:
        mti, stan = (event.mti, event.fields.get(11)) if isinstance(event, Message) else (None, None)
        self._journal.write(
            Entry.HOST_REPLY_DROPPED, mti=mti, stan=int(stan) if isinstance(stan, str) and stan else None, reason=why
        )


def _objection(request: Message, heard: Message, reply_type: type[TypedMessage]) -> str:
    """Why a message is not the answer to `request`, empty when it is."""
    if heard.mti != reply_mti(request.mti):
        return f"{heard.mti} does not answer {request.mti}"
    for number in (3, 11, 41, 42, 4):
        if number in request.fields and heard.fields.get(number) != request.fields[number]:
            return f"field {number} is not that of the request"
    try:
        reply_type.from_message(heard)
    except RemoteProtocolError as error:
        return str(error)
    return ""
