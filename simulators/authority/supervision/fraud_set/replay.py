"""Replays stories through an authority, message by message, as terminals would send them, in the order of time."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypedDict

from sqlalchemy import select

from protocol.keys import Cipher, encrypt, unwrap_key
from protocol.mac import retail_mac
from protocol.money_line import (
    AmountType,
    CashReply,
    CashRequest,
    Confirm,
    Message,
    Original,
    QuoteReply,
    QuoteRequest,
    SignOn,
    SignOnReply,
    TypedMessage,
    mac_input,
    parse,
    with_mac,
)
from protocol.money_line import ResponseCode as Code
from protocol.pin_block import encode as pin_block
from protocol.pin_block import pan12
from simulators.authority.actors import Actor, Role
from simulators.authority.authority import Authority
from simulators.authority.business_time import SHANGHAI
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.cases import cases_of
from simulators.authority.invoices.hand_in import Invoice as HandedIn
from simulators.authority.invoices.hand_in import hand_in
from simulators.authority.money_line.switch import SwitchRules
from simulators.authority.people.register import NewCard, find_card, issue_card
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.vocabulary import PurposeDetail
from simulators.authority.supervision.fraud_set.stories import (
    CardCondition,
    Change,
    Credit,
    Draw,
    Invoice,
    Kiosk,
    Stories,
    Story,
)
from simulators.authority.supervision.links import link
from simulators.authority.supervision.risk.rules import RiskBook
from simulators.authority.tables.people import CardState
from simulators.authority.tables.supervision import LinkKind, RiskAction, payout_requests

_TMK: Final = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
_PIN, _WRONG_PIN = "123456", "654321"
_VISIT: Final = timedelta(seconds=20)
"""From quote to request."""
_NOTE_FEN: Final = 10_000
_CASH_FEN: Final = 10**10


_BARRED: Final = frozenset(("14", "41", "43", "57", "62"))
"""Answers to a card that is lost, void or unknown, and to an account of a dead or barred person."""


@dataclass(slots=True)
class StoryOutcome:
    """What became of a story. `codes` are the answers to its requests, `risk` the verdicts on them."""

    story: Story
    codes: list[str] = field(default_factory=list)
    risk: list[RiskAction] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    blocked_people: set[str] = field(default_factory=set)
    paid_fen: int = 0

    @property
    def caught(self) -> bool:
        """Did the risk rules decline a request, or did the card or account alone keep everything from being paid?"""
        return self.declined > 0 or (bool(self.codes) and all(code in _BARRED for code in self.codes))

    @property
    def declined(self) -> int:
        """Requests that the risk rules declined."""
        return self.risk.count(RiskAction.DECLINE)

    @property
    def limited(self) -> bool:
        """Did limits, counts or missing invoices stop a request, and no risk rule?"""
        return any(code in ("51", "57", "61", "62", "65") for code in self.codes)


@dataclass(frozen=True, slots=True)
class _Holder:
    name: str
    id_number: str
    card_number: str
    region: str
    pan: str
    opening_balance_fen: int
    pin: str = _PIN
    expiry: str = "9912"


def replay(
    stories: Stories,
    *,
    seed: int = 1,
    risk: RiskBook | None = None,
    policies: PolicyBook | None = None,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> tuple[StoryOutcome, ...]:
    """What an authority in memory answers; `progress` hears how many of all events are done."""
    return _Replay(stories, seed, risk, policies).run(progress)


class _Replay:
    def __init__(self, stories: Stories, seed: int, risk: RiskBook | None, policies: PolicyBook | None) -> None:
        self._stories = stories
        self._database = Database()
        self._hsm = SoftHsm(b"F" * 32, random.Random(seed).randbytes)  # noqa: S311  # a simulation, not a secret
        first = min((story.begins for story in stories.stories), default=datetime.now(SHANGHAI))
        self._now = first.astimezone(SHANGHAI) - timedelta(days=1)
        rules = SwitchRules(key_lifetime=timedelta(days=36500))
        self._authority = Authority(self._database, self._hsm, lambda: self._now, policies, rules, risk=risk)
        self._holders = {name: _holder(number, name, stories) for number, name in enumerate(stories.people, start=1)}
        self._persons: dict[str, int] = {}
        self._cards = 0
        self._enrol()
        self._terminals = {
            name: _Terminal(self._authority, f"M{number:07d}", kiosk.region, _merchant(kiosk, stories))
            for number, (name, kiosk) in enumerate(stories.terminals.items(), start=1)
        }

    def run(self, progress: Callable[[int, int], None]) -> tuple[StoryOutcome, ...]:
        outcomes = [StoryOutcome(story) for story in self._stories.stories]
        todo = sorted(
            ((event.at, number, event) for number, outcome in enumerate(outcomes) for event in outcome.story.events),
            key=lambda each: each[:2],
        )
        for done, (at, number, event) in enumerate(todo, start=1):
            self._now = max(self._now, at.astimezone(SHANGHAI))
            match event:
                case Draw():
                    self._draw(event, outcomes[number])
                case Credit():
                    self._authority.credit(self._holders[event.person].pan, event.fen, f"story:{done}")
                case Invoice():
                    self._prove(event.person, event.number)
                case Change():
                    self._change(event)
            progress(done, len(todo))
        self._database.close()
        return tuple(outcomes)

    def _enrol(self) -> None:
        known = [name for name, each in self._stories.people.items() if each.card is not CardCondition.UNKNOWN]
        self._authority.load_people(self._holders[name] for name in known)
        with self._database.transaction() as connection:
            for name in known:
                somebody, card = self._stories.people[name], find_card(connection, self._hsm, self._holders[name].pan)
                assert card is not None
                self._persons[name] = card.person_id
                for kind, value in ((LinkKind.PHONE, somebody.phone), (LinkKind.PAYEE, somebody.payee)):
                    if value is not None:
                        link(connection, card.person_id, kind, self._hsm.index(value), self._now)
        for name in known:
            if self._stories.people[name].card is CardCondition.LOST:
                self._authority.set_card_state(self._holders[name].pan, CardState.LOST)

    def _draw(self, event: Draw, outcome: StoryOutcome) -> None:
        terminal, holder = self._terminals[event.terminal], self._holders[event.person]
        pin = _PIN if event.pin == "right" else _WRONG_PIN
        quote = terminal.quote(holder.pan, pin)
        self._note(event, quote.code, outcome)
        if quote.code != Code.APPROVED:
            return
        self._now += _VISIT
        fen = event.fen
        if fen is None:
            most = (quote.amounts or {}).get(AmountType.MAXIMUM_DRAW, 0)
            fen = max(_NOTE_FEN, most * (event.percent or 100) // 100 // _NOTE_FEN * _NOTE_FEN)
        reply = terminal.cash(holder.pan, pin, fen)
        self._note(event, reply.code, outcome)
        if reply.code == Code.APPROVED:
            outcome.paid_fen += fen
            terminal.confirm(reply, holder.pan, fen)

    def _note(self, event: Draw, code: str, outcome: StoryOutcome) -> None:
        """Keep what the register says of the request just answered."""
        with self._database.transaction() as connection:
            query = select(payout_requests.c.risk, payout_requests.c.findings)
            row = connection.execute(query.order_by(payout_requests.c.id.desc()).limit(1)).one()
        outcome.codes.append(code)
        outcome.risk.append(RiskAction(row.risk))
        outcome.findings.append(row.findings)
        if row.risk == RiskAction.DECLINE:
            outcome.blocked_people.add(event.person)

    def _change(self, event: Change) -> None:
        old = self._holders[event.person]
        if event.person not in self._persons:
            return
        person_id = self._persons[event.person]
        if event.card is not None:
            state = CardState.LOST if event.card == "lost" else CardState.REPLACED
            self._authority.set_card_state(old.pan, state)
        if event.account is not None:
            self._authority.set_person_state(old.pan, event.account)
        with self._database.transaction() as connection:
            if event.card == "replaced":
                self._cards += 1
                number, pan = f"R{self._cards:08d}", f"62170008{self._cards:011d}"
                card = find_card(connection, self._hsm, old.pan)
                assert card is not None
                issue_card(
                    connection, self._hsm, person_id, NewCard(number, pan, old.expiry, old.pin), replaces=card.id
                )
                self._holders[event.person] = replace(old, pan=pan, card_number=number)
            for kind, value in ((LinkKind.PHONE, event.phone), (LinkKind.PAYEE, event.payee)):
                if value is not None:
                    link(connection, person_id, kind, self._hsm.index(value), self._now)

    def _prove(self, name: str, number: str | None) -> None:
        if name not in self._persons:
            return
        person = Actor(Role.PERSON, name, person_id=self._persons[name])
        policies = self._authority.policies
        with self._database.transaction() as connection:
            for case in cases_of(connection, policies, self._persons[name]):
                if case.proven_fen or case.is_settled:
                    continue
                invoice = HandedIn(
                    number=number or f"F{case.id:011d}",
                    issued_on=case.opened_on,
                    region=case.place,
                    institution="测试医院",
                    detail=PurposeDetail(case.detail or PurposeDetail.OTHER),
                    amount_fen=case.advanced_fen,
                    payer_name=self._holders[name].name,
                    third_party=False,
                )
                handed_in = hand_in(connection, self._hsm, policies, person, self._now, case.number, invoice)
                assert number is not None or not handed_in.problems, handed_in.problems


class _Own(TypedDict):
    stan: int
    terminal: str
    merchant: str


class _Terminal:
    """Sends what a terminal sends for a visit without faults."""

    def __init__(self, authority: Authority, name: str, region: str, merchant: str) -> None:
        self._authority = authority
        self._name = name
        self._merchant = merchant
        self._stan = 0
        self._mak = b""
        authority.register_terminal(name, self._merchant, region, _TMK, _CASH_FEN)
        reply = self._tell(SignOn(**self._own(), batch=1))
        assert isinstance(reply, SignOnReply)
        assert reply.keys is not None
        self._pik = unwrap_key(Cipher.TDES, _TMK, reply.keys.pin_key)
        self._mak = unwrap_key(Cipher.TDES, _TMK, reply.keys.mac_key)
        self._batch = reply.batch

    def quote(self, pan: str, pin: str) -> QuoteReply:
        reply = self._tell(
            QuoteRequest(**self._own(), batch=self._batch, pan=pan, expiry="9912", pin_block=self._block(pan, pin))
        )
        assert isinstance(reply, QuoteReply)
        return reply

    def cash(self, pan: str, pin: str, fen: int) -> CashReply:
        block = self._block(pan, pin)
        reply = self._tell(
            CashRequest(**self._own(), batch=self._batch, pan=pan, expiry="9912", pin_block=block, amount=fen)
        )
        assert isinstance(reply, CashReply)
        return reply

    def confirm(self, approved: CashReply, pan: str, fen: int) -> None:
        original = Original(approved.batch, approved.stan, approved.date)
        reference = approved.reference or "0" * 12
        self._tell(
            Confirm(**self._own(), batch=self._batch, pan=pan, amount=fen, original=original, reference=reference)
        )

    def _own(self) -> "_Own":
        self._stan = self._stan % 999_999 + 1
        return {"stan": self._stan, "terminal": self._name, "merchant": self._merchant}

    def _block(self, pan: str, pin: str) -> bytes:
        return encrypt(Cipher.TDES, self._pik, pin_block(pin, pan12(pan)))

    def _tell(self, typed: TypedMessage) -> TypedMessage:
        message = typed.to_message()
        if self._mak:
            message = with_mac(message, retail_mac(self._mak, mac_input(message)))
        answer: Message | None = self._authority.handle(message)
        assert answer is not None
        return parse(answer)


def _merchant(kiosk: Kiosk, stories: Stories) -> str:
    providers = dict.fromkeys(each.provider for each in stories.terminals.values() if each.provider is not None)
    number = 1 if kiosk.provider is None else 2 + list(providers).index(kiosk.provider)
    return f"{kiosk.region}{number:09d}"


def _holder(number: int, name: str, stories: Stories) -> _Holder:
    somebody = stories.people[name]
    return _Holder(
        name=f"测试{number}",
        id_number=f"9900001980{number:08d}",
        card_number=f"F{number:08d}",
        region=somebody.region,
        pan=f"62170009{number:011d}",
        opening_balance_fen=somebody.balance_fen,
    )
