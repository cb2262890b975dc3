"""Visits that a stop cut short: where the card was by the journal, and what is to be put on record as their end.

the journal says                        | the card                      | the visit
begun, nothing asked of the host        | goes to its owner             | interrupted
a cash request without an answer        | goes to its owner             | no answer (its reversal is sent)
approved, and settled by the recovery   | goes to its owner             | paid, partly paid, not paid
in suspense                             | goes to its owner             | suspense, or retracted
keeping it had begun                    | is kept, where it still is in | as above
the reader is empty                     | not found: taken, or kept while nobody looked
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from terminal.journal import Entry, Record
from terminal.visit_ending import Ending


class CardPlace(StrEnum):
    """Where the card of a visit is, by the last record about it."""

    INSIDE = "inside"
    KEEPING = "keeping"


@dataclass(slots=True)
class Visits:
    """What the journal knows of people: who has come, whose visit has no end on record, whose card may be inside."""

    begun: int = 0
    open: list[str] = field(default_factory=list)
    card: tuple[str, CardPlace] | None = None
    asked_fen: dict[str, int] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)

    def apply(self, record: Record) -> None:
        """Take one record."""
        visit, data = record.transaction or "", record.data
        match record.kind:
            case Entry.VISIT_BEGUN:
                self.begun += 1
                self.open.append(visit)
                self.card = visit, CardPlace.INSIDE  # whatever was inside before has been taken out
            case Entry.VISIT_ENDED:
                self.open = [other for other in self.open if other != visit]
            case Entry.CAPTURE_INTENT if self.card is not None:
                self.card = self.card[0], CardPlace.KEEPING
            case Entry.CARD_TAKEN | Entry.CARD_CAPTURED | Entry.CARD_NOT_FOUND:
                self.card = None
            case Entry.HOST_REQUEST if "amount_fen" in data:
                self.asked_fen[visit] = data["amount_fen"]
                self.approved.discard(visit)
            case Entry.HOST_REPLY if visit in self.asked_fen and not data.get("approved"):
                self.asked_fen.pop(visit)
            case Entry.HOST_REPLY if data.get("approved"):
                self.approved.add(visit)

    def ending(self, visit: str, paid_fen: Mapping[str, int], suspended: Mapping[str, bool]) -> Ending:
        """How a visit without an end has ended, once the money is settled.

        `paid_fen` has what was counted out for every approval that is settled, `suspended` the items that wait for a
        count, True where the notes are in the retract area.
        """
        if visit in suspended:
            return Ending.RETRACTED if suspended[visit] else Ending.SUSPENSE
        if visit in self.approved:
            paid = paid_fen.get(visit, 0)
            if not paid:
                return Ending.NOT_PAID
            return Ending.PAID if paid >= self.asked_fen[visit] else Ending.PARTLY_PAID
        return Ending.NO_ANSWER if visit in self.asked_fen else Ending.INTERRUPTED
