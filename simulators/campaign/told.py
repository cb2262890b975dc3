"""What journal, host and customer are told of a visit's end, beside the notes that came within reach.

What people have counted is not judged here.
"""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from protocol.money_line_fields import decode_unit_results
from terminal.journal import Entry, Record
from terminal.visit_ending import Ending

if TYPE_CHECKING:
    from simulators.campaign.transfers import Transfer
    from simulators.campaign.witness import Draw


class Told:
    """Hears every new record, and what came within reach for its visit by then; `wrong` has the words of each find."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self._paid: str | None = None
        """The visit that was paid last, while nothing is on record of its receipt."""

    def hear(
        self, record: Record, draw: "Draw | None", transfer: "Transfer | None", reached: Mapping[int, int]
    ) -> None:
        """Of its visit the approval of cash, the transfer that was asked for, and notes by their worth in fen."""
        self._follow_receipt(record)
        if draw is not None and draw.counted:
            return
        match record.kind:
            case Entry.VISIT_ENDED:
                ending, fen = Ending(record.data["ending"]), sum(worth * number for worth, number in reached.items())
                approved = draw or (transfer if transfer is not None and transfer.approved else None)
                if not _so_it_ended(ending, 0 if approved is None else approved.amount_fen, fen):
                    self.wrong.append(f"{record.transaction} has ended as {ending}, and {fen} fen came out")
            case Entry.ADVICE_STORED if draw is not None and record.data["stan"] == draw.stan:
                units, told = record.data["units"], Counter[int]()
                for unit in decode_unit_results(units):
                    told[unit.denomination_fen] += unit.presented or 0
                if +told != Counter(reached):
                    self.wrong.append(f"{record.transaction}: the host is told of {units!r}, and {reached} came out")
            case _:
                pass

    def _follow_receipt(self, record: Record) -> None:
        match record.kind:
            case Entry.VISIT_ENDED if "cause" not in record.data:  # else a start has ended it, and nobody is there
                self._paid = record.transaction if record.data["ending"] in (Ending.PAID, Ending.PARTLY_PAID) else None
            case Entry.RECEIPT_PRINTED | Entry.RECEIPT_FAILED | Entry.STARTED | Entry.POWER_FAILING:
                self._paid = None
            case Entry.IN_SERVICE if self._paid is not None:
                self.wrong.append(f"{self._paid} was paid, and no receipt was printed or failed")
                self._paid = None
            case _:
                pass


def _so_it_ended(ending: Ending, approved_fen: int, reached_fen: int) -> bool:
    match ending:
        case Ending.PAID:
            return 0 < approved_fen == reached_fen
        case Ending.PARTLY_PAID:
            return 0 < reached_fen < approved_fen
        case Ending.NOT_PAID:
            return reached_fen == 0 < approved_fen
        case Ending.SUSPENSE | Ending.RETRACTED:
            return approved_fen > 0
        case _:
            return reached_fen == 0
