"""A terminal serves only for a provider that the authority has authorised, and for as long."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from protocol.money_line import ResponseCode as Code
from simulators.authority.actors import Actor, Role
from simulators.authority.database import Database
from simulators.authority.supervision.audit import first_broken
from simulators.authority.supervision.providers import (
    Provider,
    authorise_provider,
    find_provider,
)
from simulators.authority.supervision.refusal import Refused
from simulators.authority.tables.supervision import ProviderState
from tests.simulators.authority.kiosk import WEIHAI, Clock, Kiosk
from tests.simulators.authority.supervision.conftest import SUPERVISOR

BANK = Provider("371000000000001", "测试银行", WEIHAI, date(2026, 1, 1))
TODAY = date(2026, 5, 20)


def enter(database: Database, clock: Clock, provider: Provider) -> None:
    with database.transaction() as connection:
        authorise_provider(connection, SUPERVISOR, clock.now(), provider)


@pytest.mark.req("S1-19")
@pytest.mark.parametrize(
    ("provider", "code"),
    [
        (BANK, Code.APPROVED),
        (replace(BANK, authorised_from=TODAY), Code.APPROVED),
        (replace(BANK, authorised_to=TODAY), Code.APPROVED),
        (replace(BANK, authorised_from=TODAY + timedelta(days=1)), Code.INVALID_MERCHANT),
        (replace(BANK, authorised_to=TODAY - timedelta(days=1)), Code.INVALID_MERCHANT),
        (replace(BANK, state=ProviderState.WITHDRAWN), Code.INVALID_MERCHANT),
    ],
)
def test_the_authorisation_holds_from_its_first_day_to_its_last(
    kiosk: Kiosk, database: Database, clock: Clock, provider: Provider, code: Code
) -> None:
    enter(database, clock, provider)
    assert kiosk.cash(10_000).code == code
    assert kiosk.authority.ledger_balanced()
    assert len(kiosk.authority.draws()) == (code is Code.APPROVED)


@pytest.mark.req("S1-19")
def test_a_terminal_whose_provider_is_in_no_register_gets_nothing(kiosk: Kiosk, database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM providers")
    assert kiosk.cash(10_000).code == Code.INVALID_MERCHANT


def test_every_change_of_the_register_is_in_the_audit_chain(database: Database, clock: Clock) -> None:
    enter(database, clock, BANK)
    enter(database, clock, replace(BANK, name="测试银行二"))
    with database.transaction() as connection:
        found = find_provider(connection, BANK.id)
        assert found is not None
        assert found.name == "测试银行二"
        assert first_broken(connection) is None
        events = connection.exec_driver_sql("SELECT event, actor FROM audit_events ORDER BY id").all()
    assert [tuple(event) for event in events] == [("provider_entered", "s1"), ("provider_changed", "s1")]


def test_a_wrong_entry_names_every_mistake(database: Database, clock: Clock) -> None:
    wrong = Provider("", " ", "37", date(2026, 2, 1), date(2026, 1, 1))
    with database.transaction() as connection:
        with pytest.raises(Refused) as refused:
            authorise_provider(connection, Actor(Role.TELLER, "t"), clock.now(), wrong)
        assert find_provider(connection, "") is None
    fields = {problem.field for problem in refused.value.problems}
    assert fields == {"actor", "id", "name", "region", "authorised_to"}
