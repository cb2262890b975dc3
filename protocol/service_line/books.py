"""8641 to 8643: what keeps the books from being even, by name, and who sees to it."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from protocol.service_line.service import OVERSEERS, SUPERVISORS, Service
from protocol.service_line.values import Body, Instant, Limit, Ordinal, PersonNumber, SignedFen, Text, Yes, example

FAMILY = "books"


class ExceptionKind(StrEnum):
    """Why debits and payouts differ; the first three end by themselves."""

    OPEN_HOLD = "open_hold"
    PENDING_TRANSFER = "pending_transfer"
    DEBT = "debt"
    SUSPENSE = "suspense"
    MISSING_HERE = "missing_here"
    MISSING_THERE = "missing_there"
    AMOUNT_DIFFERS = "amount_differs"


class ExceptionState(StrEnum):
    """ENDED: by itself; CLOSED: by people."""

    OPEN = "open"
    ENDED = "ended"
    CLOSED = "closed"


class ExceptionsInput(Body):
    """Exceptions that concern the caller's region, oldest first."""

    model_config = example(kind="suspense", limit=50)

    open_only: Yes = True
    kind: ExceptionKind | None = None
    limit: Limit = 50


class ExceptionShown(Body):
    """One exception."""

    model_config = example(
        exception=4,
        kind="suspense",
        state="open",
        owner="supervision",
        by_itself=False,
        payer="K3710001",
        psn_no="17",
        amount_fen=10000,
        opened="2026-05-20 10:00:00",
    )

    exception: Annotated[Ordinal, Field(description="its number")]
    kind: ExceptionKind
    state: ExceptionState
    owner: Annotated[Text, Field(description="whose account has taken it; `supervision`: nobody yet")]
    by_itself: Annotated[Yes, Field(description="it ends when its cause does, and nobody closes it")]
    payer: Annotated[Text | None, Field(description="terminal or provider")] = None
    psn_no: PersonNumber | None = None
    amount_fen: SignedFen
    opened: Instant
    closed: Instant | None = None
    ending: Annotated[Text | None, Field(description="how it was settled")] = None


class ExceptionsOutput(Body):
    """Oldest first."""

    model_config = example(
        exceptions=[
            {
                "exception": 4,
                "kind": "suspense",
                "state": "open",
                "owner": "supervision",
                "by_itself": False,
                "payer": "K3710001",
                "psn_no": "17",
                "amount_fen": 10000,
                "opened": "2026-05-20 10:00:00",
            }
        ],
        more=False,
    )

    exceptions: tuple[ExceptionShown, ...]
    more: Annotated[bool, Field(strict=True, description="there are newer ones")]


class TakeInput(Body):
    """Which one."""

    model_config = example(exception=4)

    exception: Ordinal


class CloseInput(Body):
    """Which one, and how it was settled."""

    model_config = example(exception=4, ending="清点时在废钞箱找到")

    exception: Ordinal
    ending: Annotated[Text, Field(min_length=1, max_length=200)]


EXCEPTIONS = Service(
    "8641",
    FAMILY,
    "账务差异列表",
    "exceptions of the books",
    OVERSEERS,
    ExceptionsInput,
    ExceptionsOutput,
    writes=False,
)
TAKE = Service(
    "8642",
    FAMILY,
    "认领账务差异",
    "take an exception of the books",
    SUPERVISORS,
    TakeInput,
    ExceptionShown,
    writes=True,
    about="Who takes it looks into it.",
)
CLOSE = Service(
    "8643",
    FAMILY,
    "账务差异办结",
    "close an exception of the books",
    SUPERVISORS,
    CloseInput,
    ExceptionShown,
    writes=True,
    about="By another human than the one who took it (8642).",
)
