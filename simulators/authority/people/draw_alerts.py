"""Tells who wants alerts of each payout that is granted, in whatever channel: on the phone and among the notices."""

from datetime import datetime

from sqlalchemy import Connection

from protocol.service_line.values import yuan
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.codes import send


def tell_of_draw(
    connection: Connection,
    hsm: SoftHsm,
    at: datetime,
    person_id: int,
    draw_id: int,
    fen: int,
    place: str,
    masked_pan: str | None = None,
) -> None:
    """`fen` were granted in the region `place`; on the phone the card is named too, where there was one."""
    gaps = {"yuan": yuan(fen), "place": place}
    send(connection, hsm, at, person_id, "draw", gaps if masked_pan is None else {**gaps, "card": masked_pan})
    notify(connection, person_id, Notice.DRAW, f"draw:{draw_id}", at, gaps)
