"""Papers: what is taken, how it is kept, who sees it."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.documents import (
    LARGEST,
    Shown,
    file_paper,
    filed,
    look_at,
    media_type,
    missing_kinds,
    paper_problems,
)
from simulators.authority.applications.problems import Refused
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.hsm import HsmError, SoftHsm
from simulators.authority.tables.applications import application_documents, document_views
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import PDF, bomb, paper, picture
from tests.simulators.authority.kiosk import SHENZHEN, WEIHAI

TODAY = date(2026, 5, 20)
PERSON = Actor(Role.PERSON, "person:1", WEIHAI, 1)
REVIEWER = Actor(Role.REVIEWER, "r1", WEIHAI)


@pytest.fixture
def application(connection: Connection) -> int:
    return grant(connection, 1, Granted(SHENZHEN, 100_000), NOW).id


@pytest.mark.req("S2-76")
@pytest.mark.parametrize(
    ("content", "told"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("WEBP"), "image/webp"),
        (PDF, "application/pdf"),
        (picture("BMP"), None),
        (picture("GIF"), None),
        (PDF[:20], None),
        (picture("PNG")[:40], None),
        (b"MZ\x90\x00", None),
        (b"<html>", None),
    ],
)
def test_the_type_is_told_by_the_content(content: bytes, told: str | None) -> None:
    assert media_type(content) == told


@given(st.binary(max_size=200))
def test_any_bytes_can_be_handed_in(content: bytes) -> None:
    for start in (b"", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF\x00\x00\x00\x00WEBP"):
        media_type(start + content)


def test_a_picture_that_would_unpack_to_gigabytes_is_not_opened() -> None:
    assert media_type(bomb()) is None


@pytest.mark.req("S2-76")
def test_everything_wrong_with_a_paper_is_named() -> None:
    good = paper(sha256=sha256(picture()).hexdigest(), issued_on=TODAY, valid_until=TODAY)

    assert paper_problems(good, TODAY) == ()
    wrong = replace(good, content=b"x", issued_on=TODAY + timedelta(1), valid_until=TODAY - timedelta(1))
    assert [(each.field, each.key) for each in paper_problems(wrong, TODAY)] == [
        ("document.ID_CARD", "no_document"),
        ("document.ID_CARD", "damaged"),
        ("document.ID_CARD", "from_the_future"),
        ("document.ID_CARD", "expired"),
    ]
    assert [each.key for each in paper_problems(paper(content=b""), TODAY)] == ["empty"]
    assert [each.key for each in paper_problems(paper(content=PDF + bytes(LARGEST)), TODAY)] == ["too_big"]


@pytest.mark.req("S2-76")
def test_a_paper_is_stored_encrypted_with_type_size_and_digest(
    connection: Connection, hsm: SoftHsm, application: int
) -> None:
    file_paper(connection, hsm, application, paper(), PERSON, NOW)
    (found,) = filed(connection, application)

    assert (found.kind, found.media_type, found.size) == ("ID_CARD", "image/png", len(picture()))
    assert found.sha256 == sha256(picture()).hexdigest()
    sealed = connection.scalars(select(application_documents.c.sealed)).one()
    assert b"PNG" not in sealed
    assert b"IHDR" not in sealed
    with pytest.raises(HsmError):
        SoftHsm(b"X" * 32, bytes).unseal_document(sealed)


@pytest.mark.req("S2-76")
def test_only_a_reviewer_of_the_home_region_sees_it_and_leaves_a_trace(
    connection: Connection, hsm: SoftHsm, application: int
) -> None:
    document = file_paper(connection, hsm, application, paper(), PERSON, NOW)
    for other in (
        PERSON,
        Actor(Role.TELLER, "bank:1", WEIHAI),
        Actor(Role.SUPERVISOR, "s1", WEIHAI),
        Actor(Role.REVIEWER, "r9", SHENZHEN),
        Actor(Role.REVIEWER, "r8"),
        replace(REVIEWER, person_id=1),  # who asks for the money
    ):
        assert isinstance(look_at(connection, hsm, document, other, NOW), Refused)
    shown = look_at(connection, hsm, document, REVIEWER, NOW)

    assert isinstance(shown, Shown)
    assert shown.content == picture()
    assert picture() not in as_logged(shown)
    views = connection.execute(select(document_views)).all()
    assert [(view.document_id, view.reviewer, view.at) for view in views] == [(document, "r1", NOW.isoformat())]


def as_logged(shown: Shown) -> bytes:
    """What a log would show."""
    return repr(shown).encode()


@pytest.mark.req("S2-23")
def test_each_missing_or_expired_document_is_named(connection: Connection, hsm: SoftHsm, application: int) -> None:
    required = ("ID_CARD", "INVITATION", "REFERRAL")
    file_paper(connection, hsm, application, paper("ID_CARD", valid_until=TODAY), PERSON, NOW)
    file_paper(connection, hsm, application, paper("REFERRAL"), PERSON, NOW)

    assert missing_kinds(connection, application, required, TODAY) == ("INVITATION",)
    assert missing_kinds(connection, application, required, TODAY + timedelta(1)) == ("ID_CARD", "INVITATION")


def test_a_later_paper_of_a_kind_counts_instead_of_the_earlier(
    connection: Connection, hsm: SoftHsm, application: int
) -> None:
    file_paper(connection, hsm, application, paper(), PERSON, NOW)
    later = file_paper(connection, hsm, application, paper(content=PDF), PERSON, NOW)

    assert [(each.id, each.media_type) for each in filed(connection, application)] == [(later, "application/pdf")]


def test_there_is_no_such_document(connection: Connection, hsm: SoftHsm) -> None:
    with pytest.raises(LookupError, match="no document 5"):
        look_at(connection, hsm, 5, REVIEWER, NOW)
