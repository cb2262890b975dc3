from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.vocabulary import DayKind
from simulators.authority.policy.working_days import CalendarError, load_tables, national

DAYS_OF_2026 = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


@pytest.mark.req("S1-71")
@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 1, 2), DayKind.HOLIDAY),
        (date(2026, 1, 4), DayKind.ADJUSTED),
        (date(2026, 2, 14), DayKind.ADJUSTED),
        (date(2026, 2, 20), DayKind.HOLIDAY),
        (date(2026, 2, 24), DayKind.WORKING),
        (date(2026, 5, 9), DayKind.ADJUSTED),
        (date(2026, 5, 16), DayKind.WEEKEND),
        (date(2026, 10, 10), DayKind.ADJUSTED),
    ],
)
def test_adjusted_days_are_worked_and_weekdays_of_a_feast_are_not(day: date, kind: DayKind) -> None:
    assert national().kind(day) is kind


def test_the_year_2026_has_248_working_days_6_of_them_adjusted() -> None:
    kinds = [national().kind(day) for day in DAYS_OF_2026]

    assert sum(kind.is_worked for kind in kinds) == 248
    assert kinds.count(DayKind.ADJUSTED) == 6
    assert kinds.count(DayKind.HOLIDAY) == 33


def test_a_year_without_a_table_is_provisional_and_follows_weekdays_and_feasts() -> None:
    assert not national().is_provisional(2026)
    assert national().is_provisional(2031)
    assert national().kind(date(2031, 1, 1)) is DayKind.HOLIDAY
    assert national().kind(date(2031, 1, 4)) is DayKind.WEEKEND
    assert national().kind(date(2031, 1, 6)) is DayKind.WORKING


@pytest.mark.parametrize(
    ("begins", "days", "ends"),
    [
        ("2026-05-20T10:00", 2, "2026-05-22"),
        ("2026-02-13T10:00", 2, "2026-02-24"),  # over the Spring Festival, whose Saturday before it is worked
        ("2026-01-01T10:00", 1, "2026-01-04"),
        ("2026-09-30T23:59", 1, "2026-10-08"),
    ],
)
def test_a_deadline_counts_working_days_only(begins: str, days: int, ends: str) -> None:
    begun = datetime.fromisoformat(begins).replace(tzinfo=SHANGHAI)

    assert national().deadline(begun, days) == datetime.fromisoformat(f"{ends}T23:59:59").replace(tzinfo=SHANGHAI)


def test_a_region_may_differ_on_some_days() -> None:
    own = national().of_region([date(2026, 7, 20)], [date(2026, 7, 25)])

    assert own.kind(date(2026, 7, 20)) is DayKind.HOLIDAY
    assert own.kind(date(2026, 7, 25)) is DayKind.ADJUSTED
    assert national().of_region([], []) is national()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[next]\nbasis = "x"\nrest = []\nworked = []', "[next] is no year"),
        ("[2027]\nrest = []", "needs the keys basis, rest and worked"),
        ('[2027]\nbasis = "x"\nrest = ["01-32"]\nworked = []', "'01-32' is no day or span"),
        ('[2027]\nbasis = "x"\nrest = ["02-03/02-01"]\nworked = []', "is no day or span"),
        ('[2027]\nbasis = "x"\nrest = []\nworked = ["01-04"]', "2027-01-04 is no weekend day"),
        ('[2027]\nbasis = "x"\nrest = "01-01"\nworked = []', "are lists"),
        ("[2027", "table declaration"),
    ],
)
def test_a_bad_table_is_named_with_its_year_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "working_days.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(CalendarError) as caught:
        load_tables(path)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_the_table_of_a_year_is_added_by_data(tmp_path: Path) -> None:
    path = tmp_path / "working_days.toml"
    path.write_text('[2027]\nbasis = "notice"\nrest = ["01-01/01-03"]\nworked = ["01-10"]\n', encoding="utf-8")

    assert load_tables(path).kind(date(2027, 1, 10)) is DayKind.ADJUSTED
    assert not load_tables(path).is_provisional(2027)
