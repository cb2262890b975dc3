"""Why a request about a person or card is refused: all problems at once, each with its field and the key of a text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Key(StrEnum):
    """Keys of the texts in `texts.toml`."""

    ID_LENGTH = "id_number.length"
    ID_CHARACTERS = "id_number.characters"
    ID_REGION = "id_number.region"
    ID_BIRTH_DATE = "id_number.birth_date"
    ID_CHECK_DIGIT = "id_number.check_digit"
    ID_OTHER_PERSON = "id_number.other_person"
    NAME_DIFFERS = "name.differs"
    DOCUMENT_NOT_YET_VALID = "document.not_yet_valid"
    DOCUMENT_EXPIRED = "document.expired"
    DOCUMENT_MISSING = "document.missing"
    CODE_WRONG = "code.wrong"
    CODE_EXPIRED = "code.expired"
    CODE_TOO_MANY_TRIES = "code.too_many_tries"
    NO_PHONE = "phone.none"
    PHONE_WRONG = "phone.wrong"
    NO_SUCH_PERSON = "person.unknown"
    NO_SUCH_CARD = "card.unknown"
    CARD_NOT_YOURS = "card.of_another_person"
    CARD_ALREADY_ACTIVE = "card.already_active"
    CARD_NOT_ACTIVE = "card.not_active"
    CARD_FROZEN = "card.frozen"
    CARD_NOT_FROZEN = "card.not_frozen"
    CARD_LOST = "card.lost"
    CARD_REPLACED = "card.replaced"
    CARD_EXPIRED = "card.expired"
    CARD_NOT_LOST = "card.not_lost"
    CARD_NOT_REPORTED_FORMALLY = "card.not_reported_formally"
    CARD_NUMBER_WRONG = "card.number_wrong"
    CARD_NUMBER_TAKEN = "card.number_taken"
    PIN_WRONG = "pin.wrong"
    PIN_BLOCKED = "pin.blocked"
    PIN_NOT_BLOCKED = "pin.not_blocked"
    PIN_FORMAT = "pin.format"
    PIN_UNCHANGED = "pin.unchanged"
    PIN_TOO_EASY = "pin.too_easy"
    ACCOUNT_ALREADY_ACTIVE = "account.already_active"
    ACCOUNT_STATE = "account.state"
    ACCOUNT_LOCKED = "account.locked"
    ACCOUNT_NOT_LOCKED = "account.not_locked"
    NO_ACCOUNT = "account.resident_insurance"
    EVENT_IN_THE_FUTURE = "event.in_the_future"
    SAME_REGION = "event.same_region"
    AMOUNT_NEGATIVE = "amount.negative"
    NOT_DECEASED = "inheritance.not_deceased"
    ACCOUNT_NOT_OF_HEIR = "inheritance.account"
    CLAIM_OPEN = "inheritance.claim_open"
    CLAIM_PAID = "inheritance.claim_paid"
    NO_SUCH_CLAIM = "inheritance.unknown"
    SAME_REVIEWER = "inheritance.same_reviewer"
    MONEY_HELD = "inheritance.money_held"
    MONTH_TWICE = "contribution.month_twice"
    REASON_MISSING = "reason.missing"
    NOT_FOR_YOU = "actor.not_for_you"
    NOT_ABOUT_ONESELF = "actor.not_about_oneself"
    ONLY_AT_THE_COUNTER = "actor.only_at_the_counter"
    ONLY_AUTHORITY = "actor.only_authority"
    NOT_FOR_AGENTS = "actor.not_for_agents"
    NEEDS_GUARDIAN = "actor.needs_guardian"
    OTHER_REGION = "actor.only_home_region"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem; `field` is what the person would have to change."""

    field: str
    key: Key


class Refused(Exception):
    """Nothing was changed; `problems` is never empty."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.key}" for problem in problems))
        self.problems = tuple(problems)


def refuse_if(problems: Iterable[Problem]) -> None:
    """Raise Refused with all of them, if there are any."""
    if found := tuple(problems):
        raise Refused(found)
