from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection

from protocol.money_line import ResponseCode as Code
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.draws import ExchangeKey
from simulators.authority.money_line.exchanges import Answer, earlier_answer, keep_answer, was_answered
from simulators.authority.money_line.terminals import register_terminal
from tests.simulators.authority.kiosk import TMK, WEIHAI, Clock

AT = Clock().now()
KEY = ExchangeKey("K0000001", 1, 7, date(2026, 5, 20))
ANSWER = Answer(Code.WRONG_PIN, {12: "100000", 13: "0520", 44: "2"}, sign_on=True)


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Database().transaction() as connection:
        register_terminal(connection, SoftHsm(b"M" * 32, bytes), "K0000001", "371000000000001", WEIHAI, TMK)
        yield connection


def test_a_new_request_has_no_answer_yet(connection: Connection) -> None:
    assert earlier_answer(connection, KEY, b"12345678") is None
    assert not was_answered(connection, KEY)


def test_the_same_request_gets_the_same_answer_to_the_last_field(connection: Connection) -> None:
    given = keep_answer(connection, KEY, b"12345678", ANSWER, AT)

    assert given.fields[37] == "614000000001"
    assert earlier_answer(connection, KEY, b"12345678") == given
    assert was_answered(connection, KEY)


def test_another_request_under_the_same_key_is_a_duplicate(connection: Connection) -> None:
    keep_answer(connection, KEY, b"12345678", ANSWER, AT)

    assert earlier_answer(connection, KEY, b"87654321") == Answer(Code.DUPLICATE)


@pytest.mark.parametrize("change", [{"stan": 8}, {"batch": 2}, {"business_date": date(2026, 5, 21)}])
def test_every_part_of_the_key_counts(connection: Connection, change: dict[str, object]) -> None:
    keep_answer(connection, KEY, b"12345678", ANSWER, AT)

    assert earlier_answer(connection, replace(KEY, **change), b"87654321") is None  # type: ignore[arg-type]


def test_the_same_request_on_another_day_is_a_duplicate(connection: Connection) -> None:
    keep_answer(connection, KEY, b"12345678", ANSWER, AT)
    next_day = replace(KEY, business_date=date(2026, 5, 21))

    assert earlier_answer(connection, next_day, b"12345678") == Answer(Code.DUPLICATE)


def test_answers_have_references_of_their_own(connection: Connection) -> None:
    answers = [keep_answer(connection, replace(KEY, stan=stan), b"12345678", ANSWER, AT) for stan in (1, 2)]

    assert answers[0].fields[37] != answers[1].fields[37]
