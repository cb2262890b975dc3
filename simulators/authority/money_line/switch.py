"""The money line's business side: one message in, one answer out, over one transaction.

Checks go from the outside in: message type, terminal (97) and its provider (03), form (30), MAC (58 without keys, A0).
A request then needs a terminal that is signed on (58) with fresh keys and the open batch (77), no change of date (90),
and is answered once (94, or the answer given before). An advice needs no more: it tells what has happened. A settlement
needs a terminal that is signed on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError, OperationalError

from protocol.ber_tlv import encode_tlv
from protocol.chip_card import Tag
from protocol.keys import Cipher
from protocol.money_line import (
    BatchEnd,
    BatchRecord,
    CashRequest,
    Confirm,
    Message,
    NetworkCode,
    NetworkManagement,
    Original,
    ProcessingRequest,
    QuoteRequest,
    Reversal,
    SettlementRequest,
    SignOn,
    TransactionType,
    TransferRequest,
    is_authenticated,
    mac_input,
    parse,
    reply_mti,
    with_mac,
)
from protocol.money_line import ResponseCode as Code
from protocol.wire import RemoteProtocolError
from simulators.authority.business_time import business_time, date_nearest
from simulators.authority.database import Database
from simulators.authority.ledger.draws import Ending, ExchangeKey, confirm, find_draw, has_held, reverse
from simulators.authority.ledger.enquiries import open_due
from simulators.authority.ledger.transfers import recall_transfer
from simulators.authority.money_line.anchors import heard, known_anchor
from simulators.authority.money_line.authorisation import Desk, authorise
from simulators.authority.money_line.batches import end_upload, settle, upload
from simulators.authority.money_line.counts import note_counts
from simulators.authority.money_line.exchanges import Answer, earlier_answer, keep_answer, was_answered
from simulators.authority.money_line.telemetry import hear_advice
from simulators.authority.money_line.terminals import Terminal, find_terminal, sign_off, sign_on
from simulators.authority.people.register import find_card
from simulators.authority.policy.alarms import alarm_where_provisional
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.supervision.orders import suspended
from simulators.authority.supervision.terminal_events import note_terminal_event
from simulators.authority.tables.supervision import TerminalEventKind

ECHOED: Mapping[str, tuple[int, ...]] = {
    "0800": (11, 41, 42, 60),
    "0820": (11, 41, 42, 60),
    "0200": (2, 3, 4, 11, 41, 42, 49, 60),
    "0220": (2, 3, 4, 11, 41, 42, 60),
    "0320": (3, 4, 11, 37, 41, 42, 48, 60),
    "0400": (3, 4, 11, 41, 42, 60),
    "0420": (3, 4, 11, 41, 42, 60),
    "0500": (11, 41, 42, 49, 60),
}
"""The message types of the profile, and the fields that an answer repeats."""

ECHOED_OF_OTHERS = (11, 41, 42)
"""The same of a request that is none of the profile: it is told so (30) and need not wait for its time-out."""

SIGN_ON_CIPHERS: Mapping[NetworkCode, Cipher] = {
    NetworkCode.SIGN_ON_TDES: Cipher.TDES,
    NetworkCode.SIGN_ON_SM4: Cipher.SM4,
}

ENDINGS: Mapping[Ending, Code] = {
    Ending.DONE: Code.APPROVED,
    Ending.CONFLICT: Code.DUPLICATE,
    Ending.NOT_FOUND: Code.ORIGINAL_NOT_FOUND,
    Ending.TOO_MUCH: Code.WRONG_ORIGINAL_AMOUNT,
}


@dataclass(frozen=True, slots=True)
class SwitchRules:
    """What an authority sets for its switch; `acquirer` is field 32, at most 11 digits.

    A hold without an advice becomes an enquiry after `hold_lifetime`, which is to be answered within `answer_within`.
    For so long as `date_change` after midnight requests are answered 90: terminals try again later.
    """

    acquirer: str = "00370000"
    key_lifetime: timedelta = timedelta(hours=24)
    hold_lifetime: timedelta = timedelta(hours=24)
    answer_within: timedelta = timedelta(days=5)
    date_change: timedelta = timedelta()


class Switch:
    """Answers the messages of the money line."""

    def __init__(self, database: Database, desk: Desk, now: Callable[[], datetime], rules: SwitchRules) -> None:
        self._database = database
        self._desk = desk
        self._now = now
        self._rules = rules
        self.refuse_next: dict[str, Code] = {}
        """Message types that scenarios have answered with a code instead, once, and nothing posted."""

    def handle(self, message: Message) -> Message | None:
        """The answer, once all it stands for is durable; None for a message that is no request.

        What another process was quicker with throws this one out of the database; the second try sees what that did.
        """
        try:
            return self._handle_once(message)
        except (IntegrityError, OperationalError):
            return self._handle_once(message)

    def handle_all(self, messages: Sequence[Message]) -> list[Message | Exception | None]:
        """The answers to messages that came together, after one commit; one that fails undoes itself only."""
        at = business_time(self._now())
        answers: list[Message | Exception | None] = []
        with self._database.transaction() as connection:
            for message in messages:
                try:
                    with connection.begin_nested():
                        answers.append(self._handle(connection, message, at))
                except Exception as error:
                    answers.append(error)
        return answers

    def _handle_once(self, message: Message) -> Message | None:
        with self._database.transaction() as connection:
            return self._handle(connection, message, business_time(self._now()))

    def _handle(self, connection: Connection, message: Message, at: datetime) -> Message | None:
        if not _asks(message):
            note_incident(connection, at, "no request", f"message type {message.mti}")
            return None
        terminal = find_terminal(connection, _text(message, 41))
        return self._reply(message, terminal, self._answer(connection, terminal, message, at), at)

    def expire_holds(self, connection: Connection, at: datetime) -> int:
        """Open enquiries that are due; how many are new. Every sign-on does."""
        return open_due(connection, at, self._rules.hold_lifetime, self._rules.answer_within)

    def refuse_stranger(self, message: Message) -> Message | None:
        """Answer a message on a connection that another terminal's certificate has opened."""
        at = business_time(self._now())
        with self._database.transaction() as connection:
            text = f"message type {message.mti} of {_text(message, 41)[:8]!r}"
            note_incident(connection, at, "another's certificate", text)
        return self._reply(message, None, Answer(Code.NO_SUCH_TERMINAL), at) if _asks(message) else None

    def note_damage(self, reason: str) -> None:
        """Keep that bytes came which were no message."""
        with self._database.transaction() as connection:
            note_incident(connection, business_time(self._now()), "damaged", reason)

    def _answer(self, connection: Connection, terminal: Terminal | None, message: Message, at: datetime) -> Answer:
        what = f"message type {message.mti}"
        if terminal is None:
            note_incident(connection, at, "unknown terminal", what)
            return Answer(Code.NO_SUCH_TERMINAL)
        if terminal.merchant != _text(message, 42):
            note_incident(connection, at, "wrong provider", what, terminal.id)
            return Answer(Code.INVALID_MERCHANT)
        if is_authenticated(message.mti):
            if terminal.mak is None:
                note_incident(connection, at, "not signed on", what, terminal.id)
                return Answer(Code.NOT_PERMITTED_TERMINAL, sign_on=True)
            mac = message.mac
            hsm, cipher = self._desk.hsm, terminal.cipher
            if mac is None or not hsm.mac_is_right(terminal.mak, mac_input(message), mac, cipher):
                note_incident(connection, at, "wrong MAC", what, terminal.id)
                return Answer(Code.MAC_ERROR, sign_on=True)
        if (code := self.refuse_next.pop(message.mti, None)) is not None:
            return Answer(code)
        try:
            return self._dispatch(connection, terminal, message, at)
        except RemoteProtocolError as error:
            note_incident(connection, at, "malformed", str(error), terminal.id)
            return Answer(Code.FORMAT_ERROR)

    def _dispatch(self, connection: Connection, terminal: Terminal, message: Message, at: datetime) -> Answer:
        match parse(message):
            case SignOn() as request:
                return self._sign_on(connection, terminal, request, at)
            case NetworkManagement() as request:
                return _manage(connection, terminal, request, at)
            case QuoteRequest() | CashRequest() | TransferRequest() as request:
                return self._request(connection, terminal, message, request, at)
            case Confirm() as advice:
                return self._confirm(connection, terminal, advice, at)
            case Reversal() as advice:
                return self._reverse(connection, terminal, advice, at)
            case SettlementRequest() | BatchRecord() | BatchEnd() as request:
                return self._end_of_batch(connection, terminal, request, at)
            case other:
                raise AssertionError(f"{type(other).__name__} is no request")

    def _sign_on(self, connection: Connection, terminal: Terminal, request: SignOn, at: datetime) -> Answer:
        cipher = SIGN_ON_CIPHERS.get(request.network)
        if cipher is None or not terminal.has_master_key(cipher):
            return Answer(Code.NOT_SUPPORTED)
        self.expire_holds(connection, at)
        alarm_where_provisional(connection, self._desk.policies.calendar, at)
        stands = suspended(connection, at, provider=terminal.merchant, terminal=terminal.id)
        if stands is not None and not has_held(connection, terminal.id):  # what it still has to tell is heard
            note_incident(connection, at, f"{stands.bar}", f"{stands.subject}", terminal.id)
            return Answer(stands.code)
        note_terminal_event(connection, at, terminal.id, TerminalEventKind.UP)
        keys = sign_on(connection, self._desk.hsm, terminal, at, cipher)
        batch = f"{request.transaction_type}{terminal.batch:06d}{request.network}"
        reference = f"{at:%y%m%d%H%M%S}"
        known = known_anchor(connection, terminal.id)
        told: dict[int, str | bytes] = {} if known is None else {63: known.encode()}
        return Answer(Code.APPROVED, {32: self._rules.acquirer, 37: reference, 60: batch, 62: keys.encode(), **told})

    def _request(
        self,
        connection: Connection,
        terminal: Terminal,
        message: Message,
        request: QuoteRequest | CashRequest | TransferRequest,
        at: datetime,
    ) -> Answer:
        if terminal.signed_on_at is None:
            return Answer(Code.NOT_PERMITTED_TERMINAL, sign_on=True)
        if at - terminal.signed_on_at >= self._rules.key_lifetime or request.batch != terminal.batch:
            return Answer(Code.BATCH_MISMATCH, sign_on=True)
        if at - at.replace(hour=0, minute=0, second=0, microsecond=0) < self._rules.date_change:
            return Answer(Code.DATE_CHANGE)
        key = ExchangeKey(terminal.id, request.batch, request.stan, at.date())
        mac = message.mac or b""
        if earlier := earlier_answer(connection, key, mac):
            if earlier.code is Code.DUPLICATE:
                text = f"message type {message.mti}, batch {request.batch}, trace number {request.stan}"
                note_incident(connection, at, "repeated", text, terminal.id)
            return self._with_answer_to_card(request, earlier)
        if not isinstance(request, QuoteRequest) and not heard(connection, terminal.id, request.anchor, at):
            note_incident(connection, at, "journal set back", "a request knows less than was known", terminal.id)
            return Answer(Code.NOT_PERMITTED_TERMINAL, sign_on=True)
        answer = authorise(connection, self._desk, terminal, key, request, at)
        own = {12: f"{at:%H%M%S}", 13: f"{at:%m%d}", 32: self._rules.acquirer}
        kept = keep_answer(connection, key, mac, replace(answer, fields={**own, **answer.fields}), at)
        return self._with_answer_to_card(request, kept)

    def _with_answer_to_card(self, request: QuoteRequest | CashRequest | TransferRequest, answer: Answer) -> Answer:
        """Field 55 tells a genuine chip, under its own key, what this authority says: nobody between can say it.

        Field 44 is the check code of the receipt, which needs no key to be read back.
        """
        reference = answer.fields.get(37)
        if isinstance(reference, str) and 44 not in answer.fields:
            answer = replace(answer, fields={**answer.fields, 44: self._desk.hsm.check_code(reference)})
        if self._desk.issuer_key is None or request.chip_data is None:
            return answer
        told = self._desk.hsm.answer_to_card(
            self._desk.issuer_key, request.pan, request.pan_sequence or "", request.chip_data, answer.code
        )
        if told is None:
            return answer
        return replace(answer, fields={**answer.fields, 55: encode_tlv(Tag.ISSUER_AUTHENTICATION, told)})

    def _end_of_batch(
        self,
        connection: Connection,
        terminal: Terminal,
        request: SettlementRequest | BatchRecord | BatchEnd,
        at: datetime,
    ) -> Answer:
        if terminal.signed_on_at is None:
            return Answer(Code.NOT_PERMITTED_TERMINAL, sign_on=True)
        match request:
            case SettlementRequest():
                return settle(connection, terminal, request, at)
            case BatchRecord():
                return upload(connection, terminal, request, at)
            case BatchEnd():
                return end_upload(connection, terminal, request, at)

    def _confirm(self, connection: Connection, terminal: Terminal, advice: Confirm, at: datetime) -> Answer:
        if not self._home_reachable(connection, advice):
            return Answer(Code.ISSUER_INOPERATIVE)
        heard(connection, terminal.id, advice.anchor, at)
        key = _original_key(terminal, advice.original, at)
        found = find_draw(connection, key)
        ending = confirm(connection, key, advice.amount, terminal.region, at)
        if ending is Ending.DONE:
            hear_advice(connection, terminal.id, advice, found, at)
        else:
            self._note_ending(connection, key, f"confirm of {advice.amount} fen: {ending}", at)
        if any(unit.retracted or unit.rejected for unit in advice.units):
            note_counts(connection, key, advice.amount, advice.units, at)
        return Answer(ENDINGS[ending], {37: advice.reference})

    def _reverse(self, connection: Connection, terminal: Terminal, advice: Reversal, at: datetime) -> Answer:
        heard(connection, terminal.id, advice.anchor, at)
        key = _original_key(terminal, advice.original, at)
        fields: dict[int, str | bytes] = {} if advice.reference is None else {37: advice.reference}
        found = find_draw(connection, key)
        if found is None and was_answered(connection, key):
            return Answer(Code.APPROVED, fields)  # a refused request holds nothing, so nobody need be reached
        if not self._home_reachable(connection, advice):
            return Answer(Code.ISSUER_INOPERATIVE)
        if (differs := self._other_than_held(connection, key, advice)) is not None:
            self._note_ending(connection, key, f"reversal of {advice.amount} fen: {differs}", at)
            return Answer(differs, fields)
        is_transfer = advice.transaction_type is TransactionType.TRANSFER
        ending = (recall_transfer if is_transfer else reverse)(connection, key, terminal.region, at)
        if ending is Ending.DONE:
            hear_advice(connection, terminal.id, advice, found, at)
        elif ending is Ending.CONFLICT:
            self._note_ending(connection, key, f"reversal after a confirm: {ending}", at)
        if advice.units:
            note_counts(connection, key, 0, advice.units, at)
        return Answer(ENDINGS[ending], fields)

    def _other_than_held(self, connection: Connection, key: ExchangeKey, advice: Reversal) -> Code | None:
        """Why a reversal does not mean the request that it names: another card (25), another amount (64)."""
        draw = find_draw(connection, key)
        if draw is None or draw.person_id is None:
            return None
        card = find_card(connection, self._desk.hsm, advice.pan)
        if card is None or card.person_id != draw.person_id:
            return Code.ORIGINAL_NOT_FOUND
        return None if advice.amount == draw.amount_fen else Code.WRONG_ORIGINAL_AMOUNT

    def _home_reachable(self, connection: Connection, advice: Confirm | Reversal) -> bool:
        card = find_card(connection, self._desk.hsm, advice.pan)
        return card is None or self._desk.reachable(card.region)

    def _note_ending(self, connection: Connection, key: ExchangeKey, text: str, at: datetime) -> None:
        draw = find_draw(connection, key)
        note_incident(connection, at, "books differ", text, key.terminal, draw.id if draw else None)

    def _reply(self, message: Message, terminal: Terminal | None, answer: Answer, at: datetime) -> Message:
        fields: dict[int, str | bytes] = {
            number: message.fields[number]
            for number in ECHOED.get(message.mti, ECHOED_OF_OTHERS)
            if number in message.fields
        }
        fields |= {12: f"{at:%H%M%S}", 13: f"{at:%m%d}", 39: str(answer.code)} | dict(answer.fields)
        wanted = ProcessingRequest.SIGN_ON if answer.sign_on else ProcessingRequest.NONE
        reply = Message(
            reply_mti(message.mti),
            dict(sorted(fields.items())),
            message.tpdu.swapped(),
            replace(message.header, processing_request=wanted),
        )
        if is_authenticated(message.mti) and terminal is not None and terminal.mak is not None:
            return with_mac(reply, self._desk.hsm.mac(terminal.mak, mac_input(reply), terminal.cipher))
        return reply


def _asks(message: Message) -> bool:
    """Is it a request or an advice (ISO 8583: the third digit is even)? Others are answers, which nobody waits for."""
    return message.mti in ECHOED or message.mti[2] in "024"


def _manage(connection: Connection, terminal: Terminal, request: NetworkManagement, at: datetime) -> Answer:
    """Echo or sign-off."""
    if request.network is NetworkCode.SIGN_OFF:
        sign_off(connection, terminal)
        note_terminal_event(connection, at, terminal.id, TerminalEventKind.DOWN)
    elif request.network is not NetworkCode.ECHO:
        return Answer(Code.NOT_SUPPORTED)
    else:
        note_terminal_event(connection, at, terminal.id, TerminalEventKind.HEARD)
    return Answer(Code.APPROVED)


def _original_key(terminal: Terminal, original: Original, at: datetime) -> ExchangeKey:
    """The exchange that field 61 names. Raises RemoteProtocolError."""
    day = date_nearest(original.date, at.date())
    if day is None:
        raise RemoteProtocolError("field 61 has no date of the calendar")
    return ExchangeKey(terminal.id, original.batch, original.stan, day)


def _text(message: Message, number: int) -> str:
    """A text field without its padding, empty when it is missing."""
    value = message.fields.get(number, "")
    return value.rstrip(" ") if isinstance(value, str) else ""
