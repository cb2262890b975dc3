"""Every alert has an owner, a deadline and an outcome, and what nobody does goes up."""

from datetime import datetime, timedelta

import pytest

from protocol.money_line import ResponseCode
from simulators.authority.actors import Actor, Role
from simulators.authority.business_time import SHANGHAI
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.supervision.audit import chain
from simulators.authority.supervision.cases import (
    add_note,
    all_cases,
    close_case,
    escalate_overdue,
    events_of,
    find_case,
    open_case,
    read_report,
    take_case,
    take_report,
)
from simulators.authority.supervision.matters import matter_of_decline, matter_of_incident
from simulators.authority.supervision.orders import Subject
from simulators.authority.supervision.refusal import Refused
from simulators.authority.supervision.risk.rules import our_risk_rules
from simulators.authority.tables.supervision import CaseKind, CaseState, Matter
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, YI, Clock, Kiosk, make_authority
from tests.simulators.authority.supervision.conftest import SUPERVISOR

OTHER = Actor(Role.SUPERVISOR, "s2")
HSM = SoftHsm(b"M" * 32, bytes)
BEFORE_THE_FEAST = datetime(2026, 2, 13, 16, 0, tzinfo=SHANGHAI)


def make_case(database: Database, at: datetime, kind: CaseKind = CaseKind.RISK_DECLINE) -> int:
    with database.transaction() as connection:
        return open_case(connection, SUPERVISOR, at, kind, Subject.person(1), "371082", "many cards at one terminal")


@pytest.mark.req("S2-32")
def test_a_case_has_owner_deadline_and_outcome(database: Database, clock: Clock) -> None:
    number = make_case(database, clock.now())
    with database.transaction() as connection:
        case = find_case(connection, number)
        assert case.owner == "supervisors of 371000"
        assert case.due == datetime(2026, 5, 25, 23, 59, 59, tzinfo=SHANGHAI)  # Thursday, Friday, Monday
        take_case(connection, SUPERVISOR, clock.now(), number)
        add_note(connection, SUPERVISOR, clock.now(), number, "asked the provider")
        close_case(connection, SUPERVISOR, clock.now(), number, "no offence")
        case = find_case(connection, number)
        assert (case.state, case.owner, case.outcome) == (CaseState.CLOSED, "s1", "no offence")
        assert [event.event for event in events_of(connection, number)] == ["opened", "taken", "note", "closed"]
    with database.transaction() as connection:
        assert [link.event for link in chain(connection) if link] == ["case_opened", "case_taken", "case_closed"]


@pytest.mark.req("S2-32")
def test_what_is_overdue_goes_up_once(database: Database) -> None:
    """Three working days over the Spring Festival: 14 February (worked), 24 and 25."""
    number = make_case(database, BEFORE_THE_FEAST)
    due = datetime(2026, 2, 25, 23, 59, 59, tzinfo=SHANGHAI)
    with database.transaction() as connection:
        assert find_case(connection, number).due == due
        assert escalate_overdue(connection, due) == 0
        assert escalate_overdue(connection, due + timedelta(seconds=1)) == 1
        assert escalate_overdue(connection, due + timedelta(days=9)) == 0
        assert find_case(connection, number).owner == "head of 371000"
        take_case(connection, OTHER, due + timedelta(days=1), number)
        assert find_case(connection, number).owner == "s2"


def test_the_same_again_is_one_case(database: Database, clock: Clock) -> None:
    assert make_case(database, clock.now()) == make_case(database, clock.now())
    with database.transaction() as connection:
        [case] = all_cases(connection, region="371002", subject="person:1", still_open=True)
        assert [event.event for event in events_of(connection, case.id)] == ["opened", "again"]
        take_case(connection, SUPERVISOR, clock.now(), case.id)
        close_case(connection, SUPERVISOR, clock.now(), case.id, "settled")
        assert all_cases(connection, still_open=True) == ()
    assert make_case(database, clock.now()) != case.id


def test_who_may_not_and_what_is_missing_is_told(database: Database, clock: Clock) -> None:
    number = make_case(database, clock.now())
    with database.transaction() as connection:
        with pytest.raises(Refused, match="only_supervisors"):
            take_case(connection, Actor(Role.REVIEWER, "r"), clock.now(), number)
        with pytest.raises(Refused, match="only_in_the_own_region"):
            take_case(connection, Actor(Role.SUPERVISOR, "s3", region=SHENZHEN), clock.now(), number)
        with pytest.raises(Refused) as refused:
            close_case(connection, OTHER, clock.now(), number, " ")
        assert {problem.field for problem in refused.value.problems} == {"actor", "outcome"}
        with pytest.raises(Refused, match="unknown"):
            find_case(connection, 99)


@pytest.mark.req("S2-05")
def test_an_offer_of_cash_for_cards_is_a_clue(database: Database, clock: Clock) -> None:
    """Reported without a name; what was said is sealed, and reading it is noted."""
    with database.transaction() as connection:
        number = take_report(
            connection,
            HSM,
            clock.now(),
            WEIHAI,
            "某公司高价回收医保卡",
            about="provider:371000000000001",
            promotion=True,
        )
        case = find_case(connection, number)
        assert (case.kind, case.matter) == (CaseKind.PROMOTION, Matter.COMPLIANCE)
        assert "医保卡" not in case.text
        assert read_report(connection, HSM, SUPERVISOR, clock.now(), number) == "某公司高价回收医保卡"
        with pytest.raises(Refused):
            read_report(connection, HSM, Actor(Role.TELLER, "t"), clock.now(), number)
        with pytest.raises(Refused, match="empty"):
            take_report(connection, HSM, clock.now(), WEIHAI, "  ")
        again = take_report(
            connection, HSM, clock.now(), WEIHAI, "又一次", about="provider:371000000000001", promotion=True
        )
        assert again != number  # nobody's words are lost
    with database.transaction() as connection:
        assert [link.event for link in chain(connection) if link].count("report_read") == 1


@pytest.mark.req("S1-06", "S1-17")
def test_a_stopped_payout_opens_a_case(clock: Clock, database: Database) -> None:
    kiosk = Kiosk(make_authority(clock, JIA, YI, database=database, risk=our_risk_rules()))
    kiosk.sign_on()
    for _ in range(8):
        kiosk.cash(10_000)
        clock.pass_(minutes=6)
    with database.transaction() as connection:
        [decline] = all_cases(connection)
        assert (decline.kind, decline.subject, decline.region) == (CaseKind.RISK_DECLINE, "person:1", WEIHAI)
        assert "velocity 6" in decline.text
        assert len(events_of(connection, decline.id)) == 3


@pytest.mark.req("S1-12")
def test_every_incident_and_decline_is_of_a_class(kiosk: Kiosk, database: Database) -> None:
    kiosk.send(kiosk.cash_request(10_000).to_message())  # no MAC
    with database.transaction() as connection:
        kinds = connection.exec_driver_sql("SELECT kind, matter FROM incidents").all()
    assert [tuple(row) for row in kinds] == [("wrong MAC", Matter.INFORMATION_SECURITY)]
    assert matter_of_incident("enquiry overdue") is Matter.SERVICE
    for code in ResponseCode:
        assert (matter_of_decline(code) is None) == (code is ResponseCode.APPROVED)
