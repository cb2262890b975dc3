"""8631 and 8632: the audit chain, read and verified; nothing changes it."""

from typing import Annotated

from pydantic import Field

from protocol.service_line.service import OVERSEERS, Service
from protocol.service_line.values import Body, Count, Day, Limit, Text, Yes, example

FAMILY = "audit"

Digest = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")]

_WHO = "An auditor, or a supervisor of all regions: the chain is one for all."


class ChainInput(Body):
    """Acts in their order, after a number; of one subject, actor or event, or in a span of days."""

    model_config = example(after=0, subject="application:17", limit=50)

    after: Annotated[Count, Field(description="the number of the last act that is known")] = 0
    subject: Annotated[Text | None, Field(max_length=64)] = None
    actor: Annotated[Text | None, Field(max_length=64)] = None
    event: Annotated[Text | None, Field(max_length=64)] = None
    first: Day | None = None
    last: Day | None = None
    limit: Limit = 50


class ChainOutput(Body):
    """Names and numbers of persons and cards are not in it."""

    class Link(Body):
        """One act. `digest` is SHA-256 over `before` and all the rest, so that a change shows."""

        id: Count
        at: Text
        role: Text
        actor: Text
        event: Text
        subject: Text
        detail: Annotated[Text, Field(description="a JSON object, as text")]
        before: Digest
        digest: Digest

    model_config = example(
        links=[
            {
                "id": 1,
                "at": "2026-05-20T10:00:00+08:00",
                "role": "teller",
                "actor": "teller1",
                "event": "looked at the account",
                "subject": "person:17",
                "detail": '{"infno": "8411"}',
                "before": "0" * 64,
                "digest": "ab" * 32,
            }
        ],
        more=False,
    )

    links: tuple[Link, ...]
    more: Yes


class VerifyInput(Body):
    """The whole chain is walked. With `head`, which was noted elsewhere: is that link still in it?"""

    model_config = example(head="ab" * 32)

    head: Digest | None = None


class VerifyOutput(Body):
    """`broken` is the first act that does not follow from the one before; `head` is to be noted elsewhere."""

    model_config = example(links=4711, unlinked=0, head="ab" * 32, whole=True)

    links: Count
    unlinked: Count
    head: Digest
    whole: Annotated[Yes, Field(description="nothing is changed, missing or cut off, as far as can be seen")]
    broken: Count | None = None


CHAIN = Service(
    "8631", FAMILY, "审计记录", "read the audit chain", OVERSEERS, ChainInput, ChainOutput, writes=False, about=_WHO
)
VERIFY = Service(
    "8632", FAMILY, "审计校验", "verify the audit chain", OVERSEERS, VerifyInput, VerifyOutput, writes=False, about=_WHO
)
