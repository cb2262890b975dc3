"""A new version of a policy comes into force: who has an open application hears of it, and it goes where it must."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from simulators.authority.actors import SYSTEM, Actor
from simulators.authority.applications.notifications import Notice, notify, was_told
from simulators.authority.applications.office import Office
from simulators.authority.applications.states import OPEN, Event
from simulators.authority.applications.store import Application, as_application, move
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Transition
from simulators.authority.tables.applications import ApplicationState as S
from simulators.authority.tables.applications import applications

POLICY_CHANGE = "policy_change"


@dataclass(frozen=True, slots=True)
class Effect:
    """What a new version did: how many people were told, sent back to a reviewer, and cancelled."""

    told: int
    reviewed_again: int
    cancelled: int


def apply_changes(connection: Connection, office: Office, at: datetime) -> Effect:
    """Carry out the transition rules of all versions in force; done again, it changes nothing."""
    total = Effect(0, 0, 0)
    for region in office.policies.regions:
        policy = office.policies.in_force(region, at.date())
        if policy is not None:
            done = apply_change(connection, office, policy, SYSTEM, at)
            total = Effect(
                total.told + done.told, total.reviewed_again + done.reviewed_again, total.cancelled + done.cancelled
            )
    return total


def apply_change(connection: Connection, office: Office, policy: RegionPolicy, actor: Actor, at: datetime) -> Effect:
    """Carry out the transition rule of a version that is in force now; done again, it changes nothing.

    Of several versions since an application was looked at the strictest word counts.
    """
    told = reviewed_again = cancelled = 0
    for each in _under(connection, policy):
        under = _version(each, policy)
        if not _is_earlier(office, policy, under):
            continue
        versions = {"region": policy.region, "from": under, "to": policy.version}
        version = f"policy:{policy.region}:{policy.version}"
        if not was_told(connection, each.person_id, Notice.POLICY_CHANGED, version):
            told += notify(connection, each.person_id, Notice.POLICY_CHANGED, version, at, versions)
        match office.policies.transition(policy.region, under, at.date()):
            case Transition.KEEP:
                continue
            case Transition.CANCEL:
                move(connection, each, Event.CANCEL, actor, at, {"cause": POLICY_CHANGE, **versions}, review_due=None)
                gaps = {"number": each.number, "cause": POLICY_CHANGE}
                notify(connection, each.person_id, Notice.CANCELLED, each.subject, at, gaps)
                cancelled += 1
            case Transition.RE_REVIEW if each.state is S.APPROVED:
                _again(connection, office, each, policy, actor, at, versions)
                reviewed_again += 1
            case Transition.RE_REVIEW:
                continue  # the review that is under way asks the version in force
    return Effect(told, reviewed_again, cancelled)


def _is_earlier(office: Office, policy: RegionPolicy, under: str) -> bool:
    """Was it looked at under another version of this region that we know?"""
    return under != policy.version and any(each.version == under for each in office.policies.versions(policy.region))


def _again(
    connection: Connection,
    office: Office,
    application: Application,
    policy: RegionPolicy,
    actor: Actor,
    at: datetime,
    versions: dict[str, str],
) -> None:
    home = office.policies.in_force(application.home, at.date()) or policy
    move(
        connection,
        application,
        Event.REVIEW_AGAIN,
        actor,
        at,
        versions,
        review_round=application.review_round + 1,
        review_due=office.review_due(home, application.lane, at).isoformat(),
        escalated_at=None,
    )
    gaps = {"number": application.number}
    notify(connection, application.person_id, Notice.REVIEW_AGAIN, application.subject, at, gaps)


def _under(connection: Connection, policy: RegionPolicy) -> tuple[Application, ...]:
    pool = pooling_region(policy.region)
    of_region = or_(applications.c.home == pool, applications.c.place == pool)
    is_open = applications.c.state.in_((*OPEN, S.SUSPENDED))
    rows = connection.execute(select(applications).where(of_region, is_open).order_by(applications.c.id))
    return tuple(as_application(row) for row in rows.mappings())


def _version(application: Application, policy: RegionPolicy) -> str:
    """The version of this region that the application was looked at under."""
    at_home = application.home == pooling_region(policy.region)
    return application.home_version if at_home else application.place_version
