"""Approvals and what became of them: hold, confirm of the true amount, reversal, correction after a count.

A hold is not a posting: it makes money unavailable until it is confirmed or reversed. The table of the file, where
"confirm x" reports that x fen were paid out and DONE, CONFLICT, NOT_FOUND, TOO_MUCH are `Ending`:

    state      | confirm x                            | reverse
    none       | tombstone, x to suspense, NOT_FOUND  | tombstone, NOT_FOUND
    HELD       | x <= hold: debit x, CONFIRMED, DONE  | REVERSED, DONE
               | x > hold: TOO_MUCH                   |
    CONFIRMED  | same x: DONE; another: CONFLICT      | 0 was paid: DONE; else CONFLICT
    REVERSED   | x = 0: DONE; else suspense, CONFLICT | DONE
    TOMBSTONE  | x to suspense once, NOT_FOUND        | NOT_FOUND

So whatever the order and number of messages, a person is debited at most once per approval, and every fen that a
terminal reports as paid stands on the person's account or in suspense.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, case, func, insert, select, update

from simulators.authority.business_time import same_day
from simulators.authority.ledger.enquiries import all_enquiries, mark_decided, settle
from simulators.authority.ledger.ledger import Account, LedgerError, Line, Movement, balance_fen, post
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.tables.ledger import DrawState, EntryKind, draws

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ExchangeKey:
    """What names one exchange of one terminal."""

    terminal: str
    batch: int
    stan: int
    business_date: date

    def parameters(self) -> dict[str, object]:
        """What `rows_around` needs to find the rows of this exchange."""
        return {
            "terminal": self.terminal,
            "batch": self.batch,
            "stan": self.stan,
            "first": self.business_date - _A_DAY,
            "last": self.business_date + _A_DAY,
        }

    def is_of(self, row: RowMapping) -> bool:
        """Is a row that `rows_around` found of this exchange?"""
        return same_day(self.business_date, row["business_date"], datetime.fromisoformat(row["at"]))


def rows_around(table: Table) -> Select[Any]:
    """Finds the rows of one exchange, with its `parameters`, and perhaps those of the days beside it."""
    return select(table).where(
        table.c.terminal == bindparam("terminal"),
        table.c.batch == bindparam("batch"),
        table.c.stan == bindparam("stan"),
        table.c.business_date.between(bindparam("first"), bindparam("last")),
    )


# A statement that is made once is compiled once.
_FIND = rows_around(draws)
_INSERT = insert(draws)
_CHANGE = update(draws).where(draws.c.id == bindparam("draw"))
_GIVE_BACK = _CHANGE.values(given_back_fen=draws.c.given_back_fen + bindparam("fen"))
_HELD = select(func.coalesce(func.sum(draws.c.amount_fen), 0)).where(
    draws.c.person_id == bindparam("person"), draws.c.state == DrawState.HELD
)
_TAKEN = case(
    (draws.c.state == DrawState.HELD, draws.c.amount_fen), else_=draws.c.confirmed_fen - draws.c.given_back_fen
)
_USED = select(func.coalesce(func.sum(_TAKEN), 0)).where(
    draws.c.person_id == bindparam("person"), draws.c.business_date.between(bindparam("first"), bindparam("last"))
)


@dataclass(frozen=True, slots=True)
class Approval:
    """What a hold is for."""

    person_id: int
    amount_fen: int
    home: str
    place: str
    purpose: str
    decision_id: int


@dataclass(frozen=True, slots=True)
class Draw:
    """One row of `draws`."""

    id: int
    key: ExchangeKey
    state: DrawState
    person_id: int | None
    amount_fen: int
    confirmed_fen: int
    given_back_fen: int
    home: str | None
    place: str
    purpose: str | None


class Ending(StrEnum):
    """How a confirm or reversal was taken."""

    DONE = auto()  # so it is, now or since an earlier copy
    CONFLICT = auto()  # the draw had ended in another way; nothing was posted to the person
    NOT_FOUND = auto()  # no such approval; a tombstone now refuses it
    TOO_MUCH = auto()  # more than was held; nothing changed


def find_draw(connection: Connection, key: ExchangeKey) -> Draw | None:
    """The draw of `key`; the date may be the neighbouring one where it happened around midnight."""
    rows = connection.execute(_FIND, key.parameters()).mappings()
    found = [_draw(row) for row in rows if key.is_of(row)]
    return min(found, key=lambda draw: abs(draw.key.business_date - key.business_date), default=None)


def hold(connection: Connection, key: ExchangeKey, approval: Approval, at: datetime) -> int:
    """Set the amount aside; the draw's id. The caller has decided and has checked that the key is new."""
    if approval.amount_fen <= 0:
        raise LedgerError("a hold needs a positive amount")
    return _insert(
        connection,
        key,
        DrawState.HELD,
        approval.place,
        at,
        person_id=approval.person_id,
        amount_fen=approval.amount_fen,
        home=approval.home,
        purpose=approval.purpose,
        decision_id=approval.decision_id,
    )


def confirm(connection: Connection, key: ExchangeKey, paid_fen: int, place: str, at: datetime) -> Ending:
    """The terminal reports that `paid_fen` (0 or more) of an approval were paid out; see the table above."""
    draw = find_draw(connection, key)
    if draw is None:
        draw = _bury(connection, key, place, at)
    match draw.state:
        case DrawState.HELD:
            if paid_fen > draw.amount_fen:
                return Ending.TOO_MUCH
            _capture(connection, draw, paid_fen, at)
            settle(connection, draw.id, at, f"confirm of {paid_fen} fen")
            return Ending.DONE
        case DrawState.CONFIRMED:
            return Ending.DONE if paid_fen == draw.confirmed_fen else Ending.CONFLICT
        case DrawState.REVERSED:
            _suspend(connection, draw, paid_fen, at)
            return Ending.CONFLICT if paid_fen else Ending.DONE
        case DrawState.TOMBSTONE:
            _suspend(connection, draw, paid_fen, at)
            return Ending.NOT_FOUND


def reverse(connection: Connection, key: ExchangeKey, place: str, at: datetime) -> Ending:
    """The terminal reports that nothing of an approval was paid out; see the table above."""
    draw = find_draw(connection, key)
    if draw is None:
        _bury(connection, key, place, at)
        return Ending.NOT_FOUND
    match draw.state:
        case DrawState.HELD:
            connection.execute(_CHANGE, {"draw": draw.id, "state": DrawState.REVERSED})
            settle(connection, draw.id, at, "reversal")
            return Ending.DONE
        case DrawState.CONFIRMED:
            return Ending.CONFLICT if draw.confirmed_fen else Ending.DONE
        case DrawState.REVERSED:
            return Ending.DONE
        case DrawState.TOMBSTONE:
            return Ending.NOT_FOUND


def give_back(connection: Connection, reference: str, draw: Draw, fen: int, at: datetime) -> bool:
    """After a count: `fen` of a confirmed draw were not paid after all. Frees the limits of the draw's own year.

    Once per reference. Raises LedgerError for more than was confirmed.
    """
    if fen <= 0 or fen > draw.confirmed_fen - draw.given_back_fen:
        raise LedgerError("only what was confirmed can be given back")
    lines = tuple(
        Line(line.account, debit_fen=line.credit_fen, credit_fen=line.debit_fen) for line in _payout(draw, fen)
    )
    if not post(connection, reference, EntryKind.GIVE_BACK, lines, _movement(draw, at, "given back after a count")):
        return False
    connection.execute(_GIVE_BACK, {"draw": draw.id, "fen": fen})
    return True


def decide_enquiry(connection: Connection, enquiry_id: int, paid_fen: int, by: tuple[str, str], at: datetime) -> Ending:
    """Two people have had the terminal counted: `paid_fen` were paid of a hold that no advice has ended.

    DONE, or TOO_MUCH for more than is held. Raises LedgerError for one person, and where nothing waits.
    """
    first, second = (name.strip().lower() for name in by)
    if not first or not second or first == second:
        raise LedgerError("an enquiry is decided by two people")
    if paid_fen < 0:
        raise LedgerError("nobody pays less than nothing")
    waiting = next((each for each in all_enquiries(connection, undecided=True) if each.id == enquiry_id), None)
    if waiting is None:
        raise LedgerError(f"enquiry {enquiry_id} does not wait for a decision")
    draw = _draw(connection.execute(select(draws).where(draws.c.id == waiting.draw_id)).mappings().one())
    if paid_fen > draw.amount_fen:
        return Ending.TOO_MUCH
    mark_decided(connection, draw.id, at, f"{paid_fen} fen were paid, by {first} and {second}")
    if paid_fen:
        return confirm(connection, draw.key, paid_fen, draw.place, at)
    return reverse(connection, draw.key, draw.place, at)


def held_fen(connection: Connection, person_id: int) -> int:
    """What is set aside for a person."""
    return int(connection.scalar(_HELD, {"person": person_id}) or 0)


def has_held(connection: Connection, terminal: str) -> bool:
    """Is there an approval of this terminal whose advice has not come?"""
    held = select(draws.c.id).where(draws.c.terminal == terminal, draws.c.state == DrawState.HELD).limit(1)
    return connection.scalar(held) is not None


def unheld_fen(connection: Connection, person_id: int) -> int:
    """Balance minus holds."""
    return balance_fen(connection, Account.personal(person_id)) - held_fen(connection, person_id)


def used_fen(connection: Connection, person_id: int, first: date, last: date) -> int:
    """Draws authorised from `first` to `last`, held or confirmed, less what was given back."""
    return int(connection.scalar(_USED, {"person": person_id, "first": first, "last": last}) or 0)


def _payout(draw: Draw, fen: int) -> tuple[Line, ...]:
    """The lines of money that went from a person's account out of a terminal, over the clearing between regions."""
    assert draw.person_id is not None
    assert draw.home is not None
    person = Line(Account.personal(draw.person_id), debit_fen=fen)
    cash = Line(Account.terminal_cash(draw.key.terminal), credit_fen=fen)
    if pooling_region(draw.home) == pooling_region(draw.place):
        return person, cash
    home_owes = Line(Account.clearing(draw.home), credit_fen=fen)
    place_is_owed = Line(Account.clearing(draw.place), debit_fen=fen)
    return person, home_owes, place_is_owed, cash


def _capture(connection: Connection, draw: Draw, paid_fen: int, at: datetime) -> None:
    if paid_fen:
        post(
            connection,
            f"draw:{draw.id}",
            EntryKind.DRAW,
            _payout(draw, paid_fen),
            _movement(draw, at, "cash withdrawal"),
        )
    connection.execute(_CHANGE, {"draw": draw.id, "state": DrawState.CONFIRMED, "confirmed_fen": paid_fen})


def _suspend(connection: Connection, draw: Draw, paid_fen: int, at: datetime) -> None:
    if paid_fen:
        lines = (
            Line(Account.suspense(draw.key.terminal), debit_fen=paid_fen),
            Line(Account.terminal_cash(draw.key.terminal), credit_fen=paid_fen),
        )
        movement = _movement(draw, at, "paid out without an open approval")
        post(connection, f"exception:{draw.id}", EntryKind.EXCEPTION, lines, movement)


def _movement(draw: Draw, at: datetime, text: str) -> Movement:
    """A movement of the day on which the draw was authorised, whenever it is posted."""
    return Movement(at, text, draw.key.terminal, draw.place, draw.purpose, draw.id, draw.key.business_date)


def _bury(connection: Connection, key: ExchangeKey, place: str, at: datetime) -> Draw:
    _insert(connection, key, DrawState.TOMBSTONE, place, at, amount_fen=0)
    draw = find_draw(connection, key)
    assert draw is not None
    return draw


def _insert(
    connection: Connection, key: ExchangeKey, state: DrawState, place: str, at: datetime, **values: object
) -> int:
    inserted = connection.execute(
        _INSERT,
        {
            "terminal": key.terminal,
            "batch": key.batch,
            "stan": key.stan,
            "business_date": key.business_date,
            "at": at.isoformat(),
            "state": state,
            "place": place,
            **values,
        },
    ).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def _draw(row: RowMapping) -> Draw:
    return Draw(
        id=row["id"],
        key=ExchangeKey(row["terminal"], row["batch"], row["stan"], row["business_date"]),
        state=DrawState(row["state"]),
        person_id=row["person_id"],
        amount_fen=row["amount_fen"],
        confirmed_fen=row["confirmed_fen"],
        given_back_fen=row["given_back_fen"],
        home=row["home"],
        place=row["place"],
        purpose=row["purpose"],
    )
