"""What the authority has told the person without being asked, newest first; and that it was read."""

from collections.abc import Sequence
from functools import partial

from protocol.service_line.notices import (
    NOTICES,
    READ,
    NoticeShown,
    NoticesInput,
    NoticesOutput,
    ReadInput,
    ReadOutput,
)
from terminal.pages.desk import Desk, said
from terminal.pages.page import Ask, Offer, Page, page, to_menu, turn
from terminal.view import Screen, Table, View, Words

ON_A_SCREEN = 4
"""Notices at a time; each is a sentence."""

NEWEST = 40
"""So many can be read here."""


def ask(desk: Desk) -> Ask:
    """The newest notices."""
    return desk.asks(NOTICES, NoticesInput(**desk.me, limit=NEWEST), partial(_answered, desk), to_menu())


def _answered(desk: Desk, found: NoticesOutput) -> Page:
    return shown(desk, found.notices, found.unread, 0)


def shown(desk: Desk, notices: Sequence[NoticeShown], unread: int, first: int) -> Page:
    """Some of them, from `first` on; `unread` counts all that the person has not read."""
    here, more = notices[first : first + ON_A_SCREEN], first + ON_A_SCREEN
    offers: list[Offer] = []
    if new := tuple(each.notice for each in here if not each.read):
        offers.append(Offer("read", Words("notices.mark"), partial(_mark, desk, notices, new, first)))
    if more < len(notices):
        offers.append(turn("more", Words("choice.more"), partial(shown, desk, notices, unread, more)))
    table = Table(
        tuple(Words(f"notices.{column}") for column in ("at", "text", "state")),
        tuple(
            (
                said(f"{each.at:%Y-%m-%d %H:%M}"),
                said(each.text, each.text_en),
                Words("notices.read" if each.read else "notices.new"),
            )
            for each in here
        ),
    )
    line = Words("notices.unread", {"number": unread}) if notices else Words("notices.none")
    view = View(Screen.ACCOUNT, Words("notices.title"), (line,), can_cancel=True, table=table if here else None)
    return page(view, *offers, to_menu())


def _mark(desk: Desk, notices: Sequence[NoticeShown], new: tuple[int, ...], first: int) -> Ask:
    def marked(left: ReadOutput) -> Page:
        seen = [each.model_copy(update={"read": True}) if each.notice in new else each for each in notices]
        return shown(desk, seen, left.unread, first)

    return desk.asks(READ, ReadInput(**desk.me, notices=new), marked, to_menu())
