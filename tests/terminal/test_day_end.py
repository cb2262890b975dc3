"""The end of a batch on the terminal's side, and keys that are renewed in idle time, against a host of the test."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from protocol.money_line import (
    BatchEnd,
    BatchEndReply,
    BatchRecord,
    BatchRecordReply,
    CashRequest,
    Confirm,
    NetworkCode,
    NetworkManagement,
    NetworkManagementReply,
    Settlement,
    SettlementReply,
    SettlementRequest,
    SettlementResult,
    SignOn,
    Totals,
)
from terminal.journal import Entry
from terminal.money_line import Approved, MoneyLineSettings, NoAnswer
from tests.terminal.money_host import CARD, PIN_BLOCK, Kiosk, answered, confirmed, echoed, signed_on

T = TypeVar("T")

SETTINGS = MoneyLineSettings(terminal="33100001", merchant="331000012345678")
OF_DAY = replace(SETTINGS, day_end=time(23, 30), key_lifetime=timedelta(days=2).total_seconds())


def start(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    return asyncio.ensure_future(work)


async def signing_on(kiosk: Kiosk, batch: int = 7) -> None:
    request = await kiosk.host.hear(SignOn)
    await kiosk.host.say(signed_on(request, batch=batch))


async def begun(folder: Path, settings: MoneyLineSettings = SETTINGS) -> Kiosk:
    kiosk = Kiosk(folder, settings)
    waiting = start(kiosk.line.sign_on())
    await signing_on(kiosk)
    await waiting
    return kiosk


@pytest.fixture
async def kiosk(tmp_path: Path) -> Kiosk:
    """A kiosk that has signed on."""
    return await begun(tmp_path)


async def pay(kiosk: Kiosk, fen: int, paid_fen: int | None = None) -> None:
    """A payout from request to confirm."""
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, fen, transaction="visit1"))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest)))
    approval = await asking
    assert isinstance(approval, Approved)
    kiosk.line.confirm(approval, fen if paid_fen is None else paid_fen)
    delivering = start(kiosk.line.deliver())
    await kiosk.host.say(confirmed(await kiosk.host.hear(Confirm)))
    assert await delivering


def settled(request: SettlementRequest, *, balanced: bool = True) -> SettlementReply:
    result = SettlementResult.BALANCED if balanced else SettlementResult.NOT_BALANCED
    told = replace(request.settlement, domestic_result=result, foreign_result=SettlementResult.BALANCED)
    return SettlementReply(**own(request), code="00" if balanced else "79", settlement=told)


def own(request: Any) -> dict[str, Any]:
    return {
        "stan": request.stan,
        "terminal": request.terminal,
        "merchant": request.merchant,
        "batch": request.batch,
        "time": "233000",
        "date": "0105",
    }


async def signing_off_and_on(kiosk: Kiosk) -> None:
    request = await kiosk.host.hear(NetworkManagement)
    assert request.network is NetworkCode.SIGN_OFF
    await kiosk.host.say(NetworkManagementReply(**own(request), code="00", network=NetworkCode.SIGN_OFF))
    await signing_on(kiosk, batch=8)


async def end_the_day(kiosk: Kiosk) -> asyncio.Task[bool]:
    """An operator's order, and what the kiosk does about it."""
    kiosk.journal.write(Entry.DAY_END_ORDERED, by=["li", "wang"])
    kiosk.restart()
    delivering = start(kiosk.line.deliver())
    await signing_on(kiosk)
    return delivering


async def test_totals_that_the_host_has_too_close_the_batch_and_the_next_begins_clean(kiosk: Kiosk) -> None:
    await pay(kiosk, 50_000)
    await pay(kiosk, 30_000, paid_fen=20_000)
    await pay(kiosk, 40_000, paid_fen=0)
    delivering = await end_the_day(kiosk)

    request = await kiosk.host.hear(SettlementRequest)
    await kiosk.host.say(settled(request))
    await signing_off_and_on(kiosk)

    assert request.batch == 7
    assert request.settlement == Settlement(Totals(debit_fen=70_000, debit_count=2))
    assert await delivering
    assert not kiosk.line.settling
    assert await kiosk.line.deliver(), "nothing is left to settle"


@pytest.mark.req("S1-05")
async def test_every_payout_is_told_where_totals_differ(kiosk: Kiosk) -> None:
    await pay(kiosk, 50_000)
    await pay(kiosk, 20_000)
    delivering = await end_the_day(kiosk)
    await kiosk.host.say(settled(await kiosk.host.hear(SettlementRequest), balanced=False))

    records = []
    for _ in range(2):
        record = await kiosk.host.hear(BatchRecord)
        records.append((record.original.stan, record.amount))
        await kiosk.host.say(BatchRecordReply(**own(record), code="00", amount=record.amount))
    end = await kiosk.host.hear(BatchEnd)
    await kiosk.host.say(BatchEndReply(**own(end), code="00"))
    await signing_off_and_on(kiosk)

    assert await delivering
    assert [fen for _, fen in records] == [50_000, 20_000]
    assert end.records == 2
    [closed] = kiosk.journal.records(Entry.BATCH_CLOSED)
    assert closed.data["result"] == "uploaded"


async def test_nothing_new_is_asked_until_the_batch_is_closed(kiosk: Kiosk) -> None:
    await pay(kiosk, 50_000)
    delivering = await end_the_day(kiosk)
    await kiosk.host.hear(SettlementRequest)

    assert not await delivering, "no answer to the totals"
    assert kiosk.line.settling
    answer = await kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000)
    assert isinstance(answer, NoAnswer)
    assert not answer.sent


@pytest.mark.parametrize("answer_lost", [False, True])
async def test_a_power_cut_in_the_middle_tells_the_same_totals_again(kiosk: Kiosk, answer_lost: bool) -> None:
    await pay(kiosk, 50_000)
    delivering = await end_the_day(kiosk)
    first = await kiosk.host.hear(SettlementRequest)
    if not answer_lost:
        delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    kiosk.restart()

    again = start(kiosk.line.deliver())
    await signing_on(kiosk, batch=8)  # the host has closed the batch already
    second = await kiosk.host.hear(SettlementRequest)
    await kiosk.host.say(settled(second))
    await signing_off_and_on(kiosk)

    assert await again
    assert (second.batch, second.settlement) == (first.batch, first.settlement)
    assert [record.data["batch"] for record in kiosk.journal.records(Entry.BATCH_CLOSED)] == [7]


async def test_a_batch_that_the_host_does_not_know_is_closed_and_told_in_the_journal(kiosk: Kiosk) -> None:
    delivering = await end_the_day(kiosk)
    request = await kiosk.host.hear(SettlementRequest)
    await kiosk.host.say(SettlementReply(**own(request), code="77"))
    await signing_off_and_on(kiosk)

    assert await delivering
    [closed] = kiosk.journal.records(Entry.BATCH_CLOSED)
    assert closed.data["result"] == "refused with 77"


async def test_an_upload_that_the_host_calls_incomplete_stays_open(kiosk: Kiosk) -> None:
    delivering = await end_the_day(kiosk)
    await kiosk.host.say(settled(await kiosk.host.hear(SettlementRequest), balanced=False))
    end = await kiosk.host.hear(BatchEnd)
    await kiosk.host.say(BatchEndReply(**own(end), code="95"))

    assert not await delivering
    assert kiosk.line.settling


async def test_a_batch_is_not_settled_while_an_approval_is_open(kiosk: Kiosk) -> None:
    asking = start(kiosk.line.withdraw(CARD, PIN_BLOCK, 50_000, transaction="visit1"))
    await kiosk.host.say(answered(await kiosk.host.hear(CashRequest)))
    await asking
    delivering = await end_the_day(kiosk)

    assert await delivering
    assert not kiosk.line.settling


# --- Idle time


@pytest.mark.req("S1-43")
async def test_keys_are_renewed_before_they_expire_while_nobody_comes(kiosk: Kiosk) -> None:
    stop = asyncio.Event()
    tending = start(kiosk.line.tend(stop))
    for _ in range(3):
        began = asyncio.get_running_loop().time()
        await signing_on(kiosk)
        assert asyncio.get_running_loop().time() - began <= timedelta(hours=13).total_seconds()
        await asyncio.sleep(1)

    stop.set()
    await tending
    assert kiosk.line.signed_on


async def test_the_day_ends_at_its_time_by_the_hosts_clock(tmp_path: Path) -> None:
    kiosk = await begun(tmp_path, OF_DAY)
    await pay(kiosk, 50_000)
    stop = asyncio.Event()
    tending = start(kiosk.line.tend(stop))

    request = await kiosk.host.hear(SettlementRequest)
    at = kiosk.world.now() + timedelta(hours=8, seconds=11)  # the host told 10 s more
    assert (at.hour, at.minute // 15) == (23, 2)
    await kiosk.host.say(settled(request))
    await signing_off_and_on(kiosk)
    stop.set()
    await tending

    assert len(list(kiosk.journal.records(Entry.BATCH_CLOSED))) == 1


async def test_an_idle_kiosk_whose_clock_jumped_asks_the_host_and_settles_the_day_that_is_over(tmp_path: Path) -> None:
    kiosk = await begun(tmp_path, OF_DAY)
    await pay(kiosk, 50_000)
    stop = asyncio.Event()
    tending = start(kiosk.line.tend(stop))
    await asyncio.sleep(1)

    kiosk.world.put_clock(kiosk.world.now() + timedelta(days=1))  # the machine slept: the host says so too
    await kiosk.host.say(echoed(await kiosk.host.hear(NetworkManagement), date="0106"))
    await kiosk.host.say(settled(await kiosk.host.hear(SettlementRequest)))
    await signing_off_and_on(kiosk)
    stop.set()
    assert await tending


async def test_tending_ends_at_once_when_a_card_comes(kiosk: Kiosk) -> None:
    stop = asyncio.Event()
    tending = start(kiosk.line.tend(stop))
    await asyncio.sleep(60)
    stop.set()

    async with asyncio.timeout(1):
        await tending
