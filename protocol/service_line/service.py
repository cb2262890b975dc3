"""One row of the table of numbers: what a number does, who may ask it, and its bodies."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from protocol.service_line.values import Body

INPUT = TypeVar("INPUT", bound=Body)
OUTPUT = TypeVar("OUTPUT", bound=Body)


class Caller(StrEnum):
    """Who asks. ANYBODY needs no sign-on."""

    ANYBODY = "anybody"
    PERSON = "person"
    TERMINAL = "terminal"
    TELLER = "teller"
    REVIEWER = "reviewer"
    POLICY_MAKER = "policy_maker"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"


ANYBODY = frozenset(Caller)
PERSONS = frozenset({Caller.PERSON, Caller.TERMINAL, Caller.TELLER})
"""A person, or a channel at which a person stands."""

TELLERS = frozenset({Caller.TELLER})
AGENCIES = frozenset({Caller.TELLER, Caller.REVIEWER})
"""A counter, of a provider or of the authority."""

REVIEWERS = frozenset({Caller.REVIEWER})
DECIDERS = frozenset({Caller.REVIEWER, Caller.SUPERVISOR})
"""Who decides about a person for the authority."""

SUPERVISORS = frozenset({Caller.SUPERVISOR})
OVERSEERS = frozenset({Caller.SUPERVISOR, Caller.AUDITOR})
"""Who looks; an auditor changes nothing."""


@dataclass(frozen=True, slots=True)
class Service(Generic[INPUT, OUTPUT]):
    """A number. What `writes` is done once for each message id; what doesn't may be asked again at will."""

    infno: str
    family: str
    zh: str
    en: str
    callers: frozenset[Caller]
    input: type[INPUT]
    output: type[OUTPUT]
    writes: bool
    about: str = ""
