"""The terminal's end of the money line: sign-on, quote, withdrawal, and advices that are stored until answered.

The rules of this file:

- A cash request is in the journal, with all that its reversal needs, before it leaves. Whatever leaves it without an
  answer (silence, a broken line, a bad MAC, a cancelled task, a power cut) ends in a reversal.
- An answer counts only when message type, fields 3, 11, 41, 42, the amount and the MAC are right. Anything else that
  is heard is dropped and journalled.
- Confirms and reversals are in the journal before they are sent, are sent until an answer ends them, and go before any
  new request.
- An approval is settled once: by one confirm or by one reversal.
- Keys change only in `sign_on` and `deliver`: a PIN block made under the keys before would be a wrong PIN at the host.

What the money is for, and when notes move, is not this file's business.
"""

import asyncio
import hmac
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Final, Protocol, TypeVar

from drivers.interfaces import DeviceError, KeyName, MacAlgorithm, PinPad
from drivers.link import Link
from protocol.money_line import (
    ADVICE_ENDING_CODES,
    AmountType,
    CashReply,
    CashRequest,
    Confirm,
    ConfirmReply,
    Header,
    Message,
    NetworkCode,
    NetworkManagement,
    NetworkManagementReply,
    Original,
    ProcessingRequest,
    QuoteReply,
    QuoteRequest,
    ResponseCode,
    Reversal,
    ReversalCause,
    ReversalReply,
    SignOn,
    SignOnReply,
    Tpdu,
    Treatment,
    TypedMessage,
    UnitResult,
    WorkingKeys,
    encode,
    mac_input,
    reply_mti,
    response_code,
    treatment_of,
    with_mac,
)
from protocol.wire import Event, RemoteProtocolError
from terminal.host_answers import Approved, Declined, NoAnswer, Quote, SignedOn
from terminal.host_connection import HostConnection, NoReply, NotSent
from terminal.host_memory import (
    KINDS,
    Advice,
    AdviceKind,
    CashRequested,
    HostMemory,
    advice_data,
    cash_request_data,
    exchange_data,
)
from terminal.journal import Entry, Journal
from terminal.log import log
from terminal.redaction import Json
from terminal.vault import Vault, VaultError

__all__ = [
    "ApprovalSpent",
    "Approved",
    "Card",
    "Declined",
    "MoneyLine",
    "MoneyLineSettings",
    "NoAnswer",
    "Quote",
    "SignOnFailed",
    "SignedOn",
]

T = TypeVar("T", bound=TypedMessage)

_BUSINESS_ZONE: Final = timezone(timedelta(hours=8))
"""China Standard Time: fields 12 and 13 are in it."""


class SignOnFailed(ConnectionError):
    """No working keys: no trade."""


class ApprovalSpent(Exception):
    """This approval has been confirmed or reversed before."""


class _BadMac(Exception):
    """The answer fits in everything but its MAC."""


class Card(Protocol):
    """What the host wants to know of a card."""

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


@dataclass(frozen=True, slots=True)
class MoneyLineSettings:
    """Who we are to the host. Times are seconds; `patience` is after how many silences the connection is renewed."""

    terminal: str
    merchant: str
    mac_algorithm: MacAlgorithm = MacAlgorithm.X9_19
    operator: str = "001"
    entry_mode: str = "051"
    connect_timeout: float = 10.0
    reply_timeout: float = 30.0
    first_pause: float = 1.0
    longest_pause: float = 60.0
    patience: int = 2
    tpdu: Tpdu = field(default=Tpdu())
    header: Header = field(default=Header())


class MoneyLine:
    """The host as the terminal sees it, one exchange at a time; `now` and `entropy` are the kiosk's clock and chance."""

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
        self._journal = journal
        self._vault = vault
        self._settings = settings
        self._now = now
        self._entropy = entropy
        self._memory = HostMemory(journal.records(*KINDS))
        self._batch = 0
        self._clock_offset = timedelta()
        self._signed_on = False
        self._turn = asyncio.Lock()
        self._connection = HostConnection(
            connect,
            self._overheard,
            connect_timeout=settings.connect_timeout,
            reply_timeout=settings.reply_timeout,
            patience=settings.patience,
        )

    @property
    def signed_on(self) -> bool:
        """Are there working keys that the host has not called back?"""
        return self._signed_on

    @property
    def open_advices(self) -> tuple[Advice, ...]:
        """Confirms and reversals that the host has not answered yet, oldest first."""
        return tuple(self._memory.advices.values())

    @property
    def open_approvals(self) -> tuple[Approved, ...]:
        """Approvals that are neither confirmed nor reversed; after a restart, what the last run left behind."""
        return tuple(self._memory.approvals.values())

    async def sign_on(self) -> SignedOn:
        """Get working keys into the PIN pad, the batch and the host's time. Raises SignOnFailed."""
        async with self._turn:
            return await self._sign_on()

    async def echo(self) -> bool:
        """Does the host answer?"""
        return await self._manage(NetworkCode.ECHO)

    async def sign_off(self) -> bool:
        """Tell the host that we stop trading."""
        self._signed_on = False
        return await self._manage(NetworkCode.SIGN_OFF)

    async def quote(
        self, card: Card, pin_block: bytes, field55: bytes | None = None, *, transaction: str | None = None
    ) -> Quote | Declined | NoAnswer:
        """Have the PIN verified and ask what may be drawn. Raises DeviceError when the pad makes no MAC."""
        async with self._turn:
            if refusal := await self._not_ready():
                return refusal
            date = self._business_date()
            request = QuoteRequest(
                stan=self._memory.next_stan(date),
                terminal=self._settings.terminal,
                merchant=self._settings.merchant,
                batch=self._batch,
                pan=card.pan,
                expiry=card.expiry or None,
                pan_sequence=card.pan_sequence or None,
                entry_mode=self._settings.entry_mode,
                track2=card.track2 or None,
                pin_block=pin_block,
                chip_data=field55,
            )
            exchange = Original(self._batch, request.stan, date)
            try:
                reply = await self._ask(request, QuoteReply, exchange, exchange_data(exchange), transaction)
            except (NotSent, NoReply, _BadMac) as error:
                return self._no_answer(error, exchange, transaction)
            self._heard(reply, exchange, transaction)
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
        async with self._turn:
            if refusal := await self._not_ready():
                return refusal
            date = self._business_date()
            request = CashRequest(
                stan=self._memory.next_stan(date),
                terminal=self._settings.terminal,
                merchant=self._settings.merchant,
                batch=self._batch,
                pan=card.pan,
                expiry=card.expiry or None,
                pan_sequence=card.pan_sequence or None,
                entry_mode=self._settings.entry_mode,
                track2=card.track2 or None,
                amount=amount_fen,
                pin_block=pin_block,
                chip_data=field55,
            )
            exchange = Original(self._batch, request.stan, date)
            requested = CashRequested(
                exchange,
                amount_fen,
                request.entry_mode,
                request.pan_sequence,
                transaction,
                self._seal(exchange, card.pan, field55),
            )
            try:
                reply = await self._ask(request, CashReply, exchange, cash_request_data(requested), transaction)
            except NotSent as error:
                return self._no_answer(error, exchange, transaction)
            except NoReply as error:
                return self._reverse_unanswered(requested, ReversalCause.NO_ANSWER, error)
            except _BadMac as error:
                return self._reverse_unanswered(requested, ReversalCause.BAD_MAC, error)
            return self._cash_answer(requested, reply)

    def confirm(self, approved: Approved, paid_fen: int, units: Sequence[UnitResult] = ()) -> None:
        """Store that `paid_fen`, from nothing to all that was held, were paid out. Raises ApprovalSpent."""
        if not 0 <= paid_fen <= approved.amount_fen:
            raise ValueError(f"{paid_fen} fen is not between nothing and the {approved.amount_fen} fen held")
        stan = self._memory.next_stan(self._business_date())
        self._settle(approved, AdviceKind.CONFIRM, stan, paid_fen, "", units)

    def reverse(
        self,
        approved: Approved,
        cause: ReversalCause = ReversalCause.TERMINAL_FAULT,
        units: Sequence[UnitResult] = (),
    ) -> None:
        """Store that all that was held is to be given back. Raises ApprovalSpent."""
        self._settle(approved, AdviceKind.REVERSAL, approved.original.stan, approved.amount_fen, cause, units)

    async def deliver(self) -> bool:
        """Send every open advice once, in order, signing on first where needed. True when none is left open.

        For moments when no PIN block waits to be used: signing on changes the keys.
        """
        async with self._turn:
            return await self._deliver(sign_on=True)

    async def keep_delivering(self) -> None:
        """Deliver with growing pauses until no advice is left; see `deliver`."""
        pause = self._settings.first_pause
        while not await self.deliver():
            await asyncio.sleep(pause * (1 + self._entropy(1)[0] / 255))
            pause = min(pause * 2, self._settings.longest_pause)

    def close(self) -> None:
        """Give up the connection."""
        self._connection.close()

    # Sign-on and management

    async def _sign_on(self) -> SignedOn:
        self._signed_on = False
        date = self._business_date()
        request = SignOn(
            stan=self._memory.next_stan(date),
            terminal=self._settings.terminal,
            merchant=self._settings.merchant,
            batch=self._batch,
            operator=self._settings.operator,
        )
        exchange = Original(self._batch, request.stan, date)
        try:
            reply = await self._ask(request, SignOnReply, exchange, exchange_data(exchange), None)
            self._heard(reply, exchange, None)
            if reply.code != ResponseCode.APPROVED:
                raise SignOnFailed(f"the host refused the sign-on with code {reply.code}")
            if reply.keys is None:
                raise SignOnFailed("the host sent no keys")
            host_time = _host_time(reply.date, reply.time, self._local_time(timedelta()))
            await self._load_keys(reply.keys)
        except (NotSent, NoReply, SignOnFailed, DeviceError) as error:
            self._journal.write(Entry.SIGN_ON_FAILED, cause=str(error))
            raise SignOnFailed(str(error)) from error
        self._clock_offset = host_time - self._local_time(timedelta())
        self._batch = reply.batch
        self._signed_on = True
        self._journal.write(
            Entry.SIGNED_ON, batch=self._batch, clock_offset_seconds=round(self._clock_offset.total_seconds())
        )
        return SignedOn(self._batch, host_time, self._clock_offset)

    async def _load_keys(self, keys: WorkingKeys) -> None:
        for name, cryptogram, expected in (
            (KeyName.PIN, keys.pin_key, keys.pin_key_check),
            (KeyName.MAC, keys.mac_key, keys.mac_key_check),
        ):
            check = (await self._pad.import_key(name, cryptogram))[: len(expected)]
            if len(check) < _SHORTEST_CHECK_VALUE or not hmac.compare_digest(check, expected[: len(check)]):
                raise SignOnFailed(f"the check value of {name} is wrong: the pad's master key is not the host's")

    async def _manage(self, network: NetworkCode) -> bool:
        async with self._turn:
            date = self._business_date()
            request = NetworkManagement(
                stan=self._memory.next_stan(date),
                terminal=self._settings.terminal,
                merchant=self._settings.merchant,
                batch=self._batch,
                network=network,
            )
            exchange = Original(self._batch, request.stan, date)
            try:
                reply = await self._ask(request, NetworkManagementReply, exchange, exchange_data(exchange), None)
            except (NotSent, NoReply) as error:
                self._no_answer(error, exchange, None)
                return False
            self._heard(reply, exchange, None)
            return reply.code == ResponseCode.APPROVED

    # Advices

    def _settle(
        self,
        approved: Approved,
        kind: AdviceKind,
        stan: int,
        amount_fen: int,
        cause: str,
        units: Sequence[UnitResult],
    ) -> None:
        if approved.exchange not in self._memory.approvals:
            raise ApprovalSpent(f"approval {approved.reference} has been settled before")
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

    def _reverse_request(self, requested: CashRequested, cause: ReversalCause) -> None:
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
            )
        )

    def _store(self, advice: Advice) -> None:
        self._write(Entry.ADVICE_STORED, advice.transaction, **advice_data(advice, self._business_date()))

    async def _deliver(self, *, sign_on: bool) -> bool:
        """One try for each open advice; the line is ours."""
        for orphan in list(self._memory.pending.values()):
            self._reverse_request(orphan, ReversalCause.NO_ANSWER)
        for advice in self.open_advices:
            if not self._signed_on and not sign_on:
                break
            try:
                if not self._signed_on:
                    await self._sign_on()
                await self._send_advice(advice)
            except (NotSent, NoReply, SignOnFailed, _BadMac, DeviceError, VaultError) as error:
                log.warning("advice not delivered", mti=advice.kind, stan=advice.stan, cause=str(error))
                break
        return not self._memory.advices

    async def _send_advice(self, advice: Advice) -> None:
        message = self._advice_message(advice)
        reply_type = ConfirmReply if advice.kind is AdviceKind.CONFIRM else ReversalReply
        reply = await self._send(message, reply_type)
        ended = reply.code in ADVICE_ENDING_CODES
        if not ended:
            log.error("the host does not accept an advice", mti=advice.kind, stan=advice.stan, code=reply.code)
        self._write(
            Entry.ADVICE_ANSWERED,
            advice.transaction,
            mti=advice.kind,
            **exchange_data(advice.exchange),
            code=reply.code,
            ended=ended,
        )

    def _advice_message(self, advice: Advice) -> Confirm | Reversal:
        secret = json.loads(self._vault.open(advice.sealed, _context(advice.exchange)))
        chip_data = bytes.fromhex(secret["chip_data"]) if secret["chip_data"] else None
        if advice.kind is AdviceKind.CONFIRM:
            return Confirm(
                stan=advice.stan,
                terminal=self._settings.terminal,
                merchant=self._settings.merchant,
                batch=advice.original.batch,
                pan=secret["pan"],
                amount=advice.amount_fen,
                entry_mode=advice.entry_mode,
                pan_sequence=advice.pan_sequence,
                units=advice.units,
                chip_data=chip_data,
                original=advice.original,
                reference=advice.reference or "",
                authorisation=advice.authorisation,
            )
        return Reversal(
            stan=advice.stan,
            terminal=self._settings.terminal,
            merchant=self._settings.merchant,
            batch=advice.original.batch,
            pan=secret["pan"],
            amount=advice.amount_fen,
            entry_mode=advice.entry_mode,
            pan_sequence=advice.pan_sequence,
            units=advice.units,
            chip_data=chip_data,
            original=advice.original,
            reference=advice.reference,
            authorisation=advice.authorisation,
            cause=advice.cause,
        )

    # Exchanges

    async def _not_ready(self) -> NoAnswer | None:
        """Advices go first; without keys, or with an advice still open, nothing new is asked."""
        if not await self._deliver(sign_on=False):
            return NoAnswer("earlier messages wait to be delivered", sent=False)
        if not self._signed_on:
            return NoAnswer("not signed on", sent=False)
        return None

    async def _ask(
        self,
        request: TypedMessage,
        reply_type: type[T],
        exchange: Original,
        data: dict[str, Json],
        transaction: str | None,
    ) -> T:
        """A new request: connected and journalled before it leaves."""
        return await self._send(
            request,
            reply_type,
            lambda: self._write(Entry.HOST_REQUEST, transaction, mti=request.MTI, name=type(request).__name__, **data),
        )

    async def _send(
        self, request: TypedMessage, reply_type: type[T], before_sending: Callable[[], None] = lambda: None
    ) -> T:
        """Raises NotSent, NoReply, _BadMac, DeviceError (before anything was sent)."""
        message = request.to_message(self._settings.tpdu, self._settings.header)
        authenticated = message.mti[1] in _AUTHENTICATED
        if authenticated:
            message = with_mac(message, await self._mac(message))
        await self._connection.open()
        before_sending()
        answer = await self._connection.converse(encode(message), lambda heard: _objection(message, heard, reply_type))
        if authenticated:
            await self._check_mac(answer)
        if answer.header.processing_request == ProcessingRequest.SIGN_ON:
            self._signed_on = False
        reply = reply_type.from_message(answer)
        code = answer.text(39)
        if treatment_of(code) is Treatment.SIGN_ON or code == ResponseCode.MAC_ERROR:
            self._signed_on = False
        return reply

    async def _mac(self, message: Message) -> bytes:
        return await self._pad.generate_authentication(mac_input(message), self._settings.mac_algorithm)

    async def _check_mac(self, answer: Message) -> None:
        """Raises _BadMac; keys that make wrong MACs are not used again."""
        why = "the answer carries no MAC"
        if answer.mac is not None:
            try:
                if hmac.compare_digest(await self._mac(answer), answer.mac):
                    return
                why = "the MAC of the answer is wrong"
            except DeviceError as error:
                why = f"the MAC of the answer can't be checked: {error}"
        self._signed_on = False
        self._dropped(answer, why)
        raise _BadMac(why)

    def _cash_answer(self, requested: CashRequested, reply: CashReply) -> Approved | Declined | NoAnswer:
        if reply.code == ResponseCode.APPROVED:
            if reply.reference is None:
                return self._reverse_unanswered(requested, ReversalCause.OTHER, "the approval has no reference")
            self._heard(
                reply,
                requested.exchange,
                requested.transaction,
                approved=True,
                host_date=reply.date,
                authorisation=reply.authorisation,
            )
            approved = self._memory.approvals[requested.exchange]
            available = (reply.amounts or {}).get(AmountType.AVAILABLE)
            return replace(approved, available_fen=available, chip_data=reply.chip_data)
        if treatment_of(reply.code) is Treatment.REVERSE:
            cause = ReversalCause.BAD_MAC if reply.code == ResponseCode.MAC_ERROR else ReversalCause.OTHER
            self._reverse_request(requested, cause)
        self._heard(reply, requested.exchange, requested.transaction)
        return _declined(reply)

    def _reverse_unanswered(self, requested: CashRequested, cause: ReversalCause, why: Exception | str) -> NoAnswer:
        self._reverse_request(requested, cause)
        return self._no_answer(why, requested.exchange, requested.transaction)

    def _no_answer(self, why: Exception | str, exchange: Original, transaction: str | None) -> NoAnswer:
        sent = not isinstance(why, NotSent)
        self._journal.write(Entry.HOST_NO_ANSWER, transaction, **exchange_data(exchange), cause=str(why), sent=sent)
        return NoAnswer(str(why), sent)

    def _heard(
        self,
        reply: QuoteReply | CashReply | SignOnReply | NetworkManagementReply,
        exchange: Original,
        transaction: str | None,
        **more: Json,
    ) -> None:
        rules: list[Json] = []
        if isinstance(reply, QuoteReply | CashReply):
            rules = [f"{rule.rule}:{rule.region}:{rule.version}" for rule in reply.rules]
        data: dict[str, Json] = {"rules": rules} if rules else {}
        if not isinstance(reply, NetworkManagementReply):
            data["reference"] = reply.reference
        self._write(
            Entry.HOST_REPLY, transaction, mti=reply.MTI, **exchange_data(exchange), code=reply.code, **data, **more
        )

    def _overheard(self, event: Event[Message], why: str) -> None:
        self._dropped(event if isinstance(event, Message) else None, why)

    def _dropped(self, message: Message | None, why: str) -> None:
        stan = message.fields.get(11) if message else None
        self._journal.write(
            Entry.HOST_REPLY_DROPPED,
            mti=message.mti if message else None,
            stan=int(stan) if isinstance(stan, str) and stan else None,
            reason=why,
        )

    def _write(self, kind: Entry, transaction: str | None, **data: Json) -> None:
        """Journal a record and remember it, in that order."""
        self._memory.apply(self._journal.write(kind, transaction, **data))

    def _seal(self, exchange: Original, pan: str, chip_data: bytes | None) -> str:
        secret = {"pan": pan, "chip_data": chip_data.hex() if chip_data else None}
        return self._vault.seal(json.dumps(secret).encode(), _context(exchange))

    def _local_time(self, offset: timedelta) -> datetime:
        moment = self._now() + offset
        return moment.astimezone(_BUSINESS_ZONE) if moment.tzinfo else moment

    def _business_date(self) -> str:
        return f"{self._local_time(self._clock_offset):%m%d}"


_SHORTEST_CHECK_VALUE: Final = 3
_AUTHENTICATED: Final = "24"
"""The second digit of message types that carry a MAC: 02xx and 04xx."""


def _context(exchange: Original) -> str:
    return f"{exchange.batch}/{exchange.stan}/{exchange.date}"


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


def _declined(reply: QuoteReply | CashReply) -> Declined:
    return Declined(
        code=response_code(reply.code) or ResponseCode.SYSTEM_ERROR,
        host_code=reply.code,
        rules=reply.rules,
        amounts=reply.amounts or {},
        pin_tries_left=reply.pin_tries_left,
    )


def _host_time(date: str, time: str, near: datetime) -> datetime:
    """The host's date and time; the year, which it does not say, is the one that brings it closest to ours."""
    moments = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            moments.append(
                near.replace(
                    year=year,
                    month=int(date[:2]),
                    day=int(date[2:]),
                    hour=int(time[:2]),
                    minute=int(time[2:4]),
                    second=int(time[4:]),
                    microsecond=0,
                )
            )
        except ValueError:
            continue
    if not moments:
        raise SignOnFailed("the host's date or time is none")
    return min(moments, key=lambda moment: abs(moment - near))
