"""Hours and notices: what the authority said, on the first screen and before the PIN."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from protocol.service_line.information import Hours, HoursInput, HoursOutput, Notice
from protocol.service_line.values import SHANGHAI
from simulators.bench.bench import Bench
from simulators.bench.file import load_bench
from simulators.world.people import person
from terminal import views
from terminal.journal import Entry
from terminal.opening import Opening
from terminal.service_line import NoService, ServiceLine
from terminal.states import State
from terminal.texts import region_words, render
from terminal.view import Screen, Words
from terminal.visit import Visit
from tests.terminal.fakes import FakeKiosk

NOON = datetime(2026, 1, 5, 12, tzinfo=SHANGHAI)
OPENS = datetime(2026, 1, 6, 8, 30, tzinfo=SHANGHAI)
NEWS = Notice(
    id="1",
    since=NOON.date(),
    title="新政策",
    title_en="A new policy",
    text="自二月起执行新版本",
    text_en="From February a new version counts",
)
WEEK = (
    Hours(kind="working", days="工作日", days_en="working days", windows=("08:30-17:00",)),
    Hours(kind="holiday", days="节假日", days_en="holidays", windows=()),
)
CLOSED = Opening(HoursOutput(region="440300", open_now=False, next_opening=OPENS, hours=WEEK, notices=(NEWS,)))
OPEN = Opening(HoursOutput(region="440300", open_now=True, until=NOON, next_opening=OPENS, hours=WEEK))


def test_it_is_closed_until_the_next_opening_and_open_until_the_end_of_the_day() -> None:
    assert CLOSED.closed_until(NOON) == OPENS
    assert CLOSED.closed_until(OPENS) is None
    assert OPEN.closed_until(NOON - timedelta(seconds=1)) is None
    assert OPEN.closed_until(NOON) == OPENS
    assert Opening().closed_until(NOON) is None, "nobody has said so: the host decides"


@pytest.mark.req("S1-71", "S1-72", "S1-82")
async def test_outside_the_hours_the_person_learns_it_before_the_pin_with_the_next_opening(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    kiosk.equipment.opening = Opening(
        HoursOutput(
            region="440300",
            open_now=False,
            next_opening=kiosk.world.now() + timedelta(days=1),
            hours=WEEK,
            notices=(NEWS,),
        )
    )
    opens = f"{(kiosk.world.now() + timedelta(days=1)).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"

    await kiosk.visit()

    idle = next(view for view in kiosk.views if view.screen is Screen.IDLE)
    assert Words("idle.closed", {"opens": opens}) in idle.lines
    said = [{language: render(line, language) for language in ("zh_CN", "en")} for line in idle.lines]
    assert {
        "zh_CN": "服务时间:工作日 08:30-17:00;节假日 不服务",
        "en": "Service hours: working days 08:30-17:00; holidays closed",
    } in said
    assert {"zh_CN": "公告:自二月起执行新版本", "en": "News: From February a new version counts"} in said
    screens = [view.screen for view in kiosk.views]
    notice = next(view for view in kiosk.views if view.screen is Screen.NOTICE)
    assert screens.index(Screen.NOTICE) < screens.index(Screen.PIN)
    assert notice.lines[0] == Words("notice.closed", {"opens": opens})
    assert notice.choices[0].words == Words("choice.enquire")


class HoursOnly:
    """A service line on which only hours can be asked for: open here, shut until tomorrow at home, or silent."""

    def __init__(self, opens: datetime, *, silent: bool = False) -> None:
        self.asked: list[str | None] = []
        self._opens = opens
        self._silent = silent

    async def ask(self, _: object, body: object) -> object:
        if not isinstance(body, HoursInput):
            return NoService("hours only")
        self.asked.append(body.region)
        if body.region is None:
            return HoursOutput(region="440300", open_now=True, hours=WEEK)
        if self._silent:
            await asyncio.Event().wait()
        return HoursOutput(region=body.region, open_now=False, next_opening=self._opens, hours=WEEK)


@pytest.mark.req("S1-71", "S1-82")
@pytest.mark.parametrize("silent", [False, True], ids=["told", "not told in time"])
async def test_that_the_home_region_is_closed_is_told_before_the_pin_where_the_service_line_says_so(
    tmp_path: Path, silent: bool
) -> None:
    kiosk = FakeKiosk(tmp_path)
    opens = (kiosk.world.now() + timedelta(days=1)).astimezone(SHANGHAI)
    line = HoursOnly(opens, silent=silent)
    kiosk.equipment.service = cast(ServiceLine, line)

    await kiosk.visit()

    home = person("jia").region
    assert home in line.asked
    notice = next(view for view in kiosk.views if view.screen is Screen.NOTICE)
    told = Words("notice.closed_at_home", {"region": region_words(home), "opens": f"{opens:%Y-%m-%d %H:%M}"})
    assert (told in notice.lines) is not silent
    assert notice.choices[0].words == Words("choice.agree" if silent else "choice.enquire")
    assert kiosk.ending == "paid", "who has an urgent application may draw all the same: the host decides"


@pytest.mark.req("S2-66")
def test_published_news_stand_on_the_first_screen() -> None:
    notices = FakeKiosk.notices()
    text = [render(line, "zh_CN") for line in views.idle(notices, [100_00], opening=CLOSED).lines]

    assert "公告:自二月起执行新版本" in text


@pytest.mark.req("S1-72")
async def test_the_first_screen_of_a_bench_shows_the_hours_of_the_policy(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    running = asyncio.ensure_future(bench.run())
    try:
        async with asyncio.timeout(100):
            await bench.scene.until(
                lambda: any(
                    line.key == "idle.hours" and line.values["hours"] != "00:00-24:00"
                    for line in bench.session.view.lines
                )
            )
        assert bench.session.state is State.IDLE
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        bench.close()


@pytest.mark.req("S2-79")
async def test_the_first_time_process_limits_and_cautions_are_acknowledged_and_not_the_second_time(
    tmp_path: Path,
) -> None:
    kiosk = FakeKiosk(tmp_path, acquaintances=True)
    await kiosk.visit()
    again = kiosk.restarted(acquaintances=True)
    again.reader.cards.append(kiosk.reader._card)
    await again.visit()

    def texts(of: FakeKiosk) -> set[str]:
        notice = next(view for view in of.views if view.screen is Screen.NOTICE)
        return {line.key for line in notice.lines} & {f"notice.{text}" for text in views.FIRST_TEXTS}

    assert len(texts(kiosk)) == 3
    assert texts(again) == set()
    first, second = again.records(Entry.NOTICE_ACKNOWLEDGED)
    assert first.data == second.data
    assert person("jia").pan not in str(first.data)


@pytest.mark.req("S1-88")
async def test_the_notice_has_privacy_policy_and_legality_and_a_version(tmp_path: Path) -> None:
    view = views.notice(FakeKiosk.notices(), Visit())

    keys = [line.key for line in view.lines]
    assert {"notice.privacy", "notice.policy", "notice.own_card", "notice.purpose", "notice.fraud"} <= set(keys)
    assert keys[-1] == "notice.version"
    assert "违法" in render(Words("notice.own_card"), "zh_CN")
