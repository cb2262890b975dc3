from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection

from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.people.register import (
    count_wrong_pins,
    find_card,
    find_person,
    load_people,
    set_card_state,
    set_person_state,
)
from simulators.authority.tables.people import CardState, PersonState
from simulators.world import people as world
from tests.simulators.authority.kiosk import JIA, YI, Clock

HSM = SoftHsm(b"M" * 32, bytes)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Database().transaction() as connection:
        load_people(connection, HSM, [JIA, replace(YI, opening_balance_fen=0)], Clock().now())
        yield connection


def test_people_are_found_by_card_and_by_id_number(connection: Connection) -> None:
    card = find_card(connection, HSM, YI.pan)

    assert card is not None
    assert (card.masked_pan, card.region, card.state, card.person_state) == (
        "623066*********0008", YI.region, CardState.ACTIVE, PersonState.ACTIVE,
    )  # fmt: skip
    assert find_person(connection, HSM, YI.id_number) == card.person_id == 2
    assert find_person(connection, HSM, "11010519491231002X") is None


def test_opening_balances_are_posted(connection: Connection) -> None:
    assert [balance_fen(connection, Account.personal(person)) for person in (1, 2)] == [1_000_000, 0]


def test_wrong_pins_and_states_are_kept_per_card_and_person(connection: Connection) -> None:
    card = find_card(connection, HSM, JIA.pan)
    assert card is not None
    count_wrong_pins(connection, card, 2)
    set_card_state(connection, card, CardState.LOST)
    set_person_state(connection, card.person_id, PersonState.FROZEN)
    jia, yi = find_card(connection, HSM, JIA.pan), find_card(connection, HSM, YI.pan)

    assert jia is not None
    assert (jia.wrong_pins, jia.state, jia.person_state) == (2, CardState.LOST, PersonState.FROZEN)
    assert yi is not None
    assert (yi.wrong_pins, yi.state, yi.person_state) == (0, CardState.ACTIVE, PersonState.ACTIVE)


def test_a_card_does_not_show_how_its_pin_is_checked(connection: Connection) -> None:
    card = find_card(connection, HSM, JIA.pan)

    assert card is not None
    assert repr(card.pin_reference) not in repr(card)
    assert JIA.pan not in repr(card)


def test_the_people_of_the_simulators_can_be_enrolled() -> None:
    people = tuple(person for person in world.load_people() if person.known_to_host)
    with Database().transaction() as connection:
        load_people(connection, HSM, people, Clock().now())
        cards = [find_card(connection, HSM, person.pan) for person in people]
        balances = [balance_fen(connection, Account.personal(card.person_id)) for card in cards if card]

    assert [card.expiry for card in cards if card] == [person.expiry for person in people]
    assert balances == [person.opening_balance_fen for person in people]
