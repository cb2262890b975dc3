"""Puts the people of a file into the register, with cards, credits and all that is recorded of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from sqlalchemy import Connection, update

from simulators.authority.actors import Actor
from simulators.authority.applications.bank import close_account, find_account, open_account
from simulators.authority.applications.relatives import add_relative
from simulators.authority.business_time import SHANGHAI
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.credits import credit_person
from simulators.authority.people.cards import TEMPORARY
from simulators.authority.people.identity import find_person
from simulators.authority.people.numbers import cleaned
from simulators.authority.people.people_file import (
    BankAccountEntry,
    CardEntry,
    PeopleFileError,
    PersonEntry,
)
from simulators.authority.people.records import (
    add_contributions,
    add_document,
    add_group,
    add_guardian,
    add_health,
)
from simulators.authority.people.register import NewCard, NewPerson, enrol, find_card, issue_card
from simulators.authority.policy.question import Contribution, Diagnosis, HealthStatus
from simulators.authority.supervision.audit import note
from simulators.authority.tables.ledger import CreditKind
from simulators.authority.tables.people import CardState, LossKind, cards, persons
from simulators.world import people as bench

OUR_FILES = (Path(__file__).with_name("people.toml"), Path(bench.__file__).with_name("people.toml"))
"""The people that come with the simulators: an authority's, and those who carry cards at a bench."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came out of a file; `ids` are the numbers in the register by the names of the file."""

    ids: dict[str, int]
    cards: int
    credits_fen: int


def check_new(connection: Connection, hsm: SoftHsm, people: Sequence[PersonEntry]) -> None:
    """Raises PeopleFileError when the register has one of these people, or a card or bank account of theirs."""
    known = [problem for person in people for problem in _known(connection, hsm, person)]
    new = {person.id for person in people}
    for person in people:
        near = {each.person for each in person.relatives} | ({person.guardian} if person.guardian else set())
        known += [
            f"person {person.id}: person {name} is enrolled already; enrol them together" for name in sorted(near - new)
        ]
    if known:
        raise PeopleFileError("\n".join(known))


def enter_people(
    connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, people: Sequence[PersonEntry]
) -> Loaded:
    """Enrol people that have been read and checked."""
    ids = {person.id: _enter(connection, hsm, actor, at, person) for person in people}
    for person in people:
        if person.guardian is not None:
            add_guardian(connection, actor, at, ids[person.id], ids[person.guardian], at.date())
        for relative in person.relatives:
            add_relative(connection, ids[person.id], ids[relative.person], relative.is_)
    credits_fen = sum(sum(credit.fen for credit in p.credits) + p.opening_balance_fen for p in people)
    note(connection, at, actor, "people loaded", "persons", {"people": len(people), "credits_fen": credits_fen})
    return Loaded(ids, sum(len(person.cards) for person in people), credits_fen)


def _enter(connection: Connection, hsm: SoftHsm, actor: Actor, at: datetime, person: PersonEntry) -> int:
    new = NewPerson(
        name=person.name,
        id_number=person.id_number,
        region=person.region,
        phone=None if person.phone is None else cleaned(person.phone),
        insurance=person.insurance,
        person_type=person.person_type,
        insured_since=person.insured_since,
        state=person.state,
    )
    person_id = enrol(connection, hsm, new)
    own = {name: getattr(person, name) for name in ("moved_to", "own_single_fen", "own_day_fen", "locked", "alerts")}
    connection.execute(update(persons).where(persons.c.id == person_id).values(own))
    for card in person.cards:
        _enter_card(connection, hsm, person_id, card)
    _enter_credits(connection, person_id, person, at)
    months = [Contribution(*month) for entry in person.contributions for month in entry.months(at.date())]
    add_contributions(connection, actor, at, person_id, months)
    for group in person.groups:
        add_group(connection, actor, at, person_id, group.code, group.valid_from, group.valid_to)
    for status in person.health:
        found = HealthStatus(status.code, status.source, status.as_of, status.valid_to)
        add_health(connection, hsm, actor, at, person_id, found)
    for each in person.diagnoses:
        add_health(connection, hsm, actor, at, person_id, Diagnosis(each.icd10, each.issued_on, each.valid_to))
    for document in person.documents:
        add_document(connection, actor, at, person_id, document.kind, document.valid_from, document.valid_to)
    for account in person.bank_accounts:
        _enter_bank_account(connection, hsm, person, account)
    return person_id


def _enter_card(connection: Connection, hsm: SoftHsm, person_id: int, card: CardEntry) -> None:
    card_id = issue_card(
        connection, hsm, person_id, NewCard(card.card_number, card.pan, card.expiry, card.pin, card.state)
    )
    values: dict[str, object] = {"wrong_pins": card.wrong_pins}
    if card.lost_at is not None:
        lost_at = card.lost_at if card.lost_at.tzinfo else card.lost_at.replace(tzinfo=SHANGHAI)
        until = lost_at + TEMPORARY if card.lost is LossKind.TEMPORARY else None
        values |= {
            "state": CardState.LOST,
            "state_before_loss": card.state,
            "lost_until": None if until is None else until.isoformat(),
        }
    connection.execute(update(cards).where(cards.c.id == card_id).values(values))


def _enter_credits(connection: Connection, person_id: int, person: PersonEntry, at: datetime) -> None:
    """Each credit on its own day, which is its vintage."""
    if person.opening_balance_fen:
        credit_person(connection, f"opening:{person_id}", person_id, person.region, person.opening_balance_fen, at)
    for number, credit in enumerate(sorted(person.credits, key=lambda credit: credit.on)):
        day = datetime.combine(credit.on, time(9), SHANGHAI)
        kind = CreditKind(credit.kind)
        credit_person(connection, f"seed:{person_id}:{number}", person_id, person.region, credit.fen, day, kind)


def _enter_bank_account(connection: Connection, hsm: SoftHsm, person: PersonEntry, account: BankAccountEntry) -> None:
    holder_id = cleaned(account.holder_id_number or person.id_number)
    account_id = open_account(connection, hsm, account.number, account.holder or person.name, holder_id)
    if account.closed:
        close_account(connection, account_id)


def _known(connection: Connection, hsm: SoftHsm, person: PersonEntry) -> list[str]:
    """What of a person the register has already."""
    found = []
    if find_person(connection, hsm, person.id_number) is not None:
        found.append("id_number: somebody with it is enrolled already")
    for number, card in enumerate(person.cards):
        if find_card(connection, hsm, card.pan) is not None:
            found.append(f"cards.{number}.pan: a card with it was issued already")
    for number, account in enumerate(person.bank_accounts):
        if find_account(connection, hsm, account.number) is not None:
            found.append(f"bank_accounts.{number}.number: a bank account with it is known already")
    return [f"person {person.id}: {problem}" for problem in found]
