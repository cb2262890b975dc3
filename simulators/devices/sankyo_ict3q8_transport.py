"""Sankyo ICT3Q8: slot, transport and capture box, and the hands of the people before and behind them.

Every card is in exactly one `Place` of the custody `cards`. A movement takes its time and then happens as a whole, so
stopping it leaves the card where it was; only a power cut without backup power leaves one in the throat.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from protocol.sankyo_ict3q8 import CardPosition
from protocol.sankyo_ict3q8_codes import Dialect, ErrorCode
from protocol.sankyo_ict3q8_status import Barrier, Sensors
from simulators.devices.sankyo_ict3q8_options import (
    Motion,
    Place,
    Refusal,
    SankyoIct3q8Options,
    Shutter,
    Slot,
)
from simulators.devices.sankyo_ict3q8_stripe import StripeHead
from simulators.world.cards import VirtualCard
from simulators.world.custody import Custody
from simulators.world.scene import Scene

RETRACT_COUNTER_LIMIT = 99
_IN_THE_WAY = (Place.GATE, Place.THROAT, Place.INSIDE, Place.CHIP)
_TOO_DARK = 30
"""Per cent of a light barrier's level below which it no longer tells a card from dirt."""
_OUTWARD = (Motion.EJECT, Motion.RETRIEVE)


class Transport:
    """The mechanics of one reader."""

    def __init__(self, scene: Scene, options: SankyoIct3q8Options) -> None:
        self.cards: Custody[VirtualCard] = Custody()
        self.head = StripeHead(options)
        self.wrong_way = False
        self.slot = Slot.DISABLED
        self.entry: Slot | None = None
        self.captures = 0
        self.counts_captures = False
        self.pull_out_is_error = False
        self.passes = 0
        self.fault: str | None = None
        self.failing: dict[Motion, list[str]] = {}
        self.shutter = Shutter.WORKS
        self.box = options.capture_box
        self.held = False
        self.snatched = False
        self.contact_broken = False
        self.protruding = False
        self.levels = dict.fromkeys(Barrier, 100)
        self.in_motion: Motion | None = None
        self._rear_is_open = False
        self._from_rear: VirtualCard | None = None
        self._scene = scene
        self._options = options
        self._intake: asyncio.Task[None] | None = None

    # Where cards are

    @property
    def card(self) -> VirtualCard | None:
        """The card in the reader, the gate included."""
        return next((card for place in _IN_THE_WAY for card in self.cards.at(place)), None)

    @property
    def place(self) -> Place | None:
        """Where the card in the reader is."""
        return None if (card := self.card) is None else Place(self.cards.where(card))

    @property
    def offered(self) -> VirtualCard | None:
        """The card somebody is pushing in."""
        return self.cards.first(Place.SLOT)

    @property
    def at_gate(self) -> VirtualCard | None:
        """The card that stands out of the slot."""
        return self.cards.first(Place.GATE)

    @property
    def inside(self) -> VirtualCard | None:
        """The card that nobody can reach."""
        return self.card if self.place is not Place.GATE else None

    @property
    def position(self) -> CardPosition:
        """What the status characters say."""
        if self.card is None:
            return CardPosition.NO_CARD if self.offered is None else CardPosition.AT_GATE
        return CardPosition.AT_GATE if self.place is Place.GATE else CardPosition.INSIDE

    @property
    def accepts(self) -> Slot:
        """Which card would be taken in now."""
        if self.card is not None or self.offered is not None or self.shutter is Shutter.STUCK_CLOSED:
            return Slot.DISABLED
        return self.entry or self.slot

    def sensors(self) -> Sensors:
        """The sensor bytes. The pattern of light barriers for each position is our choice."""
        position, place = self.position, self.place
        at_gate, inside = position is CardPosition.AT_GATE, position is CardPosition.INSIDE
        at_chip = place is Place.CHIP
        card = self.at_gate or self.offered
        seen = card is not None and card.has_stripe and not self.wrong_way
        return Sensors(
            insertion_switch=at_gate or self.offered is not None,
            shutter_switch=at_gate or self.shutter is Shutter.STUCK_OPEN or self.offered is not None,
            front=at_gate or inside,
            middle=inside and place is not Place.THROAT,
            rear=False,
            capture_box=self.box,
            chip_contact=at_chip,
            chip_position=at_chip,
            stripe_at_prehead=seen and not inside,
            end_of_life=self.passes > 1_000_000,
            enabled=self.slot is not Slot.DISABLED,
            magnetic_only=self.slot is Slot.MAGNETIC,
        )

    def open_slot(self, slot: Slot) -> None:
        """Enable or disable; a card that waits in the slot is taken in then."""
        self.slot = slot
        idle = self._intake is None or self._intake.done()
        if slot is not Slot.DISABLED and self.offered is not None and self.card is None and idle:
            self._intake = asyncio.get_running_loop().create_task(self._take_in_unasked())
        self._scene.changed()

    # The person's hands

    def insert(self, card: VirtualCard, *, wrong_way: bool) -> bool:
        """Push a card into the slot; False when the shutter keeps it out."""
        accepts = self.accepts
        if accepts is Slot.MAGNETIC and (wrong_way or not card.has_stripe):
            accepts = Slot.DISABLED
        stands_open = self.shutter is Shutter.STUCK_OPEN and self.card is None and self.offered is None
        if accepts is Slot.DISABLED and not stands_open:
            return False
        self._bring(card, Place.SLOT)
        self.wrong_way = wrong_way
        self._scene.changed()
        if accepts is not Slot.DISABLED and self.entry is None:
            self._intake = asyncio.get_running_loop().create_task(self._take_in_unasked())
        return True

    def force_in(self, card: VirtualCard) -> None:
        """Push a card in through the shutter while another one is inside. The reader closes itself."""
        self._bring(card, Place.SLOT)
        self.slot, self.fault = Slot.DISABLED, ErrorCode.SHUTTER
        self._scene.changed()

    def insert_from_rear(self, card: VirtualCard) -> None:
        """Push a card in from behind: taken during `C22`, otherwise a forced movement."""
        if self.card is not None:
            raise ValueError("there is a card in the reader already")
        if self._rear_is_open:
            self._bring(card, Place.HAND)
            self._from_rear = card
        else:
            self._bring(card, Place.INSIDE)
            self.fault = ErrorCode.CARD_FORCED
        self._scene.changed()

    def pull_out(self) -> VirtualCard | None:
        """Take the card at the slot, or hold on to one that is on its way in. What it caused is over then."""
        card = self.offered or self.at_gate
        self.held = False
        if card is not None:
            if self.offered is card:
                self._stop_intake()
            else:
                self.head.forget()
            self.cards.move(card, Place.HAND)
            self.protruding = False
            if not (self.fault == ErrorCode.SHUTTER and self.shutter is not Shutter.WORKS):
                self.fault = None
        self._scene.changed()
        return card

    def clear_path(self) -> list[VirtualCard]:
        """The service opens the reader and takes out every card that is not in the box."""
        self._stop_intake()
        places = (Place.SLOT, *_IN_THE_WAY, Place.CABINET)
        found = [card for place in places for card in self.cards.at(place)]
        for card in found:
            self.cards.move(card, Place.HAND)
        self.fault, self.held, self.protruding = None, False, False
        self.failing.clear()
        self.head.forget()
        self._scene.changed()
        return found

    def empty_box(self) -> list[VirtualCard]:
        """The service takes the cards out of the capture box."""
        cards = list(self.cards.at(Place.BOX))
        for card in cards:
            self.cards.move(card, Place.HAND)
        self._scene.changed()
        return cards

    # Commands

    async def take_in_when_offered(self, wanted: Slot) -> None:
        """Wait for a card as long as it takes, and take it in; one that is pulled out on the way does not end that."""
        self.entry = wanted
        self._scene.changed()
        try:
            while self.card is None:
                await self._scene.until(lambda: self.offered is not None)
                await self._take_in()
        finally:
            self.entry = None
            self._scene.changed()

    async def take_in_from_rear(self) -> None:
        """The motor runs backward for a while."""
        self._rear_is_open = True
        try:
            async with asyncio.timeout(self._options.rear_entry):
                card = await self._scene.until(lambda: self._from_rear)
            await self._run(Motion.INTAKE, self._options.intake)
        except TimeoutError:
            raise Refusal(ErrorCode.NO_REAR_INSERTION) from None
        finally:
            self._rear_is_open, self._from_rear = False, None
        self.cards.move(card, Place.INSIDE)
        self._arrived()

    async def to_gate(self, *, protruding: bool = False) -> None:
        """Eject."""
        if self.shutter is Shutter.STUCK_CLOSED and self.place is not Place.GATE:
            self._fail(ErrorCode.SHUTTER)
        await self._move(Motion.EJECT, self._options.eject, Place.GATE)
        self.protruding = protruding
        self.head.forget()

    async def back_inside(self) -> None:
        """Retrieve the card at the gate; its stripe is read again on the way."""
        with self._moving(Motion.RETRIEVE):
            self._snatch()
            await self._run(Motion.RETRIEVE, self._options.retrieve)
            if self.held or (self.protruding and self._options.strict):
                self._fail(ErrorCode.JAM_AT_RETRIEVE)
            if (card := self.card) is None:
                raise Refusal(ErrorCode.JAM_AT_RETRIEVE)
        self.cards.move(card, Place.INSIDE)
        self.read_stripe()
        self._well()

    async def to_chip(self) -> None:
        """Carry the card to the chip position and press the contact."""
        if self.contact_broken:
            await asyncio.sleep(self._options.to_chip * self._options.pace)
            raise Refusal(ErrorCode.CHIP_POSITION)
        await self._move(Motion.TO_CHIP, self._options.to_chip + self._options.contact, Place.CHIP)

    async def off_chip(self) -> None:
        """Release the contact."""
        if self.place is Place.CHIP and (card := self.card) is not None:
            await asyncio.sleep(self._options.contact * self._options.pace)
            self.cards.move(card, Place.INSIDE)

    async def along_the_head(self, duration: float) -> VirtualCard:
        """Carry the card past the stripe head and back, once or more often; returns it."""
        with self._moving(Motion.STRIPE):
            await self._run(Motion.STRIPE, duration)
        if (card := self.inside) is None:
            raise Refusal(ErrorCode.NOT_EXECUTABLE)
        return card

    async def to_box(self) -> None:
        """Capture."""
        if self.counts_captures and self.captures >= RETRACT_COUNTER_LIMIT:
            raise Refusal(ErrorCode.RETRACT_COUNTER_FULL)
        with self._moving(Motion.CAPTURE):
            self._snatch()
            await self._run(Motion.CAPTURE, self._options.capture)
            if self.held:
                self._fail(ErrorCode.JAM)
            if self.box and self.cards.number(Place.BOX) >= self._options.box_room:
                self._fail(ErrorCode.JAM)
        if self.card is None:
            if self.pull_out_is_error:
                raise Refusal(ErrorCode.PULLED_OUT_IN_CAPTURE)
            return
        self.drop_into_box()

    def drop_into_box(self) -> None:
        """The card leaves the transport at its rear."""
        if (card := self.card) is None:
            return
        self.cards.move(card, Place.BOX if self.box else Place.CABINET)
        self.captures += self.counts_captures and self.captures < RETRACT_COUNTER_LIMIT
        self.head.forget()
        self._well()

    async def until_taken(self, timeout: float) -> None:
        """Wait until no card stands at the gate."""
        try:
            async with asyncio.timeout(timeout):
                await self._scene.until(lambda: self.card is None)
        except TimeoutError:
            raise Refusal(ErrorCode.NOT_TAKEN) from None

    def stop(self) -> None:
        """Every movement ends at once; a card on its way in stands at the gate."""
        self._stop_intake()
        self.entry = None
        if self.card is None and (card := self.offered) is not None:
            self.cards.move(card, Place.GATE)
        self._scene.changed()

    def put(self, place: Place) -> None:
        """The card is there now: carried on backup power, or left where the power cut met it."""
        if (card := self.card) is not None:
            self.cards.move(card, place)
        self._scene.changed()

    def read_stripe(self) -> None:
        """The stripe passes the head."""
        self.head.read(self.card, self.wrong_way)

    def require_sound_path(self) -> None:
        """Nothing is moved past a second card, or by sensors that see nothing."""
        if self.card is not None and self.offered is not None:
            raise Refusal("18" if self._options.dialect is Dialect.ICT3K5 else ErrorCode.SENSOR)
        if any(level < _TOO_DARK for level in self.levels.values()):
            self._fail(ErrorCode.SENSOR)

    def _bring(self, card: VirtualCard, place: Place) -> None:
        """From wherever the person had it."""
        try:
            found = self.cards.where(card)
        except AssertionError:
            self.cards.put(place, (card,))
            return
        if found != Place.HAND:
            raise ValueError(f"card {card.label} is in nobody's hand: it is at {found}")
        self.cards.move(card, place)

    async def _take_in_unasked(self) -> None:
        with suppress(Refusal):
            await self._take_in()

    async def _take_in(self) -> None:
        card = self.offered
        with self._moving(Motion.INTAKE):
            await asyncio.sleep(self._options.intake * self._options.pace)
            await self._scene.until(lambda: not self.held)
        if card is None or self.offered is not card:
            return
        self.cards.move(card, Place.GATE)
        if card.length_mm > self._options.longest_card:
            self._fail(ErrorCode.CARD_TOO_LONG)
        if card.length_mm < self._options.shortest_card:
            self._fail(ErrorCode.CARD_TOO_SHORT)
        self._fail_if_told(Motion.INTAKE)
        self.require_sound_path()
        self.cards.move(card, Place.INSIDE)
        self._arrived()

    def _arrived(self) -> None:
        self.passes += 1
        self.read_stripe()
        self._well()

    async def _move(self, motion: Motion, duration: float, to: Place) -> None:
        with self._moving(motion):
            await self._run(motion, duration)
        if (card := self.card) is None:
            raise Refusal(ErrorCode.JAM)
        if self.fault == ErrorCode.CARD_FORCED and motion is Motion.EJECT:
            raise Refusal(ErrorCode.CARD_FORCED)
        self.cards.move(card, to)
        self._well()

    async def _run(self, motion: Motion, duration: float) -> None:
        self.require_sound_path()
        await asyncio.sleep(duration * self._options.pace)
        self._fail_if_told(motion)

    @contextmanager
    def _moving(self, motion: Motion) -> Iterator[None]:
        """Tells a power cut what it interrupts."""
        self.in_motion = motion
        try:
            yield
        finally:
            self.in_motion = None

    @property
    def stops_in_throat(self) -> bool:
        """Would a card in motion be left half-way by a sudden stop?"""
        return self.in_motion in _OUTWARD and self.place in (Place.GATE, Place.INSIDE)

    def _snatch(self) -> None:
        if self.snatched and self.at_gate is not None:
            self.snatched = False
            self.pull_out()

    def _well(self) -> None:
        self.fault = None
        self._scene.changed()

    def _fail_if_told(self, motion: Motion) -> None:
        if errors := self.failing.get(motion):
            self._fail(errors.pop(0))

    def _fail(self, error: str) -> None:
        self.fault = error
        self._scene.changed()
        raise Refusal(error)

    def _stop_intake(self) -> None:
        if self._intake is not None:
            self._intake.cancel()
            self._intake = None
