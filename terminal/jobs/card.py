"""The card: taken in and read, given back and seen taken, or kept."""

import asyncio
from contextlib import suppress
from datetime import datetime

from drivers.interfaces import DeviceError, Done, ErrorCode, Media, MoveTarget, Outcome, Refused, Unknown
from terminal import opening, views
from terminal.card import CardRejected, read_card
from terminal.faults import Fault, blame
from terminal.jobs.customer import Customer, Jobs
from terminal.journal import Entry
from terminal.states import Event


class CardJobs(Jobs):
    """Whatever the card reader does."""

    def __init__(self, customer: Customer) -> None:
        super().__init__(customer)
        self._stop_tending = asyncio.Event()

    async def awaiting_card(self) -> Event:
        """Take a card in and read it; until one comes, keys and batch are tended."""
        self._stop_tending.clear()
        tending = asyncio.ensure_future(self._tend())
        try:
            return await self._card_read()
        finally:
            self._stop_tending.set()
            await tending

    async def _tend(self) -> None:
        """A dead line is noticed before somebody comes: then the kiosk closes, until it can serve again."""
        if not await self._equipment.money.tend(self._stop_tending):
            self._stage.post(Event.HOST_LINE_FAULT)

    async def _card_read(self) -> Event:
        reader, visit = self._equipment.reader, self.visit
        with blame(Event.CARD_READER_FAULT):
            try:
                data = await reader.read_raw_data(on_inserted=self._card_inserted)
                visit.card = await read_card(reader, data, today=self._equipment.now().date())
            except CardRejected as rejection:
                visit.reasons = views.card_rejected(rejection.reason)
            except DeviceError as error:
                if error.code not in _BAD_CARD:
                    raise
                visit.reasons = views.card_unreadable()
        self._card_inserted()
        if (card := visit.card) is None:
            self._customer.record(Entry.CARD_REJECTED, why=visit.reasons[0].key)
            return Event.CARD_REJECTED
        self._customer.record(Entry.CARD_READ, card=card.masked_pan, region=card.region)
        visit.first_time = not self._equipment.acquaintance.knows(card.pan, self._equipment.notices.notice_version)
        visit.closed_at_home_until = await self._closed_at_home_until(card.region)
        return Event.CARD_ACCEPTED

    async def _closed_at_home_until(self, home: str) -> datetime | None:
        """Before the PIN: is the service of the card's region shut now? Where nobody says so, the quote will."""
        line, equipment = self._equipment.service, self._equipment
        if line is None or not home or home == equipment.notices.region:
            return None
        with suppress(TimeoutError, ValueError):
            async with asyncio.timeout(opening.WAITED_FOR):
                told = await opening.ask(line, opening.Opening(), home)
                return told.closed_until(equipment.now())
        return None

    def _card_inserted(self) -> None:
        """A card that is refused at the slot was never announced."""
        self._stop_tending.set()
        if not self.visit.begun:
            self._equipment.visits += 1
            self.visit.id = f"visit-{self._equipment.visits:06d}"
            self.visit.begun = True
            self._customer.record(Entry.VISIT_BEGUN)
            self._stage.post(Event.CARD_INSERTED)

    async def returning_card(self, *, cash_follows: bool) -> Event:
        """To the slot, and wait; a warning after half the time."""
        reader, limit = self._equipment.reader, self.limits.card_taken
        with blame(Event.CARD_READER_FAULT):
            match await self._ejected():
                case Done():
                    if await reader.media_removed(limit / 2):
                        return self._card_gone()
                    self._stage.publish(views.card_forgotten(self._stage.view))
                    if await reader.media_removed(limit / 2):
                        return self._card_gone()
                    self._customer.record(Entry.CARD_LEFT)
                    return Event.CARD_LEFT
                case Refused(error) if error.code is ErrorCode.NO_MEDIA:
                    # Pulled out by force. Cash follows only a card that was seen taken from the slot.
                    return Event.CARD_LEFT if cash_follows else self._card_gone()
                case Refused(error):
                    raise error
                case Unknown(cause):
                    raise Fault(Event.CARD_READER_FAULT, cause)

    async def _ejected(self) -> Outcome[Media]:
        """A refusal moved nothing, so the card may be asked for once more."""
        self._equipment.power.check()
        outcome = await self._equipment.reader.move(MoveTarget.EXIT)
        if isinstance(outcome, Refused) and outcome.error.code is not ErrorCode.NO_MEDIA:
            self._equipment.power.check()
            outcome = await self._equipment.reader.move(MoveTarget.EXIT)
        return outcome

    async def capturing_card(self, *, call_off: bool) -> Event:
        """Keep the card; `call_off` gives the approval back before."""
        if call_off:
            self._customer.withdrawal.call_off()
        self._equipment.power.check()
        self._customer.record(Entry.CAPTURE_INTENT)
        with blame(Event.CARD_READER_FAULT):
            match await self._equipment.reader.move(MoveTarget.RETAIN):
                case Done():
                    self.visit.card_retained = True
                    self._customer.record(Entry.CARD_CAPTURED)
                    return Event.CARD_CAPTURED
                case Refused(error) if error.code is ErrorCode.NO_MEDIA:
                    return self._card_gone()
                case Refused(error):
                    self._customer.record(Entry.CAPTURE_FAILED, cause=str(error))
                    raise error
                case Unknown(cause):
                    self._customer.record(Entry.CAPTURE_FAILED, cause=cause)
                    raise Fault(Event.CARD_READER_FAULT, cause)

    async def giving_card_back_unrecorded(self) -> Event:
        """With no journal left: the card, and then nothing."""
        self._customer.forget()
        self._equipment.power.check()
        with suppress(DeviceError, ConnectionError):
            await self._equipment.reader.move(MoveTarget.EXIT)
        await asyncio.sleep(self._equipment.retries.pause())
        return Event.TIMED_OUT

    def _card_gone(self) -> Event:
        self.visit.card_gone = True
        self._customer.record(Entry.CARD_TAKEN)
        return Event.CARD_TAKEN


_BAD_CARD = (ErrorCode.INVALID_MEDIA, ErrorCode.CARD_TOO_LONG, ErrorCode.CARD_TOO_SHORT, ErrorCode.NO_MEDIA)
