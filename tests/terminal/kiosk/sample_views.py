"""Views as a session publishes them, for tests of what shows them."""

from collections.abc import Callable
from dataclasses import replace

from protocol.money_line import AmountType, BindingRule
from terminal import views
from terminal.equipment import Notices
from terminal.host_answers import Quote
from terminal.pages import guide
from terminal.texts import code_words, region_words, rule_words
from terminal.view import Choice, Entry, EntryKind, Fen, Intent, Screen, View, Words

IDLE = View(
    Screen.IDLE,
    Words("idle.title"),
    (
        Words("idle.insert_card"),
        Words("idle.hours", {"hours": "08:30-17:00"}),
        Words("idle.notes", {"notes": "100 / 50"}),
        Words("idle.safety"),
        Words("idle.hotline", {"hotline": "12393"}),
    ),
)
NOTICE = View(
    Screen.NOTICE,
    Words("notice.title"),
    (
        *(Words(f"notice.{name}") for name in ("fraud", "own_card", "purpose", "policy", "privacy", "pin")),
        Words("notice.version", {"version": "2026-1"}),
    ),
    (Choice("agree", Words("choice.agree")),),
    can_cancel=True,
    deadline=160.0,
)
PIN = View(
    Screen.PIN,
    Words("pin.title"),
    (Words("pin.wrong"), Words("pin.tries_left", {"tries": 2}), Words("pin.enter"), Words("pin.cover")),
    entry=Entry(EntryKind.PIN, "***"),
    can_cancel=True,
    deadline=142.4,
)
AMOUNT = View(
    Screen.AMOUNT,
    Words("amount.title"),
    (
        Words("amount.balance", {"balance": Fen(319999)}),
        Words("amount.available", {"available": Fen(309999)}),
        Words("amount.maximum", {"maximum": Fen(200000)}),
        Words("amount.limited_by", {"rule": rule_words("single_limit")}),
        Words("amount.notes"),
    ),
    (
        *(Choice(f"amount:{fen}", Words("choice.amount", {"amount": Fen(fen)})) for fen in (10000, 50000, 200000)),
        Choice("other", Words("choice.other_amount")),
    ),
    can_cancel=True,
    deadline=160.0,
)
OTHER_AMOUNT = View(
    Screen.OTHER_AMOUNT,
    Words("other_amount.title"),
    (Words("other_amount.enter"), Words("other_amount.maximum", {"maximum": Fen(200000)})),
    (Choice("back", Words("choice.back")),),
    entry=Entry(EntryKind.AMOUNT, "350"),
    can_cancel=True,
    deadline=130.0,
)
CONFIRM = replace(
    views.confirm(
        50000,
        Quote(
            {
                AmountType.LEDGER: 319999,
                AmountType.AVAILABLE: 309999,
                AmountType.MAXIMUM_DRAW: 200000,
                AmountType.REST_OF_DAY: 500000,
                AmountType.REST_OF_YEAR: 1000000,
                AmountType.REST_OF_APPLICATION: 300000,
            },
            (BindingRule("single_limit", "440300", "2026-1"),),
        ),
        Notices("33100001", "12393", "08:30-17:00", "2026-1"),
        receipt_hint=Words("confirm.no_receipt"),
    ),
    deadline=130.0,
)
WAIT = View(Screen.PLEASE_WAIT, Words("please_wait.title"), (Words("please_wait.counting"),))
SORRY = View(
    Screen.SORRY,
    Words("sorry.title"),
    (
        code_words("61"),
        Words("sorry.maximum", {"maximum": Fen(200000)}),
        Words(
            "sorry.rule",
            {"region": region_words("440300"), "rule": rule_words("single_limit"), "version": "2026-1"},
        ),
        Words("sorry.take_card"),
    ),
    deadline=110.0,
)
OUT_OF_SERVICE = View(
    Screen.OUT_OF_SERVICE,
    Words("out_of_service.title"),
    (Words("out_of_service.cash_dispenser"), Words("out_of_service.hotline", {"hotline": "12393"})),
)
MENU = View(
    Screen.MENU,
    Words("menu.title"),
    (Words("menu.cash_is", {"name": Words("menu.business")}), Words("menu.risk")),
    tuple(
        Choice(name, Words(f"menu.{name}"))
        for name in ("cash", "account", "application", "policy", "invoices", "loss", "print", "return_card")
    ),
    can_cancel=True,
    deadline=160.0,
    help=views.help_lines(Notices("33100001", "12393", "08:30-17:00", "2026-1")),
)
HELP = guide.contents().view
TOPIC = guide.topic("problems", guide.contents).view
ALL = (IDLE, MENU, HELP, TOPIC, NOTICE, PIN, AMOUNT, OTHER_AMOUNT, CONFIRM, WAIT, SORRY, OUT_OF_SERVICE)


class ScriptedSession:
    """A session whose views the test sets and whose intents it reads."""

    def __init__(self, view: View = IDLE) -> None:
        self.view = view
        self.intents: list[Intent] = []
        self._subscribers: list[Callable[[View], None]] = []

    def subscribe(self, subscriber: Callable[[View], None]) -> None:
        self._subscribers.append(subscriber)

    async def intent(self, intent: Intent) -> None:
        self.intents.append(intent)

    def publish(self, view: View) -> None:
        self.view = view
        for subscriber in self._subscribers:
            subscriber(view)
