"""Keeps decisions with every rule that was evaluated."""

from sqlalchemy import Connection, insert

from simulators.authority.policy.decision import Decision
from simulators.authority.tables.decisions import decision_rules, decisions

# A statement that is made once is compiled once.
_DECISION = insert(decisions)
_RULE = insert(decision_rules)


def store_decision(connection: Connection, decision: Decision, person_id: int, terminal: str | None) -> int:
    """Keep a decision; its id. `terminal` is None online and at the counter."""
    ask, case = decision.ask, decision.case
    inserted = connection.execute(
        _DECISION,
        {
            "at": ask.at.isoformat(),
            "person_id": person_id,
            "terminal": terminal,
            "stage": ask.stage,
            "channel": ask.channel,
            "mode": ask.mode,
            "purpose": case.purpose,
            "application_id": decision.application_id,
            "amount_fen": ask.amount_fen,
            "home": decision.home.region,
            "home_version": decision.home.version,
            "place": decision.place.region,
            "place_version": decision.place.version,
            "code": decision.code,
            "maximum_fen": decision.maximum_fen,
        },
    ).inserted_primary_key
    assert inserted is not None
    rows = [
        {
            "decision_id": inserted[0],
            "rule": result.rule,
            "region": result.region,
            "version": result.version,
            "outcome": result.outcome,
            "value": result.value[:200],
            "basis": result.basis,
        }
        for result in decision.results
    ]
    connection.execute(_RULE, rows)
    return int(inserted[0])
