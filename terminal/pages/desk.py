"""What the pages work with: the service line, who is in front of the kiosk, and where the kiosk stands."""

from collections.abc import Callable
from typing import TypeVar

from protocol.service_line.envelope import Reason
from protocol.service_line.people import Certificate
from protocol.service_line.service import Service
from protocol.service_line.values import Body
from terminal.equipment import Equipment
from terminal.pages.page import MENU, Ask, Offer, Page, page
from terminal.service_line import NoService, Refused
from terminal.texts import region_words, rule_words, texts
from terminal.view import Screen, Told, Value, View, Words
from terminal.visit import Visit

INPUT = TypeVar("INPUT", bound=Body)
OUTPUT = TypeVar("OUTPUT", bound=Body)


class Desk:
    """The service line for one visit, or for somebody without a card (`visit` has no reference then)."""

    def __init__(self, equipment: Equipment, visit: Visit) -> None:
        self.notices = equipment.notices
        self.now = equipment.now
        self.visit = visit
        self._line = equipment.service

    @property
    def me(self) -> dict[str, str | Certificate]:
        """Who is in front of the kiosk, as the service line is told: whose PIN was right."""
        return {"mdtrt_cert_type": Certificate.VISIT, "mdtrt_cert_no": self.visit.reference}

    @property
    def home(self) -> str:
        """Where the person is insured by the card; that of the kiosk where nobody has shown one."""
        card = self.visit.card
        return (card.region if card is not None else "") or self.notices.region

    def asks(
        self, service: Service[INPUT, OUTPUT], body: INPUT, then: Callable[[OUTPUT], Page], back: Offer, *more: Offer
    ) -> Ask:
        """Have `service` answered, which leads to `then`; or to a page that says why not, with `more` to be done.

        What is answered in one language only is asked for in the person's.
        """

        async def question(language: str) -> Page:
            if self._line is None:
                return no_service(back)
            tells = {"language": language} if "language" in type(body).model_fields else {}
            answer = await self._line.ask(service, body.model_copy(update=tells), visit=self.visit.id or None)
            match answer:
                case NoService():
                    return no_service(back)
                case Refused(reasons):
                    return refused(reasons, back, *more)
                case _:
                    return then(answer)

        return Ask(question)


def no_service(back: Offer) -> Page:
    """The service line is down; cash is not affected."""
    lines = (Words("unavailable.service_line"),)
    return page(View(Screen.UNAVAILABLE, Words("unavailable.title"), lines, can_cancel=back.id == MENU), back)


def refused(reasons: tuple[Reason, ...], back: Offer, *more: Offer) -> Page:
    """All reasons, each with the rule, its region and its version where it is a rule of a policy."""
    lines = tuple(line for reason in reasons for line in _told(reason))
    return page(View(Screen.UNAVAILABLE, Words("unavailable.title"), lines, can_cancel=back.id == MENU), *more, back)


def said(text: str, english: str | None = None) -> Words:
    """A sentence that the authority says, in the language that the screen has then."""
    return Words("page.said", {"text": text if english is None else Told(text, english)})


def _told(reason: Reason) -> tuple[Words, ...]:
    told = said(reason.text, reason.text_en)
    if reason.region is None or reason.version is None:
        return (told,)
    values: dict[str, Value] = {
        "region": region_words(reason.region),
        "rule": rule_words(reason.key),
        "version": reason.version,
    }
    return told, Words("sorry.rule", values)


def known(table: str, code: str) -> Words:
    """What a code is called in our texts; the code itself where they don't know it."""
    key = f"{table}.{code}"
    return Words(key) if key in texts("zh_CN") else said(code)
