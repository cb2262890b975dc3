"""SQLite when the power goes at every operation of its disk: shipped settings lose nothing, weaker ones do."""

from collections.abc import Sequence

import pytest

from simulators.campaign import durability
from simulators.campaign.durability import OTHERS, SHIPPED, Settings, Transaction
from simulators.campaign.tape import Tape, Visit


@pytest.fixture(scope="module")
def one_withdrawal() -> Sequence[Transaction]:
    return durability.record(Tape(seed=1, visits=(Visit(person=0),)))


def test_the_journal_loses_no_acknowledged_record() -> None:
    verdict = durability.journal(SHIPPED)

    assert verdict.runs == verdict.operations * durability.SEEDS > 400
    assert not verdict.violations


def test_the_authoritys_statements_lose_no_acknowledged_transaction(one_withdrawal: Sequence[Transaction]) -> None:
    verdict = durability.ledger(SHIPPED, seeds=1, stream=one_withdrawal)

    assert verdict.operations > 100
    assert not verdict.violations


@pytest.mark.parametrize("settings", OTHERS, ids=str)
def test_the_disk_tells_safe_settings_of_the_journal_from_weak_ones(settings: Settings) -> None:
    verdict = durability.journal(settings, seeds=2)

    assert verdict.expected, verdict


@pytest.mark.parametrize("settings", [each for each in OTHERS if not each.safe], ids=str)
def test_the_disk_finds_weak_settings_of_the_ledger(settings: Settings, one_withdrawal: Sequence[Transaction]) -> None:
    verdict = durability.ledger(settings, seeds=1, stream=one_withdrawal)

    assert verdict.expected, verdict


def test_the_recorded_transactions_are_those_that_write(one_withdrawal: Sequence[Transaction]) -> None:
    assert all(any(not text.startswith("SELECT") for text, _ in transaction) for transaction in one_withdrawal)
    assert any(text.startswith("INSERT INTO postings") for transaction in one_withdrawal for text, _ in transaction)
