"""8414 and 8415: what a person was told without asking, and that the person has read it."""

from typing import Annotated

from pydantic import Field

from protocol.service_line.people import PersonInput
from protocol.service_line.service import PERSONS, Caller, Service
from protocol.service_line.values import Body, Count, Instant, Limit, Ordinal, Text, Yes, example

FAMILY = "notices"


class NoticesInput(PersonInput):
    """Whose notices; `unread` leaves out what was read."""

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017", unread=True, limit=20)

    unread: Yes = False
    limit: Limit = 50


class NoticeShown(Body):
    """One notice."""

    notice: Annotated[Ordinal, Field(description="its number")]
    at: Instant
    kind: Annotated[Text, Field(description="such as approved, returned, expiring or low_balance")]
    text: Text
    text_en: Text
    read: Yes


class NoticesOutput(Body):
    """A person's notices, newest first."""

    model_config = example(
        notices=[
            {
                "notice": 17,
                "at": "2026-05-20 10:00:00",
                "kind": "approved",
                "text": "您的申请13710002605200000017已批准,有效期至2026-08-18。",
                "text_en": "Your application 13710002605200000017 is approved until 2026-08-18.",
                "read": False,
            }
        ],
        unread=1,
        more=False,
    )

    notices: tuple[NoticeShown, ...]
    unread: Annotated[Count, Field(description="how many are not read, also of those that are not shown")]
    more: Annotated[bool, Field(strict=True, description="there are older ones")]


class ReadInput(PersonInput):
    """The numbers of the notices that the person has seen."""

    model_config = example(mdtrt_cert_type="91", mdtrt_cert_no="614000000017", notices=[17])

    notices: Annotated[tuple[Ordinal, ...], Field(min_length=1, max_length=200)]


class ReadOutput(Body):
    """What is left to read."""

    model_config = example(unread=0)

    unread: Count


NOTICES = Service("8414", FAMILY, "消息查询", "notices to a person", PERSONS, NoticesInput, NoticesOutput, writes=False)
READ = Service(
    "8415",
    FAMILY,
    "消息已读",
    "mark notices as read",
    frozenset({Caller.PERSON, Caller.TERMINAL}),
    ReadInput,
    ReadOutput,
    writes=True,
    about="What was read before stays as it is.",
)
