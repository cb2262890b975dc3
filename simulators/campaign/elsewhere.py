"""What people do with their account elsewhere, while the kiosk is busy with it: a transfer online.

One account, two ways to it: what the host holds for the kiosk counts there too, at the same moment.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from protocol.money_line import ResponseCode
from simulators.authority.business_time import business_time
from simulators.authority.ledger.payouts import Office, PayoutRequest, authorise_payout, cancel_payout, confirm_payout
from simulators.authority.people.register import find_card
from simulators.authority.policy.vocabulary import Channel, PayoutMode
from simulators.authority.tables.ledger import DrawState
from simulators.bench.host import Host
from simulators.campaign.tape import OnlineTransfer
from simulators.campaign.transfers import BANK_FAILS
from simulators.world.people import Person
from terminal.journal import Entry

if TYPE_CHECKING:
    from simulators.campaign.witness import Witness

TO_THE_CUSTOMER: Final = (Entry.CONFIRMED, Entry.DISPENSE_INTENT, Entry.ADVICE_STORED)
WITH_A_STACKER: Final = (Entry.CONFIRMED, Entry.STACK_INTENT, Entry.STACK_DONE, Entry.ADVICE_STORED)
"""Records after which it happens: the kiosk asks for money next, or has its approval and has not told how it ended."""

ALL_OF_A_DAY: Final = (5_000, 2)
ASKED: Final = (ALL_OF_A_DAY, ALL_OF_A_DAY, ALL_OF_A_DAY, (3_000, 2), (1_000, 2), (500, 1), (100, 1))
"""Sums, and how often each is asked for: twice the largest is all that a day allows, and the kiosk has some of it."""

CANCELLED: Final = 0.2
"""How many think better of it."""


@dataclass(frozen=True, slots=True)
class Online:
    """One transfer that was asked for online in the `visit` of a person at the kiosk. `draw_id` None: refused."""

    visit: str
    person: Person
    fen: int
    day: date
    draw_id: int | None
    cancelled: bool

    @property
    def paid_fen(self) -> int:
        """What must be gone from the account for it."""
        return 0 if self.draw_id is None or self.cancelled else self.fen


class Elsewhere:
    """Asks the authority of `host`, as `provider` does; `all` that was asked, in its order."""

    def __init__(self, host: Host, provider: str) -> None:
        self.all: list[Online] = []
        self._host = host
        self._provider = provider

    def __iter__(self) -> Iterator[Online]:
        return iter(self.all)

    def transfer(self, visit: str, person: Person, fen: int, *, cancelled: bool) -> Online:
        """Ask for one, and have it paid, or think better of it."""
        rooms = self._host.rooms
        at = business_time(rooms.now())
        with self._host.database.transaction() as connection:
            card = find_card(connection, rooms.hsm, person.pan)
            assert card is not None, "the people of a campaign are known to the host"
            name, online, way = f"online-{len(self.all)}", Channel.ONLINE, PayoutMode.TRANSFER
            request = PayoutRequest(name, self._provider, card.person_id, online, way, fen, card.region)
            office = Office(rooms.hsm, rooms.policies, rooms.risk)
            answer = authorise_payout(connection, office, request, at)
            if answer.code is ResponseCode.APPROVED:
                if cancelled:
                    cancel_payout(connection, request, at)
                else:
                    confirm_payout(connection, request, fen, at)
        approved = answer.draw_id if answer.code is ResponseCode.APPROVED else None
        asked = Online(visit, person, fen, at.date(), approved, cancelled)
        self.all.append(asked)
        return asked

    def kept_fen(self, person: Person, day: date | None = None, but: Online | None = None) -> int:
        """What the books have taken or set aside for a person's transfers, of one day or all, without one of them."""
        mine = (each for each in self.all if each.person is person and day in (None, each.day) and each is not but)
        return self.booked_fen(*mine)

    def booked_fen(self, *asked: Online) -> int:
        """The same of some of them."""
        mine = {each.draw_id for each in asked}
        return sum(
            row.amount_fen if row.state is DrawState.HELD else row.confirmed_fen - row.given_back_fen
            for row in self._host.authority.draws()
            if row.id in mine
        )


def online_transfer(chance: random.Random, *, stacker: bool) -> OnlineTransfer:
    """One for the tape of a kiosk whose dispenser has a stacker or none."""
    yuan, times = chance.choice(ASKED)
    at = chance.choice(WITH_A_STACKER if stacker else TO_THE_CUSTOMER)
    if at is Entry.CONFIRMED:
        yuan, times = ALL_OF_A_DAY
    return OnlineTransfer(
        yuan=yuan,
        times=times,
        at=at,
        after=round(chance.choice((0.0, chance.uniform(0, 1))), 3),
        cancelled=chance.random() < CANCELLED,
    )


def paid_or_not(witness: "Witness") -> Iterable[str]:
    """What was confirmed is gone from the account, what was cancelled or refused is not."""
    rig = witness.rig
    if any(fault in rig.fired for fault in BANK_FAILS):
        return  # what a bank sends back comes back
    for each in rig.elsewhere:
        if (kept := rig.elsewhere.booked_fen(each)) != each.paid_fen:
            yield f"{each.visit}: {each.paid_fen} fen were transferred online, {kept} fen are debited"
