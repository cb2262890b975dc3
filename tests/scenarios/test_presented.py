"""A whole kiosk with a dispenser that presents: where the notes are, and what the account says about them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulators.authority.tables.supervision import incidents
from simulators.bench.bench import Bench
from simulators.bench.customer import Customer, Plan
from simulators.bench.file import load_bench
from simulators.world.cards import issue
from simulators.world.people import person
from terminal.journal import Entry
from terminal.view import Screen
from terminal.visit import Ending

A_WHILE = 300.0
KNOWN = {"extensions": True, "shutter_closed_bit": 21}
REAL = {"shutter_closed_bit": 21}
"""A unit whose retrieve nobody knows how to ask for."""


@asynccontextmanager
async def kiosk(options: Mapping[str, bool | int | str], folder: Path) -> AsyncIterator[tuple[Bench, Customer]]:
    file = load_bench()
    update = {"model": "fujitsu-f56", "options": dict(options)}
    dispenser = file.cash_dispenser.model_copy(update=update)
    bench = Bench(file.model_copy(update={"cash_dispenser": dispenser}), folder=folder, seed=1)
    who = person("jia")
    customer = Customer(who, issue(who), bench.surroundings(), bench.world.chance("customer"))
    running = asyncio.ensure_future(bench.run())
    try:
        yield bench, customer
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        bench.close()


async def visited(bench: Bench, customer: Customer, plan: Plan) -> tuple[Ending, int, int, dict[str, int]]:
    """How the visit ended; debited and held yuan; where the notes are that left the cassettes."""
    await customer.visit(plan)
    await asyncio.sleep(A_WHILE)
    bench.custody.check()
    endings = [record.data["ending"] for record in bench.journal.records() if record.kind == "visit_ended"]
    pan = customer.person.pan
    places = {place: bench.custody.number(place) for place in bench.custody.places() if "/cassette" not in place}
    return (
        Ending(str(endings[-1])),
        bench.authority.account_debit_fen(pan) // 100,
        bench.authority.held_fen(pan) // 100,
        places,
    )


STAYS = Plan(amount=500)
LEAVES = Plan(amount=500, walks_away_at=Screen.TAKE_CASH)


@pytest.mark.parametrize(
    ("options", "plan", "fault", "how", "expected"),
    [
        pytest.param(KNOWN, STAYS, None, {}, (Ending.PAID, 500, 0, {"customer": 5}), id="presented and taken"),
        pytest.param({"model": "F53"}, STAYS, None, {}, (Ending.PAID, 500, 0, {"customer": 5}), id="without a pool"),
        pytest.param(
            KNOWN, LEAVES, None, {}, (Ending.RETRACTED, 0, 500, {"dispenser/capture": 5}), id="left and taken back"
        ),
        pytest.param(
            REAL, LEAVES, None, {}, (Ending.PAID, 500, 0, {"dispenser/exit": 5}), id="left where nothing retracts"
        ),
        pytest.param(
            KNOWN,
            LEAVES,
            "C14",
            {"notes": 2},
            (Ending.SUSPENSE, 0, 500, {"dispenser/capture": 3, "customer": 2}),
            id="held back during the retract",
        ),
        pytest.param(
            KNOWN, STAYS, "C11", {}, (Ending.NOT_PAID, 0, 0, {"dispenser/reject": 5}), id="shutter stuck closed"
        ),
        pytest.param(
            KNOWN,
            STAYS,
            "C3",
            {"at_exit": True},
            (Ending.SUSPENSE, 0, 500, {"dispenser/throat": 5}),
            id="jammed at the exit",
        ),
        pytest.param(
            KNOWN, STAYS, "C9", {}, (Ending.SUSPENSE, 0, 500, {"dispenser/pool": 1}), id="a note that was not counted"
        ),
    ],
)
async def test_the_account_says_what_became_of_the_notes(
    options: Mapping[str, bool | int | str],
    plan: Plan,
    fault: str | None,
    how: Mapping[str, bool | int],
    expected: tuple[Ending, int, int, dict[str, int]],
    tmp_path: Path,
) -> None:
    async with kiosk(options, tmp_path) as (bench, customer):
        if fault is not None:
            bench.dispenser.ailments()[fault].happen(**how)
        assert await visited(bench, customer, plan) == expected


async def test_a_jam_on_the_way_to_the_pool_is_given_back_and_the_pool_emptied(tmp_path: Path) -> None:
    async with kiosk(KNOWN, tmp_path) as (bench, customer):
        bench.dispenser.ailments()["C3"].happen(pick=3)
        ending, debited, held, places = await visited(bench, customer, STAYS)
        assert (ending, debited, held) == (Ending.NOT_PAID, 0, 0)
        assert places == {"dispenser/reject": 3}, "two from the pool, one from the path when the kiosk started again"


@pytest.mark.parametrize("after", [2.0, 6.0, 11.0])
async def test_a_power_cut_at_the_dispenser_pays_nothing_twice(after: float, tmp_path: Path) -> None:
    """Wherever the notes stop: the account is debited for those in the customer's hand, or it is in suspense."""
    async with kiosk(KNOWN, tmp_path) as (bench, customer):
        scene, session = bench.scene, bench.session

        async def cut() -> None:
            await scene.until(lambda: bench.custody.number("dispenser/cassette1") < 200)
            await asyncio.sleep(after - 2.0)
            bench.dispenser.power_off()
            await asyncio.sleep(5)
            bench.dispenser.power_on()

        cutting = asyncio.ensure_future(cut())
        ending, debited, held, places = await visited(bench, customer, STAYS)
        await cutting
        assert session.view.screen in (Screen.OUT_OF_SERVICE, Screen.IDLE)
        in_hand = 100 * places.get("customer", 0)
        assert debited == in_hand or (ending is Ending.SUSPENSE and held == 500)


async def test_the_authority_hears_of_notes_in_doubt_once_also_where_its_service_line_was_down_at_first(
    tmp_path: Path,
) -> None:
    async with kiosk(KNOWN, tmp_path) as (bench, customer):

        async def reported(down: bool) -> list[str]:
            bench.service_door.down = down
            await asyncio.sleep(A_WHILE)
            with bench.behind.database.transaction() as connection:
                return [row.kind for row in connection.execute(incidents.select())]

        bench.service_door.down = True
        assert (await visited(bench, customer, LEAVES))[0] is Ending.RETRACTED
        assert await reported(down=True) == []
        await bench.stop_for(lambda _: None)
        for _ in range(2):
            assert await reported(down=False) == ["cash in doubt"]
        sent = [record.data for record in bench.journal.records(Entry.SERVICE_REQUEST)]
        assert [data["infno"] for data in sent] == ["8114"]
