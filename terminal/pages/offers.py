"""What this kiosk offers besides cash: the menu behind the PIN, and what can be read without a card."""

from terminal.equipment import Equipment
from terminal.pages import account, guide
from terminal.pages.page import GoTo, Offer, Page, Turn, page
from terminal.states import Event
from terminal.view import Screen, View, Words
from terminal.views import CASH
from terminal.visit import Visit

ACCOUNT = "account"
RETURN_CARD = "return_card"


class Offers:
    """The first pages; each leads to the others."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment

    def menu(self, visit: Visit) -> Page:
        """What the person behind this card can have. Cash stands first; the session knows what it leads to."""
        return page(
            View(
                Screen.MENU,
                Words("menu.title"),
                (Words("menu.cash_is", {"name": Words("menu.business")}), Words("menu.risk")),
                can_cancel=True,
            ),
            Offer(CASH, Words("menu.cash"), lambda: GoTo(Event.CASH_CHOSEN)),
            Offer(ACCOUNT, Words("menu.account"), lambda: Turn(account.balance(visit.amounts))),
            Offer(RETURN_CARD, Words("menu.return_card"), lambda: GoTo(Event.CARD_WANTED)),
        )

    def information(self) -> Page:
        """What can be read without a card."""
        return guide.contents()
