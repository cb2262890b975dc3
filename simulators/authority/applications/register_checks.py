"""Do name, ID number, card and payee account belong to one person? Compared with the register and the bank.

Asked when a form comes in, and once more before anybody approves: registers change in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select

from protocol.service_line.applications import Form
from simulators.authority.applications.bank import PayeeAccount, account_of_card, find_account
from simulators.authority.applications.form import OWN_CARD
from simulators.authority.applications.problems import Problem
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.names import same_name
from simulators.authority.people.numbers import read_id_number
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.tables.applications import Kinship
from simulators.authority.tables.people import CardState, PersonState, cards, persons

OF_AGE = 18
GUARDIANS = frozenset({Kinship.PARENT, Kinship.GUARDIAN})
"""Who may act for a minor."""


@dataclass(frozen=True, slots=True)
class Registered:
    """Somebody insured, as the register has it. `born` None: a foreign number that does not tell."""

    id: int
    region: str
    state: PersonState
    id_index: str
    name: str = field(repr=False)
    born: date | None = field(repr=False)

    @property
    def home(self) -> str:
        """The pooling region that decides."""
        return pooling_region(self.region)

    def is_minor(self, on: date) -> bool:
        """Not eighteen yet; born on 29 February counts from 1 March."""
        if self.born is None:
            return False
        return (on.year - self.born.year, on.month, on.day) < (OF_AGE, self.born.month, self.born.day)


def registered(connection: Connection, hsm: SoftHsm, person_id: int) -> Registered:
    """Raises LookupError."""
    row = connection.execute(select(persons).where(persons.c.id == person_id)).mappings().first()
    if row is None:
        raise LookupError(f"no person {person_id}")
    born = read_id_number(hsm.unseal(row["id_number_sealed"])).birth_date
    return Registered(
        id=row["id"],
        region=row["region"],
        state=PersonState(row["state"]),
        id_index=row["id_index"],
        name=hsm.unseal(row["name_sealed"]),
        born=born,
    )


def register_problems(connection: Connection, hsm: SoftHsm, form: Form, person: Registered) -> Iterator[Problem]:
    """Every pair that disagrees in a cleaned form."""
    if form.name is not None and not same_name(form.name, person.name):
        yield Problem("name", "not_as_registered")
    if form.certno is not None and hsm.index(form.certno) != person.id_index:
        yield Problem("certno", "not_of_person")
    if form.card_number is not None:
        yield from _card(connection, hsm, form.card_number, person.id)
    if form.payee_name is not None and not same_name(form.payee_name, person.name):
        yield Problem("payee_name", "not_own")
    if form.payee_account is not None:
        account = payee(connection, hsm, form.payee_account, person.id)
        if account is None:
            yield Problem("payee_account", "unknown")
        elif not account.is_of(person.id_index, person.name):
            yield Problem("payee_account", "not_own")
        elif not account.is_open:
            yield Problem("payee_account", "closed")


def agent_problems(form: Form, person: Registered, on: date) -> Iterator[Problem]:
    """A minor needs somebody who may act; anybody else may have an agent."""
    if not person.is_minor(on):
        return
    if form.agent is None:
        yield Problem("agent", "minor_needs_guardian")
    elif form.agent.kinship is not None and form.agent.kinship not in GUARDIANS:
        yield Problem("agent.kinship", "minor_needs_guardian")


def payee(connection: Connection, hsm: SoftHsm, number: str, person_id: int) -> PayeeAccount | None:
    """The account that a form names."""
    return account_of_card(connection, hsm, person_id) if number == OWN_CARD else find_account(connection, hsm, number)


def _card(connection: Connection, hsm: SoftHsm, card_number: str, person_id: int) -> Iterator[Problem]:
    held = select(cards.c.card_number_sealed, cards.c.state).where(cards.c.person_id == person_id)
    states = [row.state for row in connection.execute(held) if hsm.unseal(row.card_number_sealed) == card_number]
    if not states:
        yield Problem("card_number", "not_of_person")
    elif all(state == CardState.REPLACED for state in states):
        yield Problem("card_number", "void")
