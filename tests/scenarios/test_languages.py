"""A person who has switched the kiosk to English reads English, also what the authority says."""

import asyncio
import re
from collections.abc import Iterator

import pytest

from simulators.bench.bench import Bench
from simulators.bench.customer import Plan
from simulators.bench.file import load_bench
from simulators.bench.play import play
from simulators.bench.scenarios import APPLY, Scenario
from terminal.texts import render
from terminal.view import Screen, SwitchLanguage, View
from terminal.visit import Ending

BUSINESS = "跨市取现"
"""Its name stands in both languages."""

CHINESE = re.compile("[\u4e00-\u9fff]")


def words(view: View) -> Iterator[str]:
    lines = [view.title, *view.lines, *(choice.words for choice in view.choices)]
    if view.table is not None:
        lines += [*view.table.head, *(cell for row in view.table.rows for cell in row)]
    return (render(line, view.language) for line in lines)


@pytest.mark.req("S1-90")
def test_pages_hours_reasons_and_notices_are_english_on_an_english_screen() -> None:
    read: dict[Screen, list[str]] = {}
    switching: set[asyncio.Task[None]] = set()

    def follow(bench: Bench) -> None:
        def see(view: View) -> None:
            if view.language != "en":
                switching.add(asyncio.ensure_future(bench.session.intent(SwitchLanguage("en"))))
            else:
                read.setdefault(view.screen, []).extend(words(view))

        bench.session.subscribe(see)

    policy = ("policy", "440300", "combined", "more", "up", "limits", "up", "checklist", "up", "menu")
    story = Scenario(
        "Applies, looks at all there is to read, reports the card as lost.",
        Ending.ENQUIRED,
        before=(
            Plan(path=APPLY, amount=0),
            Plan(path=("application", "status", "menu", "account", "notices", "read", "menu"), amount=0),
            Plan(path=policy, amount=0),
        ),
        plan=Plan(path=("loss", "report", "return_card"), amount=0),
    )
    play("languages", load_bench(), follow=follow, scenario=story)

    told = [line for lines in read.values() for line in lines]
    assert {line for line in told if CHINESE.search(line.replace(BUSINESS, ""))} == set()
    for sentence in (
        "Service hours: every day",
        "State: taken in",
        "Still needed: filing for treatment elsewhere",
        "expect a decision by",
        "The card is reported lost for seven days.",
    ):
        assert any(sentence in line for line in told), sentence
