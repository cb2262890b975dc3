from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection

from simulators.authority.database import Database
from simulators.authority.policy.decision import decide
from simulators.authority.policy.decision_store import decode_facts, encode_facts, store_decision
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.question import Approved, Facts, HealthStatus, Usage
from simulators.authority.policy.simulation import simulate
from simulators.authority.policy.vocabulary import Purpose, Rule
from simulators.authority.tables.people import persons
from tests.simulators.authority.policy.policies import NOON, SHENZHEN, ask, facts, policy

HOME, PLACE = policy("371000", "a", limits={"single_fen": {"CASH": 300_000}}), policy(SHENZHEN, "b")
BOOK = PolicyBook([HOME, PLACE])


def nothing_more(_connection: Connection, _person_id: int, _on: date, facts: Facts) -> Facts:
    """There is no register to ask."""
    return facts


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A person who drew 100, 200, 300 yuan times ten, was refused 4,000, and asked what there is."""
    with Database().transaction() as connection:
        values = {"id_index": "x", "name_sealed": b"", "id_number_sealed": b"", "region": "371000", "state": "active"}
        connection.execute(persons.insert().values(**values))
        for fen in (100_000, 200_000, 300_000, 400_000, None):
            store_decision(connection, decide(HOME, PLACE, facts(), ask(fen, NOON)), 1, None)
        yield connection


@pytest.mark.req("S2-39")
def test_a_draft_is_judged_by_past_payouts_before_it_is_activated(connection: Connection) -> None:
    draft = policy("371000", "draft", limits={"single_fen": {"CASH": 150_000}, "day_fen": 250_000})
    found = simulate(connection, draft, BOOK, nothing_more)

    assert (found.judged, found.same, found.unjudged) == (4, 2, 0)
    assert [(each.amount_fen, each.code_before, each.code_after) for each in found.refused] == [
        (200_000, "00", "61"),
        (300_000, "00", "61"),
    ]
    assert found.by_rule == {Rule.SINGLE_LIMIT: 2, Rule.DAY_LIMIT: 1}
    assert (found.refused_fen, found.allowed_fen) == (500_000, 0)


def test_a_wider_draft_would_have_paid_more(connection: Connection) -> None:
    found = simulate(connection, policy("371082", "draft"), BOOK, nothing_more)

    assert [(each.amount_fen, each.rules) for each in found.allowed] == [(400_000, (Rule.SINGLE_LIMIT,))]


def test_a_draft_of_the_destination_counts_as_well(connection: Connection) -> None:
    found = simulate(connection, policy(SHENZHEN, "draft", enabled=False), BOOK, nothing_more)

    assert (len(found.refused), found.by_rule) == (3, {Rule.SERVICE: 3})


def test_only_the_days_asked_for_and_the_drafts_own_region_are_judged(connection: Connection) -> None:
    assert simulate(connection, policy("510100", "draft"), BOOK, nothing_more).judged == 0
    assert simulate(connection, HOME, BOOK, nothing_more, since=date(2026, 5, 21)).judged == 0
    assert simulate(connection, HOME, BOOK, nothing_more, until=date(2026, 5, 20)).judged == 4


def test_decisions_under_versions_that_nobody_has_are_counted_apart(connection: Connection) -> None:
    found = simulate(connection, HOME, PolicyBook([HOME]), nothing_more)

    assert (found.judged, found.unjudged) == (0, 4)


def test_what_the_register_knows_is_asked_for_the_day_of_the_decision(connection: Connection) -> None:
    draft = policy("371000", "draft", eligibility={"groups": ["RETIREE"]})

    def register(_connection: Connection, person_id: int, on: date, told: Facts) -> Facts:
        assert (person_id, on) == (1, NOON.date())
        return replace(told, groups=frozenset({"RETIREE"}))

    assert simulate(connection, draft, BOOK, register).refused == ()
    assert len(simulate(connection, draft, BOOK, nothing_more).refused) == 3


def test_facts_are_kept_without_what_is_known_of_health() -> None:
    told = Facts(
        500,
        home_use=Usage(today_fen=7, last_draw_at=NOON),
        application=Approved(3, 400, Purpose.EMERGENCY),
        health=(HealthStatus("CRITICAL", "HOSPITAL", NOON.date()),),
    )
    kept = encode_facts(told)

    assert "CRITICAL" not in kept
    assert decode_facts(kept) == replace(told, health=())
