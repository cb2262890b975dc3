"""What the account has: the balance, what of it can be had, what binds it, and what moved it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from protocol.money_line import AmountType
from protocol.service_line.people import HISTORY, HistoryInput, HistoryLine, HistoryOutput, Kind
from terminal.pages import notices
from terminal.pages.desk import Desk, known
from terminal.pages.page import Ask, Offer, Page, Print, page, to_menu, turn
from terminal.slips import slip
from terminal.texts import region_words
from terminal.view import Fen, Screen, Table, View, Words

LINES = (
    (AmountType.LEDGER, "account.balance"),
    (AmountType.AVAILABLE, "account.available"),
    (AmountType.MAXIMUM_DRAW, "account.maximum"),
    (AmountType.REST_OF_DAY, "account.day_left"),
    (AmountType.REST_OF_YEAR, "account.year_left"),
    (AmountType.REST_OF_APPLICATION, "account.application_left"),
)
"""What the host tells with a quote, in the order in which it is read."""

DRAWS = (Kind.WITHDRAWAL, Kind.TRANSFER, Kind.REVERSAL, Kind.SETTLEMENT, Kind.INHERITANCE)
"""What takes money out, or gives such money back; everything else is paid in."""

ON_A_SCREEN = 6
"""Movements at a time."""

HEAD = ("at", "kind", "place", "amount", "balance")


def balance(desk: Desk) -> Page:
    """What the quote told."""
    view = View(Screen.ACCOUNT, Words("account.title"), _amounts(desk.visit.amounts), can_cancel=True)
    return page(
        view,
        Offer("history", Words("account.history"), partial(ask_history, desk)),
        Offer("notices", Words("account.notices"), partial(notices.ask, desk)),
        Offer("print", Words("choice.print"), lambda: Print(partial(slip, view, desk.notices, desk.now()))),
        to_menu(),
    )


def ask_history(desk: Desk) -> Ask:
    """The last movements."""
    return desk.asks(HISTORY, HistoryInput(**desk.me, limit=60), partial(history, desk), to_menu())


def _amounts(amounts: Mapping[AmountType, int]) -> tuple[Words, ...]:
    return tuple(Words(key, {"amount": Fen(amounts[kind])}) for kind, key in LINES if kind in amounts)


def history(desk: Desk, found: HistoryOutput) -> Page:
    """Credits apart from draws: their sums, and where to look at each."""
    credits_ = [line for line in found.lines if line.kind not in DRAWS]
    draws = [line for line in found.lines if line.kind in DRAWS]
    view = View(
        Screen.HISTORY,
        Words("history.title"),
        (
            Words("history.credits", {"amount": Fen(found.credits_fen), "number": len(credits_)}),
            Words("history.draws", {"amount": Fen(found.draws_fen), "number": len(draws)}),
        ),
        can_cancel=True,
    )
    here = partial(history, desk, found)
    paper = View(Screen.HISTORY, view.title, view.lines, table=_table(found.lines))
    return page(
        view,
        turn("credits", Words("history.show_credits"), partial(movements, "credits", credits_, 0, here)),
        turn("draws", Words("history.show_draws"), partial(movements, "draws", draws, 0, here)),
        Offer("print", Words("choice.print"), lambda: Print(partial(slip, paper, desk.notices, desk.now()))),
        to_menu(),
    )


def movements(what: str, lines: Sequence[HistoryLine], first: int, back: Callable[[], Page]) -> Page:
    """A part of the history as a table; `what` is a key of the texts under `history`."""
    shown = lines[first : first + ON_A_SCREEN]
    offers = []
    if first + ON_A_SCREEN < len(lines):
        offers.append(turn("more", Words("choice.more"), partial(movements, what, lines, first + ON_A_SCREEN, back)))
    said = () if lines else (Words("history.none"),)
    view = View(
        Screen.HISTORY,
        Words(f"history.show_{what}"),
        said,
        can_cancel=True,
        table=_table(shown) if shown else None,
    )
    return page(view, *offers, turn("back", Words("choice.back_to"), back), to_menu())


def _table(lines: Sequence[HistoryLine]) -> Table:
    return Table(
        tuple(Words(f"history.{column}") for column in HEAD),
        tuple(
            (
                Words("page.said", {"text": f"{line.at:%Y-%m-%d %H:%M}"}),
                known("kind", line.kind),
                Words("history.nowhere") if line.place is None else region_words(line.place),
                Words("page.amount", {"amount": Fen(line.amount_fen)}),
                Words("page.amount", {"amount": Fen(line.balance_fen)}),
            )
            for line in lines
        ),
    )
