"""May a person draw on an application here, in this way, on this day? Authorisation asks; the ledger knows the rest."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, auto

from sqlalchemy import Connection, bindparam, or_, select

from simulators.authority.policy.pooling import pooling_region
from simulators.authority.tables.applications import ApplicationState, Lane, applications

_VALID = (
    select(applications)
    .where(
        applications.c.person_id == bindparam("person"),
        applications.c.state == bindparam("state"),
        applications.c.valid_until >= bindparam("today"),
        applications.c.place == bindparam("place"),
        or_(applications.c.mode.is_(None), applications.c.mode == bindparam("mode")),
    )
    .order_by(applications.c.valid_until, applications.c.id)
)
_LATEST = (
    select(applications)
    .where(applications.c.person_id == bindparam("person"))
    .order_by(applications.c.id.desc())
    .limit(20)
)


@dataclass(frozen=True, slots=True)
class Usable:
    """An approved application that fits. `approved_fen` is the whole sum: what was drawn of it the ledger knows.

    `payee_account_id` is where a TRANSFER goes. `provider` None: any one there; `mode` None: cash and transfer.
    `proven`: every required document is there. The versions are those that it was approved under, at `decided_at`.
    """

    application_id: int
    number: str
    person_id: int
    approved_fen: int
    valid_until: date
    lane: Lane
    purpose: str
    purpose_detail: str
    situation: str | None
    place: str
    provider: str | None
    mode: str | None
    payee_account_id: int | None
    proven: bool
    decided_at: datetime
    home_version: str
    place_version: str


class Misfit(StrEnum):
    """Why an application can't be drawn on; the keys of the texts."""

    NONE_MADE = auto()
    NOT_APPROVED = auto()  # value: its state
    EXPIRED = auto()  # value: its last day
    OTHER_PLACE = auto()  # value: the place it is bound to
    OTHER_PROVIDER = auto()  # value: the provider it is bound to
    OTHER_MODE = auto()  # value: the mode it is bound to


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one application (None: there is none) does not serve."""

    misfit: Misfit
    number: str | None = None
    value: str = ""


def usable(
    connection: Connection, person_id: int, place: str, mode: str, at: datetime, provider: str | None = None
) -> Usable | None:
    """The first of `usables`; None when none serves."""
    return next(usables(connection, person_id, place, mode, at, provider), None)


def usables(
    connection: Connection,
    person_id: int,
    place: str,
    mode: str,
    at: datetime,
    provider: str | None = None,
    state: ApplicationState = ApplicationState.APPROVED,
) -> Iterator[Usable]:
    """The applications to draw on at `place` (any region code there), the one that ends first at the head.

    `provider` None does not look at the provider. With the `state` USED_UP: those that would be, had they a rest.
    """
    wanted = {"person": person_id, "state": state, "today": at.date(), "place": pooling_region(place), "mode": mode}
    for row in connection.execute(_VALID, wanted).mappings():
        if row["provider"] is None or provider is None or row["provider"] == provider:
            yield Usable(
                application_id=row["id"],
                number=row["number"],
                person_id=row["person_id"],
                approved_fen=row["approved_fen"],
                valid_until=row["valid_until"],
                lane=Lane(row["lane"]),
                purpose=row["purpose"],
                purpose_detail=row["purpose_detail"],
                situation=row["situation"],
                place=row["place"],
                provider=row["provider"],
                mode=row["mode"],
                payee_account_id=row["payee_account_id"],
                proven=row["complete"],
                decided_at=datetime.fromisoformat(row["decided_at"]),
                home_version=row["home_version"],
                place_version=row["place_version"],
            )


def why_none(
    connection: Connection, person_id: int, place: str, mode: str, at: datetime, provider: str | None = None
) -> tuple[Reason, ...]:
    """All that keeps the person's latest applications from serving here; what they are bound to by name."""
    rows = connection.execute(_LATEST, {"person": person_id}).mappings().all()
    if not rows:
        return (Reason(Misfit.NONE_MADE),)
    reasons: list[Reason] = []
    for row in rows:
        number = row["number"]
        if row["state"] != ApplicationState.APPROVED:
            reasons.append(Reason(Misfit.NOT_APPROVED, number, row["state"]))
            continue
        if row["valid_until"] < at.date():
            reasons.append(Reason(Misfit.EXPIRED, number, row["valid_until"].isoformat()))
        if row["place"] != pooling_region(place):
            reasons.append(Reason(Misfit.OTHER_PLACE, number, row["place"]))
        if provider is not None and row["provider"] not in (None, provider):
            reasons.append(Reason(Misfit.OTHER_PROVIDER, number, row["provider"]))
        if row["mode"] not in (None, mode):
            reasons.append(Reason(Misfit.OTHER_MODE, number, row["mode"]))
    return tuple(reasons)
