"""Settlement of a terminal's batch: its totals against our books, and the upload of every payout where they differ.

    batch     | 0500, totals are ours      | 0500, they are not          | 0320 record  | 0320 end
    open      | BALANCED, the next opens   | UPLOADING, answered 79      | 12           | 12
    UPLOADING | the answer given before    | the answer given before     | kept once    | DIFFERENT, the next opens
    closed    | the answer given before    | 94                          | the same: 00 | 00

A payout belongs to the batch in which it was authorised, and counts with the sum that was confirmed; a transfer counts
when it is approved. What was given back later by people is no matter of the terminal. An upload posts nothing: what
differs is an exception that people settle, and the next batch begins clean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, insert, select, update

from protocol.money_line import (
    BatchEnd,
    BatchRecord,
    NetworkCode,
    Settlement,
    SettlementRequest,
    SettlementResult,
    Totals,
)
from protocol.money_line import ResponseCode as Code
from protocol.wire import RemoteProtocolError
from simulators.authority.business_time import date_nearest
from simulators.authority.money_line.exchanges import Answer
from simulators.authority.money_line.terminals import Terminal, open_next_batch
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.base import total
from simulators.authority.tables.ledger import DrawState, draws
from simulators.authority.tables.money_line import BatchState, batch_records, batches

_FIND = select(batches).where(batches.c.terminal == bindparam("name"), batches.c.batch == bindparam("number"))
_CLOSE = update(batches).where(batches.c.id == bindparam("row"))
_TOTALS = select(total(draws.c.confirmed_fen), func.count()).where(
    draws.c.terminal == bindparam("name"),
    draws.c.batch == bindparam("number"),
    draws.c.state == DrawState.CONFIRMED,
    draws.c.confirmed_fen > 0,
)
_RECORD = select(batch_records).where(
    batch_records.c.batch_id == bindparam("row"),
    batch_records.c.stan == bindparam("number"),
    batch_records.c.business_date == bindparam("day"),
)
_COUNT = select(func.count()).select_from(batch_records).where(batch_records.c.batch_id == bindparam("row"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One payout of a batch that terminal and books tell differently, in fen; None where one of them has none."""

    stan: int
    told_fen: int | None
    booked_fen: int | None


def batch_totals(connection: Connection, terminal: str, batch: int) -> Totals:
    """What our books say that a terminal paid in a batch."""
    fen, number = connection.execute(_TOTALS, {"name": terminal, "number": batch}).one()
    return Totals(debit_fen=int(fen), debit_count=int(number))


def settle(connection: Connection, terminal: Terminal, request: SettlementRequest, at: datetime) -> Answer:
    """Answer a 0500."""
    row = _find(connection, terminal.id, request.batch)
    told, ours = request.settlement.domestic, batch_totals(connection, terminal.id, request.batch)
    if row is not None:
        return _asked_again(row, request)
    if request.batch != terminal.batch:
        return Answer(Code.BATCH_MISMATCH, sign_on=True)
    state = BatchState.BALANCED if told == ours and _nothing(request) else BatchState.UPLOADING
    balanced = state is BatchState.BALANCED
    connection.execute(
        insert(batches),
        {
            "terminal": terminal.id,
            "batch": request.batch,
            "state": state,
            "at": at.isoformat(),
            "business_date": at.date(),
            "told_debit_fen": told.debit_fen,
            "told_debit_count": told.debit_count,
            "told_credit_fen": told.credit_fen,
            "told_credit_count": told.credit_count,
            "our_debit_fen": ours.debit_fen,
            "our_debit_count": ours.debit_count,
            "closed_at": at.isoformat() if balanced else None,
        },
    )
    if balanced:
        open_next_batch(connection, terminal)
    else:
        text = f"batch {request.batch}: {told.debit_count} payouts of {told.debit_fen} fen by the terminal, "
        text += f"{ours.debit_count} of {ours.debit_fen} fen by our books"
        note_incident(connection, at, "totals differ", text, terminal.id)
    return _result(request, balanced=balanced)


def upload(connection: Connection, terminal: Terminal, record: BatchRecord, at: datetime) -> Answer:
    """Keep one payout of a batch that did not balance, once. Posts nothing."""
    row = _find(connection, terminal.id, record.batch)
    day = date_nearest(record.original.date, at.date())
    if day is None:
        raise RemoteProtocolError("field 61 has no date of the calendar")
    if row is None:
        return _out_of_order(connection, terminal, "a batch upload without a settlement", at)
    kept = (
        connection.execute(_RECORD, {"row": row["id"], "number": record.original.stan, "day": day}).mappings().first()
    )
    if kept is not None:
        return Answer(Code.APPROVED if kept["amount_fen"] == record.amount else Code.DUPLICATE)
    if row["state"] != BatchState.UPLOADING:
        return _out_of_order(connection, terminal, "a further payout of a batch that is closed", at)
    connection.execute(
        insert(batch_records),
        {
            "batch_id": row["id"],
            "stan": record.original.stan,
            "business_date": day,
            "processing_code": record.processing_code,
            "amount_fen": record.amount,
            "reference": record.reference,
            "at": at.isoformat(),
        },
    )
    return Answer(Code.APPROVED)


def end_upload(connection: Connection, terminal: Terminal, end: BatchEnd, at: datetime) -> Answer:
    """Close a batch whose payouts were all uploaded, with an incident for each that differs."""
    if end.network not in (NetworkCode.UPLOAD_ENDED, NetworkCode.UPLOAD_ENDED_BALANCED):
        return Answer(Code.NOT_SUPPORTED)
    row = _find(connection, terminal.id, end.batch)
    if row is None:
        return _out_of_order(connection, terminal, "the end of an upload without a settlement", at)
    if row["state"] != BatchState.UPLOADING:
        return Answer(Code.APPROVED)
    if end.records != connection.scalar(_COUNT, {"row": row["id"]}):
        note_incident(connection, at, "upload incomplete", f"batch {end.batch}: {end.records} told", terminal.id)
        return Answer(Code.RECONCILIATION_ERROR)
    connection.execute(_CLOSE, {"row": row["id"], "state": BatchState.DIFFERENT, "closed_at": at.isoformat()})
    for found in differences(connection, row["id"]):
        told, booked = ("none" if fen is None else f"{fen} fen" for fen in (found.told_fen, found.booked_fen))
        text = f"batch {end.batch}, trace number {found.stan}: {told} by the terminal, {booked} by our books"
        note_incident(connection, at, "payout differs", text, terminal.id)
    open_next_batch(connection, terminal)
    return Answer(Code.APPROVED)


def differences(connection: Connection, batch_id: int) -> tuple[Difference, ...]:
    """The payouts of an uploaded batch on which terminal and books do not agree, by trace number."""
    row = connection.execute(select(batches).where(batches.c.id == batch_id)).mappings().one()
    told: Mapping[int, int] = {
        record["stan"]: record["amount_fen"]
        for record in connection.execute(select(batch_records).where(batch_records.c.batch_id == batch_id)).mappings()
    }
    paid = and_(
        draws.c.terminal == row["terminal"],
        draws.c.batch == row["batch"],
        draws.c.state == DrawState.CONFIRMED,
        draws.c.confirmed_fen > 0,
    )
    booked: Mapping[int, int] = {
        draw["stan"]: draw["confirmed_fen"]
        for draw in connection.execute(select(draws.c.stan, draws.c.confirmed_fen).where(paid)).mappings()
    }
    return tuple(
        Difference(stan, told.get(stan), booked.get(stan))
        for stan in sorted(told.keys() | booked.keys())
        if told.get(stan) != booked.get(stan)
    )


def _find(connection: Connection, terminal: str, batch: int) -> RowMapping | None:
    return connection.execute(_FIND, {"name": terminal, "number": batch}).mappings().first()


def _asked_again(row: RowMapping, request: SettlementRequest) -> Answer:
    told = request.settlement.domestic
    same = (told.debit_fen, told.debit_count, told.credit_fen, told.credit_count) == (
        row["told_debit_fen"],
        row["told_debit_count"],
        row["told_credit_fen"],
        row["told_credit_count"],
    )
    if not same and row["closed_at"] is not None:
        return Answer(Code.DUPLICATE)
    return _result(request, balanced=row["state"] == BatchState.BALANCED)


def _result(request: SettlementRequest, *, balanced: bool) -> Answer:
    """79 with the digits that say so where totals differ. Foreign cards have no account here: their totals are 0."""
    domestic = SettlementResult.BALANCED if balanced else SettlementResult.NOT_BALANCED
    foreign = SettlementResult.BALANCED if _nothing(request) else SettlementResult.NOT_BALANCED
    told = request.settlement
    found = Settlement(told.domestic, domestic, told.foreign, foreign)
    return Answer(Code.APPROVED if balanced else Code.NOT_BALANCED, {48: found.encode()})


def _nothing(request: SettlementRequest) -> bool:
    return request.settlement.foreign == Totals()


def _out_of_order(connection: Connection, terminal: Terminal, what: str, at: datetime) -> Answer:
    note_incident(connection, at, "out of order", what, terminal.id)
    return Answer(Code.INVALID_TRANSACTION)
