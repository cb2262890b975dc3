"""The session: one kiosk as screens and the program see it. What customers do becomes events here.

What an event leads to, `terminal.states` says, and `terminal.effects` does it. Only the battery's warning is put on
record at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from terminal import views
from terminal.effects import Effects
from terminal.equipment import Equipment
from terminal.journal import Entry, JournalError
from terminal.log import log
from terminal.pages.offers import Offers
from terminal.pages.page import Ask, GoTo, Print, Step, Turn, Type
from terminal.states import Event, State
from terminal.view import Cancel, Choose, Help, Intent, SwitchAccessible, SwitchLanguage, View


class Session:
    """One kiosk at work, customer after customer."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._offers = Offers(equipment)
        self._effects = Effects(equipment, self._offers)
        self._stage = self._effects.stage
        self._customer = self._effects.customer

    # What others see and send

    @property
    def state(self) -> State:
        """Where the kiosk is."""
        return self._stage.state

    @property
    def view(self) -> View:
        """What is to be shown now."""
        return self._stage.view

    def subscribe(self, subscriber: Callable[[View], None]) -> None:
        """Have `subscriber` called with every new view."""
        self._stage.subscribe(subscriber)

    async def intent(self, intent: Intent) -> None:
        """What the customer did on the screen. What the screen does not offer now is ignored."""
        match intent:
            case SwitchLanguage(language):
                self._stage.language = language
                self._stage.publish(self.view)
            case SwitchAccessible():
                self._switch_accessible()
            case Help():
                self._stage.publish(replace(self.view, helping=not self.view.helping))
            case Cancel() if self.view.can_cancel:
                self._stage.answer(Event.CANCELLED)
            case Choose(choice) if self._offers_now(choice):
                self._choose(choice)
            case _:
                pass

    def _switch_accessible(self) -> None:
        """What is left of the customer's time grows and shrinks with the mode."""
        factor = self._equipment.limits.accessible_factor
        self._stage.accessible = not self._stage.accessible
        self._stage.extend(factor if self._stage.accessible else 1 / factor)
        self._stage.publish(self.view)

    async def run(self) -> None:
        """Serve customers until cancelled."""
        self._effects.start_up()
        await self._stage.run()

    def power_failing(self) -> None:
        """The battery warns: what is moving ends, and nothing else begins to move until the power is back."""
        if self._equipment.power.failing:
            return
        self._equipment.power.fails()
        self._note(Entry.POWER_FAILING)
        self._stage.insist(Event.POWER_WARNING)

    def power_restored(self) -> None:
        """The mains are back: start up again, which settles what is open."""
        if self._equipment.power.failing:
            self._note(Entry.POWER_RESTORED)
            self._equipment.power.returns()

    def _note(self, entry: Entry) -> None:
        try:
            self._equipment.journal.write(entry)
        except JournalError as error:
            log.critical("journal", cause=str(error))

    async def fire(self, event: Event) -> None:
        """The one door to the next state."""
        await self._stage.fire(event)

    def _offers_now(self, choice: str) -> bool:
        return self._stage.asks and not self.view.helping and choice in [offer.id for offer in self.view.choices]

    def _choose(self, choice: str) -> None:
        visit = self._customer.visit
        match self.state:
            case State.IDLE:
                if self._stage.answer(Event.INFORMATION_CHOSEN):
                    visit.step = Turn(self._offers.information(visit))
            case State.MENU if choice == views.CASH:
                self._stage.answer(Event.CASH_REFUSED if visit.no_cash else Event.CASH_CHOSEN)
            case State.MENU | State.PAGE | State.INFORMATION if visit.page is not None:
                step = visit.page.leads[choice]()
                if self._stage.answer(step.event if isinstance(step, GoTo) else _STEPS[type(step)]):
                    visit.step = step
            case State.FINISHED if choice == views.REPRINT:
                self._stage.answer(Event.COPY_CHOSEN)
            case State.FINISHED:
                if self._stage.answer(Event.RATED):
                    visit.stars = int(choice.removeprefix(views.RATE))
            case _ if not choice.startswith(views.AMOUNT):
                self._stage.answer(_CHOICES[choice])
            case _ if self._stage.answer(Event.AMOUNT_CHOSEN):
                visit.hint = None
                self._customer.withdrawal.amount_fen = int(choice.removeprefix(views.AMOUNT))


_CHOICES = {
    views.AGREE: Event.AGREED,
    views.OTHER: Event.OTHER_CHOSEN,
    views.BACK: Event.BACK,
    views.CONFIRM: Event.CONFIRMED,
}

_STEPS: Mapping[type[Step], Event] = {
    Turn: Event.PAGE_TURNED,
    Ask: Event.ASKED,
    Type: Event.TYPING_CHOSEN,
    Print: Event.PRINT_CHOSEN,
}
