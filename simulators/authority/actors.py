"""Who does something at the authority: every write names its actor, and four eyes are told apart by it."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody may do; one actor acts in one role."""

    PERSON = "person"  # an insured person, at whatever channel
    AGENT = "agent"  # somebody who acts for a person
    TERMINAL = "terminal"
    TELLER = "teller"  # of a bank or provider: takes and enters, decides nothing
    REVIEWER = "reviewer"  # of the authority: the only role that approves
    POLICY_MAKER = "policy_maker"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"  # reads all, changes nothing
    SYSTEM = "system"  # what the authority does by itself, by the clock


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` names the actor within its role; `person_id` says who that is as an insured person, where it is known."""

    role: Role
    id: str
    region: str | None = None
    person_id: int | None = None

    def is_same_human(self, other: "Actor") -> bool:
        """Would these two be one pair of eyes?"""
        if self.person_id is not None and self.person_id == other.person_id:
            return True
        return (self.role, self.id) == (other.role, other.id)


SYSTEM = Actor(Role.SYSTEM, "authority")
