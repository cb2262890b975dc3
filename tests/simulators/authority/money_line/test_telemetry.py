"""What supervision learns from the messages of a terminal."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from protocol.money_line import Confirm, ConfirmReply, UnitResult
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.supervision.indicators import by_terminal
from simulators.authority.tables.people import CardState
from simulators.authority.tables.supervision import TerminalEventKind, terminal_events
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk, make_authority

Told = list[tuple[str, int | None]]


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def authority(clock: Clock, database: Database) -> Authority:
    return make_authority(clock, JIA, YI, database=database)


def events(database: Database) -> Told:
    """What was noted but signing on."""
    with database.transaction() as connection:
        kinds = terminal_events.c.kind
        rows = connection.execute(
            select(kinds, terminal_events.c.seconds).where(kinds != TerminalEventKind.UP).order_by(terminal_events.c.id)
        )
        return [(row.kind, row.seconds) for row in rows]


def confirm_of(kiosk: Kiosk, clock: Clock, *, retracted: int = 0) -> Confirm:
    """YI looks, then JIA: a quote, 40 seconds, 200 yuan, 50 seconds, and what became of the notes."""
    kiosk.quote(YI)
    clock.pass_(seconds=20)
    kiosk.quote()
    clock.pass_(seconds=40)
    reply = kiosk.cash(20_000)
    clock.pass_(seconds=50)
    units = (UnitResult(10_000, 2, 2 - retracted, retracted, 0),)
    return replace(kiosk.confirm_of(reply, 20_000 - retracted * 10_000), units=units)


@pytest.mark.req("S1-45")
def test_the_length_of_a_visit_and_a_retract_are_in_the_indicators(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    advice = confirm_of(kiosk, clock, retracted=1)
    for _ in range(2):  # the second is a repetition
        kiosk.tell(advice, ConfirmReply)

    assert events(database) == [("retracted", None), ("visit", 90)]
    with database.transaction() as connection:
        [row] = by_terminal(connection, clock.now().date(), clock.now().date())
    assert (row.median_seconds, row.retained_percent) == (90, 100)


def test_an_advice_that_was_stored_for_long_says_nothing_of_the_visit(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    advice = confirm_of(kiosk, clock)
    clock.pass_(hours=1)
    kiosk.tell(advice, ConfirmReply)

    assert events(database) == []


@pytest.mark.req("S1-45")
def test_a_card_that_a_terminal_is_told_to_keep_is_counted(
    kiosk: Kiosk, authority: Authority, database: Database
) -> None:
    authority.set_card_state(JIA.pan, CardState.LOST)
    kiosk.quote()

    assert events(database) == [("captured", None)]
