"""Terminals and providers are measured every day, ranked, and held against floors and thresholds."""

from datetime import date, timedelta

import pytest

from protocol.money_line import ResponseCode as Code
from simulators.authority.database import Database
from simulators.authority.supervision.cases import all_cases, open_case
from simulators.authority.supervision.indicators import board, by_provider, by_terminal, raise_alarms, ranked
from simulators.authority.supervision.orders import Subject, order
from simulators.authority.supervision.terminal_events import note_terminal_event
from simulators.authority.tables.supervision import CaseKind, Matter, Measure, TerminalEventKind
from tests.simulators.authority.kiosk import WEIHAI, YI, Clock, Kiosk
from tests.simulators.authority.supervision.conftest import SUPERVISOR

TODAY = date(2026, 5, 20)


@pytest.fixture
def second(kiosk: Kiosk) -> Kiosk:
    """Another kiosk of another provider."""
    second = Kiosk(kiosk.authority, name="K0000002", merchant="371000000000002")
    second.sign_on()
    return second


@pytest.mark.req("S1-45", "S2-40")
def test_a_terminal_is_measured_by_day(kiosk: Kiosk, database: Database, clock: Clock) -> None:
    """Up from 10:00; three hours down; two draws of 30 and 90 seconds are paid, one is not; a card is kept."""
    for seconds in (30, 90):
        approved = kiosk.cash(10_000)
        clock.pass_(seconds=seconds)
        kiosk.confirm(approved, 10_000)
    held = kiosk.cash_request(10_000)
    assert kiosk.send(kiosk.sealed(held)) is not None
    kiosk.reverse(held)
    clock.time = clock.time.replace(hour=12, minute=0, second=0)
    kiosk.sign_off()
    clock.pass_(hours=3)
    kiosk.sign_on()
    with database.transaction() as connection:
        note_terminal_event(connection, clock.now(), kiosk.id, TerminalEventKind.CAPTURED)
        open_case(
            connection, SUPERVISOR, clock.now(), CaseKind.COMPLAINT, Subject.terminal(kiosk.id), WEIHAI, "no receipt"
        )
        [row] = by_terminal(connection, TODAY, TODAY)
    assert row.availability_percent == pytest.approx(11 / 14 * 100)
    assert (row.approved, row.paid, row.complaints) == (3, 2, 1)
    assert row.success_percent == pytest.approx(200 / 3)
    assert (row.mean_seconds, row.median_seconds) == (60, 60)
    assert row.retained_percent == 50
    assert row.below == ("availability_percent", "success_percent", "retained_percent")


@pytest.mark.req("S1-45")
def test_what_the_terminal_tells_of_its_visits_counts(kiosk: Kiosk, database: Database, clock: Clock) -> None:
    with database.transaction() as connection:
        for seconds in (80, 90, 200):
            note_terminal_event(connection, clock.now(), kiosk.id, TerminalEventKind.VISIT, seconds)
        [row] = by_terminal(connection, TODAY, TODAY)
        [next_day] = by_terminal(connection, TODAY + timedelta(days=1), TODAY + timedelta(days=1))
    assert row.median_seconds == 90
    assert next_day.availability_percent == 100
    assert next_day.median_seconds is None


@pytest.mark.req("S1-45", "S1-48")
def test_providers_are_ranked_and_the_last_is_suspended(
    kiosk: Kiosk, second: Kiosk, database: Database, clock: Clock
) -> None:
    """Both are up all the time; the second gives back what it approved."""
    kiosk.confirm(kiosk.cash(10_000), 10_000)
    asked = second.cash_request(10_000)
    second.send(second.sealed(asked))
    second.reverse(asked)
    with database.transaction() as connection:
        best, worst = by_provider(connection, TODAY, TODAY)
        assert (best.name, worst.name) == (kiosk.merchant, second.merchant)
        assert ranked((worst, best)) == (best, worst)
        assert worst.below == ("success_percent",)
        order(connection, SUPERVISOR, clock.now(), Subject.provider(worst.name), Measure.RECTIFICATION, "within a week")
    assert second.quote().code == Code.APPROVED  # to be mended, and not stopped yet
    with database.transaction() as connection:
        order(connection, SUPERVISOR, clock.now(), Subject.provider(worst.name), Measure.SUSPENSION, "not mended")
    assert second.quote().code == Code.INVALID_MERCHANT
    assert kiosk.quote().code == Code.APPROVED


@pytest.mark.req("S1-47", "S2-41")
def test_the_board_has_an_indicator_for_each_class_and_thresholds_raise_alarms(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    with database.transaction() as connection:
        assert {indicator.matter for indicator in board(connection, TODAY)} == set(Matter)
        assert raise_alarms(connection, clock.now(), TODAY) == 0
    kiosk.cash(510_000)  # over the limit
    for _ in range(21):
        kiosk.send(kiosk.cash_request(10_000, YI).to_message())  # no MAC
    with database.transaction() as connection:
        alarms = {indicator.matter for indicator in board(connection, TODAY) if indicator.alarm}
        assert alarms == {Matter.COMPLIANCE, Matter.INFORMATION_SECURITY}
        assert raise_alarms(connection, clock.now(), TODAY) == 2
        assert raise_alarms(connection, clock.now(), TODAY) == 2
        assert [case.kind for case in all_cases(connection)] == [CaseKind.ALARM] * 2


@pytest.mark.req("S1-94")
def test_security_and_effectiveness_are_both_seen_to(kiosk: Kiosk, database: Database) -> None:
    """A day without trouble: nothing is below its floor, and no class has an alarm."""
    kiosk.confirm(kiosk.cash(10_000), 10_000)
    with database.transaction() as connection:
        [row] = by_terminal(connection, TODAY, TODAY)
        assert row.below == ()
        assert not any(indicator.alarm for indicator in board(connection, TODAY))
