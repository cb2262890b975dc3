"""The rules of home and destination, the rule that both make together, whom to ask, and what to prepare."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from protocol.service_line.policy import POLICY, PolicyInput, PolicyOutput, Rule
from terminal.pages.desk import Desk, said
from terminal.pages.page import MENU, Ask, Offer, Page, Print, Turn, page, turn
from terminal.slips import slip
from terminal.texts import region_words
from terminal.view import Screen, Table, View, Words

ON_A_SCREEN = 7
"""Regions or rules at a time; two number keys are for the way on."""

UP = "up"

Region: TypeAlias = str


def ask(desk: Desk, back: Offer) -> Page:
    """Where is the person insured? A card says it already."""
    if desk.visit.card is not None and desk.visit.card.region:
        return destination(desk, desk.home, back)
    return choose(desk, "policy.home", lambda home: destination(desk, home, back), back)


def destination(desk: Desk, home: Region, back: Offer) -> Page:
    """Where is the money to be drawn? That of the kiosk comes first."""
    return choose(desk, "policy.destination", lambda place: _asked(desk, home, place, back), back)


def choose(desk: Desk, title: str, then: Callable[[Region], Page | Ask], back: Offer, first: int = 0) -> Page:
    """One of the regions; the one where the kiosk stands comes first."""
    here = desk.notices.region
    regions = sorted(desk.notices.regions, key=lambda region: (region != here, region))
    shown, more = regions[first : first + ON_A_SCREEN], first + ON_A_SCREEN
    offers = [Offer(region, region_words(region), partial(_step, then, region)) for region in shown]
    if more < len(regions):
        offers.append(turn("more", Words("choice.more"), partial(choose, desk, title, then, back, more)))
    return page(View(Screen.POLICY, Words(title), (Words("policy.choose"),), can_cancel=_card(back)), *offers, back)


def _asked(desk: Desk, home: Region, place: Region, back: Offer) -> Ask:
    return desk.asks(POLICY, PolicyInput(home=home, destination=place), lambda found: overview(desk, found, back), back)


def overview(desk: Desk, found: PolicyOutput, back: Offer) -> Page:
    """What matters most, and where to read the rest."""
    here = partial(overview, desk, found, back)
    lines = [
        Words(
            "policy.between",
            {"home": region_words(found.home.region), "destination": region_words(found.destination.region)},
        ),
        Words("policy.offered" if found.offered else "policy.not_offered"),
        *(
            [Words("policy.closed", {"opens": f"{found.next_opening:%Y-%m-%d %H:%M}"})]
            if not found.open_now and found.next_opening is not None
            else []
        ),
        *(
            Words(
                "policy.coming",
                {"region": side.name, "version": side.coming.version, "since": str(side.coming.valid_from)},
            )
            for side in (found.home, found.destination)
            if side.coming is not None
        ),
    ]
    guide = found.guide
    view = View(Screen.POLICY, Words("policy.title"), tuple(lines), can_cancel=_card(back))
    readings: list[Offer] = []
    if guide is not None:
        texts = (
            ("scope", (*guide.use_scope, *guide.conditions)),
            ("process", guide.process),
            ("cautions", (*guide.limits, *guide.cautions)),
        )
        readings = [
            turn(name, Words(f"policy.{name}"), partial(reading, name, text, here, back)) for name, text in texts
        ]
    return page(
        view,
        turn("combined", Words("policy.combined"), partial(rules, "combined", found.combined, here, back)),
        turn("home", Words("policy.of_home"), partial(rules, "of_home", found.home.rules, here, back)),
        turn("place", Words("policy.of_place"), partial(rules, "of_place", found.destination.rules, here, back)),
        *readings,
        turn("contacts", Words("policy.contacts"), partial(contacts, desk, found, here, back)),
        turn("checklist", Words("policy.checklist"), partial(checklist, desk, found, here, back)),
        back,
    )


def rules(name: str, items: Sequence[Rule], to: Callable[[], Page], back: Offer, first: int = 0) -> Page:
    """The items of a rule, each with the region and version it comes from."""
    shown, more = items[first : first + ON_A_SCREEN], first + ON_A_SCREEN
    table = Table(
        tuple(Words(f"policy.{column}") for column in ("item", "value", "from")),
        tuple((said(rule.label), said(rule.text), _source(rule)) for rule in shown),
    )
    offers = (
        [turn("more", Words("choice.more"), partial(rules, name, items, to, back, more))] if more < len(items) else []
    )
    view = View(Screen.POLICY, Words(f"policy.{name}"), can_cancel=_card(back), table=table)
    return page(view, *offers, turn(UP, Words("choice.back_to"), to), back)


def reading(name: str, texts: Sequence[str], to: Callable[[], Page], back: Offer) -> Page:
    """Texts that the authority makes from the rules."""
    view = View(Screen.POLICY, Words(f"policy.{name}"), tuple(map(said, texts)), can_cancel=_card(back))
    return page(view, turn(UP, Words("choice.back_to"), to), back)


def contacts(desk: Desk, found: PolicyOutput, to: Callable[[], Page], back: Offer) -> Page:
    """Whom to ask at home and there: name, phone, address, hours."""
    rows = tuple(
        (region_words(side.region), said(contact.name), said(contact.phone), said(contact.address), said(contact.hours))
        for side in dict.fromkeys((found.home, found.destination))
        for contact in side.contacts
    )
    head = tuple(Words(f"policy.{column}") for column in ("region", "office", "phone", "address", "hours"))
    view = View(Screen.POLICY, Words("policy.contacts"), can_cancel=_card(back), table=Table(head, rows))
    return page(view, _printed(desk, view), turn(UP, Words("choice.back_to"), to), back)


def checklist(desk: Desk, found: PolicyOutput, to: Callable[[], Page], back: Offer) -> Page:
    """What to have and to do before: papers, filing, limits, hours, validity."""
    lines = tuple(
        Words("policy.point", {"number": number, "text": point.text}) for number, point in enumerate(found.checklist, 1)
    )
    view = View(Screen.POLICY, Words("policy.checklist"), lines, can_cancel=_card(back))
    return page(view, _printed(desk, view), turn(UP, Words("choice.back_to"), to), back)


def _printed(desk: Desk, view: View) -> Offer:
    return Offer("print", Words("choice.print"), lambda: Print(partial(slip, view, desk.notices, desk.now())))


def _step(then: Callable[[Region], Page | Ask], region: Region) -> Turn | Ask:
    found = then(region)
    return found if isinstance(found, Ask) else Turn(found)


def _source(rule: Rule) -> Words:
    return Words("policy.version", {"region": region_words(rule.region), "version": rule.version})


def _card(back: Offer) -> bool:
    """Is a card inside, which can be asked back?"""
    return back.id == MENU
