from datetime import date
from pathlib import Path

import pytest

from simulators.authority.policy.policy_book import REGIONS, PolicyBook, our_policies, policies_with
from simulators.authority.policy.policy_file import PolicyError
from simulators.authority.policy.vocabulary import DayKind, Transition
from tests.simulators.authority.policy.policies import policy

TEXT = (REGIONS / "371000_weihai.toml").read_text(encoding="utf-8")
DAY = date(2026, 5, 20)


def version_on(book: PolicyBook, day: str) -> str | None:
    found = book.in_force("371000", date.fromisoformat(day))
    return None if found is None else found.version


def test_a_version_without_a_last_day_holds_until_the_next_begins() -> None:
    book = PolicyBook([policy("371000", "b", valid_from="2026-07-01"), policy("371000", "a", valid_from="2026-01-01")])

    assert [version_on(book, day) for day in ("2025-12-31", "2026-06-30", "2026-07-01")] == [None, "a", "b"]
    coming = book.coming("371082", DAY)
    assert coming is not None
    assert coming.version == "b"
    assert book.coming("371000", date(2026, 7, 1)) is None


def test_both_days_of_the_validity_count() -> None:
    book = PolicyBook([policy(valid_from="2026-01-01", valid_to="2026-05-20")])

    days = ("2025-12-31", "2026-01-01", "2026-05-20", "2026-05-21")
    assert [version_on(book, day) for day in days] == [None, "v1", "v1", None]


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"valid_to": "2026-07-01"}, {"valid_from": "2026-07-01"}, "b begins while a is in force until 2026-07-01"),
        ({}, {}, "a and b both begin on 2026-01-01"),
    ],
)
def test_two_versions_of_a_region_may_not_be_in_force_together(
    first: dict[str, str], second: dict[str, str], told: str
) -> None:
    with pytest.raises(PolicyError, match=told):
        PolicyBook([policy("371000", "a", **first), policy("371082", "b", **second)])


def test_a_name_stands_for_one_version_of_a_region() -> None:
    with pytest.raises(PolicyError, match="two versions are named a, from 2026-01-01 and from 2026-08-01"):
        PolicyBook(
            [
                policy("371000", "a"),
                policy("371000", "b", valid_from="2026-05-01"),
                policy("371082", "a", valid_from="2026-08-01"),
            ]
        )


def test_what_is_wrong_with_every_file_of_a_directory_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("", encoding="utf-8")
    (tmp_path / "b.toml").write_text("x = 1", encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        PolicyBook.load(tmp_path)
    assert "a.toml" in str(caught.value)
    assert "b.toml" in str(caught.value)


def test_a_directory_without_policies_is_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"no \*.toml in it"):
        PolicyBook.load(tmp_path)
    with pytest.raises(PolicyError, match="no such directory"):
        PolicyBook.load(tmp_path / "none")


@pytest.mark.req("S2-43")
def test_an_operators_files_come_before_those_of_the_simulator(tmp_path: Path) -> None:
    (tmp_path / "weihai.toml").write_text(TEXT.replace("2026.1", "own.1"), encoding="utf-8")
    (tmp_path / "wuhan.toml").write_text(TEXT.replace("371000", "420100"), encoding="utf-8")
    (tmp_path / "working_days.toml").write_text('[2027]\nbasis = "x"\nrest = []\nworked = ["01-02"]', encoding="utf-8")
    book = policies_with(tmp_path)

    assert version_on(book, "2026-05-20") == "own.1"
    assert book.in_force("420100", DAY) is not None
    assert book.in_force("440300", DAY) is our_policies().in_force("440300", DAY)
    assert book.calendar.kind(date(2027, 1, 2)) is DayKind.ADJUSTED
    assert not book.calendar.is_provisional(2026)
    assert policies_with(None) is our_policies()


def test_a_later_version_leaves_the_earlier_one_until_then() -> None:
    book = PolicyBook([policy("371000", "a", valid_to="2026-12-31"), policy("371000", "c", valid_from="2027-01-01")])
    added = book.with_versions([policy("371000", "b", valid_from="2026-06-01")])

    assert [version_on(added, day) for day in ("2026-05-31", "2026-06-01", "2027-02-01")] == ["a", "b", "b"]


@pytest.mark.req("S2-65")
def test_the_strictest_transition_of_the_versions_since_an_approval_counts() -> None:
    book = PolicyBook(
        [
            policy("371000", "a"),
            policy("371000", "b", valid_from="2026-03-01", transition="RE_REVIEW"),
            policy("371000", "c", valid_from="2026-04-01", transition="KEEP"),
            policy("371000", "d", valid_from="2026-06-01", transition="CANCEL"),
        ]
    )

    assert book.transition("371000", "a", DAY) is Transition.RE_REVIEW
    assert book.transition("371000", "b", DAY) is Transition.KEEP
    assert book.transition("371000", "a", date(2026, 6, 1)) is Transition.CANCEL
    assert book.transition("371000", "unheard of", DAY) is Transition.KEEP
