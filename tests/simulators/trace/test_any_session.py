"""Whatever a driver is asked to do, and whatever goes wrong on the line: its recording gives it the same results."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.bench.hardware import Hardware
from simulators.trace.device import PlayedDevice
from simulators.world import virtual_time
from tests.simulators.trace.sessions import Session, record, replayed, said
from tests.simulators.trace.test_device import recording

Step = tuple[str, int, int]

steps = st.lists(
    st.tuples(
        st.sampled_from(("status", "dispense", "present status", "reset", "take notes")),
        st.integers(0, 4),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=6,
)
absent = st.none() | st.integers(1, 2)


def dispensing(model: str, asked: list[Step], missing: int | None, powered: bool) -> Session:
    """A session of these steps, with a cassette missing or the dispenser switched off."""

    async def script(dispenser: Any) -> list[object]:
        doing: dict[str, Callable[[int, int], Awaitable[object]]] = {
            "status": lambda _, __: dispenser.status(),
            "dispense": lambda upper, lower: dispenser.dispense({"unit1": upper, "unit2": lower}),
            "present status": lambda _, __: dispenser.get_present_status(),
            "reset": lambda _, __: dispenser.reset(),
            "take notes": lambda _, __: dispenser.items_taken(1.0),
        }
        return [await said(doing[what](upper, lower)) for what, upper, lower in asked]

    async def somebody(hardware: Hardware) -> None:
        if missing is not None:
            hardware.dispenser.remove_cassette(missing)
        if not powered:
            hardware.dispenser.power_off()
        while True:
            await hardware.scene.until(lambda: bool(hardware.dispenser.notes_at_exit))
            await asyncio.sleep(0.8)
            hardware.dispenser.take_notes()

    options = {"cassettes": 2} if model == "puloon-lcdm-4000" else {}
    return Session(model, script, somebody, driver=options)


async def plays_the_same(session: Session) -> None:
    results, records = await record(session, redacted=False)
    if not records:
        return
    played = PlayedDevice(recording(session, records))
    assert repr(await replayed(session, played.serve)) == repr(results)
    assert played.report.ok


@settings(max_examples=25)
@given(st.sampled_from(("puloon-lcdm-2000", "puloon-lcdm-4000")), steps, absent, st.booleans())
def test_any_session_with_a_dispenser_is_repeated(
    model: str, asked: list[Step], missing: int | None, powered: bool
) -> None:
    virtual_time.run(plays_the_same(dispensing(model, asked, missing, powered)))
