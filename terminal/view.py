"""What the kiosk shows, as a value; and what a customer can answer.

The session publishes a `View`; screens, the scripted customer, the workbench and the tests all see the same thing.
Words are keys into `terminal/texts`, so nothing here knows a language.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Fen:
    """An amount of money; shown in yuan."""

    amount: int


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of the authority, which says all it says in Chinese and in English."""

    chinese: str
    english: str


Value: TypeAlias = "str | int | Fen | Told | Words"


@dataclass(frozen=True, slots=True)
class Words:
    """A text by key, with the values to put into it."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)


class Screen(StrEnum):
    """Every screen of the kiosk."""

    STARTING = "starting"
    OUT_OF_SERVICE = "out_of_service"
    IDLE = "idle"
    HELP = "help"
    TOPIC = "topic"
    READING_CARD = "reading_card"
    NOTICE = "notice"
    PIN = "pin"
    PLEASE_WAIT = "please_wait"
    MENU = "menu"
    ACCOUNT = "account"
    HISTORY = "history"
    APPLICATION = "application"
    APPLY = "apply"
    POLICY = "policy"
    INVOICES = "invoices"
    LOSS = "loss"
    TRANSFER = "transfer"
    UNAVAILABLE = "unavailable"
    AMOUNT = "amount"
    OTHER_AMOUNT = "other_amount"
    CONFIRM = "confirm"
    TAKE_CARD = "take_card"
    TAKE_CASH = "take_cash"
    FINISHED = "finished"
    SORRY = "sorry"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the customer can choose; `id` comes back in `Choose`."""

    id: str
    words: Words


class EntryKind(StrEnum):
    """What is being typed: a PIN is shown as stars, an amount in clear."""

    PIN = "pin"
    AMOUNT = "amount"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Entry:
    """A field that is being typed on the PIN pad. `shown` is `***` for a PIN and the digits of anything else."""

    kind: EntryKind
    shown: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns with their heads; every row has as many cells."""

    head: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.head) for row in self.rows):
            raise ValueError("a row of the table has more or fewer cells than its head")


@dataclass(frozen=True, slots=True)
class View:
    """What is to be shown now. `deadline` is the loop time (seconds) at which the kiosk goes on by itself.

    `help` is what stands behind the help key of every screen, and while `helping` it is shown instead of the lines;
    the kiosk's time limits go on. `accessible`: large, and `voice` is to be said aloud.
    """

    screen: Screen
    title: Words
    lines: tuple[Words, ...] = ()
    choices: tuple[Choice, ...] = ()
    entry: Entry | None = None
    can_cancel: bool = False
    deadline: float | None = None
    language: str = "zh_CN"
    help: tuple[Words, ...] = ()
    helping: bool = False
    accessible: bool = False
    table: Table | None = None

    @property
    def voice(self) -> tuple[Words, ...]:
        """What is to be said aloud: what the screen says, never what is being typed."""
        if not self.accessible:
            return ()
        return self.help if self.helping else (self.title, *self.lines, *(choice.words for choice in self.choices))


@dataclass(frozen=True, slots=True)
class Choose:
    """The customer touched a choice."""

    id: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """The customer touched "cancel" (the cancel key of the PIN pad reaches the session through the driver)."""


@dataclass(frozen=True, slots=True)
class SwitchLanguage:
    """The customer wants the other language, `zh_CN` or `en`."""

    language: str


@dataclass(frozen=True, slots=True)
class Help:
    """The customer wants help with this screen, or has seen enough of it."""


@dataclass(frozen=True, slots=True)
class SwitchAccessible:
    """The customer wants large letters, a voice and more time, or the usual way again."""


Intent: TypeAlias = Choose | Cancel | SwitchLanguage | Help | SwitchAccessible


class ScreenSession(Protocol):
    """The side of a session that faces the customer: all that a screen may know of it."""

    @property
    def view(self) -> View:
        """What is to be shown now."""

    def subscribe(self, subscriber: Callable[[View], None], /) -> None:
        """Have `subscriber` called with every new view."""

    async def intent(self, intent: Intent, /) -> None:
        """The customer did something; what does not fit the present view is ignored."""
