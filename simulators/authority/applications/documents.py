"""Documents: taken in by what they are, stored encrypted, shown to a reviewer of the home region who leaves a trace."""

from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from io import BytesIO

from PIL import Image, UnidentifiedImageError
from sqlalchemy import Connection, insert, select

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.nearness import nearness
from simulators.authority.applications.problems import Problem, Refused, refused
from simulators.authority.applications.store import Application, by_id
from simulators.authority.hsm import SoftHsm
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.supervision import audit
from simulators.authority.tables.applications import application_documents, document_views

LARGEST = 5 * 1024 * 1024
"""Bytes of one document."""

MOST_PIXELS = 50_000_000
"""A picture of more is an attack on whoever opens it."""

_IMAGE_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Paper:
    """A document as it was handed in. `kind` is a word of the policy, such as ID_CARD."""

    kind: str
    content: bytes = field(repr=False)
    sha256: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """A document on file, without its content."""

    id: int
    kind: str
    media_type: str
    size: int
    sha256: str
    at: datetime
    issued_on: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A document that a reviewer looks at."""

    filed: Filed
    content: bytes = field(repr=False)


def media_type(content: bytes) -> str | None:
    """What a document is by its content, whatever its name says; None for what is not wanted, or is damaged."""
    if content.startswith(b"%PDF-"):
        return _PDF if b"%%EOF" in content[-1024:] else None
    try:
        with Image.open(BytesIO(content), formats=tuple(_IMAGE_TYPES)) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            kind = _IMAGE_TYPES[str(image.format)]
            image.verify()
            return kind
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        return None


def paper_problems(paper: Paper, on: date) -> tuple[Problem, ...]:
    """Everything that keeps a document from being filed; the field is its kind."""
    found = []
    if not paper.content:
        found.append("empty")
    elif len(paper.content) > LARGEST:
        found.append("too_big")
    elif media_type(paper.content) is None:
        found.append("no_document")
    if paper.sha256 is not None and paper.sha256 != sha256(paper.content).hexdigest():
        found.append("damaged")
    if paper.issued_on is not None and paper.issued_on > on:
        found.append("from_the_future")
    if paper.valid_until is not None and paper.valid_until < on:
        found.append("expired")
    return tuple(Problem(f"document.{paper.kind}", key) for key in found)


def file_paper(
    connection: Connection, hsm: SoftHsm, application_id: int, paper: Paper, actor: Actor, at: datetime
) -> int:
    """Store a document that has no problems; its id. A later one of the same kind counts instead of it."""
    kind = media_type(paper.content)
    assert kind is not None
    inserted = connection.execute(
        insert(application_documents).values(
            application_id=application_id,
            at=at.isoformat(),
            kind=paper.kind,
            media_type=kind,
            size=len(paper.content),
            sha256=sha256(paper.content).hexdigest(),
            sealed=hsm.seal_document(paper.content),
            issued_on=paper.issued_on,
            valid_until=paper.valid_until,
            role=actor.role,
            actor=actor.id,
        )
    ).inserted_primary_key
    assert inserted is not None
    audit.note(connection, at, actor, "document filed", f"document:{inserted[0]}", {"kind": paper.kind})
    return int(inserted[0])


def filed(connection: Connection, application_id: int) -> tuple[Filed, ...]:
    """The documents of an application that count: of each kind the last."""
    return tuple({each.kind: each for each in _every(connection, application_id)}.values())


def missing_kinds(connection: Connection, application_id: int, required: tuple[str, ...], on: date) -> tuple[str, ...]:
    """Required documents that are not there, or no longer valid."""
    valid = {
        each.kind for each in filed(connection, application_id) if each.valid_until is None or each.valid_until >= on
    }
    return tuple(kind for kind in required if kind not in valid)


def look_at(connection: Connection, hsm: SoftHsm, document_id: int, reviewer: Actor, at: datetime) -> Shown | Refused:
    """Open a document for a reviewer of the home region who is a stranger to it; who looked and when is kept.

    Raises LookupError.
    """
    row = connection.execute(select(application_documents).where(application_documents.c.id == document_id)).first()
    if row is None:
        raise LookupError(f"no document {document_id}")
    application = by_id(connection, row.application_id)
    problems = list(nearness(connection, application, reviewer))
    if not may_look(application, reviewer):
        problems.insert(0, Problem("actor", "not_a_reviewer_of_the_home_region"))
    if problems:
        audit.note(connection, at, reviewer, "document refused", f"document:{document_id}")
        return refused(problems)
    connection.execute(insert(document_views).values(document_id=document_id, at=at.isoformat(), reviewer=reviewer.id))
    audit.note(connection, at, reviewer, "document seen", f"document:{document_id}")
    found = next(each for each in _every(connection, row.application_id) if each.id == document_id)
    return Shown(found, hsm.unseal_document(row.sealed))


def may_look(application: Application, actor: Actor) -> bool:
    """Only a reviewer of the region that decides."""
    return actor.role is Role.REVIEWER and actor.region is not None and pooling_region(actor.region) == application.home


def _every(connection: Connection, application_id: int) -> tuple[Filed, ...]:
    columns = [column for column in application_documents.c if column.name != "sealed"]
    found = select(*columns).where(application_documents.c.application_id == application_id)
    return tuple(
        Filed(
            row.id,
            row.kind,
            row.media_type,
            row.size,
            row.sha256,
            datetime.fromisoformat(row.at),
            row.issued_on,
            row.valid_until,
        )
        for row in connection.execute(found.order_by(application_documents.c.id))
    )
