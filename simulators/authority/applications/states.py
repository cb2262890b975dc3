"""THE table of an application: every state, every event, who may cause it, and where it leads.

The rules of this file:

- What is not in the table does not happen. `store.py` is the only code that changes a state, and it asks here.
- A form that is wrong or a person who may not apply leaves no application, so the first state is SUBMITTED.
- Only a REVIEWER approves, rejects or returns: one of the home region, neither the applicant nor a relative, and with
  four eyes not the same pair twice (`review.py`). SYSTEM approves only where the rules of the policy alone decide, and
  returns only what no reviewer has seen, for want of a paper that a rule asks for.
- A person changes or withdraws until the first draw. A change begins the review anew, also after an approval.
- Money follows APPROVED only. Every other state pays nothing more; what was paid stays paid.
- REJECTED, WITHDRAWN, EXPIRED and CANCELLED are ends. USED_UP is one until a count gives money back.
- SUSPENDED goes back to where it came from, or ends. Time does not stand still for it: dates are looked at again.
"""

from dataclasses import dataclass
from enum import StrEnum

from simulators.authority.actors import Role
from simulators.authority.tables.applications import ApplicationState as S


class Event(StrEnum):
    """What can happen to an application."""

    SUBMIT = "submit"
    COMPLETE = "complete"  # the last required document is there
    TAKE_UP = "take_up"  # a reviewer begins, complete or not
    CONCUR = "concur"  # the first of four eyes approves
    APPROVE = "approve"
    REJECT = "reject"
    RETURN = "return"
    SUPPLEMENT = "supplement"
    CHANGE = "change"
    WITHDRAW = "withdraw"
    USE_UP = "use_up"
    GIVE_BACK = "give_back"  # a count or a late reversal frees money of a used-up application
    EXPIRE = "expire"
    SUSPEND = "suspend"
    RESUME = "resume"
    CANCEL = "cancel"
    REVIEW_AGAIN = "review_again"  # a new policy asks for it
    CHECK_IDENTITY = "check_identity"  # passed or not, the detail says
    ESCALATE = "escalate"  # its deadline has passed


APPLICANTS = frozenset({Role.PERSON, Role.AGENT, Role.TELLER})
"""A teller enters what the person says; at a terminal it is the person who acts."""

_REVIEWER = frozenset({Role.REVIEWER})
_SYSTEM = frozenset({Role.SYSTEM})
_CHECKERS = frozenset({Role.REVIEWER, Role.TELLER})
_FREEZERS = frozenset({Role.SYSTEM, Role.SUPERVISOR})
_RULERS = frozenset({Role.SYSTEM, Role.SUPERVISOR, Role.POLICY_MAKER})


@dataclass(frozen=True, slots=True)
class Transition:
    """In `state`, on `event` by one of `roles`, go to `to`; None: to the state that was suspended."""

    state: S | None
    event: Event
    to: S | None
    roles: frozenset[Role]


TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, Event.SUBMIT, S.SUBMITTED, APPLICANTS),
    # --- taken in
    Transition(S.SUBMITTED, Event.COMPLETE, S.UNDER_REVIEW, APPLICANTS | _SYSTEM),
    Transition(S.SUBMITTED, Event.TAKE_UP, S.UNDER_REVIEW, _REVIEWER),
    Transition(S.SUBMITTED, Event.APPROVE, S.APPROVED, _SYSTEM),
    Transition(S.SUBMITTED, Event.RETURN, S.RETURNED, _REVIEWER | _SYSTEM),
    Transition(S.SUBMITTED, Event.SUPPLEMENT, S.SUBMITTED, APPLICANTS),
    Transition(S.SUBMITTED, Event.CHECK_IDENTITY, S.SUBMITTED, _CHECKERS),
    Transition(S.SUBMITTED, Event.ESCALATE, S.SUBMITTED, _SYSTEM),
    Transition(S.SUBMITTED, Event.CHANGE, S.SUBMITTED, APPLICANTS),
    Transition(S.SUBMITTED, Event.WITHDRAW, S.WITHDRAWN, APPLICANTS),
    Transition(S.SUBMITTED, Event.EXPIRE, S.EXPIRED, _SYSTEM),
    Transition(S.SUBMITTED, Event.SUSPEND, S.SUSPENDED, _FREEZERS),
    Transition(S.SUBMITTED, Event.CANCEL, S.CANCELLED, _RULERS),
    # --- with a reviewer
    Transition(S.UNDER_REVIEW, Event.CONCUR, S.UNDER_REVIEW, _REVIEWER),
    Transition(S.UNDER_REVIEW, Event.APPROVE, S.APPROVED, _REVIEWER),
    Transition(S.UNDER_REVIEW, Event.REJECT, S.REJECTED, _REVIEWER),
    Transition(S.UNDER_REVIEW, Event.RETURN, S.RETURNED, _REVIEWER),
    Transition(S.UNDER_REVIEW, Event.SUPPLEMENT, S.UNDER_REVIEW, APPLICANTS),
    Transition(S.UNDER_REVIEW, Event.CHECK_IDENTITY, S.UNDER_REVIEW, _CHECKERS),
    Transition(S.UNDER_REVIEW, Event.ESCALATE, S.UNDER_REVIEW, _SYSTEM),
    Transition(S.UNDER_REVIEW, Event.CHANGE, S.SUBMITTED, APPLICANTS),
    Transition(S.UNDER_REVIEW, Event.WITHDRAW, S.WITHDRAWN, APPLICANTS),
    Transition(S.UNDER_REVIEW, Event.SUSPEND, S.SUSPENDED, _FREEZERS),
    Transition(S.UNDER_REVIEW, Event.CANCEL, S.CANCELLED, _RULERS),
    # --- with the person again
    Transition(S.RETURNED, Event.SUPPLEMENT, S.UNDER_REVIEW, APPLICANTS),
    Transition(S.RETURNED, Event.CHECK_IDENTITY, S.RETURNED, _CHECKERS),
    Transition(S.RETURNED, Event.CHANGE, S.SUBMITTED, APPLICANTS),
    Transition(S.RETURNED, Event.WITHDRAW, S.WITHDRAWN, APPLICANTS),
    Transition(S.RETURNED, Event.EXPIRE, S.EXPIRED, _SYSTEM),
    Transition(S.RETURNED, Event.SUSPEND, S.SUSPENDED, _FREEZERS),
    Transition(S.RETURNED, Event.CANCEL, S.CANCELLED, _RULERS),
    # --- approved: money may be drawn
    Transition(S.APPROVED, Event.SUPPLEMENT, S.APPROVED, APPLICANTS),
    Transition(S.APPROVED, Event.CHANGE, S.SUBMITTED, APPLICANTS),
    Transition(S.APPROVED, Event.WITHDRAW, S.WITHDRAWN, APPLICANTS),
    Transition(S.APPROVED, Event.USE_UP, S.USED_UP, _SYSTEM),
    Transition(S.APPROVED, Event.EXPIRE, S.EXPIRED, _SYSTEM),
    Transition(S.APPROVED, Event.SUSPEND, S.SUSPENDED, _FREEZERS),
    Transition(S.APPROVED, Event.CANCEL, S.CANCELLED, _RULERS),
    Transition(S.APPROVED, Event.REVIEW_AGAIN, S.UNDER_REVIEW, _RULERS),
    Transition(S.USED_UP, Event.SUPPLEMENT, S.USED_UP, APPLICANTS),
    Transition(S.USED_UP, Event.GIVE_BACK, S.APPROVED, _SYSTEM),
    # --- frozen
    Transition(S.SUSPENDED, Event.SUPPLEMENT, S.SUSPENDED, APPLICANTS),
    Transition(S.SUSPENDED, Event.RESUME, None, _FREEZERS),
    Transition(S.SUSPENDED, Event.EXPIRE, S.EXPIRED, _SYSTEM),
    Transition(S.SUSPENDED, Event.CANCEL, S.CANCELLED, _RULERS),
)

OPEN = frozenset({S.SUBMITTED, S.UNDER_REVIEW, S.RETURNED, S.APPROVED})
"""Something may still come of it, and a death or a suspension freezes it."""

IN_REVIEW = frozenset({S.SUBMITTED, S.UNDER_REVIEW})
"""It is the authority's turn, and its deadline runs."""

_TABLE = {(row.state, row.event): row for row in TRANSITIONS}


def transition(state: S | None, event: Event) -> Transition | None:
    """The row for an event in a state; None when it can't happen there."""
    return _TABLE.get((state, event))
