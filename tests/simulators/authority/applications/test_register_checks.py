"""Name, ID number, card and payee account: any pair that disagrees is named."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, update

from simulators.authority.applications.bank import close_account, find_account, open_account
from simulators.authority.applications.form import OWN_CARD
from simulators.authority.applications.register_checks import (
    Registered,
    agent_problems,
    register_problems,
    registered,
)
from simulators.authority.hsm import SoftHsm
from simulators.authority.tables.people import CardState, PersonState, cards
from tests.simulators.authority.applications.forms import AGENT, FORM, form
from tests.simulators.authority.kiosk import JIA, YI

OTHER = "6228480000000000013"


def problems(connection: Connection, hsm: SoftHsm, **changes: Any) -> set[tuple[str, str]]:
    jia = registered(connection, hsm, 1)
    return {(each.field, each.key) for each in register_problems(connection, hsm, form(**changes), jia)}


@pytest.mark.req("S1-38", "S2-64")
def test_everything_that_agrees_passes(connection: Connection, hsm: SoftHsm) -> None:
    assert problems(connection, hsm) == problems(connection, hsm, payee_account=OWN_CARD) == set()


@pytest.mark.req("S1-38", "S2-64")
@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("name", YI.name, "not_as_registered"),
        ("certno", YI.id_number, "not_of_person"),
        ("card_number", YI.card_number, "not_of_person"),
        ("payee_account", YI.pan, "not_own"),
        ("payee_account", OTHER, "unknown"),
        ("payee_name", YI.name, "not_own"),
    ],
)
def test_a_pair_that_disagrees_is_named(connection: Connection, hsm: SoftHsm, field: str, value: str, key: str) -> None:
    assert problems(connection, hsm, **{field: value}) == {(field, key)}


@pytest.mark.req("S1-38")
def test_all_pairs_that_disagree_are_named_together(connection: Connection, hsm: SoftHsm) -> None:
    found = problems(connection, hsm, name=YI.name, certno=YI.id_number, card_number="S00000039", payee_account=YI.pan)

    assert {field for field, _ in found} == {"name", "certno", "card_number", "payee_account"}


@pytest.mark.req("S1-38")
@pytest.mark.parametrize("spelt", ["测试甲", " 测 试 甲 ", "测试甲\ufe00"])
def test_a_name_may_be_spelt_as_people_and_banks_spell_it(connection: Connection, hsm: SoftHsm, spelt: str) -> None:
    open_account(connection, hsm, OTHER, spelt, JIA.id_number)

    assert problems(connection, hsm, name=spelt, payee_name=spelt, payee_account=OTHER) == set()


@pytest.mark.req("S1-38")
def test_the_same_name_with_another_id_number_is_somebody_else(connection: Connection, hsm: SoftHsm) -> None:
    open_account(connection, hsm, OTHER, JIA.name, YI.id_number)

    assert problems(connection, hsm, payee_account=OTHER) == {("payee_account", "not_own")}


@pytest.mark.req("S1-38")
def test_a_closed_payee_account_is_named(connection: Connection, hsm: SoftHsm) -> None:
    account = find_account(connection, hsm, JIA.pan)
    assert account is not None
    close_account(connection, account.id)

    assert problems(connection, hsm) == {("payee_account", "closed")}


def test_a_card_that_was_replaced_is_void(connection: Connection, hsm: SoftHsm) -> None:
    connection.execute(update(cards).where(cards.c.person_id == 1).values(state=CardState.REPLACED))

    assert ("card_number", "void") in problems(connection, hsm)


@pytest.mark.req("S1-25")
@pytest.mark.parametrize(
    ("born", "on", "minor"),
    [
        (date(2008, 5, 21), date(2026, 5, 20), True),
        (date(2008, 5, 20), date(2026, 5, 20), False),
        (date(2008, 2, 29), date(2026, 2, 28), True),
        (date(2008, 2, 29), date(2026, 3, 1), False),
        (None, date(2026, 5, 20), False),
    ],
)
def test_a_minor_needs_a_parent_or_guardian(born: date | None, on: date, minor: bool) -> None:
    person = Registered(1, "371000", PersonState.ACTIVE, "index", JIA.name, born)
    parent = form(agent=AGENT.model_copy(update={"kinship": "parent"}))

    assert [each.key for each in agent_problems(FORM, person, on)] == ["minor_needs_guardian"] * minor
    assert [each.field for each in agent_problems(form(agent=AGENT), person, on)] == ["agent.kinship"] * minor
    assert list(agent_problems(parent, person, on)) == []


def test_nobody_is_registered_under_an_unknown_id(connection: Connection, hsm: SoftHsm) -> None:
    with pytest.raises(LookupError, match="no person 9"):
        registered(connection, hsm, 9)
