"""What can be read by anybody: topics, questions and answers, and the table of problems.

No topic tells an advantage without its risk. No text names a figure of a policy: those come from the policy query, so
that a text can't contradict a rule.
"""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from terminal.pages.page import GoTo, Offer, Page, page, turn
from terminal.states import Event
from terminal.view import Screen, Table, View, Words

TOPICS: Final = (
    ("background", 2),
    ("concept", 2),
    ("service", 2),
    ("advantages", 3),
    ("risks", 3),
    ("overview", 2),
    ("operation", 4),
    ("cautions", 4),
    ("problems", 1),
    ("cases", 2),
    ("process", 3),
    ("limits", 3),
    ("attention", 3),
    ("example", 3),
)
"""Every topic with the number of its paragraphs: the background, nine topics, and four on the way of a withdrawal."""

WITH_TABLE: Final = ("problems", "cases")
"""Topics that show the table of problems as well."""

PROBLEMS: Final = ("lost", "failed", "insufficient", "policies")
"""The rows of the table of problems."""

HEAD: Final = ("number", "problem", "solution", "caution")
"""Its columns."""

QUESTIONS: Final = ("who", "where", "how_much", "documents", "how_long", "fees", "agent", "invoices")

ON_A_SCREEN: Final = 7
"""Topics offered at a time: two number keys are for the way on."""

CLOSE: Final = "close"
MORE: Final = "more"
BACK: Final = "back"


Back: TypeAlias = Callable[[], Page]
"""The page that a text was opened from."""


def contents(*others: Offer) -> Page:
    """What there is to read; `others` are what the service line answers."""
    here = partial(contents, *others)
    return page(
        View(Screen.HELP, Words("help.title"), (Words("help.intro"), Words("help.insert_card"))),
        turn("topics", Words("guide.topics"), partial(topics, 0, here)),
        turn("questions", Words("guide.questions"), partial(questions, here)),
        turn("problems", Words("guide.problems"), partial(topic, "problems", here)),
        *others,
        Offer(CLOSE, Words("choice.close"), lambda: GoTo(Event.INFORMATION_CLOSED)),
    )


def topics(first: int, back: Back) -> Page:
    """The topics from number `first` on."""
    shown = TOPICS[first : first + ON_A_SCREEN]
    here = partial(topics, first, back)
    more = first + ON_A_SCREEN
    offers = [turn(name, Words(f"topic_{name}.title"), partial(topic, name, here)) for name, _ in shown]
    if more < len(TOPICS):
        offers.append(turn(MORE, Words("choice.more"), partial(topics, more, back)))
    return page(View(Screen.HELP, Words("guide.topics"), (Words("help.intro"),)), *offers, turn(BACK, _back(), back))


def topic(name: str, back: Back) -> Page:
    """One topic, with the table of problems where it belongs to it."""
    lines = tuple(Words(f"topic_{name}.text{number}") for number in range(1, dict(TOPICS)[name] + 1))
    table = problem_table() if name in WITH_TABLE else None
    return page(View(Screen.TOPIC, Words(f"topic_{name}.title"), lines, table=table), turn(BACK, _back(), back))


def problem_table() -> Table:
    """Number, problem, solution, caution."""
    return Table(
        tuple(Words(f"problem.{column}") for column in HEAD),
        tuple(
            (
                Words("problem.row", {"row": row}),
                *(Words(f"problem_{name}.{column}") for column in HEAD[1:]),
            )
            for row, name in enumerate(PROBLEMS, 1)
        ),
    )


def questions(back: Back) -> Page:
    """Questions that are asked often."""
    here = partial(questions, back)
    return page(
        View(Screen.HELP, Words("guide.questions"), (Words("help.intro"),)),
        *(turn(name, Words(f"question_{name}.title"), partial(question, name, here)) for name in QUESTIONS),
        turn(BACK, _back(), back),
    )


def question(name: str, back: Back) -> Page:
    """One question with its answer."""
    return page(
        View(Screen.TOPIC, Words(f"question_{name}.title"), (Words(f"question_{name}.text"),)),
        turn(BACK, _back(), back),
    )


def _back() -> Words:
    return Words("choice.back_to")
