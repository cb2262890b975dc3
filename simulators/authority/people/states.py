"""What each state of a card and of a person means for a withdrawal: the reply code, and the reason by its own name.

The reason goes into field 63 beside the code, so that two states with one code still have a text each. Whether a card
is kept at 41 or 04 the policy's capture codes say (`money_line/card_keeping.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from protocol.money_line import ResponseCode as Code
from simulators.authority.tables.people import CardState, PersonState


@dataclass(frozen=True, slots=True)
class Bar:
    """Why there is no withdrawal; `reason` is the key of a text."""

    code: Code
    reason: str


CARD_BARS: Mapping[CardState, Bar | None] = {
    CardState.ACTIVE: None,
    CardState.NOT_ACTIVATED: Bar(Code.NO_CARD_RECORD, "card_not_activated"),
    CardState.FROZEN: Bar(Code.RESTRICTED_CARD, "card_frozen"),
    CardState.LOST: Bar(Code.LOST_CARD, "card_lost"),
    CardState.REPLACED: Bar(Code.CAPTURE_CARD, "card_replaced"),
}

EXPIRED_CARD = Bar(Code.EXPIRED_CARD, "card_expired")

PERSON_BARS: Mapping[PersonState, Bar | None] = {
    PersonState.ACTIVE: None,
    PersonState.INACTIVE: Bar(Code.NOT_PERMITTED_HOLDER, "account_inactive"),
    PersonState.FROZEN: Bar(Code.RESTRICTED_CARD, "account_frozen"),
    PersonState.SUSPENDED: Bar(Code.RESTRICTED_CARD, "account_suspended"),
    PersonState.CLOSED: Bar(Code.NO_SUCH_ACCOUNT, "account_closed"),
    PersonState.NEVER_INSURED: Bar(Code.NO_SUCH_ACCOUNT, "never_insured"),
    PersonState.STOPPED: Bar(Code.NOT_PERMITTED_HOLDER, "insurance_stopped"),
    PersonState.MOVED_OUT: Bar(Code.NOT_PERMITTED_HOLDER, "insurance_moved_out"),
    PersonState.DECEASED: Bar(Code.NOT_PERMITTED_HOLDER, "holder_deceased"),
}
