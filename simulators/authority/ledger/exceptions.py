"""What keeps debits and payouts from being even, by name: each with an owner, until it ends or people close it.

kind             | there while                                     | ends
OPEN_HOLD        | an enquiry is undecided                         | by itself
PENDING_TRANSFER | a bank has not credited                         | by itself
DEBT             | a person's balance is below nothing             | by itself
SUSPENSE         | notes were paid without an open approval        | closed by two people
MISSING_HERE, MISSING_THERE, AMOUNT_DIFFERS: a settlement did not balance | closed by two people

Who takes one looks into it; another supervisor closes it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from simulators.authority.actors import Actor, Role
from simulators.authority.money_line.batches import differences
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.refusal import Problem, Refused
from simulators.authority.tables.ledger import (
    AccountKind,
    EnquiryState,
    EntryKind,
    ExceptionKind,
    ExceptionState,
    TransferState,
    accounts,
    draws,
    enquiries,
    entries,
    ledger_exceptions,
    postings,
    transfers,
)
from simulators.authority.tables.money_line import BatchState, batches
from simulators.authority.tables.service_line import staff

BY_ITSELF = frozenset({ExceptionKind.OPEN_HOLD, ExceptionKind.PENDING_TRANSFER, ExceptionKind.DEBT})
"""Kinds that end when what they name is no more."""

SETTLED_WITHIN = timedelta(days=14)
"""How far back settlements are looked at again."""

NOBODY = "supervision"
"""Who owns an exception that nobody has taken."""


@dataclass(frozen=True, slots=True)
class LedgerException:
    """One named exception; `amount_fen` is what it is about. Times are ISO 8601."""

    id: int
    kind: ExceptionKind
    state: ExceptionState
    owner: str
    payer: str | None
    draw_id: int | None
    person_id: int | None
    amount_fen: int
    opened_at: str
    closed_at: str | None
    ending: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    reference: str
    kind: ExceptionKind
    amount_fen: int
    payer: str | None = None
    draw_id: int | None = None
    person_id: int | None = None


def collect_exceptions(connection: Connection, at: datetime) -> int:
    """Name everything that is not even, once, and end what is no more; how many are new."""
    there = {found.reference: found for found in _look(connection, at)}
    known = {row["reference"]: row for row in connection.execute(select(ledger_exceptions)).mappings()}
    new = [
        {
            "reference": found.reference,
            "kind": found.kind,
            "state": ExceptionState.OPEN,
            "owner": NOBODY,
            "payer": found.payer,
            "draw_id": found.draw_id,
            "person_id": found.person_id,
            "amount_fen": found.amount_fen,
            "opened_at": at.isoformat(),
        }
        for found in there.values()
        if found.reference not in known
    ]
    if new:
        connection.execute(insert(ledger_exceptions), new)
    for reference, row in known.items():
        now = there.get(reference)
        if row["kind"] not in BY_ITSELF:
            continue
        if now is None and row["state"] == ExceptionState.OPEN:
            _change(connection, row["id"], state=ExceptionState.ENDED, closed_at=at.isoformat())
        elif now is not None and (row["state"] != ExceptionState.OPEN or row["amount_fen"] != now.amount_fen):
            again = {"state": ExceptionState.OPEN, "closed_at": None, "amount_fen": now.amount_fen}
            _change(connection, row["id"], **again)
    return len(new)


def find_exceptions(
    connection: Connection, *, open_only: bool = True, kind: ExceptionKind | None = None
) -> tuple[LedgerException, ...]:
    """What is open, or all that ever was, oldest first."""
    query = select(ledger_exceptions).order_by(ledger_exceptions.c.id)
    if open_only:
        query = query.where(ledger_exceptions.c.state == ExceptionState.OPEN)
    if kind is not None:
        query = query.where(ledger_exceptions.c.kind == kind)
    return tuple(_exception(row) for row in connection.execute(query).mappings())


def open_exceptions(connection: Connection) -> tuple[LedgerException, ...]:
    """What is open, oldest first."""
    return find_exceptions(connection)


def exception_of_id(connection: Connection, exception_id: int) -> LedgerException | None:
    """The exception as it is now."""
    row = connection.execute(select(ledger_exceptions).where(ledger_exceptions.c.id == exception_id)).mappings().first()
    return None if row is None else _exception(row)


def take_exception(connection: Connection, exception_id: int, actor: Actor, at: datetime) -> None:
    """A supervisor sees to it from now on. Raises Refused."""
    found = _open(connection, exception_id)
    if problems := _not_for(actor, found):
        raise Refused(problems)
    _change(connection, exception_id, owner=actor.id)
    note(connection, at, actor, "took an exception", f"ledger_exception:{exception_id}")


def close_exception(connection: Connection, exception_id: int, actor: Actor, at: datetime, ending: str) -> None:
    """Another supervisor than the one who took it sees it settled, and says how. Raises Refused."""
    found = _open(connection, exception_id)
    problems = list(_not_for(actor, found))
    if found.kind in BY_ITSELF:
        problems.append(Problem("exception", "supervision.exception.ends_by_itself"))
    elif found.owner == NOBODY:
        problems.append(Problem("exception", "supervision.exception.not_taken"))
    elif actor.is_same_human(_owner(connection, found)):
        problems.append(Problem("actor", "supervision.exception.closed_by_another"))
    if not ending.strip():
        problems.append(Problem("ending", "supervision.exception.ending_missing"))
    if problems:
        raise Refused(problems)
    said = ending.strip()[:200]
    _change(connection, exception_id, state=ExceptionState.CLOSED, closed_at=at.isoformat(), ending=said)
    note(connection, at, actor, "closed an exception", f"ledger_exception:{exception_id}", {"ending": said})


def _not_for(actor: Actor, found: LedgerException) -> tuple[Problem, ...]:
    if actor.role is not Role.SUPERVISOR:
        return (Problem("actor", "supervision.only_supervisors"),)
    if actor.person_id is not None and actor.person_id == found.person_id:
        return (Problem("actor", "supervision.exception.about_oneself"),)
    return ()


def _owner(connection: Connection, found: LedgerException) -> Actor:
    """Who took it, and who that is as an insured person."""
    person_id = connection.scalar(select(staff.c.person_id).where(staff.c.id == found.owner))
    return Actor(Role.SUPERVISOR, found.owner, person_id=person_id)


def _look(connection: Connection, at: datetime) -> Iterator[_Found]:
    payer = func.coalesce(draws.c.terminal, draws.c.provider)
    drawn = (draws.c.id, draws.c.person_id, payer.label("payer"))
    waiting = (
        select(*drawn, draws.c.amount_fen)
        .select_from(enquiries.join(draws))
        .where(enquiries.c.state.in_((EnquiryState.OPEN, EnquiryState.OVERDUE)))
    )
    pending = (
        select(*drawn, transfers.c.amount_fen)
        .select_from(transfers.join(draws))
        .where(transfers.c.state == TransferState.PENDING)
    )
    suspense = (
        select(*drawn, postings.c.debit_fen.label("amount_fen"))
        .select_from(entries.join(draws, draws.c.id == entries.c.draw_id).join(postings).join(accounts))
        .where(entries.c.kind == EntryKind.EXCEPTION, accounts.c.kind == AccountKind.SUSPENSE)
    )
    for kind, query in (
        (ExceptionKind.OPEN_HOLD, waiting),
        (ExceptionKind.PENDING_TRANSFER, pending),
        (ExceptionKind.SUSPENSE, suspense),
    ):
        for row in connection.execute(query):
            yield _Found(f"{kind}:{row.id}", kind, row.amount_fen, row.payer, row.id, row.person_id)
    indebted = select(accounts.c.owner, accounts.c.balance_fen).where(
        accounts.c.kind == AccountKind.PERSONAL, accounts.c.balance_fen < 0
    )
    for owner, fen in connection.execute(indebted):
        yield _Found(f"{ExceptionKind.DEBT}:{owner}", ExceptionKind.DEBT, -fen, person_id=int(owner))
    settled = select(batches).where(
        batches.c.state == BatchState.DIFFERENT, batches.c.closed_at >= (at - SETTLED_WITHIN).isoformat()
    )
    for batch in connection.execute(settled).mappings().all():
        late = _told_late(connection, batch)
        for each in differences(connection, batch["id"]):
            if each.told_fen is None and each.stan in late:
                continue
            kind, fen = _difference(each.told_fen, each.booked_fen)
            yield _Found(f"batch:{batch['id']}:{each.stan}", kind, fen, batch["terminal"])


def _told_late(connection: Connection, batch: RowMapping) -> set[int]:
    """Payouts of a batch whose advice came after the batch was closed: the terminal could not upload them."""
    query = (
        select(draws.c.stan)
        .select_from(draws.join(entries, entries.c.draw_id == draws.c.id))
        .where(
            draws.c.terminal == batch["terminal"],
            draws.c.batch == batch["batch"],
            entries.c.kind == EntryKind.DRAW,
            entries.c.posted_at > batch["closed_at"],
        )
    )
    return set(connection.scalars(query))


def _difference(told_fen: int | None, booked_fen: int | None) -> tuple[ExceptionKind, int]:
    if booked_fen is None:
        return ExceptionKind.MISSING_HERE, told_fen or 0
    if told_fen is None:
        return ExceptionKind.MISSING_THERE, booked_fen
    return ExceptionKind.AMOUNT_DIFFERS, told_fen - booked_fen


def _open(connection: Connection, exception_id: int) -> LedgerException:
    query = select(ledger_exceptions).where(ledger_exceptions.c.id == exception_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None or row["state"] != ExceptionState.OPEN:
        raise Refused([Problem("exception", "supervision.exception.not_open")])
    return _exception(row)


def _change(connection: Connection, exception_id: int, **values: object) -> None:
    connection.execute(update(ledger_exceptions).where(ledger_exceptions.c.id == exception_id).values(**values))


def _exception(row: RowMapping) -> LedgerException:
    return LedgerException(
        row["id"],
        ExceptionKind(row["kind"]),
        ExceptionState(row["state"]),
        row["owner"],
        row["payer"],
        row["draw_id"],
        row["person_id"],
        row["amount_fen"],
        row["opened_at"],
        row["closed_at"],
        row["ending"],
    )
