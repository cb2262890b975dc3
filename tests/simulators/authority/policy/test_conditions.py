from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.decision import Decision, decide
from simulators.authority.policy.question import (
    Approved,
    Contribution,
    Diagnosis,
    Facts,
    HealthStatus,
    RegionUse,
    Usage,
)
from simulators.authority.policy.vocabulary import (
    Channel,
    PayoutMode,
    Purpose,
    PurposeDetail,
    Rule,
    Stage,
    Suspended,
    Transition,
)
from simulators.authority.tables.people import PersonState
from tests.simulators.authority.policy.policies import NOON, SHENZHEN, ask, facts, policy, refused_by


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=SHANGHAI)


def local(known: Facts, question: object = None, /, **tables: object) -> Decision:
    """A decision within one region."""
    home = policy(**tables)
    return decide(home, home, known, ask(10_000) if question is None else question)  # type: ignore[arg-type]


# --- insurance


@pytest.mark.req("S2-58")
@pytest.mark.parametrize(
    ("since", "leap_day", "day", "holds"),
    [
        ("2023-05-20", "02-28", "2026-05-19", False),
        ("2023-05-20", "02-28", "2026-05-20", True),
        ("2024-02-29", "02-28", "2027-02-27", False),
        ("2024-02-29", "02-28", "2027-02-28", True),
        ("2024-02-29", "03-01", "2027-02-28", False),
        ("2024-02-29", "03-01", "2027-03-01", True),
    ],
)
def test_years_of_insurance_are_full_on_the_exact_day_also_from_29_february(
    since: str, leap_day: str, day: str, holds: bool
) -> None:
    rules = {"insured_years": 3, "anniversary_of_29_february": leap_day}
    known = replace(facts(), insured_since=date.fromisoformat(since))
    decision = local(known, ask(10_000, on(day)), eligibility=rules)

    assert refused_by(decision) == ([] if holds else [Rule.INSURED_YEARS])


def test_29_february_has_its_own_anniversary_in_a_leap_year() -> None:
    known = replace(facts(), insured_since=date(2024, 2, 29))

    assert refused_by(local(known, ask(10_000, on("2028-02-28")), eligibility={"insured_years": 4})) != []
    assert refused_by(local(known, ask(10_000, on("2028-02-29")), eligibility={"insured_years": 4})) == []


def test_who_was_never_insured_has_no_years() -> None:
    assert refused_by(local(facts(), eligibility={"insured_years": 1})) == [Rule.INSURED_YEARS]


def months(*paid: str, repaired: tuple[tuple[str, str], ...] = ()) -> tuple[Contribution, ...]:
    plain = [Contribution(date.fromisoformat(f"{month}-01")) for month in paid]
    return (
        *plain,
        *(Contribution(date.fromisoformat(f"{month}-01"), date.fromisoformat(day)) for month, day in repaired),
    )


@pytest.mark.req("S2-21")
@pytest.mark.parametrize(
    ("paid", "holds"),
    [
        (months("2026-05", "2026-04", "2026-03"), True),
        (months("2026-04", "2026-03", "2026-02"), True),  # May is not paid yet
        (months("2026-05", "2026-04"), False),
        (months("2026-05", "2026-04", "2026-02", "2026-01", "2025-12"), False),
        (months("2026-03", "2026-02", "2026-01"), False),
        (months("2026-01", "2025-12", "2025-11"), False),
        ((), False),
    ],
)
def test_months_in_a_row_are_counted_back_from_now(paid: tuple[Contribution, ...], holds: bool) -> None:
    decision = local(replace(facts(), contributions=paid), eligibility={"contribution_months": 3})

    assert refused_by(decision) == ([] if holds else [Rule.CONTRIBUTION_MONTHS])


@pytest.mark.req("S2-21")
@pytest.mark.parametrize(
    ("rule", "within", "run"),
    [("RESETS", None, 2), ("BRIDGES", None, 4), ("COUNTS", None, 5), ("COUNTS", 1, 2), ("COUNTS", 2, 5)],
)
def test_a_gap_that_was_repaired_counts_as_the_policy_says(rule: str, within: int | None, run: int) -> None:
    """March was paid on 15 May."""
    paid = months("2026-05", "2026-04", "2026-02", "2026-01", repaired=(("2026-03", "2026-05-15"),))
    for needed, holds in ((run, True), (run + 1, False)):
        terms: dict[str, object] = {"contribution_months": needed, "gap_rule": rule}
        terms |= {} if within is None else {"repair_within_months": within}
        decision = local(replace(facts(), contributions=paid), eligibility=terms)

        assert (refused_by(decision) == []) == holds


@pytest.mark.req("S2-35")
@pytest.mark.parametrize(
    ("groups", "holds"), [((), False), (("RETIREE",), False), (("RETIREE", "RESETTLED_RETIREE"), True)]
)
def test_only_members_of_a_group_may(groups: tuple[str, ...], holds: bool) -> None:
    terms = {"groups": ["RESETTLED_RETIREE", "POSTED_WORKER"]}
    decision = local(replace(facts(), groups=frozenset(groups)), eligibility=terms)

    assert refused_by(decision) == ([] if holds else [Rule.GROUP])


@pytest.mark.req("S2-22")
@pytest.mark.parametrize(
    ("status", "value"),
    [
        (None, "missing"),
        (HealthStatus("CHRONIC", "HOSPITAL", date(2026, 1, 1)), "missing"),
        (HealthStatus("CRITICAL", "FRIEND", date(2026, 1, 1)), "source not accepted"),
        (HealthStatus("CRITICAL", "HOSPITAL", date(2025, 5, 19)), "expired"),
        (HealthStatus("CRITICAL", "HOSPITAL", date(2026, 1, 1), date(2026, 5, 19)), "expired"),
        (HealthStatus("CRITICAL", "HOSPITAL", date(2026, 5, 21)), "expired"),
        (HealthStatus("CRITICAL", "HOSPITAL", date(2025, 5, 20), date(2026, 5, 20)), "valid"),
    ],
)
def test_a_health_status_needs_an_accepted_source_and_a_date_in_time(status: HealthStatus | None, value: str) -> None:
    terms = {"health_codes": ["CRITICAL"], "health_sources": ["HOSPITAL"], "health_valid_days": 365}
    known = replace(facts(), health=() if status is None else (status,))
    decision = local(known, replace(ask(10_000), stage=Stage.APPLICATION), eligibility=terms)

    assert next(each.value for each in decision.results if each.rule is Rule.HEALTH_STATUS) == f"CRITICAL: {value}"
    assert decision.correctable == (value != "valid")


@pytest.mark.req("S2-59")
@pytest.mark.parametrize(
    ("proof", "holds"),
    [
        (None, False),
        (Diagnosis("I21.9", date(2026, 5, 1)), True),
        (Diagnosis("c50.1", date(2026, 5, 1)), True),
        (Diagnosis("I210", date(2026, 5, 1)), True),
        (Diagnosis("I25.1", date(2026, 5, 1)), False),
        (Diagnosis("I21.9", date(2025, 11, 20)), False),
        (Diagnosis("I21.9", date(2025, 11, 21)), True),
        (Diagnosis("I21.9", date(2026, 5, 1), date(2026, 5, 19)), False),
    ],
)
def test_a_diagnosis_has_to_be_in_the_list_and_its_proof_valid(proof: Diagnosis | None, holds: bool) -> None:
    known = replace(facts(), diagnoses=() if proof is None else (proof,))
    decision = local(known, eligibility={"icd10": ["C", "I21"], "diagnosis_valid_days": 180})

    assert refused_by(decision) == ([] if holds else [Rule.DIAGNOSIS])


@pytest.mark.req("S2-59")
@pytest.mark.parametrize(
    ("listed", "code", "holds"),
    [
        ("C00-C97", "C00", True),
        ("C00-C97", "C97.9", True),
        ("C00-C97", "D00", False),
        ("I20-I25", "I19.9", False),
        ("I20-I25", "I25.103", True),
        ("A00-B99", "B34.2", True),
        ("C00-D48.9", "D48.9", True),
        ("N18.3-N18.5", "N18.4", True),
        ("N18.3-N18.5", "N18", False),
        ("N18.5", "N18.9", False),
    ],
)
def test_a_list_of_diagnoses_may_have_spans(listed: str, code: str, holds: bool) -> None:
    known = replace(facts(), diagnoses=(Diagnosis(code, NOON.date()),))

    assert refused_by(local(known, eligibility={"icd10": [listed]})) == ([] if holds else [Rule.DIAGNOSIS])


@pytest.mark.req("S2-35", "S2-56")
def test_members_of_a_group_have_limits_of_their_own() -> None:
    tables: dict[str, object] = {
        "limits": {"single_fen": {"CASH": 50_000}, "day_fen": 100_000},
        "groups": {
            "RETIRED": {"limits": {"single_fen": {"CASH": 300_000}, "day_fen": 600_000}},
            "RESETTLED": {"limits": {"day_fen": 200_000}},
        },
        "purposes": {"DAILY": {"allowed": True, "limits": {"day_fen": 30_000}}},
    }

    def most(*groups: str, **words: object) -> int:
        known = replace(facts(), groups=frozenset(groups))
        return local(known, ask(**words), **tables).maximum_fen  # type: ignore[arg-type]

    assert [most(), most("RETIRED"), most("RETIRED", "RESETTLED"), most("OTHER")] == [50_000, 300_000, 200_000, 50_000]
    assert most("RETIRED", purpose=Purpose.DAILY) == 30_000


# --- purpose, channel, provider


@pytest.mark.req("S2-49")
def test_only_the_channels_and_ways_of_payout_of_the_policy_are_accepted() -> None:
    tables: dict[str, object] = {"channels": ["ONLINE"], "payout_modes": ["TRANSFER"]}

    refused = local(facts(), **tables)
    assert (refused.code, refused_by(refused)) == ("58", [Rule.CHANNEL, Rule.PAYOUT_MODE])
    assert local(facts(), ask(10_000, channel=Channel.ONLINE, mode=PayoutMode.TRANSFER), **tables).code == "00"


@pytest.mark.req("S1-28")
def test_what_is_bound_to_a_place_or_provider_is_refused_elsewhere_and_names_it() -> None:
    bound = replace(facts(), application=Approved(1, 100_000, place="440305", provider="BANK1"))
    elsewhere = local(bound, ask(10_000, provider="BANK2"))

    assert elsewhere.code == "58"
    assert [(rule.rule, rule.region) for rule in elsewhere.reasons] == [
        ("application_place", "440305"),
        ("application_provider", "371000"),
    ]
    assert [result.value for result in elsewhere.refused] == ["440305", "BANK1"]
    assert decide(policy(), policy(SHENZHEN), bound, ask(10_000, provider="BANK1")).code == "00"


def test_an_application_for_transfers_is_not_paid_in_notes() -> None:
    bound = replace(facts(), application=Approved(1, 100_000, mode=PayoutMode.TRANSFER))

    assert refused_by(local(bound)) == [Rule.APPLICATION_MODE]


@pytest.mark.parametrize(
    ("providers", "code"), [({"only": ["BANK1"]}, "00"), ({"only": ["BANK2"]}, "58"), ({"refused": ["BANK1"]}, "58")]
)
def test_a_policy_names_the_providers_it_takes(providers: dict[str, object], code: str) -> None:
    assert local(facts(), ask(10_000, provider="BANK1"), providers=providers).code == code


@pytest.mark.req("S2-03")
def test_daily_spending_is_refused_where_a_policy_says_nothing_about_it() -> None:
    daily = ask(10_000, purpose=Purpose.DAILY)

    assert refused_by(local(facts(), daily)) == [Rule.PURPOSE]
    assert refused_by(local(facts(), daily, purposes={"TREATMENT": {}})) == [Rule.PURPOSE]
    assert local(facts(), daily, purposes={"DAILY": {"allowed": True}}).code == "00"


@pytest.mark.req("S2-15")
def test_each_purpose_has_limits_of_its_own() -> None:
    tables: dict[str, object] = {
        "purposes": {
            "UNUSUAL": {"limits": {"single_fen": {"CASH": 50_000}}, "details": ["OTHER"]},
            "EMERGENCY": {"limits": {"day_fen": 60_000}},
        }
    }
    unusual = ask(purpose=Purpose.UNUSUAL, detail=PurposeDetail.OTHER)

    assert local(facts(), unusual, **tables).maximum_fen == 50_000
    assert local(facts(), ask(purpose=Purpose.EMERGENCY), **tables).maximum_fen == 60_000
    assert local(facts(), ask(), **tables).maximum_fen == 500_000
    assert refused_by(local(facts(), ask(10_000, purpose=Purpose.UNUSUAL), **tables)) == [Rule.PURPOSE_DETAIL]


@pytest.mark.req("S2-30")
def test_rules_differ_by_situation() -> None:
    tables: dict[str, object] = {
        "limits": {"ratio_percent": 50},
        "situations": {"DISASTER": {"limits": {"ratio_percent": 100}, "documents": ["DISASTER_PROOF"]}},
    }

    assert local(facts(400_000), ask(), **tables).maximum_fen == 200_000
    assert local(facts(400_000), ask(situation="DISASTER"), **tables).maximum_fen == 400_000
    assert refused_by(local(facts(), ask(10_000, situation="FLOOD"), **tables)) == [Rule.SITUATION]


@pytest.mark.req("S2-29")
def test_a_proven_emergency_has_a_higher_limit() -> None:
    tables: dict[str, object] = {
        "limits": {"single_fen": {"CASH": 200_000}},
        "emergency": {"limits": {"single_fen": {"CASH": 800_000}}},
    }
    proven = Approved(1, 900_000, Purpose.EMERGENCY, proof=True)

    assert local(replace(facts(), application=proven), ask(), **tables).maximum_fen == 800_000
    unproven = replace(proven, proof=False)
    assert local(replace(facts(), application=unproven), ask(), **tables).maximum_fen == 200_000


# --- application


def test_without_an_application_only_a_standing_approval_pays() -> None:
    assert refused_by(local(facts(), approval={})) == [Rule.APPLICATION_REQUIRED, Rule.APPLICATION]
    assert local(facts(), approval={}).code == "57"
    small = local(facts(), ask(20_000), approval={"standing_approval_fen": 10_000})
    assert (small.code, refused_by(small), small.maximum_fen) == ("61", [Rule.APPLICATION], 10_000)
    assert local(facts(), approval={"standing_approval_fen": 10_000}).code == "00"


def test_both_regions_have_to_grant_a_standing_approval() -> None:
    place = policy(SHENZHEN, approval={})

    assert [each.region for each in decide(policy(), place, facts(), ask(10_000)).refused] == [SHENZHEN, SHENZHEN]
    approved = replace(facts(), application=Approved(1, 20_000))
    assert decide(policy(), place, approved, ask(20_000)).code == "00"
    assert decide(policy(), place, approved, ask(30_000)).code == "61"


@pytest.mark.req("S2-65")
@pytest.mark.parametrize("transition", list(Transition))
def test_a_new_version_keeps_or_stops_what_was_approved_before_it(transition: Transition) -> None:
    decision = local(replace(facts(), application=Approved(1, 100_000, transition=transition)))

    assert refused_by(decision) == ([] if transition is Transition.KEEP else [Rule.TRANSITION])


# --- counts, intervals, ceilings


@pytest.mark.req("S2-33")
@pytest.mark.parametrize(
    ("limits", "use", "rule"),
    [
        ({"draws_per_day": 2}, Usage(draws_today=2), Rule.COUNT_DAY),
        ({"draws_per_month": 3}, Usage(draws_this_month=3), Rule.COUNT_MONTH),
        ({"draws_per_year": 12}, Usage(draws_this_year=12), Rule.COUNT_YEAR),
        ({"interval_minutes": 30}, Usage(last_draw_at=NOON - timedelta(minutes=29)), Rule.INTERVAL),
    ],
)
def test_too_many_or_too_soon_is_65(limits: dict[str, object], use: Usage, rule: Rule) -> None:
    refused = local(replace(facts(), home_use=use), limits=limits)
    assert (refused.code, refused_by(refused), refused.maximum_fen) == ("65", [rule], 0)

    one_less = Usage(1, 1, 1, 1, 1, 2, 11, NOON - timedelta(minutes=30))
    assert local(replace(facts(), home_use=one_less), limits=limits).code == "00"


@pytest.mark.req("S2-20")
def test_a_region_that_has_paid_its_ceiling_pays_no_more() -> None:
    ceilings = {"day_fen": 1_000_000, "year_fen": 9_000_000}
    used = replace(facts(), home_region=RegionUse(today_fen=990_000, year_fen=990_000))

    assert local(used, ask(10_000), ceilings=ceilings).code == "00"
    over = local(used, ask(20_000), ceilings=ceilings)
    assert (over.code, refused_by(over), over.maximum_fen) == ("61", [Rule.REGION_DAY_CEILING], 10_000)
    year = replace(facts(), home_region=RegionUse(year_fen=9_000_000))
    assert refused_by(local(year, ask(10_000), ceilings=ceilings)) == [Rule.REGION_YEAR_CEILING]


def test_the_ceiling_of_the_destination_counts_what_was_paid_there() -> None:
    place = policy(SHENZHEN, ceilings={"day_fen": 100_000})
    decision = decide(policy(), place, replace(facts(), place_region=RegionUse(today_fen=95_000)), ask(10_000))

    assert [(result.rule, result.region) for result in decision.refused] == [(Rule.REGION_DAY_CEILING, SHENZHEN)]


def test_each_region_counts_in_its_own_year() -> None:
    home, place = policy(limits={"year_start": "07-01"}), policy(SHENZHEN)
    known = replace(facts(), home_use=Usage(year_fen=0), place_use=Usage(year_fen=2_000_000))

    assert refused_by(decide(home, place, known, ask(10_000))) == [Rule.ANNUAL_LIMIT]


# --- the person


def test_own_limits_and_an_own_lock_come_on_top() -> None:
    own = replace(facts(), own_single_fen=50_000, own_day_fen=60_000, home_use=Usage(today_fen=30_000))

    assert local(own, ask()).maximum_fen == 30_000
    assert refused_by(local(own, ask(40_000))) == [Rule.OWN_LIMIT]
    locked = local(replace(facts(), locked=True))
    assert (locked.code, refused_by(locked)) == ("62", [Rule.OWN_LOCK])


@pytest.mark.parametrize(
    ("state", "code"), [("inactive", "57"), ("frozen", "62"), ("suspended", "62"), ("closed", "42"), ("deceased", "57")]
)
def test_an_account_that_is_not_active_is_refused(state: str, code: str) -> None:
    assert local(replace(facts(), account_state=PersonState(state))).code == code


@pytest.mark.parametrize(
    ("what", "code"), [("PERSON", "62"), ("LEGAL_HOLD", "62"), ("PROVIDER", "03"), ("TERMINAL", "58")]
)
def test_what_is_suspended_gets_nothing(what: str, code: str) -> None:
    decision = local(replace(facts(), suspended=frozenset({Suspended(what)})))

    assert (decision.code, refused_by(decision)) == (code, [Rule.SUSPENSION])


# --- the stage of an application


def test_an_application_is_not_asked_what_only_a_payout_is() -> None:
    tables: dict[str, object] = {
        "hours": {"atm": {"working": []}},
        "approval": {},
        "limits": {"draws_per_day": 0, "single_fen": {"CASH": 0}, "year_fen": 100_000},
    }
    asked = replace(ask(100_000), stage=Stage.APPLICATION)

    assert local(facts(0), asked, **tables).code == "00"
    assert refused_by(local(facts(0), replace(asked, amount_fen=110_000), **tables)) == [Rule.ANNUAL_LIMIT]
