"""A person at the kiosk: reads the screen, looks at the devices, and acts like one."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial

from simulators.bench.simulated import SimulatedDispenser, SimulatedPad, SimulatedPrinter, SimulatedReader
from simulators.world.cards import VirtualCard
from simulators.world.custody import Note
from simulators.world.fault_options import Seconds, Whole
from simulators.world.faults import Ailment, Pending
from simulators.world.people import Person
from simulators.world.scene import Scene
from terminal import views
from terminal.pages.offers import RETURN_CARD
from terminal.pages.page import MENU
from terminal.view import Cancel, Choose, Screen, ScreenSession, View

PAGES = (
    Screen.MENU,
    Screen.ACCOUNT,
    Screen.HISTORY,
    Screen.APPLICATION,
    Screen.APPLY,
    Screen.POLICY,
    Screen.INVOICES,
    Screen.LOSS,
    Screen.TRANSFER,
    Screen.UNAVAILABLE,
)
"""Screens where a path is followed."""

AT_THE_END = (Screen.IDLE, Screen.OUT_OF_SERVICE)


FIRST = "first"
"""On a path: whatever is offered first."""

LONGEST_CUT = 86_400.0
"""Seconds without power: a day."""

MASHED = (*map(str, range(10)), "enter", "clear")
"""Keys that are mashed; who mashes CANCEL cancels."""


class Whim(Enum):
    """What a fault makes a person do."""

    CANCELS = auto()
    GOES = auto()
    HESITATES = auto()
    TAKES_PART = auto()
    GRASPS_IN_THE_DARK = auto()


@dataclass(frozen=True, slots=True)
class Plan:
    """What this person is up to. `path` is what they touch on menus and pages, in this order, before they want cash:
    choices, `FIRST` of those that are there, or after `#` the digits that they type; whoever wants no cash has an
    `amount` of 0. What is in `reads` they touch before they insert their card. `pins` are typed one after the other,
    the last one again and again (None: the right one); `amount` is in yuan and typed in if the screen does not offer
    it. Who walks away at a screen does nothing there, and nothing at all from then on unless they come back. Of the
    notes presented they take `notes_taken` and leave the rest (None: all). Who wants `copies` asks for the receipt
    once more.
    """

    reads: Sequence[str] = ()
    path: Sequence[str] = ()
    amount: int = 500
    stars: int | None = None
    copies: bool = False
    pins: Sequence[str] | None = None
    cancels_at: Screen | None = None
    walks_away_at: Screen | None = None
    comes_back: bool = True
    notes_taken: int | None = None
    hesitation: tuple[float, float] = (0.4, 1.2)


@dataclass(slots=True)
class Surroundings:
    """What a person standing at a kiosk can see and touch. The screens change when the kiosk's program starts anew.

    `cut_power`: what a power cut of so many seconds does to it.
    """

    scene: Scene
    session: ScreenSession
    reader: SimulatedReader
    pad: SimulatedPad
    dispenser: SimulatedDispenser
    printer: SimulatedPrinter
    tell: Callable[[str], None] = lambda _: None
    cut_power: Callable[[float], None] | None = None


class Customer:
    """One person, one card, one visit at a time."""

    def __init__(self, person: Person, card: VirtualCard, place: Surroundings, chance: random.Random) -> None:
        self.person = person
        self.notes: list[Note] = []
        self.receipts: list[str] = []
        self.has_card = True
        self.is_here = True
        self.typed_pin = ""
        """The last one."""
        self._card = card
        self._place = place
        self._chance = chance
        self._seen: View | None = None
        self._typed_pins = 0
        self._has_copy = False
        self._path: list[str] = []
        self._whims: dict[Whim, Pending] = {}
        self._leaves_notes = 1
        self._dark_for = 3.0

    def ailments(self) -> Mapping[str, Ailment]:
        """What this person may do otherwise than planned, by the fault's id."""

        def whim(whim: Whim) -> Ailment:
            return Ailment(lambda: self._feels(whim), lambda: self._thinks_better(whim))

        def mash(keys: int = 20) -> None:
            for _ in range(keys):
                self._place.pad.press(self._chance.choice(MASHED))

        def take_part(left: int = 1) -> Pending:
            self._leaves_notes = left
            return self._feels(Whim.TAKES_PART)

        def grasp(left: int = 0, seconds: float = 3.0) -> Pending:
            self._leaves_notes, self._dark_for = left, seconds
            return self._feels(Whim.GRASPS_IN_THE_DARK)

        dark = Ailment(
            grasp,
            lambda: self._thinks_better(Whim.GRASPS_IN_THE_DARK),
            {"left": Whole(0, 1_000, usual=6), "seconds": Seconds(LONGEST_CUT, usual=60)},
        )
        return {
            "G1": whim(Whim.CANCELS),
            "G2": whim(Whim.GOES),
            "G4": Ailment(mash, limits={"keys": Whole(1, 1_000, usual=40)}),
            **({} if self._place.cut_power is None else {"G6": dark}),
            "G7": whim(Whim.HESITATES),
            "G8": Ailment(take_part, lambda: self._thinks_better(Whim.TAKES_PART), {"left": Whole(1, 1_000, usual=6)}),
        }

    async def visit(self, plan: Plan) -> None:
        """From card in until the kiosk waits for the next person."""
        place = self._place
        await place.scene.until(lambda: place.session.view.screen is Screen.IDLE)
        await self._hesitate(plan)
        await self._read(plan)
        await place.scene.until(lambda: place.reader.takes_cards or place.session.view.screen is not Screen.IDLE)
        self._seen = place.session.view
        self._path = list(plan.path)
        place.tell("inserts the card")
        place.reader.insert_card(self._card)
        self.has_card = False
        while (view := await self._next_view()).screen not in AT_THE_END:
            if view.screen is plan.walks_away_at or self._gives_in(Whim.GOES):
                place.tell("has walked away")
                self.is_here = False
            elif plan.comes_back:
                self.is_here = True
            if self.is_here:
                await self._hesitate(plan)
                await self._hesitate_long(view)
                if self._unchanged(view):
                    await self._act(view, plan)
        if self.is_here:
            await self._collect()

    async def _act(self, view: View, plan: Plan) -> None:
        place = self._place
        if view.screen is plan.cancels_at or (view.can_cancel and self._gives_in(Whim.CANCELS)):
            self._thinks_better(Whim.CANCELS)
            await self._cancel(view)
            return
        match view.screen:
            case Screen.NOTICE:
                place.tell("reads the notice and agrees")
                await place.session.intent(Choose(views.AGREE))
            case Screen.PIN:
                place.tell("types a PIN and presses ENTER")
                await self._type(self._next_pin(plan), plan)
            case Screen.MENU if not self._path:
                no_cash = view.lines[0].key == "menu.no_cash" or not plan.amount
                place.tell("wants the card back" if no_cash else "chooses cash")
                await place.session.intent(Choose(RETURN_CARD if no_cash else views.CASH))
            case screen if screen in PAGES:
                await self._go_on(view, plan)
            case Screen.AMOUNT | Screen.OTHER_AMOUNT if self._was_refused(view):
                await self._cancel(view)
            case Screen.AMOUNT:
                offered = f"{views.AMOUNT}{plan.amount * 100}"
                choice = offered if offered in [choice.id for choice in view.choices] else views.OTHER
                place.tell(f"chooses {plan.amount} yuan" if choice == offered else "wants another amount")
                await place.session.intent(Choose(choice))
            case Screen.OTHER_AMOUNT:
                place.tell(f"types {plan.amount} and presses ENTER")
                await self._type(str(plan.amount), plan)
            case Screen.CONFIRM:
                place.tell("confirms")
                await place.session.intent(Choose(views.CONFIRM))
            case Screen.TAKE_CARD:
                await place.scene.until(lambda: place.reader.card_at_gate or place.session.view.screen != view.screen)
                await self._hesitate(plan)
                if place.reader.card_at_gate:
                    place.tell("takes the card")
                    place.reader.take_card()
                    self.has_card = True
            case Screen.TAKE_CASH:
                taken = place.dispenser.take_notes(self._number_taken(plan))
                place.tell(f"takes {len(taken)} notes")
                self.notes += taken
                if taken and place.cut_power is not None and self._gives_in(Whim.GRASPS_IN_THE_DARK):
                    self._thinks_better(Whim.GRASPS_IN_THE_DARK)
                    place.tell("stands in the dark")
                    place.cut_power(self._dark_for)
            case Screen.FINISHED | Screen.SORRY:
                await self._collect()
                if plan.copies and not self._has_copy and views.REPRINT in [choice.id for choice in view.choices]:
                    self._has_copy = True
                    place.tell("wants a copy of the receipt")
                    await place.session.intent(Choose(views.REPRINT))
                elif plan.stars is not None:
                    await place.session.intent(Choose(f"{views.RATE}{plan.stars}"))
            case _:
                pass

    async def _go_on(self, view: View, plan: Plan) -> None:
        """One step on the path; whoever does not find it goes back to the menu, or leaves."""
        place = self._place
        offered = [choice.id for choice in view.choices]
        if view.entry is not None and self._path and self._path[0].startswith("#"):
            digits = self._path.pop(0)[1:]
            place.tell(f"types {digits} and presses ENTER")
            await self._type(digits, plan)
        elif self._path and (choice := self._wanted(offered)):
            self._path.pop(0)
            place.tell(f"chooses {choice}")
            await place.session.intent(Choose(choice))
        elif not self._path and MENU in offered:
            await place.session.intent(Choose(MENU))
        else:
            await self._cancel(view)

    def _wanted(self, offered: Sequence[str]) -> str | None:
        """Which of these is next on the path."""
        if self._path[0] == FIRST:
            return next((choice for choice in offered if choice != MENU), None)
        return self._path[0] if self._path[0] in offered else None

    async def _read(self, plan: Plan) -> None:
        """Without a card: whatever of `reads` is offered, until something is not."""
        place = self._place
        for choice in plan.reads:
            view = place.session.view
            if choice not in [offer.id for offer in view.choices]:
                return
            place.tell(f"chooses {choice}")
            await place.session.intent(Choose(choice))
            await place.scene.until(partial(self._answered, view))
            await self._hesitate(plan)

    def _answered(self, asked: View) -> bool:
        """There is something else to choose from, or nothing any more."""
        view = self._place.session.view
        return view is not asked and (bool(view.choices) or view.screen in AT_THE_END)

    async def _cancel(self, view: View) -> None:
        """On the PIN pad where it is listening, else on the screen."""
        self._place.tell("cancels")
        if view.entry is not None:
            self._place.pad.press("cancel")
        await self._place.session.intent(Cancel())

    async def _type(self, digits: str, plan: Plan) -> None:
        for digit in digits:
            self._place.pad.press(digit)
            await self._hesitate(plan, 0.3)
        self._place.pad.press("enter")

    async def _collect(self) -> None:
        while (receipt := self._place.printer.tear_off()) is not None:
            self._place.tell("takes the receipt")
            self.receipts.append(receipt.text)

    async def _next_view(self) -> View:
        """The next view that asks for something new; stars and digits appearing in a field are not new."""
        view = await self._place.scene.until(
            lambda: self._place.session.view if not self._unchanged(self._place.session.view) else None
        )
        self._seen = view
        return view

    def _unchanged(self, view: View) -> bool:
        seen, now = self._seen, self._place.session.view
        return seen is not None and _gist(seen) == _gist(view) == _gist(now)

    def _was_refused(self, view: View) -> bool:
        """The first line then says what was wrong with the amount."""
        return view.lines[0].key.startswith(("code.", "other_amount.")) and view.lines[0].key != "other_amount.enter"

    def _next_pin(self, plan: Plan) -> str:
        pins = plan.pins or (self.person.pin,)
        self.typed_pin = pins[min(self._typed_pins, len(pins) - 1)]
        self._typed_pins += 1
        return self.typed_pin

    def _number_taken(self, plan: Plan) -> int | None:
        there = len(self._place.dispenser.notes_at_exit)
        if self._gives_in(Whim.TAKES_PART):
            self._feels(Whim.GOES)
            return max(0, there - self._leaves_notes)
        if Whim.GRASPS_IN_THE_DARK in self._whims and self._leaves_notes:
            return max(1, there - self._leaves_notes)
        return plan.notes_taken

    async def _hesitate_long(self, view: View) -> None:
        """Right up to the time limit of the screen: who is first, the person or the kiosk, is open."""
        if view.deadline is not None and self._gives_in(Whim.HESITATES):
            self._thinks_better(Whim.HESITATES)
            await asyncio.sleep(max(0.0, view.deadline - asyncio.get_running_loop().time()))

    def _feels(self, whim: Whim) -> Pending:
        """A whim comes, and is given in to at the first chance."""
        self._whims[whim] = pending = Pending(lambda: self._thinks_better(whim))
        return pending

    def _gives_in(self, whim: Whim) -> bool:
        """Whether there is such a whim; it stays until they think better of it, but strikes once."""
        pending = self._whims.get(whim)
        if pending is not None:
            self._whims[whim] = Pending(pending.cancel)
            pending.struck()
        return pending is not None

    def _thinks_better(self, whim: Whim) -> None:
        self._whims.pop(whim, None)

    async def _hesitate(self, plan: Plan, share: float = 1.0) -> None:
        await asyncio.sleep(self._chance.uniform(*plan.hesitation) * share)


def _gist(view: View) -> tuple[object, ...]:
    return view.screen, view.title, view.lines, view.choices, view.deadline
