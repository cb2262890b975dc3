"""Recordings from files, against today's drivers and today's simulators."""

from typing import Any

import pytest

from drivers.interfaces import Dispensed, Done, UnitCounts
from protocol.wire import Damaged, Noise
from simulators.bench.file import load_bench
from simulators.trace.bench_device import asked_of_bench, with_model
from simulators.trace.comparison import Comparison, against
from simulators.trace.conversation import Conversation
from simulators.trace.device import PlayedDevice
from simulators.trace.difference import in_words, read
from tests.simulators.trace.golden import FOLDER, golden
from tests.simulators.trace.sessions import SESSIONS, Session, nobody, record, replayed, said
from tests.vectors import load

NAMES = [session.model for session in SESSIONS]
ANEW = "where the driver is meant to say something else now: python -m tests.simulators.trace.golden"


async def held_against_the_simulator(recorded: Conversation, session: Session) -> Comparison:
    answered = await asked_of_bench(recorded, session.bench(), seed=1, patience=2.0)
    return against(recorded, answered, ("recorded", "simulator"))


@pytest.mark.parametrize("session", SESSIONS, ids=NAMES)
async def test_a_driver_says_the_same_about_a_recorded_device(session: Session) -> None:
    """Hidden bytes are filled in, so what is secret in a result differs; no representation shows it."""
    results, _ = await record(session)
    played = PlayedDevice(golden(session.model))
    replays = await replayed(session, played.serve)
    assert played.report.divergence is None, ANEW
    assert list(map(repr, replays)) == list(map(repr, results))
    assert played.report.ok, ANEW


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.jsonl")), ids=lambda path: path.stem)
def test_notes_in_the_files_are_what_the_wire_format_says_today(path: Any) -> None:
    recorded = golden(path.stem)
    wire = recorded.dialect.wire
    for each in recorded.said:
        if not each.hidden and not each.record.note.startswith("text"):
            (event,) = read(wire.from_host() if each.from_host else wire.from_device(), each.filled)
            assert not isinstance(event, Noise | Damaged)
            assert in_words(wire, event) == f"{each.record.note} ({each.record.hex})", ANEW


async def test_a_driver_pays_from_a_dispenser_that_only_the_specification_knows() -> None:
    recorded = golden("puloon-lcdm-2000-by-hand")
    golden_frames = {vector.data for vector in load("puloon_lcdm")}
    assert all(each.filled in golden_frames for each in recorded.said if len(each.filled) > 1)

    async def script(dispenser: Any) -> list[object]:
        return [
            await said(dispenser.status()),
            await said(dispenser.dispense({"unit1": 1})),
            await said(dispenser.status()),
            await said(dispenser.reset()),
        ]

    played = PlayedDevice(recorded)
    _, paid, _, purged = await replayed(Session("puloon-lcdm-2000", script, nobody), played.serve)
    assert paid == Done(Dispensed({"unit1": UnitCounts(1, 0)}, None, None))
    assert purged == Done(None)
    assert played.report.ok, ANEW


@pytest.mark.parametrize("session", [each for each in SESSIONS if each.model in ("escpos",)], ids=lambda s: s.model)
async def test_a_simulator_answers_its_own_recording_in_the_same_way_and_time(session: Session) -> None:
    found = await held_against_the_simulator(golden(session.model), session)
    assert found.differences == ()
    assert found.pace is not None
    assert found.pace.median == pytest.approx(1.0, rel=0.05)


async def test_what_a_person_did_in_the_recording_is_the_first_difference() -> None:
    session = next(each for each in SESSIONS if each.model == "sankyo-ict3q8")
    found = await held_against_the_simulator(golden(session.model), session)
    first = found.differences[0]
    assert "no card" not in first.recorded
    assert first.other == "nothing"


async def test_a_model_that_the_default_bench_lacks_is_put_into_it() -> None:
    recorded = golden("puloon-lcdm-2000-by-hand")
    bench = with_model(load_bench(), "cash_dispenser", recorded.model)
    answered = await asked_of_bench(recorded, bench, seed=1, patience=2.0)
    found = against(recorded, answered, ("recorded", "simulator"))
    assert [each.fields for each in found.differences] == [
        ("sensors: recorded none, simulator EXIT",),
        ("sensors: recorded none, simulator EXIT",),
    ]
