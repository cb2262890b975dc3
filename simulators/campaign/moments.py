"""The moments of a run at which faults are aimed: a record of the journal, and what it is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from terminal.journal import Entry, Record


class Subject(StrEnum):
    """What a message to the host, or its answer, is about."""

    SIGN_ON = "sign_on"
    QUOTE = "quote"
    CASH = "cash"
    TRANSFER = "transfer"
    CONFIRM = "confirm"
    REVERSAL = "reversal"
    SETTLEMENT = "settlement"


REQUESTS: Final[Mapping[str, Subject]] = {
    "SignOn": Subject.SIGN_ON,
    "QuoteRequest": Subject.QUOTE,
    "CashRequest": Subject.CASH,
    "TransferRequest": Subject.TRANSFER,
    "SettlementRequest": Subject.SETTLEMENT,
}
"""By the name that the record of a request has."""

ADVICES: Final[Mapping[str, Subject]] = {"0220": Subject.CONFIRM, "0400": Subject.REVERSAL}
"""By the message type that the record of an advice has."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A kind of record; `about`: only one with this subject."""

    at: Entry
    about: Subject | None = None


class Subjects:
    """Says what each record is about; has to be told of every one, in order."""

    def __init__(self) -> None:
        self._asked: dict[int, Subject | None] = {}

    def of(self, record: Record) -> Subject | None:
        """The subject of this record; an answer has that of its request."""
        data = record.data
        match record.kind:
            case Entry.HOST_REQUEST:
                self._asked[data["stan"]] = subject = REQUESTS.get(data.get("name", ""))
                return subject
            case Entry.HOST_REPLY | Entry.HOST_NO_ANSWER:
                return self._asked.get(data["stan"])
            case Entry.ADVICE_STORED | Entry.ADVICE_ANSWERED:
                return ADVICES.get(data["mti"])
            case _:
                return None
