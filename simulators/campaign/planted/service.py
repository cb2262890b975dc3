"""Planted bugs of the service line: what is handed in twice, forgotten, or not heard; and the copy of a receipt."""

from dataclasses import replace
from typing import Any, Final

from simulators.authority.people.register import Card
from simulators.authority.service_line import desk
from simulators.authority.service_line.refusal import Refused
from simulators.authority.tables.people import CardState
from simulators.campaign.planted.bug import Patch, Planted, changed, instead
from terminal import printing
from terminal.service_line import ServiceLine

DESK: Final = "simulators/authority/service_line/desk.py"
CARDS: Final = "simulators/authority/people/register.py"


def _new_id_for_each_try() -> Patch:
    def make(before: Any) -> Any:
        async def sent(self: Any, service: Any, body: Any, msgid: str) -> Any:
            return await before(self, service, body, self._id(self._next_name()))

        return sent

    return changed(ServiceLine, "_sent", make)


def _done_again() -> Patch:
    """Whoever asks again is not looked up, and a claim that is taken is no obstacle."""

    def once(self: Any, call: Any, handler: Any, envelope: Any, _: str) -> Any:
        try:
            return self._given(handler.answer(call, envelope.input), handler.service, envelope.mdtrtarea_admvs)
        except Refused as error:
            return self.refusal(error, envelope.mdtrtarea_admvs)

    return changed(desk.Desk, "_once", instead(once))


def _copy_not_marked() -> Patch:
    def make(before: Any) -> Any:
        return lambda data, columns: before(replace(data, copy=False), columns)

    return changed(printing, "receipt", make)


def _loss_lapsed_at_once() -> Patch:
    """The end of a temporary report is compared the wrong way round."""

    def make(before: Any) -> Any:
        def state_at(self: Any, at: Any) -> CardState:
            state: CardState = before(self, at)
            return self.state_before_loss or CardState.ACTIVE if state is CardState.LOST and self.lost_until else state

        return state_at

    return changed(Card, "state_at", make)


BUGS: Final = (
    Planted(
        "K103",
        "each try of what writes has a message id of its own",
        "terminal/service_line.py",
        _new_id_for_each_try,
        (2,),
    ),
    Planted("K104", "what is handed in twice is entered twice", DESK, _done_again, (2,)),
    Planted("K105", "a temporary report of a loss lapses at once", CARDS, _loss_lapsed_at_once, (18,)),
    Planted("K106", "a copy of a receipt does not say that it is one", "terminal/printing.py", _copy_not_marked, (17,)),
)
"""Of the service line and of copies."""
