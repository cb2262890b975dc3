"""How a number says no: every reason at once, each with a key that has its text in a data file."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason. `key` names a text, `value` fills its gap; texts that the room gives itself go before."""

    key: str
    field: str | None = None
    region: str | None = None
    version: str | None = None
    basis: str | None = None
    value: str | None = None
    text: str | None = None
    text_en: str | None = None


class Refused(Exception):
    """It was understood and is not done (-1); what the number had written so far is undone."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.key for problem in problems))
        self.problems: Sequence[Problem] = problems


class Fault(StrEnum):
    """Why a request goes no further; the keys of their texts."""

    MALFORMED = "malformed"
    WRONG_NUMBER = "wrong_number"
    TOO_BIG = "too_big"
    NOT_SIGNED_ON = "not_signed_on"
    SESSION_OVER = "session_over"
    CODE_NEEDED = "code_needed"
    WRONG_SIGNATURE = "wrong_signature"
    WRONG_CREDENTIALS = "wrong_credentials"
    LOCKED = "locked"
    UNKNOWN_CHANNEL = "unknown_channel"
    CLOCKS_DIFFER = "clocks_differ"
    NO_SUCH_PAGE = "no_such_page"
    LENGTH_MISSING = "length_missing"


class NotAuthenticated(Exception):
    """Who asks is not known (-3). Counts of failures are kept."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class NotUnderstood(Exception):
    """The request is malformed (-2)."""

    def __init__(self, fault: Fault = Fault.MALFORMED, field: str | None = None) -> None:
        super().__init__(fault)
        self.fault = fault
        self.field = field


def refused(key: str, field: str | None = None, value: str | None = None) -> Refused:
    """A refusal for one reason."""
    return Refused(Problem(key, field, value=value))
