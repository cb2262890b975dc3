"""Answers given, kept so that a request that comes twice is answered once.

A repetition is the same message byte for byte, so its MAC is the same. Another message under a key that was used, or
a repetition after its approval has ended or on another day, is a duplicate that must not pay again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hmac import compare_digest

from sqlalchemy import Connection, RowMapping, bindparam, insert, select

from protocol.money_line import ResponseCode as Code
from protocol.money_line import response_code
from simulators.authority.ledger.draws import ExchangeKey, find_draw, rows_around
from simulators.authority.tables.money_line import exchanges

EXCHANGES, PAYOUTS = 90_000_000, 10_000_000
"""How many numbers of references are for exchanges of terminals; how many, behind these, for other payouts."""

_FIND = rows_around(exchanges)
_KEEP = insert(exchanges)
_MACS = select(exchanges.c.request_mac).where(
    exchanges.c.terminal == bindparam("terminal"),
    exchanges.c.batch == bindparam("batch"),
    exchanges.c.stan == bindparam("stan"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply code with the fields that come with it; `sign_on` asks the terminal to sign on.

    `card_id` is the card whose PIN was right, whatever became of the request.
    """

    code: Code
    fields: Mapping[int, str | bytes] = field(default_factory=dict, repr=False)
    sign_on: bool = False
    card_id: int | None = None


def earlier_answer(connection: Connection, key: ExchangeKey, mac: bytes) -> Answer | None:
    """The answer to a request whose key was seen before; None for a new one."""
    draw = find_draw(connection, key)
    row = _row(connection, key)
    if draw is None and row is None:
        return Answer(Code.DUPLICATE) if _is_replay(connection, key, mac) else None
    if row is None or (draw is not None and not draw.stands):
        return Answer(Code.DUPLICATE)
    if not compare_digest(row["request_mac"], mac):
        return Answer(Code.DUPLICATE)
    kept = json.loads(row["reply"])
    code = response_code(kept["code"])
    assert code is not None
    answer = Answer(code, {int(number): value for number, value in kept["fields"].items()}, kept["sign_on"])
    return _with_reference(answer, row["business_date"], row["id"])


def keep_answer(connection: Connection, key: ExchangeKey, mac: bytes, answer: Answer, at: datetime) -> Answer:
    """Keep the answer to a new request; the answer with its retrieval reference (field 37)."""
    fields = {str(number): value for number, value in answer.fields.items()}
    kept = {"code": answer.code, "fields": fields, "sign_on": answer.sign_on}
    inserted = connection.execute(
        _KEEP,
        {
            "terminal": key.terminal,
            "batch": key.batch,
            "stan": key.stan,
            "business_date": key.business_date,
            "at": at.isoformat(),
            "request_mac": mac,
            "card_id": answer.card_id,
            "reply": json.dumps(kept),
        },
    ).inserted_primary_key
    assert inserted is not None
    return _with_reference(answer, key.business_date, int(inserted[0]))


def reference_of(business_date: date, exchange_id: int) -> str:
    """Field 37: last digit of the year, day of the year, and a number that is never used twice."""
    return f"{business_date.year % 10}{business_date:%j}{exchange_id % EXCHANGES:08d}"


def payout_reference(business_date: date, draw_id: int) -> str:
    """What field 37 is to a terminal: the reference of a payout that passes none."""
    return f"{business_date.year % 10}{business_date:%j}{EXCHANGES + draw_id % PAYOUTS:08d}"


def was_answered(connection: Connection, key: ExchangeKey) -> bool:
    """Has a request with this key been answered?"""
    return _row(connection, key) is not None


def _is_replay(connection: Connection, key: ExchangeKey, mac: bytes) -> bool:
    """Was this very message answered on another day? A request carries no date, and keys outlive midnight."""
    macs = connection.scalars(_MACS, {"terminal": key.terminal, "batch": key.batch, "stan": key.stan})
    return any(compare_digest(earlier, mac) for earlier in macs)


def _row(connection: Connection, key: ExchangeKey) -> RowMapping | None:
    rows = connection.execute(_FIND, key.parameters()).mappings()
    return next((row for row in rows if key.is_of(row)), None)


def _with_reference(answer: Answer, business_date: date, exchange_id: int) -> Answer:
    return replace(answer, fields={**answer.fields, 37: reference_of(business_date, exchange_id)})
