"""Debits = notes + transfers + named exceptions."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.bank import account_of_card
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.credits import correct_person
from simulators.authority.ledger.draws import confirm, reverse
from simulators.authority.ledger.enquiries import open_due
from simulators.authority.ledger.exceptions import (
    close_exception,
    collect_exceptions,
    open_exceptions,
    take_exception,
)
from simulators.authority.ledger.reconciliation import By, Sums, payout_sums, reconcile, table
from simulators.authority.ledger.transfers import pay_transfer, retry_transfers, set_bank_down
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.service_line.staff import StaffMember, add_staff
from simulators.authority.supervision.refusal import Refused
from simulators.authority.tables.ledger import ExceptionKind, draws, postings
from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.kiosk import JIA, SHENZHEN
from tests.simulators.authority.ledger.books import AT, TODAY, approve, key, pay

SUPERVISOR, ANOTHER = Actor(Role.SUPERVISOR, "s1"), Actor(Role.SUPERVISOR, "s2")


@pytest.fixture
def books(connection: Connection) -> Connection:
    """A day with notes, a transfer that is credited, one that waits, notes without approval, and a silent terminal."""
    payee = account_of_card(connection, SoftHsm(b"M" * 32, bytes), 1)
    assert payee is not None
    transfer: dict[str, Any] = {"mode": PayoutMode.TRANSFER, "payee_account_id": payee.id}
    pay(connection, key(1), 50_000)
    approve(connection, key(2), 40_000, **transfer)
    pay_transfer(connection, key(2), AT)
    set_bank_down(connection, JIA.pan[:6], AT, down=True)
    approve(connection, key(3), 20_000, **transfer)
    pay_transfer(connection, key(3), AT)
    confirm(connection, key(4), 10_000, SHENZHEN, AT)
    approve(connection, key(5), 5_000)
    open_due(connection, AT + timedelta(days=1), timedelta(hours=24), timedelta(days=5))
    collect_exceptions(connection, AT)
    return connection


def kinds(connection: Connection) -> dict[ExceptionKind, int]:
    return {each.kind: each.amount_fen for each in open_exceptions(connection)}


@pytest.mark.req("S1-05")
def test_debits_are_notes_and_transfers_and_exceptions_that_have_names(books: Connection) -> None:
    found = reconcile(books, TODAY, TODAY)

    assert found.rows == (Sums("all", 110_000, 60_000, 40_000, 20_000, 10_000),)
    assert (found.rows[0].difference_fen, found.is_even) == (0, True)
    assert {each.kind: each.amount_fen for each in found.exceptions} == {
        ExceptionKind.OPEN_HOLD: 5_000,
        ExceptionKind.PENDING_TRANSFER: 20_000,
        ExceptionKind.SUSPENSE: 10_000,
    }


@pytest.mark.req("S1-05")
@pytest.mark.parametrize(("by", "names"), [(By.DAY, ["2026-05-20"]), (By.PAYER, ["K0000001"]), (By.PLACE, [SHENZHEN])])
def test_days_terminals_and_places_are_even_each(books: Connection, by: By, names: list[str]) -> None:
    rows = payout_sums(books, TODAY, TODAY, by)

    assert [row.of for row in rows] == names
    assert all(row.difference_fen == 0 for row in rows)
    assert table(rows)[1][0] == names[0]


def test_regions_are_told_apart_and_what_nobody_approved_is_unknown(books: Connection) -> None:
    assert [row.of for row in payout_sums(books, TODAY, TODAY, By.REGION)] == ["371000", "unknown"]


@pytest.mark.req("S1-05")
def test_whoever_touches_the_books_is_found(books: Connection) -> None:
    books.execute(insert(postings).values(entry_id=3, account_id=2, debit_fen=7, credit_fen=0, part="DEBT"))
    books.execute(update(draws).where(draws.c.stan == 1).values(confirmed_fen=1))
    faults = reconcile(books, TODAY, TODAY).faults

    assert any("an entry does not balance" in each for each in faults)
    assert any("balance carried by account personal:1" in each for each in faults)
    assert any("sum of draw 1 " in each for each in faults)


@pytest.mark.req("S1-05")
def test_an_exception_ends_by_itself_when_what_it_names_is_no_more(books: Connection) -> None:
    assert collect_exceptions(books, AT) == 0
    set_bank_down(books, JIA.pan[:6], AT, down=False)
    retry_transfers(books, AT + timedelta(hours=1))
    reverse(books, key(5), SHENZHEN, AT)
    correct_person(books, "refund", 1, "371000", -2_000_000, AT)
    assert collect_exceptions(books, AT) == 1

    assert kinds(books) == {ExceptionKind.SUSPENSE: 10_000, ExceptionKind.DEBT: 1_110_000}


@pytest.mark.req("S1-05")
def test_people_take_and_close_what_does_not_end_by_itself(books: Connection) -> None:
    found = {each.kind: each.id for each in open_exceptions(books)}
    suspense = found[ExceptionKind.SUSPENSE]
    take_exception(books, suspense, SUPERVISOR, AT)
    assert {each.owner for each in open_exceptions(books)} == {"s1", "supervision"}
    for exception, actor, ending, why in (
        (found[ExceptionKind.OPEN_HOLD], ANOTHER, "paid", "ends_by_itself"),
        (suspense, SUPERVISOR, "found", "closed_by_another"),
        (suspense, ANOTHER, " ", "ending_missing"),
    ):
        with pytest.raises(Refused, match=why):
            close_exception(books, exception, actor, AT, ending)
    close_exception(books, suspense, ANOTHER, AT, "the notes were found in the reject bin")

    collect_exceptions(books, AT)
    assert ExceptionKind.SUSPENSE not in kinds(books)
    with pytest.raises(Refused, match="not_open"):
        take_exception(books, suspense, SUPERVISOR, AT)


def test_one_human_with_two_accounts_closes_nothing(books: Connection) -> None:
    suspense = next(each.id for each in open_exceptions(books) if each.kind is ExceptionKind.SUSPENSE)
    member = StaffMember("s1", StaffRole.SUPERVISOR, None, 2)
    add_staff(books, SoftHsm(b"M" * 32, bytes), SUPERVISOR, AT, member, "correct horse battery")
    take_exception(books, suspense, SUPERVISOR, AT)

    with pytest.raises(Refused, match="closed_by_another"):
        close_exception(books, suspense, Actor(Role.SUPERVISOR, "s9", person_id=2), AT, "found")
