"""Planted bugs of transfers: on the terminal's line, on its pages, and in the authority's books."""

from dataclasses import replace
from typing import Any, Final

from protocol.money_line import ProcessingCode, ResponseCode
from simulators.authority.ledger import transfers as booked
from simulators.authority.ledger.draw_rows import find_draw
from simulators.authority.ledger.ledger import Account, Line, post
from simulators.authority.ledger.payout_entries import movement
from simulators.authority.money_line import switch
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.ledger import EntryKind
from simulators.campaign.planted.bug import Patch, Planted, changed
from terminal.advices import AdviceQueue
from terminal.host_answers import NoAnswer, Transferred
from terminal.host_memory import HostMemory
from terminal.host_requests import HostRequests
from terminal.jobs.transfer import TransferJobs
from terminal.journal import Entry
from terminal.pages import transfer
from terminal.pages.desk import Desk
from terminal.pages.page import page as make_page
from terminal.pages.page import to_menu
from terminal.visit import Ending

REQUESTS: Final = "terminal/host_requests.py"
PAGES: Final = "terminal/pages/transfer.py"
SWITCH: Final = "simulators/authority/money_line/switch.py"
BOOKS: Final = "simulators/authority/ledger/transfers.py"


def _forget(self: Any, requested: Any) -> None:
    exchange = requested.exchange
    data = {"batch": exchange.batch, "stan": exchange.stan, "date": exchange.date}
    self._exchange.write(Entry.HOST_REPLY, requested.transaction, **data, code="", approved=False)


def _not_given_back() -> Patch:
    def make(before: Any) -> Any:
        def reversed_(self: Any, requested: Any, cause: Any, why: Any) -> NoAnswer:
            if requested.processing is not ProcessingCode.TRANSFER:
                return before(self, requested, cause, why)  # type: ignore[no-any-return]
            _forget(self, requested)
            return NoAnswer(str(why), sent=True)

        return reversed_

    return changed(HostRequests, "_reversed", make)


def _asked_again() -> Patch:
    """The first request is forgotten, and a second one is made."""

    def make(before: Any) -> Any:
        async def ask(self: Any, request: Any, reply_type: Any, requested: Any) -> Any:
            if requested.processing is not ProcessingCode.TRANSFER:
                return await before(self, request, reply_type, requested)
            given_back, self._advices.reverse_request = (
                self._advices.reverse_request,
                lambda *_: _forget(self, requested),
            )
            try:
                answer = await before(self, request, reply_type, requested)
            finally:
                self._advices.reverse_request = given_back
            if not isinstance(answer, NoAnswer) or not answer.sent:
                return answer
            name = self._exchange.begin()
            again = replace(request, **self._exchange.identity(name))
            return await before(self, again, reply_type, replace(requested, exchange=name))

        return ask

    return changed(HostRequests, "_ask_for_money", make)


def _open_like_cash() -> Patch:
    """What a fold does with an approval of cash, it does with one of a transfer."""

    def make(before: Any) -> Any:
        def granted(self: Any, request: Any, record: Any) -> None:
            before(self, replace(request, processing=ProcessingCode.CASH), record)

        return granted

    return changed(HostMemory, "_granted", make)


def _reversed_as_cash() -> Patch:
    def make(before: Any) -> Any:
        def reverse(self: Any, requested: Any, cause: Any) -> Any:
            return before(self, replace(requested, processing=ProcessingCode.CASH), cause)

        return reverse

    return changed(AdviceQueue, "reverse_request", make)


def _failed_says_paid() -> Patch:
    def make(before: Any) -> Any:
        async def transferring(self: Any) -> Any:
            event = await before(self)
            if self.visit.ending is Ending.NO_ANSWER:
                paid = Transferred(self.visit.transfer_fen, "0" * 12, None, "****", None, "")
                self.visit.page = transfer.done(Desk(self._equipment, self.visit), paid)
            return event

        return transferring

    return changed(TransferJobs, "transferring", make)


def _menu_after_it() -> Patch:
    """The page after a transfer leads to the menu, where cash can be had."""

    def make(before: Any) -> Any:
        def done(desk: Any, paid: Any) -> Any:
            page = before(desk, paid)
            menu = to_menu()
            choices = (*page.content.choices, make_page(page.content, menu).content.choices[0])
            return replace(
                page, content=replace(page.content, choices=choices), leads={**page.leads, menu.id: menu.leads}
            )

        return done

    return changed(transfer, "done", make)


def _credited_on_repeat() -> Patch:
    """Whoever sends a request twice has it paid twice, by the bank's account."""

    def make(before: Any) -> Any:
        def earlier(connection: Any, key: Any, mac: bytes) -> Any:
            answer = before(connection, key, mac)
            draw = find_draw(connection, key)
            if answer is None or answer.code is not ResponseCode.APPROVED or draw is None:
                return answer
            if draw.mode is PayoutMode.TRANSFER and draw.payee_account_id is not None:
                out, to = Account.transfer(draw.payee_account_id), draw.destination
                lines = (Line(out, debit_fen=draw.amount_fen), Line(to, credit_fen=draw.amount_fen))
                post(connection, f"again:{draw.id}", EntryKind.TRANSFER, lines, movement(draw, draw.at, "again"))
            return answer

        return earlier

    return changed(switch, "earlier_answer", make)


def _stays_with_the_bank() -> Patch:
    """A transfer that is given up comes back to the person, and is not taken back from the bank."""

    def make(before: Any) -> Any:
        def give_back(connection: Any, reference: str, draw: Any, fen: int, at: Any, _: Any = None) -> Any:
            return before(connection, reference, draw, fen, at, Account.transfer(draw.payee_account_id))

        return give_back

    return changed(booked, "give_back", make)


BUGS: Final = (
    Planted("K94", "a transfer without an answer is asked for again", REQUESTS, _asked_again, (4, 20)),
    Planted("K95", "a transfer without an answer is not given back", REQUESTS, _not_given_back, (4, 17)),
    Planted("K96", "a transfer is open like an approval of cash", "terminal/host_memory.py", _open_like_cash, (4, 17)),
    Planted("K97", "a transfer that failed is told as paid", "terminal/jobs/transfer.py", _failed_says_paid, (17,)),
    Planted("K98", "cash can be had after a transfer, in the same visit", PAGES, _menu_after_it, (5,)),
    Planted("K99", "a payee is credited again when a request is repeated", SWITCH, _credited_on_repeat, (2, 4)),
    Planted("K100", "a transfer is reversed as cash is", "terminal/advices.py", _reversed_as_cash, (4, 17)),
    Planted("K101", "a transfer that comes back stays with the bank too", BOOKS, _stays_with_the_bank, (2, 4)),
)
"""Of money to the person's own account."""
