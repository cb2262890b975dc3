"""Fraud of every kind, each in several disguises: what known cases did, and what somebody would do who knows the rules.

`KINDS` is the table: a disguise makes the people and the events of one story.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Final

from simulators.authority.supervision.fraud_set.honest import BEGINS, CITIES, MONTHS, TERMINALS
from simulators.authority.supervision.fraud_set.stories import (
    CardCondition,
    Change,
    Credit,
    Draw,
    Event,
    Invoice,
    Somebody,
    Stories,
    Story,
)
from simulators.authority.supervision.risk.geography import journey_hours

RICH: Final = 3_000_000


class Plot:
    """One story in the making."""

    def __init__(self, chance: Random, name: str) -> None:
        self.chance = chance
        self.name = name
        self.people: dict[str, Somebody] = {}
        self.events: list[Event] = []
        self.city = chance.choice(CITIES)
        day = timedelta(days=chance.randrange(5, 50))
        self.at = BEGINS + day + timedelta(hours=chance.randrange(8, 18), minutes=chance.randrange(60))

    def cast(self, number: int, *, region: str | None = None, balance_fen: int = RICH, **values: object) -> list[str]:
        """So many people; without a region each is from somewhere."""
        names = [f"{self.name}-{len(self.people) + n}" for n in range(number)]
        for name in names:
            somebody = {"region": region or self.chance.choice(CITIES), "balance_fen": balance_fen, **values}
            self.people[name] = Somebody.model_validate(somebody)
        return names

    def terminal(self, city: str | None = None) -> str:
        """Some kiosk of the city."""
        return f"{city or self.city}-{self.chance.randrange(1, 5)}"

    def terminals(self, number: int, city: str | None = None) -> list[str]:
        """So many kiosks of the city."""
        return [f"{city or self.city}-{n}" for n in self.chance.sample(range(1, 5), number)]

    def draw(self, person: str, terminal: str, **values: object) -> None:
        """One visit, now."""
        event = {"at": self.at, "person": person, "terminal": terminal, **values}
        self.events.append(Draw.model_validate(event))

    def wait(self, least: float, most: float) -> None:
        """So many minutes."""
        self.at += timedelta(minutes=self.chance.uniform(least, most))

    def small(self) -> int:
        """A sum that nobody looks at."""
        return self.chance.randrange(1, 6) * 10_000


def _burst(plot: Plot) -> None:
    [thief], terminal = plot.cast(1), plot.terminal()
    for _ in range(plot.chance.randrange(9, 13)):
        plot.draw(thief, terminal, fen=10_000)
        plot.wait(1.5, 4)


def _a_few_quickly(plot: Plot) -> None:
    [thief], terminal = plot.cast(1), plot.terminal()
    for _ in range(plot.chance.randrange(6, 9)):
        plot.draw(thief, terminal, fen=plot.small())
        plot.wait(2, 9)


def _all_day(plot: Plot) -> None:
    [thief], terminals = plot.cast(1), plot.terminals(2)
    for _ in range(plot.chance.randrange(11, 15)):
        plot.draw(thief, plot.chance.choice(terminals), fen=plot.small() if plot.chance.random() < 0.3 else 10_000)
        plot.wait(40, 110)


def _big_and_quick(plot: Plot) -> None:
    [thief], terminal = plot.cast(1, region=plot.city), plot.terminal()
    for _ in range(6):
        plot.draw(thief, terminal, percent=plot.chance.randrange(40, 60))
        plot.wait(3, 8)
    for _ in range(4):
        plot.draw(thief, terminal, percent=plot.chance.randrange(85, 101))
        plot.wait(5, 30)


def _round_trip(plot: Plot) -> None:
    [thief] = plot.cast(1)
    for terminal in plot.terminals(4):
        plot.draw(thief, terminal, fen=plot.small())
        plot.wait(20, 90)


def _clone(plot: Plot) -> None:
    """The owner draws at home, the clone far away long before anybody could be there."""
    [owner] = plot.cast(1, region=plot.city)
    far = plot.chance.choice([city for city in CITIES if city != plot.city])
    plot.draw(owner, plot.terminal(), fen=plot.small())
    needed = journey_hours(plot.city, far) * 60
    plot.wait(0.1 * needed, 0.65 * needed)
    plot.draw(owner, plot.terminal(far), fen=plot.small())


def _two_at_once(plot: Plot) -> None:
    [owner] = plot.cast(1, region=plot.city)
    far = plot.chance.choice([city for city in CITIES if city != plot.city])
    for _ in range(2):
        plot.draw(owner, plot.terminal(), fen=plot.small())
        plot.wait(20, 70)
        plot.draw(owner, plot.terminal(far), fen=plot.small())
        plot.wait(60 * 20, 60 * 30)


def _through_the_country(plot: Plot) -> None:
    [owner] = plot.cast(1)
    for city in plot.chance.sample(CITIES, 3):
        plot.draw(owner, plot.terminal(city), fen=plot.small())
        plot.wait(70, 120)


def _bundle(plot: Plot) -> None:
    terminal = plot.terminal()
    for card in plot.cast(plot.chance.randrange(6, 11)):
        plot.draw(card, terminal, percent=plot.chance.randrange(85, 101))
        plot.wait(0.8, 2)


def _slow_bundle(plot: Plot) -> None:
    terminal = plot.terminal()
    for card in plot.cast(plot.chance.randrange(8, 12)):
        plot.draw(card, terminal, percent=plot.chance.randrange(85, 101))
        plot.wait(4, 7)


def _many_small(plot: Plot) -> None:
    terminal = plot.terminal()
    for card in plot.cast(plot.chance.randrange(14, 18)):
        plot.draw(card, terminal, fen=plot.small())
        plot.wait(1.2, 2)


def _weekly_ring(plot: Plot) -> None:
    """A few cards of a middleman, never many at a time, small sums, every week at another kiosk."""
    cards = plot.cast(plot.chance.randrange(4, 6))
    for _ in range(5):
        terminal, begun = plot.terminal(), plot.at
        for card in plot.chance.sample(cards, len(cards)):
            plot.draw(card, terminal, fen=plot.small())
            plot.wait(1.5, 4)
        plot.at = begun + timedelta(days=7, minutes=plot.chance.randrange(-90, 90))


def _half_of_each(plot: Plot) -> None:
    """Not all that each card could give, and at the pace of a quick person."""
    terminal = plot.terminal()
    for card in plot.cast(plot.chance.randrange(7, 11)):
        plot.draw(card, terminal, percent=plot.chance.randrange(45, 75))
        plot.wait(1, 2.5)


def _bundle_over_two_kiosks(plot: Plot) -> None:
    terminals = plot.terminals(2)
    cards = plot.cast(plot.chance.randrange(6, 9))
    for _ in range(4):
        begun = plot.at
        for number, card in enumerate(cards):
            plot.draw(card, terminals[number * 2 // len(cards)], percent=plot.chance.randrange(40, 70))
            plot.wait(1.5, 4)
        plot.at = begun + timedelta(days=plot.chance.randrange(8, 12))


def _one_payee(plot: Plot) -> None:
    for person in plot.cast(plot.chance.randrange(3, 7), payee=f"account of {plot.name}"):
        plot.draw(person, plot.terminal(), fen=plot.small())
        plot.wait(60 * 20, 60 * 200)


def _payee_of_two(plot: Plot) -> None:
    """Two persons, one account, as much as there is, as fast as that goes."""
    pair = plot.cast(2, payee=f"account of {plot.name}")
    for _ in range(2):
        for person in pair:
            plot.draw(person, plot.terminal(), percent=100)
            plot.wait(30, 60 * 30)
    for _ in range(4):
        plot.draw(pair[0], plot.terminal(), fen=10_000)
        plot.wait(3, 8)


def _one_phone(plot: Plot) -> None:
    for person in plot.cast(plot.chance.randrange(7, 11), phone=f"phone of {plot.name}"):
        plot.draw(person, plot.terminal(), fen=plot.small())
        plot.wait(60 * 20, 60 * 100)


def _phone_of_five(plot: Plot) -> None:
    terminal = plot.terminal()
    for person in plot.cast(plot.chance.randrange(5, 7), phone=f"phone of {plot.name}"):
        plot.draw(person, terminal, percent=plot.chance.randrange(92, 101))
        plot.wait(1.5, 3)


def _just_under(plot: Plot) -> None:
    limit, city = plot.chance.choice(((500_000, "371000"), (200_000, "440300")))
    [person] = plot.cast(1, region=city)
    for _ in range(5):
        fen = int(limit * plot.chance.uniform(0.88, 0.98)) // 10_000 * 10_000
        plot.draw(person, plot.terminal(city), fen=fen)
        plot.wait(60 * 24 * 2, 60 * 24 * 7)


def _just_under_slowly(plot: Plot) -> None:
    [person] = plot.cast(1, region="440300")
    for _ in range(5):
        plot.draw(person, plot.terminal("440300"), fen=190_000)
        plot.wait(60 * 24 * 14, 60 * 24 * 20)


def _in_pieces(plot: Plot) -> None:
    """What one request could have asked for."""
    [person], limit = plot.cast(1, region="371000"), 500_000
    terminals = plot.terminals(2, "371000")
    for _ in range(plot.chance.randrange(5, 8)):
        fen = int(limit * plot.chance.uniform(0.2, 0.4)) // 10_000 * 10_000
        plot.draw(person, plot.chance.choice(terminals), fen=fen)
        plot.wait(8, 20)


def _all_in_a_week(plot: Plot) -> None:
    [person] = plot.cast(1, region="371000")
    for _ in range(5):
        plot.draw(person, plot.terminal("371000"), percent=100)
        plot.wait(60 * 22, 60 * 30)


def _all_each_month(plot: Plot) -> None:
    [person] = plot.cast(1, region="440300", balance_fen=1_500_000)
    for _ in range(5):
        plot.draw(person, plot.terminal("440300"), percent=100)
        plot.wait(60 * 24 * 28, 60 * 24 * 32)


def _nearly_all(plot: Plot) -> None:
    [person] = plot.cast(1, region="371000", balance_fen=2_000_000)
    for _ in range(7):
        plot.draw(person, plot.terminal("371000"), percent=plot.chance.randrange(92, 99))
        plot.wait(60 * 24 * 13, 60 * 24 * 18)


def _credit_and_draw(plot: Plot) -> None:
    """What is credited is drawn the same day, all of it, month by month."""
    [person] = plot.cast(1, balance_fen=100_000)
    for month in range(MONTHS):
        at = BEGINS + timedelta(days=30 * month - 2, hours=2)
        plot.events.append(Credit(do="credit", at=at, person=person, fen=plot.chance.randrange(40_000, 80_000, 100)))
        plot.at = at + timedelta(hours=plot.chance.uniform(1, 9))
        plot.draw(person, plot.terminal(), percent=100)


def _credit_and_draw_later(plot: Plot) -> None:
    [person] = plot.cast(1, balance_fen=600_000)
    for month in range(MONTHS):
        at = BEGINS + timedelta(days=30 * month - 2, hours=2)
        plot.events.append(Credit(do="credit", at=at, person=person, fen=plot.chance.randrange(60_000, 90_000, 100)))
        plot.at = at + timedelta(hours=plot.chance.uniform(20, 44))
        plot.draw(person, plot.terminal(), percent=plot.chance.randrange(92, 101))


def _guessing(plot: Plot) -> None:
    terminal = plot.terminal()
    cards = plot.cast(plot.chance.randrange(6, 10))
    for card in cards:
        for _ in range(plot.chance.randrange(1, 3)):
            plot.draw(card, terminal, fen=10_000, pin="wrong")
            plot.wait(0.5, 2)
    plot.draw(cards[0], terminal, percent=plot.chance.randrange(50, 101))


def _found_cards(plot: Plot) -> None:
    """Lost cards, invented numbers, and in the end one that works."""
    terminal = plot.terminal()
    cards = plot.cast(plot.chance.randrange(3, 5), card=CardCondition.LOST)
    cards += plot.cast(plot.chance.randrange(3, 5), card=CardCondition.UNKNOWN)
    for card in plot.chance.sample(cards, len(cards)):
        plot.draw(card, terminal, fen=10_000)
        plot.wait(1, 4)
    plot.draw(plot.cast(1)[0], terminal, fen=plot.small())


def _at_night(plot: Plot) -> None:
    terminal = plot.terminal()
    plot.at = plot.at.replace(hour=plot.chance.choice((0, 1, 2, 3)))
    for card in plot.cast(plot.chance.randrange(5, 9)):
        plot.draw(card, terminal, percent=plot.chance.randrange(55, 101))
        plot.wait(1.5, 5)


def _a_shop_that_helps(plot: Plot) -> None:
    """At the kiosk of a shop one customer after another takes what there is, all day."""
    terminal = plot.terminal()
    plot.at = plot.at.replace(hour=8)
    for card in plot.cast(plot.chance.randrange(12, 18)):
        plot.draw(card, terminal, percent=plot.chance.randrange(82, 101))
        plot.wait(9, 25)


def _trial(plot: Plot) -> None:
    """Does the card work? Then all of it, elsewhere."""
    [thief] = plot.cast(1)
    first, *others = plot.terminals(3)
    plot.draw(thief, first, fen=10_000)
    plot.wait(20, 500)
    for _ in range(3):
        plot.draw(thief, plot.chance.choice(others), percent=plot.chance.randrange(92, 101))
        plot.wait(10, 300)


def _new_phone(plot: Plot) -> None:
    [victim] = plot.cast(1, phone=f"phone of {plot.name}", payee=f"account of {plot.name}")
    changed = {plot.chance.choice(("phone", "payee")): f"another of {plot.name}"}
    plot.events.append(Change.model_validate({"do": "change", "at": plot.at, "person": victim, **changed}))
    _all_of_it(plot, victim)


def _new_card(plot: Plot) -> None:
    """Reported lost and issued anew to somebody else."""
    [victim] = plot.cast(1)
    plot.events.append(Change(do="change", at=plot.at, person=victim, card="replaced"))
    _all_of_it(plot, victim)


def _all_of_it(plot: Plot, person: str) -> None:
    plot.wait(30, 60 * 20)
    for _ in range(plot.chance.randrange(3, 5)):
        plot.draw(person, plot.terminal(), percent=plot.chance.randrange(90, 101))
        plot.wait(60, 60 * 24)


def _one_invoice_for_several(plot: Plot) -> None:
    people = plot.cast(3)
    for month in range(4):
        for person in people:
            plot.draw(person, plot.terminal(plot.people[person].region), percent=plot.chance.randrange(91, 101))
            plot.wait(60 * 3, 60 * 30)
        for person in people:
            proof = Invoice(
                do="invoice", at=plot.at, person=person, number=f"F-{month}-{plot.name.replace(' ', '-')}"[:20]
            )
            plot.events.append(proof)
        plot.wait(60 * 24 * 22, 60 * 24 * 26)


KINDS: Final[Mapping[str, tuple[Callable[[Plot], None], ...]]] = {
    "velocity": (_burst, _a_few_quickly, _all_day, _big_and_quick),
    "many terminals": (_round_trip,),
    "distance in time": (_clone, _two_at_once, _through_the_country),
    "many cards at one terminal": (
        _bundle,
        _slow_bundle,
        _half_of_each,
        _many_small,
        _weekly_ring,
        _bundle_over_two_kiosks,
        _at_night,
        _a_shop_that_helps,
    ),
    "one payee for many": (_one_payee, _payee_of_two),
    "one phone for many": (_one_phone, _phone_of_five),
    "splitting": (_just_under, _just_under_slowly, _in_pieces),
    "repeated maximum without invoices": (_all_each_month, _nearly_all, _all_in_a_week),
    "drawn after each credit": (_credit_and_draw, _credit_and_draw_later),
    "cards of others": (_guessing, _found_cards),
    "after a trial or a change": (_trial, _new_phone, _new_card),
    "invoices of others": (_one_invoice_for_several,),
}


def fraud(seed: int, of_each: int) -> Stories:
    """So many stories of every disguise of every kind."""
    people: dict[str, Somebody] = {}
    stories: list[Story] = []
    for kind, disguises in KINDS.items():
        for disguise in disguises:
            called = disguise.__name__.strip("_").replace("_", " ")
            for number in range(of_each):
                name = f"{called} {seed}-{number}"
                plot = Plot(Random(f"fraud {name}"), name)  # noqa: S311  # a simulation, not a secret
                disguise(plot)
                people |= plot.people
                events = tuple(sorted(plot.events, key=_when))
                stories.append(Story(name=name, fraud=True, kind=kind, disguise=called, events=events))
    return Stories(terminals=TERMINALS, people=people, stories=tuple(stories))


def _when(event: Event) -> datetime:
    return event.at
