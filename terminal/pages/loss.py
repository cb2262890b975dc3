"""Report the own card as lost or in wrong hands: from then on it is refused everywhere."""

from functools import partial

from protocol.service_line.cards import LOSS, LossInput, LossKind, LossOutput
from terminal.pages.desk import Desk, said
from terminal.pages.page import GoTo, Offer, Page, page, to_menu
from terminal.states import Event
from terminal.view import Screen, View, Words


def confirm(desk: Desk) -> Page:
    """What it means, before it is done."""
    view = View(
        Screen.LOSS,
        Words("loss.title"),
        (Words("loss.means"), Words("loss.temporary"), Words("loss.formal"), Words("loss.this_card")),
        can_cancel=True,
    )
    body = LossInput(**desk.me, kind=LossKind.TEMPORARY)
    return page(
        view,
        Offer("report", Words("loss.report"), lambda: desk.asks(LOSS, body, partial(reported, desk), to_menu())),
        to_menu(),
    )


def reported(desk: Desk, found: LossOutput) -> Page:
    """It is done: nothing more can be had with this card, so the visit ends here."""
    lines = [
        Words("loss.done", {"card": said(found.card)}),
        said(found.text, found.text_en),
        Words("loss.next", {"hotline": desk.notices.hotline}),
    ]
    if found.lapses is not None:
        lines.insert(1, Words("loss.lapses", {"time": f"{found.lapses:%Y-%m-%d %H:%M}"}))
    view = View(Screen.LOSS, Words("loss.title"), tuple(lines), can_cancel=True)
    return page(view, Offer("return_card", Words("menu.return_card"), lambda: GoTo(Event.CARD_WANTED)))
