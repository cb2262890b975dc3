"""What this kiosk offers besides cash: the menu behind the PIN, and what can be read without a card."""

from functools import partial

from terminal.equipment import Equipment
from terminal.pages import account, application, guide, invoices, loss, policy, transfer
from terminal.pages.desk import Desk
from terminal.pages.page import GoTo, Offer, Page, page, to_menu, turn
from terminal.states import Event
from terminal.view import Screen, View, Words
from terminal.views import CASH
from terminal.visit import Visit

TRANSFER = "transfer"
ACCOUNT = "account"
APPLICATION = "application"
POLICY = "policy"
INVOICES = "invoices"
LOSS = "loss"
PRINT = "print"
RETURN_CARD = "return_card"
"""The choices of the menu, besides cash."""


class Offers:
    """The first pages; each leads to the others."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    def menu(self, visit: Visit) -> Page:
        """What the person behind this card can have. Cash stands first; the session knows what it leads to."""
        desk = Desk(self._equipment, visit)
        return page(
            View(
                Screen.MENU,
                Words("menu.title"),
                (Words("menu.cash_is", {"name": Words("menu.business")}), Words("menu.risk")),
                can_cancel=True,
            ),
            Offer(CASH, Words("menu.cash"), lambda: GoTo(Event.CASH_CHOSEN)),
            turn(TRANSFER, Words("menu.transfer"), partial(transfer.amount, desk)),
            turn(ACCOUNT, Words("menu.account"), partial(account.balance, desk)),
            turn(APPLICATION, Words("menu.application"), partial(application.offers, desk)),
            turn(POLICY, Words("menu.policy"), lambda: policy.ask(desk, to_menu())),
            Offer(INVOICES, Words("menu.invoices"), partial(invoices.ask, desk)),
            turn(LOSS, Words("menu.loss"), partial(loss.confirm, desk)),
            Offer(PRINT, Words("menu.print"), partial(account.ask_history, desk)),
            Offer(RETURN_CARD, Words("menu.return_card"), lambda: GoTo(Event.CARD_WANTED)),
        )

    def information(self, visit: Visit) -> Page:
        """What can be read without a card."""
        desk = Desk(self._equipment, visit)
        back = turn(guide.BACK, Words("choice.back_to"), partial(self.information, visit))
        return guide.contents(turn(POLICY, Words("menu.policy"), lambda: policy.ask(desk, back)))
