from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from simulators.authority.actors import Actor, Role
from simulators.authority.business_time import SHANGHAI
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import NewPerson, enrol
from simulators.authority.policy.activation import Fault, NotActivated, find_draft, follow, submit, waiting_drafts
from simulators.authority.policy.policy_book import REGIONS, PolicyBook, our_policies
from simulators.authority.policy.policy_file import PolicyError
from simulators.authority.supervision.audit import first_broken
from simulators.authority.tables.supervision import audit_events
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk, make_authority

AT = datetime(2026, 5, 20, 10, 0, tzinfo=SHANGHAI)
ZHANG, LI = Actor(Role.POLICY_MAKER, "zhang"), Actor(Role.POLICY_MAKER, "li")
TEXT = (
    (REGIONS / "371000_weihai.toml")
    .read_text(encoding="utf-8")
    .replace('"2026.1"', '"2026.7"')
    .replace("valid_from = 2026-01-01", "valid_from = 2026-07-01")
    .replace("CASH = 500_000", "CASH = 70_000")
)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Database().transaction() as connection:
        yield connection


@pytest.fixture
def book() -> PolicyBook:
    return our_policies().copy()


def version_on(book: PolicyBook, day: str) -> str:
    policy = book.in_force("371000", date.fromisoformat(day))
    assert policy is not None
    return policy.version


def faults(error: NotActivated) -> list[Fault]:
    return [problem.key for problem in error.problems]


@pytest.mark.req("S2-39")
def test_two_people_sign_a_draft_and_it_holds_from_its_first_day(connection: Connection, book: PolicyBook) -> None:
    first = submit(connection, ZHANG, AT, book, TEXT, "draft.toml")
    assert (first.is_active, first.signed_by) == (False, ("zhang",))
    assert [draft.id for draft in waiting_drafts(connection)] == [first.id]
    assert version_on(book, "2026-07-01") == "2026.1"

    second = submit(connection, LI, AT, book, TEXT, "draft.toml")
    assert (second.is_active, second.signed_by) == (True, ("zhang", "li"))
    assert waiting_drafts(connection) == ()
    assert [version_on(book, day) for day in ("2026-06-30", "2026-07-01")] == ["2026.1", "2026.7"]
    assert version_on(our_policies(), "2026-07-01") == "2026.1"


@pytest.mark.req("S2-39")
@pytest.mark.parametrize(
    "same", [ZHANG, replace(ZHANG, person_id=2), Actor(Role.POLICY_MAKER, "zhang-second-account", person_id=2)]
)
def test_the_same_person_signs_once_under_whatever_name(connection: Connection, book: PolicyBook, same: Actor) -> None:
    for number in ("310101198001010018", "320508195612310022"):
        enrol(connection, SoftHsm(bytes(32), bytes), NewPerson("测试甲", number, "371000"))
    submit(connection, replace(ZHANG, person_id=2), AT, book, TEXT, "draft.toml")
    again = submit(connection, same, AT, book, TEXT, "draft.toml")

    assert (again.is_active, again.signed_by) == (False, ("zhang",))
    assert version_on(book, "2026-07-01") == "2026.1"


def test_a_draft_that_was_changed_is_another_draft(connection: Connection, book: PolicyBook) -> None:
    submit(connection, ZHANG, AT, book, TEXT, "draft.toml")

    with pytest.raises(NotActivated) as caught:
        submit(connection, LI, AT, book, TEXT.replace("70_000", "80_000"), "draft.toml")
    assert faults(caught.value) == [Fault.VERSION_TAKEN]


@pytest.mark.req("S2-18")
def test_a_draft_without_a_legal_basis_is_not_taken(connection: Connection, book: PolicyBook) -> None:
    text = TEXT.replace('legal_basis = "Simulated policy WH-2026-1"\n', "")

    with pytest.raises(PolicyError, match=r"draft\.toml.*\n.*legal_basis: is missing"):
        submit(connection, ZHANG, AT, book, text, "draft.toml")
    assert waiting_drafts(connection) == ()


def test_everything_that_is_wrong_is_told_at_once(connection: Connection, book: PolicyBook) -> None:
    reviewer = Actor(Role.REVIEWER, "wang", region="440300")
    text = TEXT.replace("2026-07-01", "2025-12-01").replace("2026.7", "2026.1")

    with pytest.raises(NotActivated) as caught:
        submit(connection, reviewer, AT, book, text, "draft.toml")
    assert faults(caught.value) == [
        Fault.NOT_A_POLICY_MAKER,
        Fault.OTHER_REGION,
        Fault.IN_THE_PAST,
        Fault.NOT_THE_LATEST,
        Fault.VERSION_TAKEN,
    ]


def test_a_draft_whose_first_day_has_passed_is_not_activated_any_more(connection: Connection, book: PolicyBook) -> None:
    submit(connection, ZHANG, AT, book, TEXT, "draft.toml")

    with pytest.raises(NotActivated) as caught:
        submit(connection, LI, AT.replace(month=7, day=2), book, TEXT, "draft.toml")
    assert faults(caught.value) == [Fault.IN_THE_PAST]


def test_every_process_takes_what_another_has_activated(connection: Connection, book: PolicyBook) -> None:
    other = our_policies().copy()
    for actor in (ZHANG, LI):
        submit(connection, actor, AT, book, TEXT, "draft.toml")
    assert version_on(other, "2026-07-01") == "2026.1"
    follow(connection, other)

    assert version_on(other, "2026-07-01") == "2026.7"


def test_what_was_undone_with_its_transaction_is_not_held(book: PolicyBook) -> None:
    database = Database()
    with database.transaction() as connection:
        undone = connection.begin_nested()
        for actor in (ZHANG, LI):
            submit(connection, actor, AT, book, TEXT, "draft.toml")
        undone.rollback()
    assert version_on(book, "2026-07-01") == "2026.7"
    with database.transaction() as connection:
        follow(connection, book)

    assert version_on(book, "2026-07-01") == "2026.1"


def test_who_did_what_is_in_the_audit_chain(connection: Connection, book: PolicyBook) -> None:
    for actor in (ZHANG, LI):
        draft = submit(connection, actor, AT, book, TEXT, "draft.toml")
    events = connection.execute(select(audit_events.c.event, audit_events.c.actor)).all()

    assert [tuple(event) for event in events] == [
        ("policy handed in", "zhang"),
        ("policy signed", "zhang"),
        ("policy signed", "li"),
        ("policy activated", "li"),
    ]
    assert first_broken(connection) is None
    kept = find_draft(connection, draft.id)
    assert kept is not None
    assert kept.policy.version == "2026.7"


@pytest.mark.req("S2-56", "S2-39")
def test_an_activated_version_changes_what_terminals_are_answered_from_its_first_day_on(tmp_path: Path) -> None:
    clock = Clock()
    database = Database(tmp_path / "authority.db")
    authority = make_authority(clock, JIA, database=database)
    kiosk = Kiosk(authority)
    other = our_policies().copy()
    with database.transaction() as connection:
        for actor in (ZHANG, LI):
            submit(connection, actor, clock.now(), other, TEXT, "draft.toml")
    kiosk.sign_on()
    assert kiosk.cash(80_000).code == "00"

    clock.time = datetime(2026, 7, 1, 0, 0, tzinfo=SHANGHAI)
    kiosk.sign_on()
    over = kiosk.cash(80_000)
    assert (over.code, [(rule.rule, rule.version) for rule in over.rules]) == ("61", [("single_limit", "2026.7")])
