"""What authorisation is told about a person's applications."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.actors import SYSTEM
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import move
from simulators.authority.applications.usable import Misfit, Reason, usable, why_none
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import load_people
from tests.simulators.authority.kiosk import CHENGDU, JIA, SHENZHEN, YI, Clock

NOW = Clock().now()
FOR_SHENZHEN = Granted(place="440305", approved_fen=200_000)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Database().transaction() as connection:
        load_people(connection, SoftHsm(b"M" * 32, bytes), [JIA, YI], NOW)
        yield connection


@pytest.mark.req("S2-54")
def test_an_approved_application_serves_at_once_with_all_that_was_approved(connection: Connection) -> None:
    made = grant(connection, 1, replace(FOR_SHENZHEN, situation="S01"), NOW)
    found = usable(connection, 1, SHENZHEN, "CASH", NOW + timedelta(seconds=1))

    assert found is not None
    assert (found.application_id, found.number, found.approved_fen) == (made.id, made.number, 200_000)
    assert (found.purpose, found.purpose_detail, found.situation) == ("TREATMENT_AWAY", "INPATIENT", "S01")
    assert (found.place, found.provider, found.mode, found.proven) == (SHENZHEN, None, None, True)


def test_nobody_elses_serves(connection: Connection) -> None:
    grant(connection, 1, FOR_SHENZHEN, NOW)

    assert usable(connection, 2, SHENZHEN, "CASH", NOW) is None
    assert why_none(connection, 2, SHENZHEN, "CASH", NOW) == (Reason(Misfit.NONE_MADE),)


def test_it_serves_to_the_end_of_its_last_day(connection: Connection) -> None:
    made = grant(connection, 1, replace(FOR_SHENZHEN, valid_days=2), NOW)
    last = NOW.replace(hour=23, minute=59, second=59) + timedelta(days=2)

    assert usable(connection, 1, SHENZHEN, "CASH", last) is not None
    assert usable(connection, 1, SHENZHEN, "CASH", last + timedelta(seconds=1)) is None
    assert why_none(connection, 1, SHENZHEN, "CASH", last + timedelta(seconds=1)) == (
        Reason(Misfit.EXPIRED, made.number, "2026-05-22"),
    )


@pytest.mark.req("S1-28")
def test_another_city_provider_or_mode_is_refused_by_the_name_of_what_it_is_bound_to(connection: Connection) -> None:
    bound = replace(FOR_SHENZHEN, provider="440300000000001", mode="TRANSFER")
    made = grant(connection, 1, bound, NOW)

    assert usable(connection, 1, SHENZHEN, "TRANSFER", NOW, "440300000000001") is not None
    assert usable(connection, 1, SHENZHEN, "TRANSFER", NOW, "440300000000002") is None
    assert why_none(connection, 1, CHENGDU, "CASH", NOW, "440300000000002") == (
        Reason(Misfit.OTHER_PLACE, made.number, SHENZHEN),
        Reason(Misfit.OTHER_PROVIDER, made.number, "440300000000001"),
        Reason(Misfit.OTHER_MODE, made.number, "TRANSFER"),
    )


@pytest.mark.parametrize(
    ("event", "state"), [(Event.SUSPEND, "suspended"), (Event.EXPIRE, "expired"), (Event.USE_UP, "used_up")]
)
def test_what_is_no_longer_approved_does_not_serve(connection: Connection, event: Event, state: str) -> None:
    made = grant(connection, 1, FOR_SHENZHEN, NOW)
    move(connection, made, event, SYSTEM, NOW)

    assert usable(connection, 1, SHENZHEN, "CASH", NOW) is None
    assert why_none(connection, 1, SHENZHEN, "CASH", NOW) == (Reason(Misfit.NOT_APPROVED, made.number, state),)


def test_of_two_the_one_that_ends_first_is_used(connection: Connection) -> None:
    grant(connection, 1, FOR_SHENZHEN, NOW)
    shorter = grant(connection, 1, replace(FOR_SHENZHEN, valid_days=10), NOW)
    found = usable(connection, 1, SHENZHEN, "CASH", NOW)

    assert found is not None
    assert found.application_id == shorter.id
