"""Policies, facts and questions for tests, with little said by default: no limit but the amounts, open all day."""

from dataclasses import replace
from datetime import datetime

from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.decision import Decision, Outcome, decide
from simulators.authority.policy.question import Ask, Facts, Usage
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Rule

WEIHAI, SHENZHEN, CHENGDU = "371000", "440300", "510100"
NOON = datetime(2026, 5, 20, 12, 0, tzinfo=SHANGHAI)


def policy(region: str = WEIHAI, version: str = "v1", /, **tables: object) -> RegionPolicy:
    """A policy of wide limits, with the tables and keys that a test is about; `limits` are added to the wide ones."""
    wide: dict[str, object] = {
        "single_fen": {"CASH": 500_000, "TRANSFER": 500_000},
        "day_fen": 1_000_000,
        "year_fen": 2_000_000,
        "draws_per_month": "unlimited",
        "minimum_remainder_fen": 0,
        "ratio_percent": 100,
        "note_multiple_fen": 10_000,
    }
    changed = tables.pop("limits", {})
    assert isinstance(changed, dict)
    base: dict[str, object] = {
        "region": region,
        "name": f"测试{region}",
        "version": version,
        "valid_from": "2026-01-01",
        "legal_basis": f"test basis {region}",
        "enabled": True,
        "approval": {"standing_approval_fen": 10_000_000},
        "limits": wide | changed,
    }
    return RegionPolicy.model_validate(base | tables)


def ask(amount_fen: int | None = None, at: datetime = NOON, **words: object) -> Ask:
    """A question about a draw at noon of a working day."""
    return replace(Ask(at, amount_fen), **words)  # type: ignore[arg-type]


def facts(balance_fen: int = 1_000_000, held_fen: int = 0, today_fen: int = 0, year_fen: int = 0) -> Facts:
    """What there is and what was used."""
    return Facts(balance_fen, held_fen, home_use=Usage(today_fen=today_fen, year_fen=year_fen))


def judge(home: RegionPolicy, place: RegionPolicy, known: Facts, question: Ask) -> Decision:
    """Decide on the calendar that comes with the simulator."""
    return decide(home, place, known, question)


def outcomes(decision: Decision, rule: Rule) -> list[tuple[str, Outcome]]:
    """Whose word counted, and how the rule came out."""
    return [(result.region, result.outcome) for result in decision.results if result.rule is rule]


def refused_by(decision: Decision) -> list[Rule]:
    """The rules that are not met."""
    return [result.rule for result in decision.refused]
