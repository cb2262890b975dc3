"""What is where on a kiosk's screen: the words of a View in order, with the keys that answer it. No Textual in here."""

from collections.abc import Sequence
from dataclasses import dataclass

from terminal.texts import languages, render
from terminal.view import Cancel, Choose, EntryKind, Intent, Screen, SwitchLanguage, View, Words

STEPS = (
    ("step.card", (Screen.READING_CARD,)),
    ("step.notice", (Screen.NOTICE,)),
    ("step.pin", (Screen.PIN,)),
    ("step.amount", (Screen.AMOUNT, Screen.OTHER_AMOUNT, Screen.CONFIRM)),
    ("step.take_card", (Screen.TAKE_CARD,)),
    ("step.take_cash", (Screen.TAKE_CASH,)),
)
"""The way of a withdrawal, and the screens on which a customer sees each part of it."""

LANGUAGE_KEY = "l"
CANCEL_KEY = "c"


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
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Something the customer can touch, or reach with `key`."""

    key: str
    text: str
    intent: Intent


@dataclass(frozen=True, slots=True)
class Page:
    """A View in one language. `steps` marks the present step True; `entry` is what stands in the field being typed."""

    title: str
    tone: str
    steps: Sequence[tuple[str, bool]]
    lines: Sequence[str]
    entry: str | None
    choices: Sequence[Answer]
    cancel: Answer | None
    language: Answer | None

    def answers(self) -> Sequence[Answer]:
        """Everything that can be touched."""
        return [*self.choices, *(answer for answer in (self.cancel, self.language) if answer is not None)]


def page(view: View) -> Page:
    """Lay out a View in its own language."""

    def words(key: str) -> str:
        return render(Words(key), view.language)

    digits_are_typed = view.entry is not None
    return Page(
        title=render(view.title, view.language),
        tone=TONES.get(view.screen, Tone.CALM),
        steps=_steps(view),
        lines=[render(line, view.language) for line in view.lines],
        entry=_entry(view),
        choices=[
            Answer(f"f{n}" if digits_are_typed else str(n), render(choice.words, view.language), Choose(choice.id))
            for n, choice in enumerate(view.choices, start=1)
        ],
        cancel=Answer(CANCEL_KEY, words("choice.cancel"), Cancel()) if view.can_cancel else None,
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
