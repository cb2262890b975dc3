"""A recorded device plays for the driver that it was recorded with, and for one that says something else."""

import asyncio
from dataclasses import replace

import pytest

from drivers.interfaces import DeviceError
from drivers.trace_file import Sender, TracedPort, TraceHeader, TraceRecord, read_lines
from simulators.trace.conversation import Conversation, conversation
from simulators.trace.device import PlayedDevice
from simulators.world.line import memory_line
from tests.simulators.trace.sessions import PORT, SESSIONS, Session, header, record, replayed

NAMES = [session.model for session in SESSIONS]


def recording(session: Session, records: list[TraceRecord]) -> Conversation:
    lines = [header(session).to_json(), *(each.to_json() for each in records)]
    return conversation(read_lines(line.encode() for line in lines), PORT)


@pytest.mark.parametrize("session", SESSIONS, ids=NAMES)
async def test_a_recorded_device_gives_the_driver_the_same_results(session: Session) -> None:
    results, records = await record(session, redacted=False)
    assert len(records) > 10
    played = PlayedDevice(recording(session, records))
    assert await replayed(session, played.serve) == results
    assert played.report.divergence is None
    assert played.report.ok


@pytest.mark.parametrize("session", SESSIONS, ids=NAMES)
async def test_it_does_so_at_once_too(session: Session) -> None:
    results, records = await record(session, redacted=False)
    played = PlayedDevice(recording(session, records), pace=0.0)
    assert await replayed(session, played.serve) == results
    assert played.report.ok


@pytest.mark.parametrize("session", SESSIONS, ids=NAMES)
async def test_it_takes_the_time_of_the_recording(session: Session) -> None:
    _, records = await record(session, redacted=False)
    loop = asyncio.get_running_loop()
    began = loop.time()
    ended: list[float] = []

    async def serve(line: object) -> None:
        await PlayedDevice(recording(session, records)).serve(line)  # type: ignore[arg-type]
        ended.append(loop.time())

    await replayed(session, serve)
    assert ended[0] - began == pytest.approx(records[-1].t - records[0].t, rel=0.01)


@pytest.mark.parametrize("session", SESSIONS, ids=NAMES)
async def test_a_reply_that_came_too_late_makes_the_driver_give_up_in_the_same_way(session: Session) -> None:
    """Every answer is moved a minute back, one after the other; the driver must end as it does on a silent line."""
    _, records = await record(session, redacted=False)
    first = next(index for index, each in enumerate(records) if each.direction is Sender.DEVICE)
    late = [replace(each, t=each.t + (60.0 if index >= first else 0.0)) for index, each in enumerate(records)]
    silent = PlayedDevice(recording(session, late[:first]))

    async def only_listen(line: object) -> None:
        await silent.serve(line)  # type: ignore[arg-type]
        await asyncio.Event().wait()

    async def first_result(driver: object) -> list[object]:
        return (await session.script(driver))[:1]

    asked = replace(session, script=first_result)
    played = PlayedDevice(recording(session, late), tolerant=True)
    assert repr(await replayed(asked, played.serve)) == repr(await replayed(asked, only_listen))


# --- A conversation that is read more easily: LCDM-2000 STATUS and PURGE, by hand

STATUS, STATUS_REPLY = "04 50 02 46 03 13", "01 50 02 46 30 30 80 80 03 16"
PURGE, PURGE_REPLY = "04 50 02 44 03 11", "01 50 02 44 30 03 24"


def lines(*said: tuple[float, str, str]) -> Conversation:
    above = TraceHeader({PORT: TracedPort("puloon-lcdm-2000", "9600 8N1")}).to_json()
    told = [TraceRecord(t, PORT, Sender(who), hex_, hex_).to_json() for t, who, hex_ in said]
    return conversation(read_lines(line.encode() for line in [above, *told]), PORT)


TWO_QUESTIONS = lines(
    (0.0, "host", STATUS),
    (0.1, "device", "06"),
    (0.3, "device", STATUS_REPLY),
    (0.3, "host", "06"),
    (1.0, "host", PURGE),
    (1.1, "device", "06"),
    (1.5, "device", PURGE_REPLY),
    (1.5, "host", "06"),
)


class Host:
    """Says what a test wants."""

    def __init__(self, played: PlayedDevice) -> None:
        self.played = played
        self.end, self._far = memory_line()
        self.serving = asyncio.ensure_future(played.serve(self._far))

    async def asks(self, hex_: str, *answers: str) -> None:
        await self.end.send(bytes.fromhex(hex_))
        heard = b""
        expected = bytes.fromhex("".join(answers))
        async with asyncio.timeout(5):
            while len(heard) < len(expected):
                heard += await self.end.receive()
        assert heard == expected


async def test_a_host_that_asks_something_else_is_told_where_and_what() -> None:
    host = Host(PlayedDevice(TWO_QUESTIONS))
    await host.asks(STATUS, "06", STATUS_REPLY)
    await host.end.send(bytes.fromhex("06"))
    await host.end.send(bytes.fromhex(STATUS))
    await host.serving
    parted = host.played.report.divergence
    assert parted is not None
    assert (parted.line, parted.t) == (6, 1.0)
    assert PURGE in parted.expected
    assert parted.got == "STATUS (04 50 02 46 03 13)"
    assert parted.fields == ("command: recorded 68 (purge), now 70 (status)",)
    assert not host.played.report.ok


async def test_a_strict_device_does_not_let_the_host_speak_before_the_reply() -> None:
    host = Host(PlayedDevice(TWO_QUESTIONS))
    await host.asks(STATUS, "06")
    await host.end.send(bytes.fromhex("15"))
    await host.serving
    assert host.played.report.divergence is not None
    assert "the device has yet to say" in host.played.report.divergence.expected


async def test_a_tolerant_device_answers_again_what_is_asked_again() -> None:
    host = Host(PlayedDevice(TWO_QUESTIONS, tolerant=True))
    for _ in range(3):
        await host.asks(STATUS, "06", STATUS_REPLY)
        await host.end.send(bytes.fromhex("06"))
    await host.asks(PURGE, "06", PURGE_REPLY)
    await host.end.send(bytes.fromhex("06"))
    await host.serving
    assert host.played.report.ok
    assert host.played.report.repeated == 2


async def test_a_tolerant_device_goes_on_where_the_host_leaves_a_question_out() -> None:
    host = Host(PlayedDevice(TWO_QUESTIONS, tolerant=True))
    await host.asks(PURGE, "06", PURGE_REPLY)
    await host.end.send(bytes.fromhex("06"))
    await host.serving
    assert host.played.report.ok
    assert (host.played.report.left_out, host.played.report.played) == (4, 4)


async def test_a_tolerant_device_still_wants_to_hear_what_was_recorded() -> None:
    host = Host(PlayedDevice(TWO_QUESTIONS, tolerant=True))
    await host.end.send(bytes.fromhex("04 50 02 47 03 12"))
    await host.serving
    assert host.played.report.divergence is not None


async def test_a_host_that_falls_silent_is_waited_for_so_long() -> None:
    host = Host(PlayedDevice(TWO_QUESTIONS, patience=10.0))
    await asyncio.sleep(1000)
    await host.asks(STATUS, "06", STATUS_REPLY)
    loop = asyncio.get_running_loop()
    since = loop.time()
    await host.serving
    assert loop.time() - since == pytest.approx(10.0)
    assert host.played.report.divergence is not None
    assert "silent" in host.played.report.divergence.got


async def test_what_was_not_recorded_is_not_said() -> None:
    host = Host(PlayedDevice(lines((0.0, "host", STATUS), (3.0, "host", STATUS), (3.1, "device", "06"))))
    await host.end.send(bytes.fromhex(STATUS))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(100):
            await host.end.receive()
    await host.asks(STATUS, "06")


async def test_a_host_that_goes_on_after_the_end_is_noticed() -> None:
    end, far = memory_line()
    played = PlayedDevice(lines((0.0, "host", STATUS)))
    await end.send(bytes.fromhex(STATUS))
    await played.serve(far)
    await end.send(bytes.fromhex(STATUS))
    await played.listen_on(far, 1.0)
    assert played.report.beyond
    assert played.report.ok


async def test_a_pad_that_hides_its_bytes_is_filled_in_so_that_the_driver_can_read_its_frames() -> None:
    session = next(each for each in SESSIONS if each.model == "szzt-zt598")
    _, records = await record(session)
    recorded = recording(session, records)
    assert recorded.hidden(Sender.DEVICE)
    played = PlayedDevice(recorded)
    assert not [result for result in await replayed(session, played.serve) if isinstance(result, DeviceError)]
    assert played.report.ok
