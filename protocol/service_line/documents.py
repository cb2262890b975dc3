"""9101 and 9102: documents of an application or settlement case, up and down."""

from typing import Annotated

from pydantic import Field

from protocol.service_line.applications import ApplicationNumber, MissingDocument
from protocol.service_line.people import PersonInput
from protocol.service_line.service import PERSONS, REVIEWERS, Service
from protocol.service_line.values import Body, Count, Day, Instant, Text, example

FAMILY = "documents"

Base64 = Annotated[
    str, Field(strict=True, pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=7_000_000, description="base64")
]
Sha256 = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")]


class UploadInput(PersonInput):
    """One document. The authority tells its type from the content and compares the digest."""

    model_config = example(
        mdtrt_cert_type="91",
        mdtrt_cert_no="614000000017",
        number="13710002605200000017",
        kind="ID_CARD",
        content="/9j/4AAQSkZJRg==",
        sha256="0" * 64,
    )

    number: Annotated[ApplicationNumber, Field(description="of the application")]
    kind: Annotated[str, Field(strict=True, pattern=r"^[A-Z0-9_]{1,32}$", description="as the policy names it")]
    content: Base64
    sha256: Annotated[Sha256, Field(description="of the content before base64")]
    issued_on: Day | None = None
    valid_until: Day | None = None


class UploadOutput(Body):
    """It was stored, encrypted."""

    model_config = example(document=4, state="under_review", missing_documents=[])

    document: Annotated[Count, Field(description="its number")]
    state: Annotated[Text, Field(description="of the application afterwards")]
    missing_documents: tuple[MissingDocument, ...] = ()


class DownloadInput(Body):
    """A reviewer looks at a document; that is written down."""

    model_config = example(document=4)

    document: Count


class DownloadOutput(Body):
    """The document as it was handed in."""

    model_config = example(
        document=4,
        kind="ID_CARD",
        media_type="image/jpeg",
        content="/9j/4AAQSkZJRg==",
        sha256="0" * 64,
        at="2026-05-20 10:05:00",
    )

    document: Count
    kind: Text
    media_type: Text
    content: Base64
    sha256: Sha256
    at: Instant


UPLOAD = Service("9101", FAMILY, "文件上传", "upload a document", PERSONS, UploadInput, UploadOutput, writes=True)
DOWNLOAD = Service(
    "9102", FAMILY, "文件下载", "download a document", REVIEWERS, DownloadInput, DownloadOutput, writes=True
)
