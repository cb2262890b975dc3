"""How a draft becomes the policy of a region: two people sign the same file, and it holds from its first day.

    handed in by one policy maker  | signed once, waits
    signed by another              | activated: every process of the authority takes it with its next message
    handed in or signed again      | nothing changes

A version never begins in the past and never before one that is known already: no decision is changed behind its back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, auto
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select

from simulators.authority.actors import Actor, Role
from simulators.authority.policy.policy_book import PolicyBook
from simulators.authority.policy.policy_file import parse_policy
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.supervision.audit import note
from simulators.authority.tables.policy import policy_activations, policy_drafts, policy_signatures

_NEWEST = select(func.max(policy_activations.c.id))
_ACTIVATED = (
    select(policy_activations.c.id, policy_drafts.c.text, policy_drafts.c.region, policy_drafts.c.version)
    .select_from(policy_activations.join(policy_drafts))
    .order_by(policy_activations.c.id)
)


class Fault(StrEnum):
    """Why a draft is not taken; the keys of the texts."""

    NOT_A_POLICY_MAKER = auto()
    OTHER_REGION = auto()  # value: the region that the actor belongs to
    IN_THE_PAST = auto()  # value: its first day
    NOT_THE_LATEST = auto()  # value: the version that begins on that day or later
    VERSION_TAKEN = auto()  # value: the version
    UNKNOWN_DRAFT = auto()


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason, with the key of the policy that it is about."""

    field: str
    key: Fault
    value: str = ""


class NotActivated(Exception):
    """Nothing was done; every reason is told."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.key} {each.value}".rstrip() for each in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it was handed in. `signed_by` are the ids of those who signed."""

    id: int
    policy: RegionPolicy
    signed_by: tuple[str, ...]
    activated_at: datetime | None

    @property
    def is_active(self) -> bool:
        """Have two people signed it?"""
        return self.activated_at is not None


def submit(connection: Connection, actor: Actor, at: datetime, book: PolicyBook, text: str, name: str) -> Draft:
    """Hand in a file, or sign the same file as the second person; `book` learns what is active then.

    Raises PolicyError for a file that is no policy, NotActivated for everything else that is wrong.
    """
    follow(connection, book)
    digest = sha256(text.encode()).hexdigest()
    draft_id = connection.scalar(select(policy_drafts.c.id).where(policy_drafts.c.digest == digest))
    policy = parse_policy(text, name)
    if draft_id is None:
        _refuse_if([*_may_not(actor, policy), *_misplaced(connection, book, policy, at.date(), new=True)])
        inserted = connection.execute(
            insert(policy_drafts).values(
                at=at.isoformat(),
                region=policy.region,
                version=policy.version,
                valid_from=policy.valid_from,
                digest=digest,
                text=text,
            )
        ).inserted_primary_key
        assert inserted is not None
        draft_id = int(inserted[0])
        note(connection, at, actor, "policy handed in", f"policy:{policy.region}:{policy.version}", {"draft": draft_id})
    return sign(connection, actor, at, book, draft_id)


def sign(connection: Connection, actor: Actor, at: datetime, book: PolicyBook, draft_id: int) -> Draft:
    """Sign a draft; the second person activates it. Raises NotActivated."""
    follow(connection, book)
    draft = find_draft(connection, draft_id)
    if draft is None:
        raise NotActivated([Problem("draft", Fault.UNKNOWN_DRAFT, str(draft_id))])
    if draft.is_active:
        return draft
    policy = draft.policy
    _refuse_if([*_may_not(actor, policy), *_misplaced(connection, book, policy, at.date(), new=False)])
    signers = _signers(connection, draft_id)
    if any(actor.is_same_human(each) for each in signers):
        return draft
    connection.execute(
        insert(policy_signatures).values(
            draft_id=draft_id, at=at.isoformat(), role=actor.role, actor=actor.id, person_id=actor.person_id
        )
    )
    subject = f"policy:{policy.region}:{policy.version}"
    note(connection, at, actor, "policy signed", subject, {"draft": draft_id})
    if signers:
        connection.execute(insert(policy_activations).values(draft_id=draft_id, at=at.isoformat()))
        note(connection, at, actor, "policy activated", subject, {"from": policy.valid_from.isoformat()})
        follow(connection, book)
    found = find_draft(connection, draft_id)
    assert found is not None
    return found


def follow(connection: Connection, book: PolicyBook) -> None:
    """Have a book hold what has been activated: one short statement where nothing has since it last looked."""
    newest = connection.scalar(_NEWEST) or 0
    if newest != book.followed:
        rows = connection.execute(_ACTIVATED).all()
        book.take([parse_policy(row.text, f"{row.region} {row.version}") for row in rows], newest)


def find_draft(connection: Connection, draft_id: int) -> Draft | None:
    """One draft."""
    row = connection.execute(select(policy_drafts).where(policy_drafts.c.id == draft_id)).mappings().first()
    if row is None:
        return None
    activated = connection.scalar(select(policy_activations.c.at).where(policy_activations.c.draft_id == draft_id))
    return Draft(
        draft_id,
        parse_policy(row["text"], f"{row['region']} {row['version']}"),
        tuple(actor.id for actor in _signers(connection, draft_id)),
        None if activated is None else datetime.fromisoformat(activated),
    )


def waiting_drafts(connection: Connection) -> tuple[Draft, ...]:
    """Drafts that nobody has activated, oldest first."""
    query = (
        select(policy_drafts.c.id)
        .select_from(policy_drafts.outerjoin(policy_activations))
        .where(policy_activations.c.id.is_(None))
        .order_by(policy_drafts.c.id)
    )
    found = (find_draft(connection, draft_id) for draft_id in connection.scalars(query).all())
    return tuple(draft for draft in found if draft is not None)


def _signers(connection: Connection, draft_id: int) -> tuple[Actor, ...]:
    query = select(policy_signatures).where(policy_signatures.c.draft_id == draft_id).order_by(policy_signatures.c.id)
    rows = connection.execute(query).mappings().all()
    return tuple(Actor(Role(row["role"]), row["actor"], person_id=row["person_id"]) for row in rows)


def _may_not(actor: Actor, policy: RegionPolicy) -> list[Problem]:
    problems = []
    if actor.role is not Role.POLICY_MAKER:
        problems.append(Problem("actor", Fault.NOT_A_POLICY_MAKER, actor.role))
    if actor.region is not None and pooling_region(actor.region) != pooling_region(policy.region):
        problems.append(Problem("region", Fault.OTHER_REGION, actor.region))
    return problems


def _misplaced(
    connection: Connection, book: PolicyBook, policy: RegionPolicy, today: date, *, new: bool
) -> list[Problem]:
    problems = []
    if policy.valid_from < today:
        problems.append(Problem("valid_from", Fault.IN_THE_PAST, policy.valid_from.isoformat()))
    versions = book.versions(policy.region)
    latest = versions[-1] if versions else None
    if latest is not None and latest.valid_from >= policy.valid_from:
        problems.append(Problem("valid_from", Fault.NOT_THE_LATEST, f"{latest.version} {latest.valid_from}"))
    handed_in = select(policy_drafts.c.id).where(
        policy_drafts.c.region == policy.region, policy_drafts.c.version == policy.version
    )
    known = any(each.version == policy.version for each in versions)
    if known or (new and connection.scalar(handed_in) is not None):
        problems.append(Problem("version", Fault.VERSION_TAKEN, policy.version))
    return problems


def _refuse_if(problems: Sequence[Problem]) -> None:
    if problems:
        raise NotActivated(problems)
