from datetime import timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.applications.notifications import (
    Notice,
    mark_read,
    notices_of,
    notify,
    unread_count,
    was_told,
)
from tests.simulators.authority.applications.conftest import NOW


@pytest.mark.req("S2-54")
def test_a_notice_waits_until_it_is_read(connection: Connection) -> None:
    assert notify(connection, 1, Notice.APPROVED, "application:1", NOW, {"number": "1", "approved_fen": 5})
    (told,) = notices_of(connection, 1, unread=True)
    mark_read(connection, 1, [told.id], NOW + timedelta(minutes=1))
    mark_read(connection, 1, [told.id], NOW + timedelta(minutes=2))

    assert (told.kind, told.subject, told.at, told.gaps) == (
        Notice.APPROVED,
        "application:1",
        NOW,
        {"number": "1", "approved_fen": 5},
    )
    assert notices_of(connection, 1, unread=True) == ()
    assert notices_of(connection, 1)[0].read_at == NOW + timedelta(minutes=1)
    assert notices_of(connection, 2) == ()


def test_nobody_reads_what_was_told_to_somebody_else(connection: Connection) -> None:
    for person_id in (1, 2):
        notify(connection, person_id, Notice.RESUMED, f"application:{person_id}", NOW, {"number": "1"})
    seen = [notices_of(connection, person_id)[0].id for person_id in (1, 2)]

    with pytest.raises(LookupError):
        mark_read(connection, 1, seen, NOW)
    assert [unread_count(connection, person_id) for person_id in (1, 2)] == [1, 1]


def test_the_same_thing_is_told_once(connection: Connection) -> None:
    told = [notify(connection, 1, Notice.EXPIRED, "application:1", NOW, {}) for _ in range(2)]

    assert told == [True, False]
    assert was_told(connection, 1, Notice.EXPIRED, "application:1")
    assert not was_told(connection, 1, Notice.EXPIRED, "application:2")
