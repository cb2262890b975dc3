"""The register of every request for money, with its answer, its class and its risk: what supervisors look through.

A row is written once, when the answer is known, in the same transaction as what the answer stands for.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from protocol.money_line import ResponseCode as Code
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.supervision.matters import matter_of_decline
from simulators.authority.supervision.risk.judge import Verdict
from simulators.authority.tables.supervision import Asked, RiskAction, payout_requests

_ENTER = insert(payout_requests)


@dataclass(slots=True)
class RequestNotes:
    """What comes to be known of one request on its way to an answer."""

    trace: str
    channel: Channel
    asked: Asked
    place: str
    terminal: str | None = None
    provider: str | None = None
    home: str | None = None
    person_id: int | None = None
    card_index: str | None = None
    amount_fen: int | None = None
    most_fen: int | None = None
    verdict: Verdict | None = None
    decision_id: int | None = None
    draw_id: int | None = None


def enter_request(connection: Connection, notes: RequestNotes, code: Code, at: datetime) -> None:
    """Keep a request with its answer."""
    verdict = notes.verdict
    findings = [] if verdict is None else [[each.kind, each.points, each.value] for each in verdict.findings]
    connection.execute(
        _ENTER,
        {
            "at": at.isoformat(),
            "trace": notes.trace,
            "channel": notes.channel,
            "asked": notes.asked,
            "terminal": notes.terminal,
            "provider": notes.provider,
            "place": notes.place,
            "home": notes.home,
            "person_id": notes.person_id,
            "card_index": notes.card_index,
            "amount_fen": notes.amount_fen,
            "most_fen": notes.most_fen,
            "code": code,
            "matter": matter_of_decline(code),
            "risk": RiskAction.NOT_ASKED if verdict is None else verdict.action,
            "points": 0 if verdict is None else verdict.points,
            "findings": json.dumps(findings),
            "risk_version": None if verdict is None else verdict.version,
            "decision_id": notes.decision_id,
            "draw_id": notes.draw_id,
        },
    )
