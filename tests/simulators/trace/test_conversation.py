"""Messages of a trace as something that can be matched and sent."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.trace_file import Sender, TracedPort, TraceHeader, TraceRecord, read_lines
from protocol.sankyo_ict3q8 import PositiveReply
from protocol.szzt_zt598 import Reply
from simulators.trace.conversation import Conversation, Fit, TraceUnusable, conversation, ports_of, said
from simulators.trace.dialects import NoDialect, dialect
from simulators.trace.difference import read

HEADER = TraceHeader({"reader": TracedPort("sankyo-ict3q8")})


def message(hex_: str, note: str = "", sender: Sender = Sender.HOST, port: str = "reader") -> TraceRecord:
    return TraceRecord(0.0, port, sender, hex_, note)


def load(*lines: TraceHeader | TraceRecord | str, port: str = "reader", model: str | None = None) -> Conversation:
    texts: Iterable[str] = (line if isinstance(line, str) else line.to_json() for line in lines)
    return conversation(read_lines(text.encode() for text in texts), port, model)


@pytest.mark.parametrize(
    ("heard", "fit"),
    [
        ("", Fit.PART),
        ("f2", Fit.PART),
        ("f2 00 03 43 31 30 c5 2a", Fit.WHOLE),
        ("f2 00 03 43 31 30 c5 2a 06", Fit.WHOLE),
        ("f2 00 03 43 31 33", Fit.NO),
        ("06", Fit.NO),
    ],
)
def test_bytes_fit_a_message_or_may_still_become_it(heard: str, fit: Fit) -> None:
    recorded = said(1, message("f2 00 03 43 31 30 c5 2a"), dialect("sankyo-ict3q8"))
    assert recorded.fit(bytes.fromhex(heard)) is fit


@given(st.binary(min_size=4, max_size=4), st.binary(min_size=2, max_size=2))
def test_hidden_bytes_and_their_check_code_match_anything(secret: bytes, check: bytes) -> None:
    recorded = said(1, message("02 30 30 35 3a .. .. .. .. 03 37 45"), dialect("szzt-zt598"))
    assert recorded.fit(bytes.fromhex("023030353a") + secret + b"\x03" + check) is Fit.WHOLE
    assert recorded.fit(bytes.fromhex("023030353b") + secret + b"\x03" + check) is Fit.NO


def test_a_filled_frame_of_the_pad_can_be_read() -> None:
    how = dialect("szzt-zt598")
    record = message("02 30 30 35 6a .. .. .. .. 03 37 45", sender=Sender.DEVICE)
    (event,) = read(how.wire.from_device(), said(1, record, how).filled)
    assert event == Reply(0x6A, b"0000")


def test_a_filled_frame_of_the_reader_can_be_read() -> None:
    how = dialect("sankyo-ict3q8")
    record = message("f2 00 09 50 49 39 30 32 .. .. .. .. .. ..", sender=Sender.DEVICE)
    (event,) = read(how.wire.from_device(), said(1, record, how).filled)
    assert isinstance(event, PositiveReply)
    assert event.data == bytes(4)


@pytest.mark.parametrize("model", ["sankyo-ict3q8", "szzt-zt598", "puloon-lcdm-2000", "puloon-lcdm-4000", "escpos"])
def test_what_was_noise_is_noise_again(model: str) -> None:
    how = dialect(model)
    record = message("ff ff ff ff .. ..", "noise, 6 bytes: x", Sender.DEVICE)
    (event,) = read(how.wire.from_device(), said(1, record, how).filled)
    assert event.raw == b"\xff" * 6


def test_questions_and_answers_make_exchanges() -> None:
    host, device = message("06"), message("15", sender=Sender.DEVICE)
    made = load(HEADER, device, host, host, device, device, host).exchanges()
    assert [(len(each.requests), len(each.answers)) for each in made] == [(0, 1), (2, 2), (1, 0)]


def test_only_the_chosen_port_is_taken_and_the_line_of_the_file_is_kept() -> None:
    found = load(HEADER, message("06", port="pad"), message("15"))
    assert [(each.number, each.filled) for each in found.said] == [(3, b"\x15")]


def test_a_model_can_be_given_where_no_header_tells() -> None:
    assert load(message("06"), model="sankyo-ict3q8").model == "sankyo-ict3q8"


@pytest.mark.parametrize(
    ("lines", "port", "told"),
    [
        ((message("06"),), "reader", "say it with --model"),
        ((HEADER, message("06")), "pad", "nothing was recorded on a port 'pad'; ports: reader"),
        ((HEADER, "{", message("06")), "reader", "line 2: not JSON"),
    ],
)
def test_what_can_not_be_played_is_told_with_what_to_do(
    lines: tuple[TraceHeader | TraceRecord | str, ...], port: str, told: str
) -> None:
    with pytest.raises(TraceUnusable, match=told):
        load(*lines, port=port)


def test_a_model_that_nobody_knows_is_told_with_those_there_are() -> None:
    with pytest.raises(NoDialect, match=r"no model 'toaster'; there is sankyo-ict3q8, .*money-line"):
        load(message("06"), model="toaster")


def test_the_ports_of_a_trace_and_their_models() -> None:
    lines: list[TraceHeader | TraceRecord] = [HEADER, message("06"), message("06", port="pad")]
    assert ports_of(read_lines(line.to_json().encode() for line in lines)) == {"reader": "sankyo-ict3q8", "pad": ""}
