"""The risk check before a payout is decided: gathers the picture in a few statements, and judges it.

What can't be judged is not paid. Money is asked about often, so what no rule looks at is not read.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select

from protocol.money_line import ResponseCode as Code
from simulators.authority.supervision.links import changed_link_at, household, persons_sharing
from simulators.authority.supervision.risk.judge import Verdict, judge
from simulators.authority.supervision.risk.picture import Attempt, Earlier, Meeting, Neighbour, Picture
from simulators.authority.supervision.risk.proof import doubtful_invoices, proven_draws
from simulators.authority.supervision.risk.rules import (
    AfterCredit,
    Changed,
    Companions,
    DoubtfulInvoices,
    Kind,
    RepeatedMaximum,
    RiskBook,
)
from simulators.authority.supervision.risk.rules import RiskRules as Rules
from simulators.authority.tables.ledger import AccountKind, DrawState, EntryKind, accounts, draws, entries, postings
from simulators.authority.tables.people import cards
from simulators.authority.tables.supervision import Asked, LinkKind, RiskAction, payout_requests

MOST_EARLIER: Final = 200
"""So many of the person's requests are looked at."""

MOST_NEIGHBOURS: Final = 400
"""So many requests at the terminal are looked at."""

LOOK_BACK: Final = timedelta(days=366)
"""No rule looks back further."""

_requests = payout_requests.c
_EARLIER = (
    select(
        _requests.at,
        _requests.asked,
        _requests.terminal,
        _requests.place,
        _requests.amount_fen,
        _requests.most_fen,
        _requests.code,
        _requests.risk,
        _requests.draw_id,
        _requests.card_index,
        draws.c.state,
        (draws.c.confirmed_fen - draws.c.given_back_fen).label("paid_fen"),
    )
    .select_from(payout_requests.outerjoin(draws, draws.c.id == _requests.draw_id))
    .where(_requests.person_id == bindparam("person"), _requests.at >= bindparam("since"))
    .order_by(_requests.at.desc(), _requests.id.desc())
    .limit(MOST_EARLIER)
)
_NEIGHBOURS = (
    select(
        _requests.at,
        _requests.asked,
        _requests.person_id,
        _requests.card_index,
        _requests.amount_fen,
        _requests.most_fen,
        _requests.code,
        _requests.home,
    )
    .where(_requests.terminal == bindparam("terminal"), _requests.at >= bindparam("since"))
    .order_by(_requests.at.desc(), _requests.id.desc())
    .limit(MOST_NEIGHBOURS)
)
_ELSEWHEN = (
    select(_requests.at, _requests.terminal, _requests.place, _requests.person_id)
    .where(
        _requests.person_id.in_(bindparam("others", expanding=True)),
        _requests.asked != Asked.QUOTE,
        _requests.at >= bindparam("since"),
        _requests.at < bindparam("before"),
    )
    .order_by(_requests.id.desc())
    .limit(MOST_NEIGHBOURS)
)
_CREDITS = (
    select(entries.c.posted_at)
    .select_from(entries.join(postings).join(accounts))
    .where(
        accounts.c.kind == AccountKind.PERSONAL,
        accounts.c.owner == bindparam("owner"),
        entries.c.kind == EntryKind.CREDIT,
    )
    .order_by(entries.c.id.desc())
    .limit(20)
)

_REPLACES = select(cards.c.replaces).where(cards.c.pan_index == bindparam("card"))


def assess(connection: Connection, book: RiskBook, attempt: Attempt) -> Verdict:
    """What the rules of the place say of a payout. UNFINISHED (96) where they can't be finished."""
    rules = book.of(attempt.place)
    try:
        return judge(rules, look(connection, rules, attempt))
    except (ValueError, LookupError, ArithmeticError, TypeError):
        return Verdict(RiskAction.UNFINISHED, Code.SYSTEM_ERROR, 0, (), rules.version)


def look(connection: Connection, rules: Rules, attempt: Attempt) -> Picture:
    """Everything that a rule of these would look at."""
    earlier = _earlier(connection, attempt)
    neighbours = _neighbours(connection, rules, attempt)
    shared: dict[LinkKind, int] = {}
    if rules.of_kind(Kind.SHARED_PAYEE, Kind.SHARED_PHONE):
        shared = persons_sharing(connection, attempt.person_id)
    meetings = _meetings(connection, rules, attempt, earlier, neighbours)
    return Picture(
        attempt,
        earlier,
        neighbours,
        meetings,
        _credited_at(connection, rules, attempt, earlier),
        shared.get(LinkKind.PAYEE, 1),
        shared.get(LinkKind.PHONE, 1),
        _proven(connection, rules, attempt, earlier),
        household(connection, attempt.person_id) if meetings else frozenset(),
        _changed_at(connection, rules, attempt, earlier),
        _doubtful_at(connection, rules, attempt, earlier),
    )


def _earlier(connection: Connection, attempt: Attempt) -> tuple[Earlier, ...]:
    since = (attempt.at - LOOK_BACK).isoformat()
    rows = connection.execute(_EARLIER, {"person": attempt.person_id, "since": since})
    return tuple(
        Earlier(
            datetime.fromisoformat(row.at),
            Asked(row.asked),
            row.terminal,
            row.place,
            row.amount_fen,
            row.most_fen,
            row.code,
            RiskAction(row.risk),
            row.draw_id,
            row.paid_fen if row.state == DrawState.CONFIRMED else None,
            row.card_index,
        )
        for row in rows
    )


def _neighbours(connection: Connection, rules: Rules, attempt: Attempt) -> tuple[Neighbour, ...]:
    reach = rules.reach_minutes(attempt.percent)
    if attempt.terminal is None or not reach:
        return ()
    since = (attempt.at - timedelta(minutes=reach)).isoformat()
    rows = connection.execute(_NEIGHBOURS, {"terminal": attempt.terminal, "since": since})
    return tuple(
        Neighbour(
            datetime.fromisoformat(row.at),
            Asked(row.asked),
            row.person_id,
            row.card_index,
            row.amount_fen,
            row.most_fen,
            row.code,
            row.home,
        )
        for row in rows
    )


def _meetings(
    connection: Connection,
    rules: Rules,
    attempt: Attempt,
    earlier: tuple[Earlier, ...],
    neighbours: tuple[Neighbour, ...],
) -> tuple[Meeting, ...]:
    """When those who are here now were in one city with this person before; read only when there are enough."""
    asking = [
        rule for rule in rules.rules if isinstance(rule, Companions) and (rule.asking_percent or 0) <= attempt.percent
    ]
    since = attempt.at - timedelta(minutes=max((rule.minutes for rule in asking), default=0))
    others = {each.person_id for each in neighbours if each.asked is not Asked.QUOTE and each.at >= since}
    others -= {None, attempt.person_id}
    visits = [each for each in earlier if each.asked is not Asked.QUOTE and each.at.date() < attempt.at.date()]
    if not visits or len(others) < min((rule.at_least for rule in asking), default=len(others) + 1):
        return ()
    reach = max(rule.minutes for rule in asking)
    day = attempt.at.replace(hour=0, minute=0, second=0)
    span = {"since": visits[-1].at.replace(hour=0, minute=0, second=0).isoformat(), "before": day.isoformat()}
    found = []
    for row in connection.execute(_ELSEWHEN, {"others": sorted(filter(None, others)), **span}):
        at = datetime.fromisoformat(row.at)
        for visit in visits:
            minutes = int(abs(at - visit.at).total_seconds() // 60)
            if minutes <= reach and visit.place == row.place:
                terminal = visit.terminal if visit.terminal == row.terminal else None
                found.append(Meeting(row.person_id, at.date().isoformat(), minutes, terminal))
    return tuple(found)


def _credited_at(
    connection: Connection, rules: Rules, attempt: Attempt, earlier: tuple[Earlier, ...]
) -> tuple[datetime, ...]:
    """The last credits, newest first; read only when enough was drawn before."""
    asking = [rule for rule in rules.rules if isinstance(rule, AfterCredit)]
    drawn = 1 + sum(each.draw_id is not None for each in earlier)
    if not any(rule.at_least <= drawn and rule.asking_percent <= attempt.percent for rule in asking):
        return ()
    rows = connection.execute(_CREDITS, {"owner": str(attempt.person_id)})
    return tuple(datetime.fromisoformat(row.posted_at) for row in rows)


def _proven(
    connection: Connection, rules: Rules, attempt: Attempt, earlier: tuple[Earlier, ...]
) -> frozenset[int] | None:
    """The payouts with an invoice; read only when enough was paid before."""
    asking = [rule for rule in rules.rules if isinstance(rule, RepeatedMaximum)]
    paid = sum(bool(each.paid_fen) for each in earlier)
    if not any(rule.at_least <= paid and rule.asking_percent <= attempt.percent for rule in asking):
        return None
    return proven_draws(connection, attempt.person_id)


def _changed_at(
    connection: Connection, rules: Rules, attempt: Attempt, earlier: tuple[Earlier, ...]
) -> datetime | None:
    """When another phone, account or card came; read only when enough was taken lately. A card: since its first use."""
    asking = [rule for rule in rules.rules if isinstance(rule, Changed) and rule.asking_percent <= attempt.percent]
    lately = attempt.at - timedelta(hours=max((rule.hours for rule in asking), default=0))
    taken = 1 + sum(each.draw_id is not None and each.at >= lately for each in earlier)
    if not any(rule.at_least <= taken for rule in asking):
        return None
    found = changed_link_at(connection, attempt.person_id)
    if connection.scalar(_REPLACES, {"card": attempt.card_index}) is not None:
        used = min((each.at for each in earlier if each.card_index == attempt.card_index), default=attempt.at)
        found = used if found is None else max(found, used)
    return found


def _doubtful_at(
    connection: Connection, rules: Rules, attempt: Attempt, earlier: tuple[Earlier, ...]
) -> tuple[datetime, ...]:
    """When invoices of others were handed in; read only of somebody who was paid before and asks for enough."""
    asking = any(isinstance(rule, DoubtfulInvoices) and rule.asking_percent <= attempt.percent for rule in rules.rules)
    if not asking or not any(each.paid_fen for each in earlier):
        return ()
    return doubtful_invoices(connection, attempt.person_id)
