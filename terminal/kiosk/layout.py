"""What is where on a kiosk's screen: the words of a View in order, with the keys that answer it. No Textual in here."""

from collections.abc import Sequence
from dataclasses import dataclass

from terminal.texts import languages, render
from terminal.view import (
    Cancel,
    Choose,
    EntryKind,
    Help,
    Intent,
    Screen,
    SwitchAccessible,
    SwitchLanguage,
    View,
    Words,
)

STEPS = (
    ("step.card", (Screen.READING_CARD,)),
    ("step.notice", (Screen.NOTICE,)),
    ("step.pin", (Screen.PIN,)),
    ("step.menu", (Screen.MENU,)),
    ("step.amount", (Screen.AMOUNT, Screen.OTHER_AMOUNT, Screen.CONFIRM)),
    ("step.take_card", (Screen.TAKE_CARD,)),
    ("step.take_cash", (Screen.TAKE_CASH,)),
)
"""The way of a withdrawal, and the screens on which a customer sees each part of it."""

LANGUAGE_KEY = "l"
CANCEL_KEY = "c"
HELP_KEY = "e"
ACCESSIBLE_KEY = "a"


class Tone:
    """How a screen should feel; a style class of the screen."""

    CALM = "calm"
    ASK = "ask"
    TAKE = "take"
    GOOD = "good"
    BAD = "bad"


TONES = {
    Screen.NOTICE: Tone.ASK,
    Screen.CONFIRM: Tone.ASK,
    Screen.TAKE_CARD: Tone.TAKE,
    Screen.TAKE_CASH: Tone.TAKE,
    Screen.FINISHED: Tone.GOOD,
    Screen.SORRY: Tone.BAD,
    Screen.OUT_OF_SERVICE: Tone.BAD,
    Screen.UNAVAILABLE: Tone.BAD,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Something the customer can touch, or reach with `key`."""

    key: str
    text: str
    intent: Intent


@dataclass(frozen=True, slots=True)
class Page:
    """A View in one language. `steps` marks the present step True; `entry` is what stands in the field being typed.

    `table` has its head as its first row.
    """

    title: str
    tone: str
    steps: Sequence[tuple[str, bool]]
    lines: Sequence[str]
    table: Sequence[Sequence[str]]
    entry: str | None
    choices: Sequence[Answer]
    cancel: Answer | None
    help: Answer | None
    accessible: Answer | None
    language: Answer | None

    def answers(self) -> Sequence[Answer]:
        """Everything that can be touched."""
        keys = (self.cancel, self.help, self.accessible, self.language)
        return [*self.choices, *(answer for answer in keys if answer is not None)]


def page(view: View) -> Page:
    """Lay out a View in its own language."""

    def words(key: str) -> str:
        return render(Words(key), view.language)

    digits_are_typed = view.entry is not None
    table = None if view.helping else view.table
    rows = () if table is None else (table.head, *table.rows)
    return Page(
        title=render(view.title, view.language),
        tone=TONES.get(view.screen, Tone.CALM),
        steps=_steps(view),
        lines=[render(line, view.language) for line in (view.help if view.helping else view.lines)],
        table=[[render(cell, view.language) for cell in row] for row in rows],
        entry=_entry(view),
        choices=[
            Answer(f"f{n}" if digits_are_typed else str(n), render(choice.words, view.language), Choose(choice.id))
            for n, choice in enumerate(() if view.helping else view.choices, start=1)
        ],
        cancel=Answer(CANCEL_KEY, words("choice.cancel"), Cancel()) if view.can_cancel else None,
        help=Answer(HELP_KEY, words("choice.help"), Help()) if view.help else None,
        accessible=Answer(
            ACCESSIBLE_KEY, words("choice.usual" if view.accessible else "choice.accessible"), SwitchAccessible()
        ),
        language=_other_language(view.language),
    )


def countdown(view: View, now: float) -> str:
    """How long the customer still has; empty without a deadline. `now` is the loop time in seconds."""
    if view.deadline is None:
        return ""
    return render(Words("common.seconds_left", {"seconds": max(0, round(view.deadline - now))}), view.language)


def _steps(view: View) -> list[tuple[str, bool]]:
    if not any(view.screen in screens for _, screens in STEPS):
        return []
    return [(render(Words(key), view.language), view.screen in screens) for key, screens in STEPS]


def _entry(view: View) -> str | None:
    match view.entry:
        case None:
            return None
        case entry if entry.kind is EntryKind.PIN:
            return " ".join("*" * len(entry.shown))
        case entry:
            return entry.shown


def _other_language(language: str) -> Answer | None:
    known = languages()
    if len(known) == 1:
        return None
    following = known[(known.index(language) + 1) % len(known)] if language in known else known[0]
    return Answer(LANGUAGE_KEY, render(Words("language.name"), following), SwitchLanguage(following))
