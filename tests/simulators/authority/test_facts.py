"""Facts of a decision as the rooms tell them, seen from a terminal."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from protocol.money_line import AmountType, BindingRule
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.business_time import SHANGHAI
from simulators.authority.database import Database
from simulators.authority.facts import PolicyYear, after_hold
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.question import Approved, Facts, RegionUse, Usage
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.tables.people import contributions, persons
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, Clock, Kiosk, Somebody, make_authority
from tests.simulators.authority.policy.policies import NOON, policy


class Town:
    """An authority with two regions whose policies need an application unless a test says otherwise."""

    def __init__(self, clock: Clock, home: RegionPolicy | None = None, place: RegionPolicy | None = None) -> None:
        self.clock = clock
        self.database = Database()
        self.book = PolicyBook([home or policy(approval={}), place or policy(SHENZHEN, approval={})])
        self.authority = make_authority(clock, JIA, policies=self.book, database=self.database)

    def kiosk(self, region: str = WEIHAI) -> Kiosk:
        kiosk = Kiosk(self.authority, name=f"K{region}1", merchant=f"{region}000000001", region=region)
        kiosk.sign_on()
        return kiosk

    def grant(self, **words: object) -> int:
        """Give person 1 an approved application; its id."""
        granted = replace(Granted(WEIHAI, 100_000, home_version="v1", place_version="v1"), **words)  # type: ignore[arg-type]
        with self.database.transaction() as connection:
            return grant(connection, 1, granted, self.clock.now()).id

    def change(self, **values: object) -> None:
        """Change what the register has of person 1."""
        with self.database.transaction() as connection:
            connection.execute(update(persons).values(**values))


@pytest.fixture
def town(clock: Clock) -> Town:
    return Town(clock)


@pytest.mark.req("S1-26")
def test_without_an_application_a_withdrawal_is_declined_before_anything_is_held(town: Town) -> None:
    kiosk = town.kiosk()
    reply = kiosk.cash(10_000)

    assert (reply.code, [rule.rule for rule in reply.rules]) == ("57", ["application_required", "application"])
    assert town.authority.held_fen(JIA.pan) == 0
    town.grant()
    assert kiosk.cash(10_000).code == "00"


@pytest.mark.req("S2-17", "S1-40")
def test_an_application_is_drawn_in_parts_until_it_is_used_up(town: Town) -> None:
    kiosk = town.kiosk()
    town.grant(approved_fen=50_000)
    first = kiosk.cash(30_000)
    assert first.amounts is not None
    assert first.amounts[AmountType.REST_OF_APPLICATION] == 20_000
    kiosk.confirm(first, 30_000)

    over = kiosk.cash(30_000)
    assert (over.code, [rule.rule for rule in over.rules]) == ("61", ["application"])
    assert over.amounts is not None
    assert over.amounts[AmountType.MAXIMUM_DRAW] == 20_000
    held = kiosk.cash_request(20_000)
    assert kiosk.send(kiosk.sealed(held)) is not None
    assert kiosk.cash(10_000).code == "61"
    kiosk.reverse(held)
    assert kiosk.cash(20_000).code == "00"


def test_the_next_application_serves_when_one_is_used_up(town: Town) -> None:
    kiosk = town.kiosk()
    town.grant(approved_fen=20_000, valid_days=10)
    town.grant(approved_fen=70_000, valid_days=20)
    kiosk.confirm(kiosk.cash(20_000), 20_000)

    quote = kiosk.quote().amounts
    assert quote is not None
    assert quote[AmountType.REST_OF_APPLICATION] == 70_000


@pytest.mark.req("S1-28")
def test_an_application_for_another_city_or_bank_is_declined_and_names_it(town: Town) -> None:
    town.grant(place=SHENZHEN)
    elsewhere = town.kiosk().cash(10_000)
    assert elsewhere.code == "58"
    assert elsewhere.rules == (BindingRule("application_place", SHENZHEN, "v1"),)

    town.grant(provider="BANK00000000001", place=SHENZHEN, valid_days=5)
    kiosk = town.kiosk(SHENZHEN)
    assert kiosk.cash(10_000).code == "00"


def test_a_bank_that_an_application_is_bound_to_is_named_in_field_44(town: Town) -> None:
    town.grant(provider="BANK00000000001")
    kiosk = town.kiosk()
    reply = kiosk.send(kiosk.sealed(kiosk.cash_request(10_000)))

    assert reply is not None
    assert (reply.text(39), reply.text(44)) == ("58", "BANK00000000001")


@pytest.mark.req("S1-71", "S1-82")
def test_outside_the_hours_the_next_opening_is_told_in_field_44(clock: Clock) -> None:
    home = policy(hours={"atm": {"working": ["08:00-09:00"]}})
    kiosk = Town(clock, home).kiosk()
    quote = kiosk.send(kiosk.sealed(kiosk.quote_request()))
    cash = kiosk.send(kiosk.sealed(kiosk.cash_request(10_000)))

    assert quote is not None
    assert cash is not None
    assert [(reply.text(39), reply.text(44)) for reply in (quote, cash)] == [
        ("00", "202605210800"),
        ("58", "202605210800"),
    ]


@pytest.mark.req("S2-65")
@pytest.mark.parametrize(("transition", "code"), [("KEEP", "00"), ("RE_REVIEW", "57"), ("CANCEL", "57")])
def test_the_version_at_the_draw_counts_and_says_what_becomes_of_approvals_before_it(
    clock: Clock, transition: str, code: str
) -> None:
    town = Town(clock, policy(WEIHAI, "v1", approval={}, valid_to="2026-05-20"))
    new = policy(WEIHAI, "v2", approval={}, valid_from="2026-05-21", transition=transition)
    town.authority.policies.take([new], 1)
    town.authority.policies.followed = 0
    town.grant()
    kiosk = town.kiosk()
    early = kiosk.cash(10_000)
    assert early.code == "00"

    clock.pass_(days=1)
    kiosk.sign_on()
    assert kiosk.confirm(early, 10_000).code == "00"  # the hold keeps its word
    assert kiosk.cash(10_000).code == code


@pytest.mark.req("S1-49")
def test_an_own_lower_limit_and_a_lock_hold_with_the_next_request(town: Town) -> None:
    kiosk = town.kiosk()
    town.grant()
    town.change(own_single_fen=20_000)
    assert kiosk.cash(30_000).rules == (BindingRule("own_limit", WEIHAI, "v1"),)
    town.change(own_single_fen=None, locked=True)

    assert kiosk.cash(10_000).code == "62"


@pytest.mark.req("S2-33")
@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ({"draws_per_day": 1}, "count_day"),
        ({"draws_per_month": 1}, "count_month"),
        ({"draws_per_year": 1}, "count_year"),
        ({"interval_minutes": 30}, "interval"),
    ],
)
def test_draws_are_counted_and_a_reversal_is_not_one(clock: Clock, limits: dict[str, object], rule: str) -> None:
    town = Town(clock, policy(limits=limits))
    kiosk = town.kiosk()
    taken_back = kiosk.cash_request(10_000)
    assert kiosk.send(kiosk.sealed(taken_back)) is not None
    kiosk.reverse(taken_back)
    assert kiosk.cash(10_000).code == "00"

    again = kiosk.cash(10_000)
    assert (again.code, [each.rule for each in again.rules]) == ("65", [rule])
    clock.pass_(minutes=31)
    assert kiosk.cash(10_000).code == ("00" if rule == "interval" else "65")


@pytest.mark.req("S2-20")
def test_a_region_stops_paying_at_its_ceiling_whoever_drew(clock: Clock) -> None:
    other = Somebody("测试丙", "11010519491231002X", "S00000020", WEIHAI, "6299991234567890122")
    town = Town(clock, policy(ceilings={"day_fen": 50_000}))
    town.authority.load_people([other])
    kiosk = town.kiosk()
    kiosk.confirm(kiosk.cash(40_000), 40_000)

    over = kiosk.cash(20_000, other)
    assert (over.code, [each.rule for each in over.rules]) == ("61", ["region_day_ceiling"])
    assert kiosk.cash(10_000, other).code == "00"
    clock.pass_(days=1)
    kiosk.sign_on()
    assert kiosk.cash(20_000, other).code == "00"


@pytest.mark.req("S2-01")
def test_a_pilot_takes_no_more_people_than_its_quota(clock: Clock) -> None:
    other = Somebody("测试丙", "11010519491231002X", "S00000020", WEIHAI, "6299991234567890122")
    pilot = {"first_day": "2026-05-01", "last_day": "2026-05-31", "persons": 1}
    town = Town(clock, policy(pilot=pilot))
    town.authority.load_people([other])
    kiosk = town.kiosk()
    kiosk.confirm(kiosk.cash(10_000), 10_000)

    assert kiosk.cash(10_000).code == "00"
    late = kiosk.cash(10_000, other)
    assert (late.code, [each.rule for each in late.rules]) == ("57", ["pilot"])


def test_only_money_of_the_vintage_is_offered(clock: Clock) -> None:
    town = Town(clock, policy(funds={"drawable_before": "2026-05-20"}))
    kiosk = town.kiosk()
    assert kiosk.cash(10_000).rules == (BindingRule("vintage", WEIHAI, "v1"),)

    old = Town(clock, policy(funds={"drawable_before": "2026-05-21"})).kiosk()
    assert old.cash(10_000).code == "00"


@pytest.mark.req("S2-21")
def test_months_paid_are_read_from_the_register(clock: Clock) -> None:
    town = Town(clock, policy(eligibility={"contribution_months": 2}))
    kiosk = town.kiosk()
    refused = kiosk.cash(10_000)
    assert [each.rule for each in refused.rules] == ["contribution_months"]
    with town.database.transaction() as connection:
        for month in (date(2026, 4, 1), date(2026, 5, 1)):
            connection.execute(insert(contributions).values(person_id=1, month=month))

    assert kiosk.cash(10_000).code == "00"


def test_after_a_hold_the_facts_are_those_that_the_next_request_finds(clock: Clock) -> None:
    """What field 54 of an approval says is what a quote says a moment later."""
    home = policy(limits={"draws_per_day": 5, "interval_minutes": 0}, ceilings={"day_fen": 90_000})
    kiosk = Town(clock, home).kiosk()
    reply = kiosk.cash(30_000)

    assert reply.amounts == kiosk.quote().amounts


def test_what_a_hold_adds_to_facts() -> None:
    before = Facts(
        100, 10, vintage_fen=50, home_use=Usage(1, 2, 1, 2, 1, 2, 3), application=Approved(1, 60), place_use=Usage()
    )
    after = after_hold(before, 20, NOON)

    assert after.unheld_fen == 70
    assert after.vintage_fen == 30
    assert after.home_use == Usage(21, 22, 21, 22, 2, 3, 4, NOON)
    assert after.place_use == Usage(20, 20, 20, 20, 1, 1, 1, NOON)
    assert after.home_region == RegionUse(20, 20, 1, 1, 20, True)
    assert after.application is not None
    assert after.application.remaining_fen == 40


@pytest.mark.parametrize(
    ("day", "starts", "first", "last"),
    [
        ("2026-05-20", "01-01", "2026-01-01", "2026-12-31"),
        ("2026-06-30", "07-01", "2025-07-01", "2026-06-30"),
        ("2026-07-01", "07-01", "2026-07-01", "2027-06-30"),
        ("2027-02-28", "02-29", "2026-03-01", "2027-02-28"),
        ("2028-02-29", "02-29", "2028-02-29", "2029-02-28"),
    ],
)
def test_the_year_of_limits_begins_where_the_policy_says(day: str, starts: str, first: str, last: str) -> None:
    assert PolicyYear.around(date.fromisoformat(day), starts) == PolicyYear(
        date.fromisoformat(first), date.fromisoformat(last)
    )


def test_a_year_of_limits_that_begins_in_july_gives_room_again(clock: Clock) -> None:
    home = policy(limits={"year_start": "07-01", "year_fen": 50_000})
    kiosk = Town(clock, home).kiosk()
    clock.time = datetime(2026, 6, 30, 23, 59, tzinfo=SHANGHAI)
    kiosk.sign_on()
    kiosk.confirm(kiosk.cash(50_000), 50_000)
    assert kiosk.cash(10_000).rules == (BindingRule("annual_limit", WEIHAI, "v1"),)

    clock.time += timedelta(minutes=2)
    kiosk.sign_on()
    assert kiosk.cash(50_000).code == "00"
