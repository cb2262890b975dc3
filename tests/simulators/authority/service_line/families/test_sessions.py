"""9001 and 9002: who is let in, and for how long."""

from datetime import timedelta

import pytest

from protocol.service_line.envelope import SignType
from simulators.authority.actors import SYSTEM
from simulators.authority.service_line.channels import withdraw_channel
from simulators.authority.service_line.staff import change_staff, close_staff
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from tests.simulators.authority.kiosk import WEIHAI
from tests.simulators.authority.service_line.line import KEY, PASSWORD, Caller, Line, keys_of


@pytest.mark.parametrize("sign_type", SignType)
async def test_a_terminal_signs_on_with_its_key_and_off_again(line: Line, sign_type: SignType) -> None:
    line.register("K0000001", ChannelKind.TERMINAL, KEY)
    terminal = Caller(line, "K0000001", "2", KEY, sign_type=sign_type)

    answer = await terminal.sign_on(ip="192.0.2.1")
    assert answer["infcode"] == 0
    assert answer["output"]["signinoutb"]["caller"] == "terminal"
    assert len(terminal.sign_no or "") == 30
    assert (await terminal.ask("9002", {"sign_no": terminal.sign_no, "opter_no": "K0000001"}))["infcode"] == 0
    again = await terminal.ask("9002", {"sign_no": terminal.sign_no, "opter_no": "K0000001"})
    assert (line.status, again["infcode"], keys_of(again)) == (401, -3, ["session_over"])


@pytest.mark.req("S2-62")
async def test_an_unknown_terminal_or_one_with_another_key_is_refused(line: Line) -> None:
    line.register("K0000001", ChannelKind.TERMINAL, KEY)
    line.register("WEB1", ChannelKind.WEB)

    assert keys_of(await Caller(line, "K0000009", "2", KEY).sign_on()) == ["unknown_channel"]
    assert keys_of(await Caller(line, "WEB1", "2", KEY).sign_on()) == ["unknown_channel"]
    assert keys_of(await Caller(line, "K0000001", "2", bytes(32)).sign_on()) == ["wrong_signature"]
    assert keys_of(await Caller(line, "K0000001", "2").sign_on()) == ["wrong_signature"]
    assert line.status == 401


async def test_a_terminal_signs_every_request(line: Line) -> None:
    terminal = await line.terminal()
    asked = terminal.envelope("9002", {"sign_no": terminal.sign_no, "opter_no": terminal.opter})
    unsigned = {name: value for name, value in asked.items() if name != "cainfo"}

    for tampered in (unsigned, {**asked, "dev_safe_info": "1"}, {**asked, "cainfo": "00"}):
        assert keys_of(await line.send("9002", tampered)) == ["wrong_signature"]
    assert (await line.send("9002", asked))["infcode"] == 0


@pytest.mark.req("S2-62")
async def test_a_channel_that_is_withdrawn_is_refused_on_its_next_message(line: Line) -> None:
    terminal = await line.terminal()
    listed = await line.anybody().ask("8406")
    with line.rooms.database.transaction() as connection:
        assert withdraw_channel(connection, SYSTEM, line.at, terminal.opter)
        assert not withdraw_channel(connection, SYSTEM, line.at, terminal.opter)

    assert [each["id"] for each in listed["output"]["channels"]] == ["K0000001"]
    assert keys_of(await terminal.ask("8406")) == ["unknown_channel"]
    assert (await line.anybody().ask("8406"))["output"]["channels"] == []
    assert keys_of(await line.anybody().ask("8406", dev_no="K0000001")) == ["unknown_channel"]


async def test_a_sign_on_is_over_with_the_next_message_once_its_account_is_closed_or_another(line: Line) -> None:
    """Nobody goes on in a role or region that was taken from them, and nobody else is sent away."""
    database = line.rooms.database
    names = ("closed", "promoted", "moved", "colleague")
    staff = {name: await line.staff(name, StaffRole.SUPERVISOR) for name in names}
    with database.transaction() as connection:
        assert close_staff(connection, SYSTEM, line.at, "closed")
        assert change_staff(connection, SYSTEM, line.at, "promoted", StaffRole.AUDITOR, WEIHAI)
        assert change_staff(connection, SYSTEM, line.at, "moved", StaffRole.SUPERVISOR, None)
        assert not close_staff(connection, SYSTEM, line.at, "closed")
        assert not change_staff(connection, SYSTEM, line.at, "closed", StaffRole.TELLER, None)

    for name in names[:3]:
        assert keys_of(await staff[name].ask("8611", {})) == ["session_over"]
    assert (await staff["colleague"].ask("8611", {}))["infcode"] == 0
    signed_on = [await staff[name].sign_on(password=PASSWORD) for name in names[:3]]
    assert [answer["infcode"] for answer in signed_on] == [-3, 0, 0]
    assert signed_on[1]["output"]["signinoutb"]["caller"] == "auditor"
    assert (await staff["moved"].ask("8611", {}))["infcode"] == 0


@pytest.mark.parametrize("minutes", [-16, 16])
async def test_an_old_sign_on_can_not_be_played_again(line: Line, minutes: int) -> None:
    terminal = await line.terminal()
    old = {name: value for name, value in terminal.last.items() if name != "cainfo"}
    line.clock.pass_(minutes=minutes)

    assert keys_of(await line.send("9001", terminal.last)) == ["clocks_differ"]
    assert old["infno"] == "9001"


async def test_a_session_belongs_to_its_operator_and_channel(line: Line) -> None:
    terminal = await line.terminal()
    other = await line.terminal("K0000002")

    assert keys_of(await terminal.ask("8406", opter="K0000002")) == ["not_signed_on"]
    assert keys_of(await terminal.ask("8406", opter_type="1")) == ["not_signed_on"]
    assert keys_of(await terminal.ask("8406", sign_no=other.sign_no)) == ["not_signed_on"]
    assert keys_of(await terminal.ask("8406", dev_no="K0000002")) == ["unknown_channel"]
    assert (await terminal.ask("8406", dev_no="K0000001"))["infcode"] == 0


async def test_a_session_ends_after_its_time_and_a_clerks_also_when_it_is_idle(line: Line) -> None:
    terminal = await line.terminal()
    teller = await line.staff("teller1", StaffRole.TELLER)
    for _ in range(3):
        line.clock.pass_(minutes=14)
        assert (await teller.ask("8406"))["infcode"] == 0
    line.clock.pass_(minutes=15)
    assert keys_of(await teller.ask("8406")) == ["session_over"]

    line.clock.pass_(hours=22)
    assert (await terminal.ask("8406"))["infcode"] == 0
    line.clock.pass_(hours=2)
    assert keys_of(await terminal.ask("8406")) == ["session_over"]


async def test_a_clerk_is_locked_out_after_five_wrong_passwords_for_a_while(line: Line) -> None:
    teller = await line.staff("teller1", StaffRole.TELLER)
    for _ in range(5):
        assert keys_of(await teller.sign_on(password="something else")) == ["wrong_credentials"]
    assert keys_of(await teller.sign_on(password=PASSWORD)) == ["locked"]
    line.clock.pass_(minutes=15)
    assert (await teller.sign_on(password=PASSWORD))["infcode"] == 0


async def test_a_right_password_forgets_the_wrong_ones(line: Line) -> None:
    teller = await line.staff("teller1", StaffRole.TELLER)
    for _ in range(2):
        for _ in range(3):
            assert keys_of(await teller.sign_on(password="something else")) == ["wrong_credentials"]
        assert (await teller.sign_on(password=PASSWORD))["infcode"] == 0


async def test_clerks_sign_on_at_a_registered_counter_or_office_only(line: Line) -> None:
    reviewer = await line.staff("reviewer1", StaffRole.REVIEWER)
    line.register("APP1", ChannelKind.APP)

    for device in (None, "nowhere", "APP1"):
        reviewer.device = device
        assert keys_of(await reviewer.sign_on(password=PASSWORD)) == ["unknown_channel"]
    assert keys_of(await Caller(line, "nobody", "1", device="desk-reviewer1").sign_on(password=PASSWORD)) == [
        "wrong_credentials"
    ]


async def test_the_sign_on_says_until_when_it_lasts(line: Line) -> None:
    teller = await line.staff("teller1", StaffRole.TELLER)
    record = (await teller.sign_on(password=PASSWORD))["output"]["signinoutb"]

    assert record["sign_time"] == f"{line.at:%Y-%m-%d %H:%M:%S}"
    assert record["expires"] == f"{line.at + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
    assert record["caller"] == "teller"
