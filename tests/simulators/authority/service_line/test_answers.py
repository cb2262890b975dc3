"""What writes is done once for each message id of a caller."""

import pytest
from sqlalchemy import func, select

from protocol.service_line.information import Done, RatingInput
from simulators.authority.service_line.answers import claim, earlier
from simulators.authority.service_line.call import Call
from simulators.authority.service_line.families import information
from simulators.authority.service_line.refusal import refused
from simulators.authority.tables.service_line import ChannelKind, StaffRole, ratings, service_answers
from tests.simulators.authority.kiosk import JIA
from tests.simulators.authority.service_line.line import Line, keys_of


def kept(line: Line) -> int:
    with line.rooms.database.transaction() as connection:
        return connection.scalar(select(func.count()).select_from(ratings)) or 0


@pytest.mark.req("S2-69")
async def test_the_same_request_is_done_once_and_answered_alike(line: Line) -> None:
    terminal = await line.terminal()
    first = await terminal.ask("8405", {"stars": 5})
    line.clock.pass_(minutes=5)
    again = await line.send("8405", terminal.last)

    assert again == first
    assert kept(line) == 1


async def test_a_request_sent_again_after_a_new_sign_on_is_the_same_request(line: Line) -> None:
    terminal = await line.terminal()
    first = await terminal.ask("8405", {"stars": 5})
    msgid = terminal.last["msgid"]
    line.clock.pass_(minutes=5)
    await terminal.sign_on()

    assert await terminal.ask("8405", {"stars": 5}, msgid=msgid) == first
    assert kept(line) == 1


async def test_another_request_with_a_used_message_id_is_a_duplicate(line: Line) -> None:
    terminal = await line.terminal()
    await terminal.ask("8405", {"stars": 5})
    msgid = terminal.last["msgid"]

    assert keys_of(await terminal.ask("8405", {"stars": 1}, msgid=msgid)) == ["duplicate_msgid"]
    assert kept(line) == 1


async def test_what_came_from_no_official_channel_is_told_so_each_time(line: Line) -> None:
    """And its message id is not used up."""
    guest, asked = line.anybody(), {"certno": JIA.id_number, "name": JIA.name}
    for _ in range(2):
        assert keys_of(await guest.ask("8305", asked)) == ["unknown_channel"]
    assert keys_of(await line.send("8305", guest.last)) == ["unknown_channel"]
    line.register("APP", ChannelKind.APP)
    assert (await line.send("8305", {**guest.last, "dev_no": "APP"}))["infcode"] != -3


async def test_a_message_id_belongs_to_its_caller(line: Line) -> None:
    one, other = await line.terminal(), await line.terminal("K0000002")
    await one.ask("8405", {"stars": 5})

    assert (await other.ask("8405", {"stars": 1}, msgid=one.last["msgid"]))["infcode"] == 0
    assert kept(line) == 2


async def test_a_refusal_undoes_what_was_written_and_is_answered_alike(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = await line.terminal()
    handler = next(each for each in information.HANDLERS if each.service.infno == "8405")

    def refuses(call: Call, body: RatingInput) -> Done:
        information.rate(call, body)
        raise refused("system_error")

    object.__setattr__(handler, "answer", refuses)
    try:
        first = await terminal.ask("8405", {"stars": 5})
    finally:
        object.__setattr__(handler, "answer", information.rate)

    assert (first["infcode"], keys_of(first)) == (-1, ["system_error"])
    assert await line.send("8405", terminal.last) == first
    assert kept(line) == 0


async def test_a_mistake_of_the_authority_leaves_nothing_and_may_be_sent_again(line: Line) -> None:
    terminal = await line.terminal()
    handler = next(each for each in information.HANDLERS if each.service.infno == "8405")

    def breaks(call: Call, body: RatingInput) -> Done:
        information.rate(call, body)
        raise RuntimeError("a mistake")

    object.__setattr__(handler, "answer", breaks)
    try:
        broken = await terminal.ask("8405", {"stars": 5})
    finally:
        object.__setattr__(handler, "answer", information.rate)

    assert (line.status, keys_of(broken)) == (500, ["system_error"])
    assert kept(line) == 0
    assert (await line.send("8405", terminal.last))["infcode"] == 0
    assert kept(line) == 1


async def test_answers_are_stored_sealed(line: Line) -> None:
    terminal = await line.terminal()
    await terminal.ask("8405", {"stars": 5})

    with line.rooms.database.transaction() as connection:
        row = connection.execute(select(service_answers)).mappings().one()
    assert b"inf_refmsgid" not in row["answer_sealed"]
    assert "inf_refmsgid" in line.rooms.hsm.unseal(row["answer_sealed"])


async def test_a_claim_is_made_once(line: Line) -> None:
    with line.rooms.database.transaction() as connection:
        assert claim(connection, "terminal:K1", "M1", "8405", "a", line.at) is not None
        assert claim(connection, "terminal:K1", "M1", "8405", "a", line.at) is None
        assert earlier(connection, line.rooms.hsm, "terminal:K2", "M1", "a") is None


async def test_only_those_the_table_names_may_ask(line: Line) -> None:
    supervisor = await line.staff("supervisor1", StaffRole.SUPERVISOR)

    answer = await supervisor.ask("8405", {"stars": 5})
    assert (line.status, answer["infcode"], keys_of(answer)) == (403, -1, ["not_permitted"])
