"""May this card draw here and now? Card, holder, PIN, policy, and the hold that an approval is.

The first check that fails answers: provider not authorised or suspended (03), terminal, region or person suspended
(57, 58, 62), card unknown (14), home region unreachable (91) or without policy (15), card expired
(54) or out of use (04, 41, 56, 62), holder not entitled (42, 57, 62), card read by its stripe (57) or not at all (30),
track 2 of another card (14), chip not genuine or heard before (05), PIN (38, 55, 75, 99), policy (13, 51, 57, 58, 61).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection

from protocol.money_line import (
    AmountType,
    BindingRule,
    CashRequest,
    QuoteRequest,
    TransferRequest,
    Treatment,
    masked_pan,
)
from protocol.money_line import ResponseCode as Code
from protocol.money_line_fields import MOST_FEN, encode_amounts, encode_rules
from simulators.authority.applications.bank import PayeeAccount
from simulators.authority.facts import after_hold, fund_rule, gather
from simulators.authority.hsm import PinFormatError, SoftHsm
from simulators.authority.ledger.draws import Approval, ExchangeKey, hold
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.ledger.transfers import PayeeProblem, own_payee, pay_transfer
from simulators.authority.money_line.card_keeping import told
from simulators.authority.money_line.chip import chip_refused
from simulators.authority.money_line.exchanges import Answer
from simulators.authority.money_line.terminals import Terminal
from simulators.authority.people.draw_alerts import tell_of_draw
from simulators.authority.people.misuse import misuse_of, note_misuse
from simulators.authority.people.pins import count_try, tries_left
from simulators.authority.people.register import Card, find_card
from simulators.authority.people.states import CARD_BARS, EXPIRED_CARD, PERSON_BARS
from simulators.authority.policy.activation import follow
from simulators.authority.policy.decision import Decision, decide
from simulators.authority.policy.decision_store import store_decision
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.question import Ask, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, Rule
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.supervision.orders import suspended
from simulators.authority.supervision.requests import RequestNotes, enter_request
from simulators.authority.supervision.risk.assess import assess
from simulators.authority.supervision.risk.picture import Attempt
from simulators.authority.supervision.risk.rules import RiskBook, our_risk_rules
from simulators.authority.supervision.risk.telling import tell_of_risk
from simulators.authority.supervision.terminal_events import note_terminal_event
from simulators.authority.tables.supervision import Asked, TerminalEventKind

CardRequest: TypeAlias = QuoteRequest | CashRequest | TransferRequest

CHIP, STRIPE = ("05", "07"), "02"
"""How the card was read, by the first two digits of field 22: contact chip, contactless; magnetic stripe."""

CURRENCY = "156"
"""CNY, the only one there is (ISO 4217)."""

_ASKED: Mapping[type[CardRequest], Asked] = {
    QuoteRequest: Asked.QUOTE,
    CashRequest: Asked.CASH,
    TransferRequest: Asked.TRANSFER,
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What an authorisation needs besides the request. `reachable` says of a home region whether it can be asked.

    With a (wrapped) `issuer_key` every request must carry a right and new cryptogram of the card's chip.
    """

    hsm: SoftHsm
    policies: PolicyBook
    reachable: Callable[[str], bool]
    purpose: Purpose
    issuer_key: bytes | None = field(default=None, repr=False)
    risk: RiskBook = field(default_factory=our_risk_rules)


def authorise(
    connection: Connection,
    desk: Desk,
    terminal: Terminal,
    key: ExchangeKey,
    request: CardRequest,
    at: datetime,
) -> Answer:
    """Answer a quote, a cash request with its hold, or a transfer that is paid; every answer is in the register.

    The home region's policy says at which codes the card is kept.
    """
    notes = RequestNotes(
        trace=f"{key.terminal}-{key.batch:06d}-{key.stan:06d}-{key.business_date}",
        channel=Channel.ATM,
        asked=_ASKED[type(request)],
        place=terminal.region,
        terminal=terminal.id,
        provider=terminal.merchant,
        card_index=desk.hsm.index(request.pan),
        amount_fen=None if isinstance(request, QuoteRequest) else request.amount,
    )
    answer = _authorise(connection, desk, terminal, key, request, notes, at)
    enter_request(connection, notes, answer.code, at)
    home = None if notes.home is None else desk.policies.in_force(notes.home, at.date())
    if home is None:
        return answer
    code = told(answer.code, home.card.capture_codes)
    if code.treatment is Treatment.CAPTURE:
        note_terminal_event(connection, at, terminal.id, TerminalEventKind.CAPTURED)
    return replace(answer, code=code)


def _authorise(
    connection: Connection,
    desk: Desk,
    terminal: Terminal,
    key: ExchangeKey,
    request: CardRequest,
    notes: RequestNotes,
    at: datetime,
) -> Answer:
    if request.currency != CURRENCY:
        return Answer(Code.INVALID_TRANSACTION)
    card = find_card(connection, desk.hsm, request.pan)
    if card is not None:
        lock_person(connection, card.person_id)
        notes.person_id, notes.home = card.person_id, card.region
    if stands := suspended(
        connection,
        at,
        provider=terminal.merchant,
        terminal=terminal.id,
        place=terminal.region,
        home=None if card is None else card.region,
        person_id=None if card is None else card.person_id,
    ):
        note_incident(connection, at, f"{stands.bar}", f"{stands.subject}", terminal.id)
        return Answer(stands.code)
    if (misused := misuse_of(card, at)) is not None:
        note_misuse(connection, at, misused, notes.card_index or "", terminal.region, terminal.id, card)
    if card is None:
        return Answer(Code.INVALID_CARD)
    if not desk.reachable(card.region):
        return Answer(Code.ISSUER_INOPERATIVE)
    follow(connection, desk.policies)
    home = desk.policies.in_force(card.region, at.date())
    if home is None:
        return Answer(Code.NO_SUCH_ISSUER)
    place = desk.policies.in_force(terminal.region, at.date())
    if place is None:
        return Answer(Code.NOT_PERMITTED_TERMINAL)
    if refused := _card_refused(card, home, request, at):
        return refused
    if refused := _reading_refused(connection, terminal, home, request, at):
        return refused
    if refused := chip_refused(connection, desk.hsm, desk.issuer_key, terminal, card, request, at):
        return refused
    if refused := _pin_refused(connection, desk, terminal, card, home, request, at):
        return refused
    decided = _decide(connection, desk, terminal, key, card, home, place, request, notes, at)
    return replace(decided, card_id=card.id)


def _reading_refused(
    connection: Connection, terminal: Terminal, home: RegionPolicy, request: CardRequest, at: datetime
) -> Answer | None:
    """How the card was read: a stripe only where its home region allows that, and it must be that of the card."""
    stripe = request.entry_mode[:2] == STRIPE
    if stripe and not home.card.track2_fallback:
        return Answer(Code.NOT_PERMITTED_HOLDER)
    if not stripe and request.entry_mode[:2] not in CHIP:
        return Answer(Code.FORMAT_ERROR)
    if request.track2 is not None and request.track2.partition("=")[0] != request.pan:
        note_incident(connection, at, "track 2 of another card", f"card {masked_pan(request.pan)}", terminal.id)
        return Answer(Code.INVALID_CARD)
    return None


def _card_refused(card: Card, home: RegionPolicy, request: CardRequest, at: datetime) -> Answer | None:
    """The state of card and holder; field 63 tells states apart that share a code."""
    expired = card.is_expired(at.date()) or request.expiry not in (None, card.expiry)
    bars = (CARD_BARS[card.state_at(at)], EXPIRED_CARD if expired else None, PERSON_BARS[card.person_state])
    bar = next((bar for bar in bars if bar is not None), None)
    if bar is None:
        return None
    return Answer(bar.code, {63: encode_rules([BindingRule(bar.reason, home.region, home.version)])})


def _pin_refused(
    connection: Connection,
    desk: Desk,
    terminal: Terminal,
    card: Card,
    home: RegionPolicy,
    request: CardRequest,
    at: datetime,
) -> Answer | None:
    """Check the PIN and count wrong ones; field 44 of a 55 says how many tries are left."""
    if not tries_left(card, home.card, at):
        return Answer(Code.PIN_TRIES_CAPTURE)
    assert terminal.pik is not None
    try:
        right = desk.hsm.pin_is_right(
            terminal.pik, request.sealed_pin, request.pan, card.pin_reference, terminal.cipher
        )
    except PinFormatError:
        return Answer(Code.PIN_FORMAT, sign_on=True)
    left = count_try(connection, card, home.card, at, right=right)
    if right:
        return None
    return Answer(Code.WRONG_PIN, {44: str(left)}) if left else Answer(Code.PIN_TRIES_EXCEEDED)


def _decide(
    connection: Connection,
    desk: Desk,
    terminal: Terminal,
    key: ExchangeKey,
    card: Card,
    home: RegionPolicy,
    place: RegionPolicy,
    request: CardRequest,
    notes: RequestNotes,
    at: datetime,
) -> Answer:
    ask = Ask(
        at=at,
        amount_fen=None if isinstance(request, QuoteRequest) else request.amount,
        mode=PayoutMode.TRANSFER if isinstance(request, TransferRequest) else PayoutMode.CASH,
        purpose=desk.purpose,
        provider=terminal.merchant,
    )
    facts = gather(connection, desk.hsm, card.person_id, home, place, ask, desk.policies)
    payee: PayeeAccount | None = None
    if isinstance(request, TransferRequest):
        named = None if facts.application is None else facts.application.payee_account_id
        found = own_payee(connection, desk.hsm, card.person_id, named)
        if isinstance(found, PayeeProblem):
            note_incident(connection, at, found, "transfer refused", terminal.id)
            return Answer(Code.NO_SAVINGS_ACCOUNT)
        payee = found
    decision = decide(home, place, facts, ask, desk.policies.calendar)
    notes.most_fen = decision.maximum_fen
    if ask.amount_fen is not None:
        limits = (policy.limits.single_fen[ask.mode] for policy in (home, place))
        decision = _risk_checked(connection, desk.risk, notes, card, decision, frozenset(limits), at)
    decision_id = notes.decision_id = store_decision(connection, decision, card.person_id, terminal.id)
    fields: dict[int, str | bytes] = {54: _amounts(decision)}
    stopped = notes.verdict is not None and notes.verdict.stops
    if decision.reasons and not stopped:
        fields[63] = encode_rules(decision.reasons)
        if instead := _where_instead(decision):
            fields[44] = instead
    if ask.amount_fen is not None and decision.code is Code.APPROVED:
        notes.draw_id, told_of_hold = _hold(
            connection, desk, key, _Granted(card, terminal, home, place, ask, facts, payee, decision, decision_id), at
        )
        fields |= told_of_hold
    return Answer(decision.code, fields)


@dataclass(frozen=True, slots=True)
class _Granted:
    """An approval: whose card, where, by which policies, what was asked and known, and the account of a transfer."""

    card: Card
    terminal: Terminal
    home: RegionPolicy
    place: RegionPolicy
    ask: Ask
    facts: Facts
    payee: PayeeAccount | None
    decision: Decision
    decision_id: int


def _hold(
    connection: Connection, desk: Desk, key: ExchangeKey, granted: _Granted, at: datetime
) -> tuple[int, dict[int, str | bytes]]:
    """Hold the money, and pay a transfer; the draw, and the fields that tell of it and of what can be drawn then."""
    card, region, home, place = granted.card, granted.terminal.region, granted.home, granted.place
    ask, payee = granted.ask, granted.payee
    assert ask.amount_fen is not None
    approval = Approval(
        card.person_id,
        ask.amount_fen,
        card.region,
        region,
        granted.decision.case.purpose,
        granted.decision_id,
        application_id=granted.decision.application_id,
        mode=ask.mode,
        channel=ask.channel,
        payee_account_id=None if payee is None else payee.id,
        provider=ask.provider,
        funds=fund_rule(home, place, at.date()),
    )
    draw_id = hold(connection, key, approval, at)
    if card.alerts:
        tell_of_draw(connection, desk.hsm, at, card.person_id, draw_id, ask.amount_fen, region, card.masked_pan)
    fields: dict[int, str | bytes] = {38: f"{draw_id % 10**6:06d}"}
    after = replace(ask, amount_fen=None)
    if payee is None:
        facts = after_hold(granted.facts, ask.amount_fen, at)
    else:
        pay_transfer(connection, key, at)
        fields[48] = payee.masked_number
        facts = gather(connection, desk.hsm, card.person_id, home, place, after, desk.policies)
    fields[54] = _amounts(decide(home, place, facts, after, desk.policies.calendar))
    return draw_id, fields


def _where_instead(decision: Decision) -> str | None:
    """Field 44 of a refusal: the provider that the application is bound to, or when it opens (YYYYMMDDhhmm)."""
    for result in decision.refused:
        if result.rule is Rule.APPLICATION_PROVIDER:
            return result.value[:25]
    return None if decision.next_opening is None else f"{decision.next_opening:%Y%m%d%H%M}"


def _risk_checked(
    connection: Connection,
    book: RiskBook,
    notes: RequestNotes,
    card: Card,
    decision: Decision,
    limits_fen: frozenset[int],
    at: datetime,
) -> Decision:
    """Ask the risk rules, whatever the policy says; what they stop is refused with their code."""
    attempt = Attempt(
        at=at,
        asked=notes.asked,
        person_id=card.person_id,
        card_index=notes.card_index or "",
        home=card.region,
        place=notes.place,
        terminal=notes.terminal,
        amount_fen=notes.amount_fen or 0,
        most_fen=decision.maximum_fen,
        limits_fen=tuple(limits_fen),
    )
    verdict = notes.verdict = assess(connection, book, attempt)
    tell_of_risk(connection, attempt, verdict)
    if not verdict.stops or decision.code is not Code.APPROVED:
        return decision
    note_incident(connection, at, "risk", f"{verdict.action}, {verdict.points} points", notes.terminal)
    return replace(decision, code=verdict.code)


def _amounts(decision: Decision) -> str:
    """Field 54. An amount that it can't tell is told as the most that it can."""
    amounts = {
        AmountType.LEDGER: decision.balance_fen,
        AmountType.AVAILABLE: decision.available_fen,
        AmountType.MAXIMUM_DRAW: decision.maximum_fen,
        AmountType.REST_OF_DAY: decision.rest_of_day_fen,
        AmountType.REST_OF_YEAR: decision.rest_of_year_fen,
    }
    if decision.rest_of_application_fen is not None:
        amounts[AmountType.REST_OF_APPLICATION] = decision.rest_of_application_fen
    return encode_amounts({kind: max(-MOST_FEN, min(fen, MOST_FEN)) for kind, fen in amounts.items()})
