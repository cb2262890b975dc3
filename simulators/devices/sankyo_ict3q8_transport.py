"""Sankyo ICT3Q8: slot, transport, stripe head and capture box, and the hands of the person before them.

The card is in exactly one place: in somebody's hand, offered at the slot, in the reader, or in the capture box. A
movement takes its time and then happens as a whole, so stopping it leaves the card where it was.
"""

import asyncio
from contextlib import suppress

from protocol.sankyo_ict3q8 import CardPosition, Sensors
from protocol.sankyo_ict3q8_codes import ErrorCode
from simulators.devices.sankyo_ict3q8_options import Motion, Place, Refusal, SankyoIct3q8Options, Slot
from simulators.world.cards import VirtualCard
from simulators.world.scene import Scene

RETRACT_COUNTER_LIMIT = 99


class Transport:
    """The mechanics of one reader."""

    def __init__(self, scene: Scene, options: SankyoIct3q8Options) -> None:
        self.card: VirtualCard | None = None
        self.place = Place.GATE
        self.wrong_way = False
        self.slot = Slot.DISABLED
        self.entry: Slot | None = None
        self.captured: list[VirtualCard] = []
        self.captures = 0
        self.counts_captures = False
        self.pull_out_is_error = False
        self.passes = 0
        self.fault: ErrorCode | None = None
        self.failing: dict[Motion, ErrorCode] = {}
        self.tracks: dict[int, str] = {}
        self.track_errors: dict[int, ErrorCode] = {}
        self._scene = scene
        self._options = options
        self._offered: VirtualCard | None = None
        self._intake: asyncio.Task[None] | None = None

    @property
    def position(self) -> CardPosition:
        """What the status characters say."""
        if self.card is None:
            return CardPosition.NO_CARD if self._offered is None else CardPosition.AT_GATE
        return CardPosition.AT_GATE if self.place is Place.GATE else CardPosition.INSIDE

    @property
    def at_gate(self) -> VirtualCard | None:
        """The card that stands out of the slot."""
        return self.card if self.place is Place.GATE else None

    @property
    def accepts(self) -> Slot:
        """Which card would be taken in now."""
        return Slot.DISABLED if self.card is not None or self._offered is not None else self.entry or self.slot

    def sensors(self) -> Sensors:
        """The sensor bytes. The pattern of light barriers for each position is our choice."""
        at_gate = self.position is CardPosition.AT_GATE
        inside = self.position is CardPosition.INSIDE
        at_chip = inside and self.place is Place.CHIP
        return Sensors(
            insertion_switch=at_gate,
            shutter_switch=at_gate,
            front=at_gate or inside,
            middle=inside,
            capture_box=self._options.capture_box,
            chip_contact=at_chip,
            chip_position=at_chip,
            stripe_at_prehead=self.at_gate is not None and self.at_gate.has_stripe and not self.wrong_way,
            end_of_life=self.passes > 1_000_000,
            enabled=self.slot is not Slot.DISABLED,
            magnetic_only=self.slot is Slot.MAGNETIC,
        )

    # The person's hands

    def insert(self, card: VirtualCard, *, wrong_way: bool) -> bool:
        """Push a card into the slot; False when the shutter keeps it out."""
        if self.accepts is Slot.DISABLED:
            return False
        if self.accepts is Slot.MAGNETIC and (wrong_way or not card.has_stripe):
            return False
        self._offered, self.wrong_way = card, wrong_way
        self._scene.changed()
        if self.entry is None:
            self._intake = asyncio.get_running_loop().create_task(self._take_in_unasked())
        return True

    def pull_out(self) -> VirtualCard | None:
        """Take the card at the gate, or hold on to one that is on its way in. What it caused is over then."""
        card = self._offered or self.at_gate
        if self._offered is not None:
            self._offered = None
            self._stop_intake()
        elif card is not None:
            self.card = None
            self.forget_tracks()
            self.fault = None
        self._scene.changed()
        return card

    # Commands

    async def take_in_when_offered(self, wanted: Slot) -> None:
        """Wait for a card as long as it takes, and take it in; one that is pulled out on the way does not end that."""
        self.entry = wanted
        self._scene.changed()
        try:
            while self.card is None:
                await self._scene.until(lambda: self._offered is not None)
                await self._take_in()
        finally:
            self.entry = None
            self._scene.changed()

    async def to_gate(self) -> None:
        """Eject."""
        await self._move(Motion.EJECT, self._options.eject, Place.GATE)
        self.forget_tracks()

    async def back_inside(self) -> None:
        """Retrieve the card at the gate; its stripe is read again on the way."""
        await self._move(Motion.RETRIEVE, self._options.retrieve, Place.INSIDE)
        self.read_stripe()

    async def to_chip(self) -> None:
        """Carry the card to the chip position and press the contact."""
        await self._move(Motion.TO_CHIP, self._options.to_chip + self._options.contact, Place.CHIP)

    async def off_chip(self) -> None:
        """Release the contact."""
        if self.place is Place.CHIP:
            await asyncio.sleep(self._options.contact)
            self.place = Place.INSIDE

    async def to_box(self) -> None:
        """Capture."""
        if self.counts_captures and self.captures == RETRACT_COUNTER_LIMIT:
            raise Refusal(ErrorCode.RETRACT_COUNTER_FULL)
        await asyncio.sleep(self._options.capture)
        self._fail_if_told(Motion.CAPTURE)
        if self.card is None:
            if self.pull_out_is_error:
                raise Refusal(ErrorCode.PULLED_OUT_IN_CAPTURE)
            return
        self.captured.append(self.card)
        self.card = None
        self.captures += self.counts_captures
        self.fault = None
        self.forget_tracks()
        self._scene.changed()

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
        if self._offered is not None:
            self.card, self._offered = self._offered, None
            self.place = Place.GATE
        self._scene.changed()

    def read_stripe(self) -> None:
        """The stripe passes the head."""
        self.forget_tracks()
        if self.card is None:
            return
        for number in (1, 2, 3):
            if self.wrong_way or number not in self.card.tracks:
                self.track_errors[number] = ErrorCode.TRACK_BLANK
            elif number in self.card.bad_tracks:
                self.track_errors[number] = ErrorCode.PARITY
            else:
                self.tracks[number] = self.card.tracks[number]

    def before_the_error(self, number: int) -> bytes:
        """What one pass reads of a worn track; the error is taken to be in its middle."""
        card = self.card
        if card is None or self.track_errors.get(number) is not ErrorCode.PARITY:
            return b""
        track = card.tracks[number]
        return track[: len(track) // 2].encode("ascii")

    def forget_tracks(self) -> None:
        """Clear the read buffers."""
        self.tracks, self.track_errors = {}, {}

    async def _take_in_unasked(self) -> None:
        with suppress(Refusal):
            await self._take_in()

    async def _take_in(self) -> None:
        card = self._offered
        await asyncio.sleep(self._options.intake)
        if card is None or self._offered is not card:
            return
        self._offered, self.card, self.place = None, card, Place.GATE
        if card.length_mm > self._options.longest_card:
            self._fail(ErrorCode.CARD_TOO_LONG)
        if card.length_mm < self._options.shortest_card:
            self._fail(ErrorCode.CARD_TOO_SHORT)
        self._fail_if_told(Motion.INTAKE)
        self.place = Place.INSIDE
        self.passes += 1
        self.fault = None
        self.read_stripe()
        self._scene.changed()

    async def _move(self, motion: Motion, duration: float, to: Place) -> None:
        await asyncio.sleep(duration)
        self._fail_if_told(motion)
        if self.card is None:
            raise Refusal(ErrorCode.JAM_AT_RETRIEVE)
        self.place = to
        self.fault = None
        self._scene.changed()

    def _fail_if_told(self, motion: Motion) -> None:
        if (error := self.failing.pop(motion, None)) is not None:
            self._fail(error)

    def _fail(self, error: ErrorCode) -> None:
        self.fault = error
        self._scene.changed()
        raise Refusal(error)

    def _stop_intake(self) -> None:
        if self._intake is not None:
            self._intake.cancel()
            self._intake = None
