"""Transfers to the person's own account: paid when authorised, recalled when the terminal gives them up."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from simulators.authority.ledger.draws import Draw, Ending, ExchangeKey, find_draw, reverse
from simulators.authority.ledger.ledger import Account, Line, Movement, post
from simulators.authority.tables.ledger import DrawState, EntryKind, draws

_CHANGE = update(draws).where(draws.c.id == bindparam("draw"))


def pay_transfer(connection: Connection, key: ExchangeKey, at: datetime) -> None:
    """Pay what was just held, to the last fen."""
    draw = find_draw(connection, key)
    assert draw is not None, "the hold comes first"
    post(connection, f"draw:{draw.id}", EntryKind.DRAW, _lines(draw), _movement(draw, at, "transfer"))
    values = {"draw": draw.id, "state": DrawState.CONFIRMED, "confirmed_fen": draw.amount_fen}
    connection.execute(_CHANGE, values)


def reverse_transfer(connection: Connection, key: ExchangeKey, place: str, at: datetime) -> Ending:
    """The terminal has heard no answer: the money comes back, and the person may ask again."""
    draw = find_draw(connection, key)
    if draw is None or draw.state is not DrawState.CONFIRMED:
        return reverse(connection, key, place, at)
    lines = tuple(Line(line.account, line.credit_fen, line.debit_fen) for line in _lines(draw))
    post(connection, f"recall:{draw.id}", EntryKind.GIVE_BACK, lines, _movement(draw, at, "transfer recalled"))
    connection.execute(_CHANGE, {"draw": draw.id, "state": DrawState.REVERSED, "confirmed_fen": 0})
    return Ending.DONE


def _lines(draw: Draw) -> tuple[Line, ...]:
    """From the person's account over the clearing of the home region, which pays the bank."""
    assert draw.person_id is not None
    assert draw.home is not None
    fen = draw.amount_fen
    return Line(Account.personal(draw.person_id), debit_fen=fen), Line(Account.clearing(draw.home), credit_fen=fen)


def _movement(draw: Draw, at: datetime, text: str) -> Movement:
    return Movement(at, text, draw.key.terminal, draw.place, draw.purpose, draw.id, draw.key.business_date)
