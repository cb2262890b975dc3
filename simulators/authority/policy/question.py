"""What is asked of the policy engine, and what is known about the person: `Ask` and `Facts`.

Every fact has a neutral default, under which no rule refuses for want of data that its policy does not ask for. Income
and contribution base are no facts: nothing here tells them.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from simulators.authority.policy.vocabulary import (
    Channel,
    PayoutMode,
    Purpose,
    PurposeDetail,
    Stage,
    Suspended,
    Transition,
)
from simulators.authority.tables.people import PersonState


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `at` is business time; `amount_fen` None is a quote; `provider` is the merchant of the terminal.

    With an application its own purpose, detail and situation count instead of those named here.
    """

    at: datetime
    amount_fen: int | None = None
    channel: Channel = Channel.ATM
    mode: PayoutMode = PayoutMode.CASH
    purpose: Purpose = Purpose.TREATMENT_AWAY
    detail: PurposeDetail | None = None
    situation: str | None = None
    provider: str | None = None
    stage: Stage = Stage.PAYOUT


@dataclass(frozen=True, slots=True)
class Usage:
    """What a person has drawn, holds included and reversals given back; the year begins where one policy says.

    `mode_...` counts the payout mode that is asked for, the others count both.
    """

    today_fen: int = 0
    year_fen: int = 0
    mode_today_fen: int = 0
    mode_year_fen: int = 0
    draws_today: int = 0
    draws_this_month: int = 0
    draws_this_year: int = 0
    last_draw_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegionUse:
    """What all persons drew: under a home policy those insured there, under a destination's those paid there."""

    today_fen: int = 0
    year_fen: int = 0
    pilot_persons: int = 0
    pilot_draws: int = 0
    pilot_fen: int = 0
    person_in_pilot: bool = False  # this person is one of `pilot_persons`


@dataclass(frozen=True, slots=True)
class Approved:
    """An approved, unexpired application. Place, provider and mode are None where it is not bound to any.

    Without an id it is bound elsewhere, and told so that a refusal can name where. `transition` is what versions that
    came into force since the approval say about it.
    """

    application_id: int | None
    remaining_fen: int
    purpose: Purpose = Purpose.TREATMENT_AWAY
    detail: PurposeDetail | None = None
    situation: str | None = None
    place: str | None = None
    provider: str | None = None
    mode: PayoutMode | None = None
    proof: bool = False  # papers prove the emergency
    payee_account_id: int | None = None
    transition: Transition = Transition.KEEP


@dataclass(frozen=True, slots=True)
class Contribution:
    """One month that was paid for; `month` is its first day. `repaired_on`: paid later, on that day."""

    month: date
    repaired_on: date | None = None


@dataclass(frozen=True, slots=True)
class HealthStatus:
    """A health-status code with its source; `valid_to` None is for as long as the policy lets it be."""

    code: str
    source: str
    as_of: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A proof of diagnosis."""

    icd10: str
    issued_on: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that rules may know. Money is fen.

    `vintage_fen` is what is left, not held, of credits that count by the stricter vintage date; None where no policy
    has one. `place_use` None is the same as `home_use`: the destination's year begins on the same day.
    """

    balance_fen: int = 0
    held_fen: int = 0
    vintage_fen: int | None = None
    home_use: Usage = field(default_factory=Usage)
    place_use: Usage | None = None
    home_region: RegionUse = field(default_factory=RegionUse)
    place_region: RegionUse = field(default_factory=RegionUse)
    application: Approved | None = None
    account_state: PersonState = PersonState.ACTIVE
    insured_since: date | None = None
    contributions: tuple[Contribution, ...] = ()
    groups: frozenset[str] = frozenset()
    health: tuple[HealthStatus, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    own_single_fen: int | None = None
    own_day_fen: int | None = None
    locked: bool = False
    suspended: frozenset[Suspended] = frozenset()

    @property
    def unheld_fen(self) -> int:
        """What no earlier approval has set aside."""
        return self.balance_fen - self.held_fen
