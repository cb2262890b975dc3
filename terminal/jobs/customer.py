"""The customer whom the jobs serve: what is known of the visit, how long things may take, what is put on record."""

from dataclasses import replace

from protocol.money_line import Treatment
from terminal import views
from terminal.card import Card
from terminal.config import TimeLimits
from terminal.equipment import Equipment
from terminal.host_answers import Declined, NoAnswer
from terminal.journal import Entry
from terminal.presenter import Presenter
from terminal.stage import Stage
from terminal.states import Event
from terminal.visit import Ending, Visit
from terminal.withdrawal import Withdrawal


class Customer:
    """One customer after the other; `visit` is what is known of the present one."""

    def __init__(self, equipment: Equipment, stage: Stage) -> None:
        self.equipment = equipment
        self.stage = stage
        self.visit = Visit()

    @property
    def limits(self) -> TimeLimits:
        """Longer ones in the accessible mode."""
        limits = self.equipment.limits
        return limits.times(limits.accessible_factor) if self.stage.accessible else limits

    @property
    def card(self) -> Card:
        """The present customer's."""
        assert self.visit.card is not None, "the table leads here only with a card"
        return self.visit.card

    @property
    def withdrawal(self) -> Withdrawal:
        """The present customer's."""
        assert self.visit.withdrawal is not None, "the table leads here only with a quote"
        return self.visit.withdrawal

    @property
    def presenter(self) -> Presenter:
        """Whatever moves the notes of the present approval."""
        assert self.withdrawal.presenter is not None, "the table leads here only with an approval to stack"
        return self.withdrawal.presenter

    def forget(self) -> None:
        """The person has left."""
        self.visit = Visit()

    def record(self, entry: Entry, **data: str | int | None) -> None:
        """Put something of this visit into the journal. Raises JournalError."""
        self.equipment.journal.write(entry, self.visit.id or None, **data)

    def typed(self, shown: str) -> None:
        """Show what has been typed: stars, or digits."""
        if self.stage.view.entry is not None:
            self.stage.publish(replace(self.stage.view, entry=replace(self.stage.view.entry, shown=shown)))

    def refused(self, answer: Declined | NoAnswer) -> Event:
        """What follows when the host does not give what it was asked for; the visit keeps the reasons."""
        visit = self.visit
        visit.refusal, visit.reasons = answer, views.refused(answer)
        if isinstance(answer, NoAnswer):
            visit.ending = Ending.NO_ANSWER
            return Event.DECLINED
        match answer.code.treatment:
            case Treatment.RETRY_PIN:
                visit.pin_tries_left, visit.reasons = answer.pin_tries_left, ()
                return Event.WRONG_PIN
            case Treatment.OTHER_AMOUNT if visit.withdrawal is not None and visit.withdrawal.offers():
                visit.hint, visit.reasons, visit.amounts = visit.reasons[0], (), visit.withdrawal.quote.amounts
                return Event.AMOUNT_REFUSED
            case Treatment.CAPTURE:
                visit.ending = Ending.DECLINED
                return Event.CAPTURE_ORDERED
            case _:
                visit.ending = Ending.DECLINED
                return Event.DECLINED


class Jobs:
    """What all jobs have."""

    def __init__(self, customer: Customer) -> None:
        self._customer = customer
        self._equipment = customer.equipment
        self._stage = customer.stage

    @property
    def visit(self) -> Visit:
        """The present one."""
        return self._customer.visit

    @property
    def limits(self) -> TimeLimits:
        """Longer ones in the accessible mode."""
        return self._customer.limits
