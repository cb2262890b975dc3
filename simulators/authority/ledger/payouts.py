"""Payouts that pass no terminal: transfers online, cash and transfers at a counter (8111 authorises, 8112 confirms).

They are named by the message that asks for them, and stand on the same ledger, holds, limits and applications as those
of a terminal. A message that comes twice is answered twice and acts once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from protocol.money_line import BindingRule
from protocol.money_line import ResponseCode as Code
from simulators.authority.applications.bank import PayeeAccount
from simulators.authority.facts import fund_rule, gather
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.draw_rows import draw_by_id
from simulators.authority.ledger.draws import Approval, Ending, MessageKey, confirm, find_draw, hold, reverse
from simulators.authority.ledger.payout_entries import release
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.ledger.releases import post_release
from simulators.authority.ledger.transfers import PayeeProblem, own_payee, pay_transfer, recall_transfer
from simulators.authority.people.draw_alerts import tell_of_draw
from simulators.authority.people.states import PERSON_BARS
from simulators.authority.policy.decision import Decision, decide
from simulators.authority.policy.decision_store import store_decision
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.question import Ask, Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose
from simulators.authority.supervision.orders import suspended
from simulators.authority.supervision.requests import RequestNotes, enter_request
from simulators.authority.supervision.risk.assess import assess
from simulators.authority.supervision.risk.picture import Attempt
from simulators.authority.supervision.risk.rules import RiskBook
from simulators.authority.tables.ledger import DrawState, TransferState, draws
from simulators.authority.tables.people import PersonState, persons
from simulators.authority.tables.supervision import Asked

_PERSON = select(persons.c.region, persons.c.state, persons.c.alerts).where(persons.c.id == bindparam("person"))


@dataclass(frozen=True, slots=True)
class Office:
    """What these payouts need besides the request."""

    hsm: SoftHsm
    policies: PolicyBook
    risk: RiskBook


@dataclass(frozen=True, slots=True)
class PayoutRequest:
    """Who asks for what. `message_id` is never used twice; `place` is the region of the counter, online of the home."""

    message_id: str
    provider: str
    person_id: int
    channel: Channel
    mode: PayoutMode
    amount_fen: int
    place: str
    purpose: Purpose = Purpose.TREATMENT_AWAY


@dataclass(frozen=True, slots=True)
class PayoutAnswer:
    """The answer as of a money line: 00 holds. `rules` refused or bound; `decision` None: it did not come to one."""

    code: Code
    draw_id: int | None = None
    rules: tuple[BindingRule, ...] = ()
    decision: Decision | None = None
    payee: str | None = None


@dataclass(frozen=True, slots=True)
class PayoutEnd:
    """How a confirm or a cancellation was taken; `transfer` is where the money of a transfer is."""

    ending: Ending
    transfer: TransferState | None = None


def authorise_payout(connection: Connection, office: Office, request: PayoutRequest, at: datetime) -> PayoutAnswer:
    """Decide and hold. What is asked again under the same message id is answered as before, without another hold."""
    lock_person(connection, request.person_id)
    key = MessageKey(request.provider, request.message_id, at.date())
    earlier = find_draw(connection, key, lock=True)
    if earlier is not None:
        same = (earlier.payer, earlier.person_id, earlier.amount_fen, earlier.mode) == (
            request.provider,
            request.person_id,
            request.amount_fen,
            request.mode,
        )
        stands = earlier.state is DrawState.HELD
        return PayoutAnswer(Code.APPROVED, earlier.id) if same and stands else PayoutAnswer(Code.DUPLICATE)
    notes = RequestNotes(
        trace=request.message_id,
        channel=request.channel,
        asked=Asked.TRANSFER if request.mode is PayoutMode.TRANSFER else Asked.CASH,
        place=request.place,
        provider=request.provider,
        person_id=request.person_id,
        amount_fen=request.amount_fen,
    )
    answer = _authorise(connection, office, request, key, notes, at)
    enter_request(connection, notes, answer.code, at)
    return answer


def quote_payout(
    connection: Connection, office: Office, request: PayoutRequest, at: datetime, terminal: str | None = None
) -> PayoutAnswer:
    """What could be paid now: the decision of `authorise_payout` (or of a terminal) without an amount.

    Nothing is held or stored; `request.amount_fen` is not looked at.
    """
    ready = _ready(connection, office, request, None, at, terminal)
    if isinstance(ready, PayoutAnswer):
        return ready
    decision = decide(ready.home, ready.place, ready.facts, ready.ask, office.policies.calendar)
    return PayoutAnswer(decision.code, rules=decision.reasons, decision=decision)


def confirm_payout(connection: Connection, request: PayoutRequest, paid_fen: int, at: datetime) -> PayoutEnd:
    """Cash: `paid_fen` went over the counter. A transfer is paid now, whole: TOO_MUCH for any other sum."""
    key = MessageKey(request.provider, request.message_id, at.date())
    if request.mode is PayoutMode.CASH:
        return PayoutEnd(confirm(connection, key, paid_fen, request.place, at))
    draw = find_draw(connection, key, lock=True)
    if draw is None or draw.state is DrawState.TOMBSTONE:
        return PayoutEnd(Ending.NOT_FOUND)
    if draw.state is DrawState.REVERSED or draw.mode is not PayoutMode.TRANSFER:
        return PayoutEnd(Ending.CONFLICT)
    if paid_fen != draw.amount_fen:
        return PayoutEnd(Ending.TOO_MUCH)
    return PayoutEnd(Ending.DONE, pay_transfer(connection, key, at))


def cancel_payout(connection: Connection, request: PayoutRequest, at: datetime) -> PayoutEnd:
    """Nothing was paid; a transfer that waits for its bank, or can still be taken back, comes back."""
    key = MessageKey(request.provider, request.message_id, at.date())
    end = recall_transfer if request.mode is PayoutMode.TRANSFER else reverse
    return PayoutEnd(end(connection, key, request.place, at))


def release_unpaid_transfers(connection: Connection, at: datetime, lifetime: timedelta) -> int:
    """Free what was held for transfers that nobody confirmed: it was not paid, for the authority would have paid it.

    Each is posted as released.
    """
    old = select(draws.c.id).where(
        draws.c.state == DrawState.HELD,
        draws.c.mode == PayoutMode.TRANSFER,
        draws.c.at <= (at - lifetime).isoformat(),
    )
    found: Iterable[int] = connection.scalars(old.order_by(draws.c.id)).all()
    released = 0
    for draw_id in found:
        draw = draw_by_id(connection, draw_id, lock=True)
        if draw.state is DrawState.HELD:
            release(connection, draw)
            assert draw.person_id is not None
            post_release(connection, at, draw.person_id, draw.amount_fen, draw_id=draw.id)
            released += 1
    return released


def _authorise(
    connection: Connection,
    office: Office,
    request: PayoutRequest,
    key: MessageKey,
    notes: RequestNotes,
    at: datetime,
) -> PayoutAnswer:
    ready = _ready(connection, office, request, request.amount_fen, at)
    if isinstance(ready, PayoutAnswer):
        notes.home = connection.scalar(select(persons.c.region).where(persons.c.id == request.person_id))
        return ready
    home, place, facts, ask, payee = ready.home, ready.place, ready.facts, ready.ask, ready.payee
    notes.home = ready.region
    decision = decide(home, place, facts, ask, office.policies.calendar)
    notes.most_fen = decision.maximum_fen
    limits = {policy.limits.single_fen[request.mode] for policy in (home, place)}
    attempt = Attempt(
        at,
        notes.asked,
        request.person_id,
        "",
        ready.region,
        request.place,
        None,
        request.amount_fen,
        decision.maximum_fen,
        tuple(limits),
    )
    notes.verdict = assess(connection, office.risk, attempt)
    notes.decision_id = store_decision(connection, decision, request.person_id, None)
    code = notes.verdict.code if notes.verdict.stops and decision.code is Code.APPROVED else decision.code
    if code is not Code.APPROVED:
        rules = () if notes.verdict.stops else decision.reasons
        return PayoutAnswer(code, rules=rules, decision=decision)
    approval = Approval(
        request.person_id,
        request.amount_fen,
        ready.region,
        request.place,
        decision.case.purpose,
        notes.decision_id,
        application_id=decision.application_id,
        mode=request.mode,
        channel=request.channel,
        payee_account_id=None if payee is None else payee.id,
        provider=request.provider,
        funds=fund_rule(home, place, at.date()),
    )
    notes.draw_id = hold(connection, key, approval, at)
    if ready.alerts:
        told = (request.person_id, notes.draw_id, request.amount_fen, request.place)
        tell_of_draw(connection, office.hsm, at, *told)
    masked = None if payee is None else payee.masked_number
    return PayoutAnswer(Code.APPROVED, notes.draw_id, decision.reasons, decision, masked)


@dataclass(frozen=True, slots=True)
class _Ready:
    """All that a decision needs, for somebody against whom nothing stands."""

    region: str
    home: RegionPolicy
    place: RegionPolicy
    ask: Ask
    facts: Facts
    payee: PayeeAccount | None
    alerts: bool


def _ready(
    connection: Connection,
    office: Office,
    request: PayoutRequest,
    amount_fen: int | None,
    at: datetime,
    terminal: str | None = None,
) -> _Ready | PayoutAnswer:
    """Provider, orders, policies, the state of the person, and the payee of a transfer; or what one of them refuses."""
    person = connection.execute(_PERSON, {"person": request.person_id}).first()
    if person is None:
        return PayoutAnswer(Code.NO_SUCH_ACCOUNT)
    stands = suspended(
        connection,
        at,
        provider=request.provider,
        terminal=terminal,
        place=request.place,
        home=person.region,
        person_id=request.person_id,
    )
    if stands is not None:
        return PayoutAnswer(stands.code)
    home = office.policies.in_force(person.region, at.date())
    place = office.policies.in_force(request.place, at.date())
    if home is None or place is None:
        return PayoutAnswer(Code.NO_SUCH_ISSUER if home is None else Code.NOT_PERMITTED_TERMINAL)
    bar = PERSON_BARS[PersonState(person.state)]
    if bar is not None:
        return PayoutAnswer(bar.code, rules=(BindingRule(bar.reason, home.region, home.version),))
    ask = Ask(at, amount_fen, request.channel, request.mode, request.purpose, provider=request.provider)
    facts = gather(connection, office.hsm, request.person_id, home, place, ask, office.policies)
    if request.mode is not PayoutMode.TRANSFER:
        return _Ready(person.region, home, place, ask, facts, None, person.alerts)
    named = None if facts.application is None else facts.application.payee_account_id
    payee = own_payee(connection, office.hsm, request.person_id, named)
    if isinstance(payee, PayeeProblem):
        return PayoutAnswer(Code.NO_SAVINGS_ACCOUNT, rules=(BindingRule(payee, home.region, home.version),))
    return _Ready(person.region, home, place, ask, facts, payee, person.alerts)
