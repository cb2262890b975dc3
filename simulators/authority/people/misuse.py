"""Cards that are not the user's own: each attempt is kept, and repeated ones become a case for supervision."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select

from simulators.authority.actors import SYSTEM
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.refusal import Key, Problem
from simulators.authority.people.register import Card, find_card
from simulators.authority.supervision.cases import open_case
from simulators.authority.supervision.orders import Subject
from simulators.authority.tables.people import CardState, card_misuses
from simulators.authority.tables.supervision import CaseKind

OFTEN = 3
WITHIN = timedelta(days=30)
"""So many attempts with one card within this time open a case."""


class Misuse(StrEnum):
    """What was tried."""

    NO_SOCIAL_CARD = "no_social_card"  # the authority has issued no such card
    LOST_CARD = "lost_card"
    VOID_CARD = "void_card"
    COPIED_CHIP = "copied_chip"  # what a chip has said before
    OTHER_PERSON = "other_person"  # another card than that of the person who stands there


_STATES = {CardState.LOST: Misuse.LOST_CARD, CardState.REPLACED: Misuse.VOID_CARD}


def misuse_of(card: Card | None, at: datetime) -> Misuse | None:
    """What it is to use this card now; None where nothing is wrong with that."""
    return Misuse.NO_SOCIAL_CARD if card is None else _STATES.get(card.state_at(at))


def own_card(
    connection: Connection,
    hsm: SoftHsm,
    at: datetime,
    pan: str,
    person_id: int,
    region: str,
    terminal: str | None = None,
) -> Card | Problem:
    """The card with this number, which somebody holds who is known as `person_id`; another's is kept as misuse."""
    card = find_card(connection, hsm, pan)
    if card is not None and card.person_id == person_id:
        return card
    kind = Misuse.NO_SOCIAL_CARD if card is None else Misuse.OTHER_PERSON
    note_misuse(connection, at, kind, hsm.index(pan), region, terminal, card)
    return Problem("pan", Key.NO_SUCH_CARD if card is None else Key.CARD_NOT_YOURS)


def note_misuse(
    connection: Connection,
    at: datetime,
    kind: Misuse,
    card_index: str,
    region: str,
    terminal: str | None = None,
    card: Card | None = None,
) -> int | None:
    """Keep an attempt; the case that it opened or goes on, once there have been enough."""
    connection.execute(
        insert(card_misuses).values(
            at=at.isoformat(),
            kind=kind,
            card_index=card_index,
            person_id=None if card is None else card.person_id,
            terminal=terminal,
        )
    )
    tried = select(func.count()).where(
        card_misuses.c.card_index == card_index, card_misuses.c.at >= (at - WITHIN).isoformat()
    )
    often = connection.execute(tried).scalar_one()
    if often < OFTEN:
        return None
    if card is not None:
        subject: Subject | str = Subject.person(card.person_id)
    else:
        subject = f"card:{card_index[:16]}" if terminal is None else Subject.terminal(terminal)
    return open_case(connection, SYSTEM, at, CaseKind.RISK_CLUE, subject, region, f"{kind}, {often} times")
