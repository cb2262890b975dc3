"""Parts of a personal account: every credit is one, and a payout takes from them in the order of its policy.

The rules of this file:

- A part has a vintage, the day on which it counts as credited. Before the first day of the current year it is carried
  over, from that day on it belongs to the current year.
- Parts that a vintage date lets draw come first, then the policy's order, then the older.
- What no part can pay any more (a correction came after the hold) is a debt: the balance is below nothing by just that.
- Whatever is credited settles a debt first. The rest of what is given back returns to the parts it came from.

So either no debt is there or no part has anything left, and a balance is the sum of what is left, less the debt.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from simulators.authority.policy.vocabulary import FundPart
from simulators.authority.tables.base import total
from simulators.authority.tables.ledger import AccountKind, CreditKind, Part, accounts, entries, fund_parts, postings

_LEFT = (
    select(fund_parts.c.id, fund_parts.c.vintage, fund_parts.c.left_fen)
    .where(fund_parts.c.person_id == bindparam("person"), fund_parts.c.left_fen > 0)
    .order_by(fund_parts.c.vintage, fund_parts.c.id)
)
_CHANGE = (
    update(fund_parts)
    .where(fund_parts.c.id == bindparam("part"))
    .values(left_fen=fund_parts.c.left_fen + bindparam("fen"))
)
_ADD = insert(fund_parts)
_DRAWABLE = select(total(fund_parts.c.left_fen)).where(
    fund_parts.c.person_id == bindparam("person"), fund_parts.c.vintage < bindparam("before")
)
_TAKEN = (
    select(postings.c.part, postings.c.part_id, (postings.c.debit_fen - postings.c.credit_fen).label("fen"))
    .select_from(postings.join(entries).join(accounts))
    .where(entries.c.draw_id == bindparam("draw"), accounts.c.kind == AccountKind.PERSONAL)
    .order_by(postings.c.id)
)


@dataclass(frozen=True, slots=True)
class FundRule:
    """The policy's word at authorisation: which parts pay first, when the year began, what may be drawn at all.

    `carried_over_before` None is 1 January of the day; `vintage_before` None lets all credits be drawn.
    """

    order: tuple[FundPart, ...] = (FundPart.CARRIED_OVER, FundPart.CURRENT_YEAR)
    carried_over_before: date | None = None
    vintage_before: date | None = None

    def part(self, vintage: date, on: date) -> FundPart:
        """What a credit of `vintage` is on a day."""
        year_began = self.carried_over_before or on.replace(month=1, day=1)
        return FundPart.CARRIED_OVER if vintage < year_began else FundPart.CURRENT_YEAR


@dataclass(frozen=True, slots=True)
class Share:
    """So much of one part; `part_id` None is debt."""

    part: Part
    part_id: int | None
    fen: int


def take(connection: Connection, person_id: int, fen: int, rule: FundRule, on: date) -> list[Share]:
    """Use up `fen` (0 or more) of a person's parts; what they lack is the last share, a debt."""

    def turn(vintage: date) -> tuple[bool, int]:
        not_for_drawing = rule.vintage_before is not None and vintage >= rule.vintage_before
        return not_for_drawing, rule.order.index(rule.part(vintage, on))

    left: list[Row[Any]] = list(connection.execute(_LEFT, {"person": person_id}))
    left.sort(key=lambda row: turn(row.vintage))
    return _use(connection, left, fen, rule, on)


def take_back(connection: Connection, person_id: int, fen: int, on: date, first: int | None = None) -> list[Share]:
    """Use up `fen` for a correction: of the part `first`, then of the newest."""
    left: list[Row[Any]] = list(connection.execute(_LEFT, {"person": person_id}))
    left.reverse()
    left.sort(key=lambda row: row.id != first)
    return _use(connection, left, fen, FundRule(), on)


def add(
    connection: Connection, reference: str, person_id: int, kind: CreditKind, fen: int, vintage: date, debt_fen: int,
    on: date,
) -> list[Share]:  # fmt: skip
    """A new credit, which settles a debt first."""
    settled = min(fen, max(0, debt_fen))
    shares = [Share(Part.DEBT, None, settled)] if settled else []
    rest = fen - settled
    if rest:
        inserted = connection.execute(
            _ADD,
            {
                "person_id": person_id,
                "kind": kind,
                "vintage": vintage,
                "amount_fen": rest,
                "left_fen": rest,
                "reference": reference,
            },
        ).inserted_primary_key
        assert inserted is not None
        shares.append(Share(Part(FundRule().part(vintage, on)), int(inserted[0]), rest))
    return shares


def put_back(
    connection: Connection, reference: str, draw_id: int, person_id: int, fen: int, debt_fen: int, on: date
) -> list[Share]:
    """Return `fen` of a draw to the parts it took last; once a debt is settled, what was debt is a part of its own."""
    shares: list[Share] = []
    settled = min(fen, max(0, debt_fen))
    if settled:
        shares.append(Share(Part.DEBT, None, settled))
    wanted = fen - settled
    for share in reversed(_taken(connection, draw_id)):
        back = min(share.fen, wanted)
        if back and share.part_id is not None:
            connection.execute(_CHANGE, {"part": share.part_id, "fen": back})
            shares.append(Share(share.part, share.part_id, back))
            wanted -= back
    if wanted:
        shares += add(connection, reference, person_id, CreditKind.GIVE_BACK, wanted, on, 0, on)
    return shares


def drawable_fen(connection: Connection, person_id: int, credited_before: date) -> int:
    """What is left of credits before a day, holds not taken off."""
    return int(connection.scalar(_DRAWABLE, {"person": person_id, "before": credited_before}) or 0)


def wrong_parts(connection: Connection) -> list[int]:
    """The parts of which the postings tell another rest than they carry themselves; none, where nothing is wrong."""
    posted = total(postings.c.credit_fen - postings.c.debit_fen)
    wrong = (
        select(fund_parts.c.id)
        .select_from(fund_parts.outerjoin(postings))
        .group_by(fund_parts.c.id, fund_parts.c.left_fen)
        .having(posted != fund_parts.c.left_fen)
        .order_by(fund_parts.c.id)
    )
    return [int(part) for part in connection.scalars(wrong)]


def _use(connection: Connection, left: Iterable[Row[Any]], fen: int, rule: FundRule, on: date) -> list[Share]:
    shares = []
    for row in left:
        used = min(fen, row.left_fen)
        if used == 0:
            break
        connection.execute(_CHANGE, {"part": row.id, "fen": -used})
        shares.append(Share(Part(rule.part(row.vintage, on)), int(row.id), used))
        fen -= used
    if fen:
        shares.append(Share(Part.DEBT, None, fen))
    return shares


def _taken(connection: Connection, draw_id: int) -> list[Share]:
    """What a draw still has of each part, in the order in which it took."""
    net: dict[int | None, Share] = {}
    for part, part_id, fen in connection.execute(_TAKEN, {"draw": draw_id}):
        before = net.get(part_id, Share(Part(part), part_id, 0))
        net[part_id] = Share(before.part, part_id, before.fen + fen)
    return [share for share in net.values() if share.fen > 0]
