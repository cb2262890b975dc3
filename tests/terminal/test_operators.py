"""Dual control: who may decide about cash, and what is written down about it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from terminal import operators
from terminal.journal import Entry, Journal
from terminal.operators import TRIES, Credentials, OperatorError, Operators

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
LI, WANG, ZHAO = (
    Credentials("li", "li-secret-1"),
    Credentials("wang", "wang-secret-2"),
    Credentials("zhao", "zhao-pass-3"),
)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operators, "COST", (2, 8, 1))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path / "journal.db", lambda: NOON)
    yield journal
    journal.close()


def book(tmp_path: Path, journal: Journal) -> Operators:
    return Operators(tmp_path / "operators.json", journal, lambda size: b"s" * size)


@pytest.fixture
def two(tmp_path: Path, journal: Journal) -> Operators:
    found = book(tmp_path, journal)
    for who in (LI, WANG):
        found.add(who.name, who.password)
    return book(tmp_path, journal)


def test_two_operators_with_their_passwords_stand_for_an_act(two: Operators, journal: Journal) -> None:
    assert two.authorise("count", (LI, WANG)) == ("li", "wang")
    assert [record.data for record in journal.records(Entry.OPERATOR_ACCEPTED)] == [
        {"name": "li", "act": "count"},
        {"name": "wang", "act": "count"},
    ]


def test_no_password_is_written_anywhere(tmp_path: Path, two: Operators) -> None:
    two.authorise("count", (LI, WANG))
    with pytest.raises(OperatorError):
        two.authorise("count", (Credentials("li", "a-wrong-guess"), WANG))
    with pytest.raises(OperatorError):
        two.authorise("count", (Credentials("typed-here-by-mistake", "x"), WANG))

    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for secret in (LI.password, WANG.password, "a-wrong-guess", "typed-here-by-mistake"):
        assert secret.encode() not in written
        assert secret not in repr(two) + repr(LI) + repr(WANG)
    assert (tmp_path / "operators.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "claims",
    [(LI,), (LI, LI), (LI, Credentials("LI ", LI.password)), (LI, WANG, ZHAO), ()],
    ids=["one", "the same", "the same in other letters", "three", "nobody"],
)
def test_one_person_is_not_two(two: Operators, claims: tuple[Credentials, ...]) -> None:
    with pytest.raises(OperatorError, match="two different operators"):
        two.authorise("count", claims)


def test_two_names_with_one_password_are_refused(tmp_path: Path, journal: Journal) -> None:
    found = book(tmp_path, journal)
    found.add("li", LI.password)
    found.add("wang", LI.password)

    with pytest.raises(OperatorError, match="the same password"):
        found.authorise("count", (LI, Credentials("wang", LI.password)))
    assert list(journal.records(Entry.OPERATOR_ACCEPTED)) == []


def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nobody(two: Operators) -> None:
    messages = set()
    for claim in (Credentials("li", "wrong password"), Credentials("nobody", "wrong password")):
        with pytest.raises(OperatorError) as caught:
            two.authorise("count", (claim, WANG))
        messages.add(str(caught.value))
    assert messages == {"name or password is wrong"}


def test_wrong_passwords_lock_an_operator_over_restarts_until_two_others_unlock(
    tmp_path: Path, two: Operators, journal: Journal
) -> None:
    two.add("zhao", ZHAO.password, (LI, WANG))
    two.add("qian", "qian-pass-44", (LI, WANG))
    for _ in range(TRIES):
        with pytest.raises(OperatorError, match="wrong"):
            book(tmp_path, journal).authorise("count", (Credentials("li", "guess guess"), WANG))

    with pytest.raises(OperatorError, match="li is locked"):
        book(tmp_path, journal).authorise("count", (LI, WANG))
    assert book(tmp_path, journal).locked("li")

    book(tmp_path, journal).unlock("li", (WANG, ZHAO))
    assert book(tmp_path, journal).authorise("count", (LI, WANG)) == ("li", "wang")


def test_the_right_password_in_between_forgives_earlier_slips(two: Operators) -> None:
    for _ in range(TRIES - 1):
        with pytest.raises(OperatorError):
            two.authorise("count", (Credentials("li", "guess guess"), WANG))
    two.authorise("count", (LI, WANG))
    with pytest.raises(OperatorError):
        two.authorise("count", (Credentials("li", "guess guess"), WANG))

    assert not two.locked("li")


def test_the_third_operator_needs_two_others(two: Operators) -> None:
    with pytest.raises(OperatorError, match="two different operators"):
        two.add("zhao", ZHAO.password)
    two.add("zhao", ZHAO.password, (LI, WANG))
    assert list(two.names) == ["li", "wang", "zhao"]

    two.remove("li", (WANG, ZHAO))
    assert list(two.names) == ["wang", "zhao"]
    with pytest.raises(OperatorError, match="two operators must remain"):
        two.remove("wang", (WANG, ZHAO))


@pytest.mark.parametrize(
    ("name", "password", "complaint"),
    [
        ("Li Wei", "long enough", "small letter"),
        ("zhao", "short", "at least 8"),
        ("li", "long enough", "entered already"),
    ],
)
def test_an_entry_that_is_no_good_says_why(two: Operators, name: str, password: str, complaint: str) -> None:
    with pytest.raises(OperatorError, match=complaint):
        two.add(name, password, (LI, WANG))


def test_a_book_that_was_exchanged_is_refused_until_somebody_commissions_again(
    tmp_path: Path, two: Operators, journal: Journal
) -> None:
    path = tmp_path / "operators.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"li"', '"eve"'), encoding="utf-8")
    with pytest.raises(OperatorError, match="not the book of operators that the journal knows"):
        book(tmp_path, journal).authorise("count", (LI, WANG))
    path.unlink()
    with pytest.raises(OperatorError, match="not the book"):
        book(tmp_path, journal).add("eve", "eve-secret-9")

    book(tmp_path, journal).commission_again()
    for who in (LI, WANG):
        book(tmp_path, journal).add(who.name, who.password)
    assert book(tmp_path, journal).authorise("count", (LI, WANG)) == ("li", "wang")
    assert "commissioned again" in [record.data["what"] for record in journal.records(Entry.OPERATORS_CHANGED)]


@pytest.mark.parametrize("content", ["", "no json", "{}", '[{"name": "li"}]', "[5]"])
def test_a_book_that_can_not_be_read_says_so(tmp_path: Path, journal: Journal, content: str) -> None:
    path = tmp_path / "operators.json"
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(OperatorError, match="is no book of operators"):
        book(tmp_path, journal)


def test_a_book_that_others_can_read_is_refused(tmp_path: Path, two: Operators, journal: Journal) -> None:
    (tmp_path / "operators.json").chmod(0o644)

    with pytest.raises(OperatorError, match="chmod 600"):
        book(tmp_path, journal)
