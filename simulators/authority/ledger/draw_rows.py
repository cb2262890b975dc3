"""Draws as they are kept: one row for each approval, named by an exchange of a terminal or by a message.

The row has what was approved, by which policy's fund rule, and how much of it was paid and given back.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy import Connection, RowMapping, Select, Table, bindparam, insert, select, update

from simulators.authority.business_time import same_day
from simulators.authority.ledger.fund_parts import FundRule
from simulators.authority.ledger.ledger import Account
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.vocabulary import Channel, FundPart, PayoutMode
from simulators.authority.tables.ledger import DrawState, draws

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


@dataclass(frozen=True, slots=True)
class MessageKey:
    """What names a payout that passes no terminal: who asks, and the id of the message that asked for it."""

    provider: str
    message_id: str
    business_date: date


Key: TypeAlias = ExchangeKey | MessageKey


@dataclass(frozen=True, slots=True)
class Approval:
    """What a hold is for. `application_id` None stands on a standing approval; a transfer names its payee account."""

    person_id: int
    amount_fen: int
    home: str
    place: str
    purpose: str
    decision_id: int
    application_id: int | None = None
    mode: PayoutMode = PayoutMode.CASH
    channel: Channel = Channel.ATM
    payee_account_id: int | None = None
    provider: str | None = None
    funds: FundRule = field(default_factory=FundRule)


@dataclass(frozen=True, slots=True)
class Draw:
    """One row of `draws`. What a tombstone can't know is None."""

    id: int
    key: Key
    state: DrawState
    person_id: int | None
    amount_fen: int
    confirmed_fen: int
    given_back_fen: int
    home: str | None
    place: str
    purpose: str | None
    mode: PayoutMode | None
    application_id: int | None
    payee_account_id: int | None
    at: datetime
    funds: FundRule

    @property
    def terminal(self) -> str | None:
        """The terminal, if it passed one."""
        return self.key.terminal if isinstance(self.key, ExchangeKey) else None

    @property
    def payer(self) -> str:
        """The terminal or provider that pays and reports."""
        return self.key.terminal if isinstance(self.key, ExchangeKey) else self.key.provider

    @property
    def destination(self) -> Account:
        """Where the money goes: a terminal's or counter's notes go out, or a bank account is credited."""
        if self.payee_account_id is not None:
            return Account.bank(self.payee_account_id)
        if isinstance(self.key, ExchangeKey):
            return Account.terminal_cash(self.key.terminal)
        return Account.counter_cash(self.key.provider)

    @property
    def stands(self) -> bool:
        """Is it as its approval left it? Cash is held until its advice comes, a transfer is paid at once."""
        paid = self.mode is PayoutMode.TRANSFER and self.state is DrawState.CONFIRMED and self.given_back_fen == 0
        return self.state is DrawState.HELD or paid

    @property
    def kept_fen(self) -> int:
        """What it has taken from the account and not given back."""
        return self.confirmed_fen - self.given_back_fen


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
_FIND_MESSAGE = select(draws).where(draws.c.message_id == bindparam("message_id"))
_FIND_ID = select(draws).where(draws.c.id == bindparam("draw"))
_LOCK, _LOCK_MESSAGE, _LOCK_ID = (query.with_for_update() for query in (_FIND, _FIND_MESSAGE, _FIND_ID))
_INSERT = insert(draws)
_CHANGE = update(draws).where(draws.c.id == bindparam("draw"))


def find_draw(connection: Connection, key: Key, *, lock: bool = False) -> Draw | None:
    """The draw of `key`; the date may be the neighbouring one where it happened around midnight.

    `lock` keeps others from ending it until the transaction ends.
    """
    if isinstance(key, MessageKey):
        query = _LOCK_MESSAGE if lock else _FIND_MESSAGE
        row = connection.execute(query, {"message_id": key.message_id}).mappings().first()
        return None if row is None else _draw(row)
    rows = connection.execute(_LOCK if lock else _FIND, key.parameters()).mappings()
    found = [_draw(row) for row in rows if key.is_of(row)]
    return min(found, key=lambda draw: abs(draw.key.business_date - key.business_date), default=None)


def draw_by_id(connection: Connection, draw_id: int, *, lock: bool = False) -> Draw:
    """The draw with this id."""
    return _draw(connection.execute(_LOCK_ID if lock else _FIND_ID, {"draw": draw_id}).mappings().one())


def insert_draw(
    connection: Connection, key: Key, state: DrawState, place: str, at: datetime, approval: Approval | None
) -> int:
    """A new draw; without an approval, a tombstone. Its id."""
    row: dict[str, object] = {
        "business_date": key.business_date,
        "at": at.isoformat(),
        "state": state,
        "place": place,
        "place_pool": pooling_region(place),
        "amount_fen": 0,
    }
    if isinstance(key, ExchangeKey):
        row |= {"terminal": key.terminal, "batch": key.batch, "stan": key.stan}
    else:
        row |= {"message_id": key.message_id, "provider": key.provider}
    if approval is not None:
        row |= {
            "provider": key.provider if isinstance(key, MessageKey) else approval.provider,
            "channel": approval.channel,
            "mode": approval.mode,
            "person_id": approval.person_id,
            "home": approval.home,
            "home_pool": pooling_region(approval.home),
            "purpose": approval.purpose,
            "decision_id": approval.decision_id,
            "application_id": approval.application_id,
            "payee_account_id": approval.payee_account_id,
            "amount_fen": approval.amount_fen,
            "fund_order": ",".join(approval.funds.order),
            "carried_over_before": approval.funds.carried_over_before,
            "vintage_before": approval.funds.vintage_before,
        }
    inserted = connection.execute(_INSERT, row).inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def change_draw(connection: Connection, draw: Draw, **values: object) -> None:
    """Write a new state or sum of a draw."""
    connection.execute(_CHANGE, {"draw": draw.id, **values})


def _draw(row: RowMapping) -> Draw:
    day = row["business_date"]
    key: Key = (
        ExchangeKey(row["terminal"], row["batch"], row["stan"], day)
        if row["message_id"] is None
        else MessageKey(row["provider"], row["message_id"], day)
    )
    order = FundRule().order if row["fund_order"] is None else tuple(map(FundPart, row["fund_order"].split(",")))
    return Draw(
        id=row["id"],
        key=key,
        state=DrawState(row["state"]),
        person_id=row["person_id"],
        amount_fen=row["amount_fen"],
        confirmed_fen=row["confirmed_fen"],
        given_back_fen=row["given_back_fen"],
        home=row["home"],
        place=row["place"],
        purpose=row["purpose"],
        mode=None if row["mode"] is None else PayoutMode(row["mode"]),
        application_id=row["application_id"],
        payee_account_id=row["payee_account_id"],
        at=datetime.fromisoformat(row["at"]),
        funds=FundRule(order, row["carried_over_before"], row["vintage_before"]),
    )
