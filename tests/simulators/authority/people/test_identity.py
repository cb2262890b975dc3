"""Who somebody is: number, name and document against the register."""

from datetime import date
from typing import Any

import pytest

from simulators.authority.people.identity import Identity, age, birth_date, identify
from simulators.authority.people.records import add_document
from simulators.authority.people.refusal import Key, Refused
from simulators.authority.tables.people import DocumentKind
from tests.simulators.authority.kiosk import JIA, YI
from tests.simulators.authority.people.counter import TELLER, Counter, identity_of

TODAY = date(2026, 5, 20)


def problems(counter: Counter, identity: Identity, *, document: bool = True) -> list[Key]:
    try:
        with counter.work() as connection:
            identify(connection, counter.hsm, identity, TODAY, document=document)
    except Refused as refused:
        return [problem.key for problem in refused.problems]
    return []


@pytest.mark.req("S1-27", "S2-48")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"id_number": "310101 19800101 0018", "name": "测 试甲"}, []),
        ({"valid_to": TODAY}, []),
        ({"valid_to": date(2026, 5, 19)}, [Key.DOCUMENT_EXPIRED]),
        ({"document": None}, [Key.DOCUMENT_MISSING]),
        ({"name": "测试乙"}, [Key.NAME_DIFFERS]),
        ({"name": "测试乙", "document": None}, [Key.NAME_DIFFERS, Key.DOCUMENT_MISSING]),
        ({"id_number": YI.id_number}, [Key.NAME_DIFFERS]),
        ({"id_number": "310101198001010019"}, [Key.ID_CHECK_DIGIT]),
        ({"id_number": "31010119800101001"}, [Key.ID_LENGTH]),
        ({"id_number": "11010519491231002X"}, [Key.NO_SUCH_PERSON]),
    ],
)
def test_a_document_is_checked_against_the_register(
    counter: Counter, changes: dict[str, Any], expected: list[Key]
) -> None:
    assert problems(counter, identity_of(JIA, **changes)) == expected


@pytest.mark.req("S1-27")
def test_where_the_register_knows_documents_one_of_them_must_be_valid(counter: Counter) -> None:
    person = counter.person()
    with counter.work() as connection:
        add_document(connection, TELLER, counter.at, person, DocumentKind.ID_CARD, date(2006, 1, 1), date(2026, 1, 1))
    assert problems(counter, identity_of(JIA)) == [Key.DOCUMENT_EXPIRED]

    with counter.work() as connection:
        add_document(connection, TELLER, counter.at, person, DocumentKind.ID_CARD, date(2026, 1, 2))
    assert problems(counter, identity_of(JIA)) == []
    assert problems(counter, identity_of(JIA, document=DocumentKind.RESIDENCE_PERMIT)) == []


def test_what_somebody_shows_stays_out_of_reprs() -> None:
    shown = repr(identity_of(JIA))
    assert JIA.id_number not in shown
    assert JIA.name not in shown


def test_age_is_full_years_and_29_february_counts_from_1_march() -> None:
    born = date(2008, 2, 29)
    assert [age(born, day) for day in (date(2026, 2, 28), date(2026, 3, 1))] == [17, 18]
    assert age(date(1980, 1, 1), date(2026, 1, 1)) == 46


def test_the_birth_date_comes_from_the_number(counter: Counter) -> None:
    person = counter.person()
    with counter.work() as connection:
        assert birth_date(connection, counter.hsm, person) == date(1980, 1, 1)
