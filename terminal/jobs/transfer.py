"""A transfer: the host is asked for it, and what it approves is paid."""

from protocol.money_line import ProcessingCode, Treatment
from terminal import views
from terminal.card import CardRejected
from terminal.faults import blame
from terminal.host_answers import Declined, NoAnswer, Transferred
from terminal.jobs.customer import Jobs
from terminal.jobs.pin import ONLY_NO_CASH
from terminal.journal import Entry
from terminal.pages import transfer
from terminal.pages.desk import Desk
from terminal.states import Event
from terminal.visit import Ending


class TransferJobs(Jobs):
    """Money to the person's own account."""

    async def transferring(self) -> Event:
        """Have the amount paid to the person's own account. After that this visit asks for no other money."""
        visit, card, equipment = self.visit, self._customer.card, self._equipment
        desk = Desk(equipment, visit)
        try:
            with blame(Event.CARD_READER_FAULT):
                chip_data = await equipment.chip_data(card, ProcessingCode.TRANSFER, visit.transfer_fen)
        except CardRejected as rejection:
            visit.page = transfer.refused(desk, views.card_rejected(rejection.reason))
            return Event.DECLINED
        with blame(Event.HOST_LINE_FAULT):
            answer = await equipment.money.transfer(
                card,
                visit.pin_block,
                visit.transfer_fen,
                chip_data,
                objection=self._card_objection,
                transaction=visit.id,
            )
        match answer:
            case Transferred():
                visit.transferred, visit.ending = answer, Ending.TRANSFERRED
                visit.page = transfer.done(desk, answer)
                return Event.TRANSFERRED
            case Declined() if answer.code.treatment in (Treatment.RETRY_PIN, Treatment.CAPTURE):
                return self._customer.refused(answer)
            case Declined() if answer.code.treatment in ONLY_NO_CASH:
                visit.page = transfer.refused(desk, views.refused(answer))
                return Event.DECLINED
            case Declined() | NoAnswer():
                visit.reasons = views.refused(answer)
                visit.ending = Ending.NO_ANSWER
                visit.page = transfer.over(views.refused(answer))
                return Event.DECLINED

    async def _card_objection(self, field55: bytes | None) -> str:
        """As for cash: what the card does not know as its issuer's answer counts for nothing, and is on record."""
        if cause := await self._equipment.card_objection(field55):
            self._customer.record(Entry.ISSUER_REFUSED, cause=cause)
        return cause
