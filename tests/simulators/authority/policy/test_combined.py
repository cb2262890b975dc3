from datetime import date, datetime

import pytest

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.combined import CombinedRule, Query, combined_rule
from simulators.authority.policy.policy_book import our_policies
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose, PurposeDetail, Rule
from simulators.authority.policy.words import languages, texts, yuan
from tests.simulators.authority.policy.policies import NOON, SHENZHEN, WEIHAI, policy

OFFICE: dict[str, object] = {"atm": {"working": ["09:00-12:00"], "weekend": [], "holiday": []}}


def asked(home: RegionPolicy, place: RegionPolicy, query: Query | None = None, at: datetime = NOON) -> CombinedRule:
    return combined_rule(home, place, query or Query(), at)


def value(rule: CombinedRule, key: str) -> list[tuple[str, str]]:
    return [(item.region, item.value) for item in rule.items if item.key == key]


@pytest.mark.req("S1-58", "S1-44")
def test_of_each_item_the_stricter_word_is_told_with_its_region() -> None:
    home = policy(
        limits={"ratio_percent": 80, "single_fen": {"CASH": 300_000}, "draws_per_month": 3},
        eligibility={"insured_years": 2, "groups": ["A"]},
        approval={"standing_approval_fen": 0},
        purposes={"TREATMENT_AWAY": {"documents": ["ID_CARD", "FILING"]}},
    )
    place = policy(
        SHENZHEN,
        limits={"ratio_percent": 90, "single_fen": {"CASH": 200_000}, "note_multiple_fen": 5_000},
        eligibility={"insured_years": 3, "groups": ["B"]},
        purposes={"TREATMENT_AWAY": {"documents": ["ID_CARD", "REFERRAL"]}},
        channels=["ATM", "COUNTER"],
    )
    rule = asked(home, place)

    assert value(rule, "ratio") == [(WEIHAI, "80")]
    assert value(rule, "single_limit") == [(SHENZHEN, "200000")]
    assert value(rule, "count_month") == [(WEIHAI, "3")]
    assert value(rule, "insured_years") == [(SHENZHEN, "3")]
    assert value(rule, "group") == [(WEIHAI, "A"), (SHENZHEN, "B")]
    assert value(rule, "application") == [(WEIHAI, "0")]
    assert value(rule, "channel") == [(WEIHAI, "ATM,COUNTER")]
    assert value(rule, "note_multiple") == [(WEIHAI, "10000")]
    assert rule.documents == ("ID_CARD", "FILING", "REFERRAL")
    assert (rule.maximum_fen, rule.note_multiple_fen, rule.offered) == (200_000, 10_000, True)
    assert {item.region for item in rule.home_items} == {WEIHAI}
    assert {item.region for item in rule.place_items} == {SHENZHEN}
    assert all(item.basis and item.version for item in rule.items)


@pytest.mark.req("S1-78")
def test_the_bureaux_of_both_regions_are_told() -> None:
    book = our_policies()
    home, place = (book.in_force(region, date(2026, 5, 20)) for region in (WEIHAI, SHENZHEN))
    assert home is not None
    assert place is not None
    contacts = asked(home, place).contacts

    assert set(contacts) == {WEIHAI, SHENZHEN}
    for both in contacts.values():
        for bureau in (both.medical, both.social):
            assert all((bureau.name, bureau.phone, bureau.address, bureau.hours))
        assert both.medical.name != both.social.name


@pytest.mark.req("S1-71")
def test_the_next_opening_is_told() -> None:
    closed = asked(policy(hours=OFFICE), policy(SHENZHEN), at=datetime(2026, 2, 14, 12, 0, tzinfo=SHANGHAI))

    assert not closed.is_open
    assert closed.next_opening == datetime(2026, 2, 24, 9, 0, tzinfo=SHANGHAI)
    open_now = asked(policy(), policy(SHENZHEN))
    assert (open_now.is_open, open_now.next_opening) == (True, NOON)


@pytest.mark.parametrize(
    ("home", "place", "query", "closed_by"),
    [
        ({"enabled": False}, {}, Query(), (Rule.SERVICE,)),
        ({}, {"channels": ["ONLINE"]}, Query(), (Rule.CHANNEL,)),
        ({"payout_modes": ["CASH"]}, {}, Query(mode=PayoutMode.TRANSFER), (Rule.PAYOUT_MODE,)),
        ({}, {"cross_city": {"inbound": False}}, Query(), (Rule.CROSS_CITY,)),
        ({}, {}, Query(purpose=Purpose.DAILY), (Rule.PURPOSE,)),
        ({"pilot": {"first_day": "2026-06-01", "last_day": "2026-07-01"}}, {}, Query(), (Rule.PILOT,)),
    ],
)
def test_where_nobody_may_it_is_not_offered(
    home: dict[str, object], place: dict[str, object], query: Query, closed_by: tuple[Rule, ...]
) -> None:
    rule = asked(policy(**home), policy(SHENZHEN, **place), query)

    assert (rule.offered, rule.closed_by, rule.maximum_fen) == (False, closed_by, 0)


@pytest.mark.req("S1-86")
def test_a_checklist_has_papers_filing_limits_hours_and_validity() -> None:
    home = policy(
        hours=OFFICE,
        approval={"validity_days": 45, "standing_approval_fen": 0},
        purposes={"UNUSUAL": {"documents": ["USE_STATEMENT"], "limits": {"day_fen": 123_400}}},
    )
    rule = asked(home, policy(SHENZHEN), Query(purpose=Purpose.UNUSUAL))
    points = {point.key: point.text for point in rule.guide.checklist}

    assert points["USE_STATEMENT"] == "用途说明"
    assert "须先申请" in points["filing"]
    assert "1,234" in points["limits"]
    assert "09:00-12:00" in points["hours"] or "09:00-12:00" in str(rule.guide.checklist)
    assert "45" in points["validity"]
    assert {"ID_CARD", "SOCIAL_CARD", "contacts"} <= points.keys()
    assert "USE_STATEMENT" not in {point.key for point in asked(home, policy(SHENZHEN)).guide.checklist}


@pytest.mark.req("S2-46")
def test_scope_of_use_and_conditions_are_told() -> None:
    home = policy(
        eligibility={"contribution_months": 6},
        purposes={"TREATMENT": {"details": ["INPATIENT"]}, "UNUSUAL": {"allowed": False}},
    )
    guide = asked(home, home).guide

    assert "就医:住院" in guide.use_scope
    assert not any("日常消费" in line or "非常规" in line for line in guide.use_scope)
    assert any("连续缴费满6个月" in line for line in guide.conditions)


@pytest.mark.req("S2-45")
@pytest.mark.parametrize("language", languages())
def test_texts_change_with_the_rules_they_are_made_from(language: str) -> None:
    one = policy(limits={"single_fen": {"CASH": 111_100}}, review={"working_days": 7}, settlement={"due_days": 33})
    guide = asked(one, one, Query(language=language)).guide

    assert any("1,111" in line for line in guide.limits)
    assert any("7" in line for line in guide.process)
    assert any("33" in line for line in guide.process)
    daily = policy(purposes={"DAILY": {"allowed": True}})
    told = asked(daily, daily, Query(language=language)).guide.cautions
    assert texts(language)["caution.no_daily"] in guide.cautions
    assert texts(language)["caution.no_daily"] not in told


def test_a_regions_own_words_and_names_are_used() -> None:
    home = policy(
        purposes={"TREATMENT_AWAY": {"documents": ["MOON_PERMIT"]}},
        texts={"zh_CN": {"names": {"MOON_PERMIT": "登月证"}, "cautions": ["注意"]}},
    )
    guide = asked(home, policy(SHENZHEN)).guide

    assert "注意" in guide.cautions
    assert ("MOON_PERMIT", "登月证") in [(point.key, point.text) for point in guide.checklist]


def test_no_language_misses_a_text_of_policies() -> None:
    assert len(languages()) >= 2
    for language in languages():
        assert texts(language).keys() == texts("zh_CN").keys()
    assert texts("tlh") == texts("zh_CN")


@pytest.mark.parametrize("kind", [Channel, PayoutMode, Purpose, PurposeDetail])
def test_every_word_of_a_policy_has_a_name(kind: type[Channel]) -> None:
    for language in languages():
        assert [word for word in kind if f"name.{word}" not in texts(language)] == []


def test_every_item_of_every_region_has_label_and_text() -> None:
    every = list(our_policies())
    for home in every:
        for place in every:
            for item in asked(home, place, Query(purpose=Purpose.EMERGENCY, mode=PayoutMode.TRANSFER)).items:
                assert not item.label.startswith("label.")
                assert "{" not in item.text
                assert not item.text.startswith("item.")


@pytest.mark.parametrize(
    ("fen", "said"), [(0, "0"), (100, "1"), (123_456, "1,234.56"), (5, "0.05"), (100_000_00, "100,000")]
)
def test_money_is_said_in_yuan(fen: int, said: str) -> None:
    assert yuan(fen) == said
