"""A page, and the steps that its choices lead to. The session takes the steps; `terminal.states` says when it may.

Turn  to another page          Ask    the service line, which ends in a page      Type  digits on the PIN pad
Print a slip, the page stays   GoTo   the menu, or out with the card
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from drivers.interfaces import PrintItem
from terminal.states import Event
from terminal.view import Choice, View, Words

MENU = "menu"
"""The choice that leads back to the menu."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Show another page."""

    page: "Page"


@dataclass(frozen=True, slots=True)
class Ask:
    """Have something answered that takes time, for a person with a language; it leads to a page. Raises nothing."""

    question: Callable[[str], Awaitable["Page"]]


@dataclass(frozen=True, slots=True)
class Type:
    """Digits from the PIN pad. `view` has an entry; the cancel key leads back."""

    view: View
    digits: int
    then: Callable[[str], "Page"]


@dataclass(frozen=True, slots=True)
class Print:
    """A slip for paper of so many columns, in a language."""

    slip: Callable[[int, str], Sequence[PrintItem]]


@dataclass(frozen=True, slots=True)
class GoTo:
    """Leave the pages, for what the table says of this event."""

    event: Event


Step: TypeAlias = Turn | Ask | Type | Print | GoTo


@dataclass(frozen=True, slots=True)
class Page:
    """A view, and where each of its choices leads. `hints` are said before anything else."""

    content: View
    leads: Mapping[str, Callable[[], Step]] = field(default_factory=dict)
    hints: tuple[Words, ...] = ()

    @property
    def view(self) -> View:
        """What is to be shown."""
        return replace(self.content, lines=(*self.hints, *self.content.lines))

    def with_hints(self, *hints: Words) -> "Page":
        """The same page with other hints."""
        return replace(self, hints=hints)


@dataclass(frozen=True, slots=True)
class Offer:
    """One choice of a page and where it leads."""

    id: str
    words: Words
    leads: Callable[[], Step]


def page(view: View, *offers: Offer) -> Page:
    """A page with these choices, in this order."""
    choices = tuple(Choice(str(offer.id), offer.words) for offer in offers)
    return Page(replace(view, choices=choices), {str(offer.id): offer.leads for offer in offers})


def turn(choice: str, words: Words, to: Callable[[], Page]) -> Offer:
    """A choice that leads to another page."""
    return Offer(choice, words, lambda: Turn(to()))


def to_menu() -> Offer:
    """Back to the menu."""
    return Offer(MENU, Words("choice.menu"), lambda: GoTo(Event.MENU_CHOSEN))
