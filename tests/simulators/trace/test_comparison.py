"""Two conversations side by side: what is the same, what differs and how it is told."""

import pytest

from drivers.trace_file import Sender, TracedPort, TraceHeader, TraceRecord, read_lines
from protocol.sankyo_ict3q8 import frame
from simulators.trace.comparison import Comparison, between
from simulators.trace.conversation import Conversation, conversation

NAMES = ("recorded", "other")

CommandRow = tuple[float, str, str]
C10 = "f2 00 03 43 31 30 c5 2a"
NO_CARD = "f2 00 05 50 31 30 30 30 38 26"
AT_GATE = "f2 00 05 50 31 30 30 31 28 07"
REFUSED = "f2 00 05 4e 31 30 30 30 1f 8e"


def said(*rows: CommandRow, model: str = "sankyo-ict3q8") -> Conversation:
    head = TraceHeader({"p": TracedPort(model)}).to_json()
    lines = [head, *(TraceRecord(t, "p", Sender(who), hex_, hex_).to_json() for t, who, hex_ in rows)]
    return conversation(read_lines(line.encode() for line in lines), "p")


def asked(reply: str, after: float = 0.1) -> Conversation:
    return said((0.0, "host", C10), (after, "device", "06"), (after, "device", reply), (after, "host", "06"))


def compare(one: Conversation, other: Conversation, *ignore: str) -> Comparison:
    return between(one, other, NAMES, ignore)


def test_the_same_is_the_same_whatever_time_it_took() -> None:
    found = compare(asked(NO_CARD, 0.1), asked(NO_CARD, 0.3))
    assert found.differences == ()
    assert found.pace is not None
    assert found.pace.answers == 1
    assert found.pace.median == pytest.approx(3.0)
    assert "100.0 ms recorded, 300.0 ms" in found.pace.told()


def test_a_difference_is_told_field_by_field_with_its_place() -> None:
    (difference,) = compare(asked(AT_GATE), asked(NO_CARD)).differences
    assert difference.fields == ("st: recorded '01' (at gate), other '00' (no card)",)
    assert difference.told(NAMES) == [
        f"line 4, 0.100 s, after {C10}",
        f"  recorded: {AT_GATE} ({AT_GATE})",
        f"  other:    {NO_CARD} ({NO_CARD})",
        "    st: recorded '01' (at gate), other '00' (no card)",
    ]


def test_long_data_are_told_by_the_first_byte_that_differs() -> None:
    one = said(
        (0.0, "host", C10), (0.1, "device", "01 50 02 47 54 32 30 54 35 36 32 34 03 10"), model="puloon-lcdm-2000"
    )
    other = said(
        (0.0, "host", C10), (0.1, "device", "01 50 02 47 54 33 30 54 3b 35 36 3d 03 11"), model="puloon-lcdm-2000"
    )
    (difference,) = compare(one, other).differences
    assert difference.fields == (
        "version: recorded '20', other '30'",
        "checksum: recorded '5624', other 'B56D'",
    )


def test_an_answer_that_is_missing_or_too_much_is_a_difference() -> None:
    none = said((0.0, "host", C10), (0.1, "device", "06"), (0.2, "host", "06"))
    assert [each.other for each in compare(asked(NO_CARD), none).differences] == ["nothing"]
    assert [each.recorded for each in compare(none, asked(NO_CARD)).differences] == ["nothing more"]


def test_where_the_questions_part_the_comparison_ends() -> None:
    other = said((0.0, "host", C10), (0.1, "device", "06"), (0.2, "host", "15"), (0.3, "device", REFUSED))
    differences = compare(said((0.0, "host", C10), (0.1, "device", "06"), (0.2, "host", "06")), other).differences
    assert [(each.line, each.recorded, each.other) for each in differences] == [(4, "06 (06)", "15 (15)")]


def test_a_recording_that_ends_earlier_is_told() -> None:
    short = said((0.0, "host", C10), (0.1, "device", "06"))
    (difference,) = compare(asked(NO_CARD), short).differences[-1:]
    assert difference.other == "the recording has ended"


@pytest.mark.parametrize("pattern", ["^st:", "31 28 07", "^f2 00 03 43 31 30"])
def test_fields_and_messages_can_be_left_out(pattern: str) -> None:
    assert compare(asked(AT_GATE), asked(NO_CARD), pattern).differences == ()
    assert compare(asked(AT_GATE), asked(NO_CARD), "serial").differences != ()


def test_bytes_that_one_side_hides_are_no_difference() -> None:
    hidden = "f2 00 09 50 49 39 30 32 .. .. .. .. .. .."
    known = "f2 00 09 50 49 39 30 32 01 02 90 00 e5 0c"
    assert compare(asked(hidden), asked(known)).differences == ()
    assert compare(asked(known), asked(hidden)).differences == ()


def test_no_difference_tells_a_secret() -> None:
    """The reader's reply to a chip exchange: its data are hidden, whatever differs."""
    one, other = (frame(b"PI902" + bytes.fromhex(secret) + b"\x90\x00").hex(" ") for secret in ("deadbeef", "deadbe00"))
    (difference,) = compare(asked(one), asked(other)).differences
    assert difference.fields == ()
