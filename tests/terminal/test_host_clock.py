"""The host's clock, which names no year, and the kiosk's own when somebody puts it forward or back."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from protocol.money_line import CashRequest, NetworkManagement, QuoteRequest, Reversal, TransferRequest
from terminal.host_answers import Declined, NoAnswer
from terminal.host_clock import HostClock, with_nearest_year
from terminal.journal import Entry
from tests.terminal.money_host import (
    CARD,
    PIN_BLOCK,
    Kiosk,
    approved,
    echoed,
    quoted,
    reversed_,
    signing_on,
    start,
)

NOON = datetime(2026, 1, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ours", "date", "time", "host"),
    [
        (datetime(2026, 1, 5, 9, 30, tzinfo=UTC), "0105", "093010", datetime(2026, 1, 5, 9, 30, 10, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "0101", "000001", datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC)),
        (datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC), "1231", "235959", datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (datetime(2028, 3, 1, 0, 0, 1, tzinfo=UTC), "0229", "235959", datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_year_is_the_one_that_brings_the_clocks_together(
    ours: datetime, date: str, time: str, host: datetime
) -> None:
    assert with_nearest_year(date, time, ours) == host


@pytest.mark.parametrize(("date", "time"), [("1332", "093010"), ("0105", "250000"), ("", "")])
def test_what_is_no_time_is_none(date: str, time: str) -> None:
    assert with_nearest_year(date, time, datetime(2026, 1, 5, tzinfo=UTC)) is None


class Wall:
    """A wall clock that does not run by itself."""

    def __init__(self) -> None:
        self.shows = NOON

    def __call__(self) -> datetime:
        return self.shows


def test_until_the_host_tells_its_time_it_is_ours_with_what_was_between_them_before() -> None:
    clock = HostClock(Wall(), timedelta(days=-2))
    assert (f"{clock.now():%m%d %H%M}", clock.is_doubtful) == ("0103 1200", False)


async def test_no_hand_on_the_wall_clock_moves_the_hosts() -> None:
    wall = Wall()
    clock = HostClock(wall, timedelta())
    assert clock.tell("0105", "120010") == timedelta(seconds=10)

    wall.shows += timedelta(days=40)
    await asyncio.sleep(100)

    assert (f"{clock.now():%m%d %H%M%S}", clock.is_doubtful) == ("0105 120150", True)
    assert clock.tell("0105", "120120") == timedelta(seconds=100, days=-40), "an answer that took half a minute"
    assert (f"{clock.now():%m%d %H%M%S}", clock.is_doubtful) == ("0105 120150", False)


async def test_where_the_loop_stood_still_the_host_is_believed() -> None:
    wall = Wall()
    clock = HostClock(wall, timedelta())
    clock.tell("0105", "120000")

    wall.shows += timedelta(days=3)

    assert clock.is_doubtful
    assert clock.tell("0108", "120001") == timedelta(seconds=1)
    assert (f"{clock.now():%m%d}", clock.is_doubtful) == ("0108", False)


# A kiosk whose clock jumps


@pytest.fixture
async def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk that has signed on and got a quote; its host's clock stays at 09:30 on 5 January."""
    kiosk = Kiosk(tmp_path)
    await signing_on(kiosk)
    asking = start(kiosk.line.quote(CARD, PIN_BLOCK))
    await kiosk.host.say(quoted(await kiosk.host.hear(QuoteRequest)))
    await asking
    return kiosk


Ask = Callable[[Kiosk], Awaitable[object]]


async def withdraw(kiosk: Kiosk) -> object:
    return await kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000)


async def transfer(kiosk: Kiosk) -> object:
    return await kiosk.line.transfer(CARD, PIN_BLOCK, 50_000)


async def asked(kiosk: Kiosk, ask: Ask) -> NoAnswer | Declined:
    answer = await ask(kiosk)
    assert isinstance(answer, NoAnswer | Declined)
    return answer


def put_forward(kiosk: Kiosk, days: int) -> None:
    kiosk.world.put_clock(kiosk.world.now() + timedelta(days=days))


@pytest.mark.parametrize(("ask", "kind"), [(withdraw, CashRequest), (transfer, TransferRequest)])
@pytest.mark.parametrize("days", [2, -2])
async def test_a_reversal_names_the_hosts_day_when_the_wall_clock_jumped_before_the_request(
    kiosk: Kiosk, ask: Ask, kind: type[CashRequest | TransferRequest], days: int
) -> None:
    """The host is asked for its time first; a jump while the request is under way changes nothing any more."""
    put_forward(kiosk, days)
    asking = start(asked(kiosk, ask))
    await kiosk.host.say(echoed(await kiosk.host.hear(NetworkManagement)))
    await kiosk.host.hear(kind)
    put_forward(kiosk, days)

    assert isinstance(await asking, NoAnswer)

    delivering = start(kiosk.line.deliver())
    reversal = await kiosk.host.hear(Reversal)
    await kiosk.host.say(reversed_(reversal))
    assert await delivering
    assert reversal.original.date == "0105"
    [stepped] = kiosk.journal.records(Entry.CLOCK_STEPPED)
    assert stepped.data["seconds"] == pytest.approx(days * 86_400, abs=60)


@pytest.mark.parametrize("ask", [withdraw, transfer])
async def test_no_money_is_asked_for_on_a_day_that_is_not_known(kiosk: Kiosk, ask: Ask) -> None:
    put_forward(kiosk, 1)

    answer = await asked(kiosk, ask)

    assert answer == NoAnswer("the host's time is not known", sent=False)
    assert not kiosk.line.open_advices
    assert [message.mti for message in kiosk.host.messages] == ["0800", "0200"], "nobody has heard the echo"


async def test_a_restart_knows_how_far_the_clocks_were_apart(kiosk: Kiosk) -> None:
    approval = await approved(kiosk)
    put_forward(kiosk, 3)
    asking = start(kiosk.line.echo())
    await kiosk.host.say(echoed(await kiosk.host.hear(NetworkManagement)))
    assert await asking
    kiosk.restart()
    kiosk.host.end = None

    kiosk.line.confirm(approval, 50_000)

    [stored] = kiosk.journal.records(Entry.ADVICE_STORED)
    assert (stored.data["own_date"], stored.time[:10]) == ("0105", "2026-01-08")
