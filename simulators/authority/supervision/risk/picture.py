"""What the risk rules know of a request: itself, what its person did before, and what happened at its terminal."""

from dataclasses import dataclass
from datetime import datetime

from simulators.authority.tables.supervision import Asked, RiskAction


@dataclass(frozen=True, slots=True)
class Attempt:
    """A payout that is asked for. `most_fen` is what could be asked, `limits_fen` are sums that a splitter stays under.

    `terminal` None is a payout without one: online or at a counter.
    """

    at: datetime
    asked: Asked
    person_id: int
    card_index: str
    home: str
    place: str
    terminal: str | None
    amount_fen: int
    most_fen: int
    limits_fen: tuple[int, ...] = ()

    @property
    def percent(self) -> int:
        """The share of what could be asked, rounded down."""
        return share_percent(self.amount_fen, self.most_fen)


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier request of the person. `paid_fen` is what an approval came to; None while it is held, or refused."""

    at: datetime
    asked: Asked
    terminal: str | None
    place: str
    amount_fen: int | None
    most_fen: int | None
    code: str
    risk: RiskAction
    draw_id: int | None
    paid_fen: int | None
    card_index: str | None = None

    @property
    def percent(self) -> int:
        """The share of what could be asked, rounded down."""
        return share_percent(self.amount_fen or 0, self.most_fen or 0)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One request at the same terminal, of whomever."""

    at: datetime
    asked: Asked
    person_id: int | None
    card_index: str | None
    amount_fen: int | None
    most_fen: int | None
    code: str
    home: str | None = None

    @property
    def percent(self) -> int:
        """The share of what could be asked, rounded down."""
        return share_percent(self.amount_fen or 0, self.most_fen or 0)


@dataclass(frozen=True, slots=True)
class Picture:
    """All that rules may look at; what comes before is in the order of time, newest first.

    `meetings` says when other persons now at the terminal were in one city with this person. `household` are those with
    this person's phone. `changed_at` is when a phone, account or card last took the place of another,
    `doubtful_at` when invoices were handed in that another had handed in before. `proven` are the
    draws that invoices have come for; None where nobody keeps them.
    """

    attempt: Attempt
    earlier: tuple[Earlier, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()
    meetings: tuple["Meeting", ...] = ()
    credited_at: tuple[datetime, ...] = ()
    payee_persons: int = 1
    phone_persons: int = 1
    proven: frozenset[int] | None = None
    household: frozenset[int] = frozenset()
    changed_at: datetime | None = None
    doubtful_at: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Meeting:
    """On an earlier day this person and another were in one city, so many minutes apart at the least.

    `terminal` is where both were; None where it was not the same one.
    """

    other: int
    day: str
    minutes: int
    terminal: str | None = None


def share_percent(amount_fen: int, most_fen: int) -> int:
    """Whole percent, rounded down; 0 where nothing could be asked."""
    return 0 if most_fen <= 0 else min(100, amount_fen * 100 // most_fen)
