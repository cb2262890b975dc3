"""Keeps decisions with every rule that was evaluated."""

from pydantic import TypeAdapter
from sqlalchemy import Connection, insert

from simulators.authority.policy.decision import Decision
from simulators.authority.policy.question import Facts
from simulators.authority.tables.decisions import decision_rules, decisions

_FACTS = TypeAdapter(Facts)
_OF_THE_REGISTER = frozenset({"insured_since", "contributions", "groups", "health", "diagnoses"})
"""What the people's register can tell for any day, some of it sealed: not kept beside a decision."""

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
            "detail": case.detail,
            "situation": case.situation,
            "provider": ask.provider,
            "facts": None if ask.amount_fen is None else encode_facts(decision.facts),
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


def encode_facts(facts: Facts) -> str:
    """The money and counts of a decision as JSON; what is as by default is left out."""
    return _FACTS.dump_json(facts, exclude=set(_OF_THE_REGISTER), exclude_defaults=True).decode()


def decode_facts(text: str) -> Facts:
    """What `encode_facts` kept; facts of the register are neutral."""
    return _FACTS.validate_json(text)
