import pytest
from escpos.printer import Dummy

from protocol.escpos import ESCPOS
from protocol.escpos_commands import (
    Alignment,
    Command,
    Cut,
    CutMode,
    FeedLines,
    Initialize,
    LineFeed,
    QrPrint,
    QrStore,
    SetAlignment,
    SetEmphasis,
    SetKanji,
    SetSize,
    Text,
    TransmitPaperStatus,
    text,
)
from protocol.wire import Damaged, Noise
from simulators.devices.receipt import PrintedLine, PrintedQr, Receipt, Step, Typesetter


def typeset(*commands: Command, columns: int = 32) -> list[Step]:
    setter = Typesetter(columns)
    return [step for command in commands for step in setter.take(command)]


def shown(*commands: Command, columns: int = 32) -> str:
    lines = [step for step in typeset(*commands, columns=columns) if isinstance(step, PrintedLine | PrintedQr)]
    return Receipt(columns, tuple(lines), CutMode.FULL).text


def test_text_is_printed_when_the_line_ends() -> None:
    assert typeset(text("TOTAL")) == []
    assert typeset(text("TOTAL"), LineFeed()) == [PrintedLine("TOTAL", 5)]


def test_a_chinese_character_takes_two_columns() -> None:
    assert typeset(text("取现100"), LineFeed()) == [PrintedLine("取现100", 7)]


def test_a_full_line_goes_on_in_the_next_one() -> None:
    assert shown(text("0123456789ABC"), LineFeed(), columns=10) == "0123456789\nABC"


def test_a_chinese_character_is_never_cut_in_half() -> None:
    assert shown(text("012345678取"), LineFeed(), columns=10) == "012345678\n取"


def test_large_characters_fill_the_line_earlier() -> None:
    assert shown(SetSize(2, 2), text("取现金"), LineFeed(), columns=10) == "取现\n金"


@pytest.mark.parametrize(
    ("align", "expected"), [(Alignment.LEFT, "取现"), (Alignment.CENTER, "   取现"), (Alignment.RIGHT, "      取现")]
)
def test_alignment_counts_columns(align: Alignment, expected: str) -> None:
    assert shown(SetAlignment(align), text("取现"), LineFeed(), columns=10) == expected


def test_centred_large_text_is_centred_by_its_real_width() -> None:
    assert shown(SetAlignment(Alignment.CENTER), SetSize(2, 1), text("AB"), LineFeed(), columns=10) == "   AB"


def test_style_belongs_to_the_line_it_was_set_for() -> None:
    big, plain = typeset(
        SetEmphasis(True),
        SetSize(2, 3),
        text("A"),
        LineFeed(),
        SetEmphasis(False),
        SetSize(1, 1),
        text("B"),
        LineFeed(),
    )
    assert big == PrintedLine("A", 2, emphasized=True, width=2, height=3)
    assert plain == PrintedLine("B", 1)


def test_initialise_forgets_the_line_and_the_settings() -> None:
    assert typeset(SetAlignment(Alignment.RIGHT), text("LOST"), Initialize(), text("A"), LineFeed()) == [
        PrintedLine("A", 1)
    ]


def test_a_character_split_over_two_pieces_of_text_is_whole() -> None:
    data = text("取").data
    assert typeset(Text(data[:1]), Text(data[1:]), LineFeed()) == [PrintedLine("取", 2)]


def test_without_kanji_mode_every_byte_is_a_character() -> None:
    assert typeset(SetKanji(False), Text(b"\x9c5"), LineFeed()) == [PrintedLine("£5", 2)]


def test_feeding_lines_prints_the_line_first() -> None:
    assert typeset(text("A"), FeedLines(3)) == [PrintedLine("A", 1), PrintedLine(), PrintedLine()]


def test_a_cut_prints_the_line_first() -> None:
    assert typeset(text("A"), Cut(CutMode.FULL)) == [PrintedLine("A", 1), Cut(CutMode.FULL)]


def test_the_paper_question_keeps_its_place() -> None:
    assert typeset(LineFeed(), TransmitPaperStatus(), LineFeed()) == [
        PrintedLine(),
        TransmitPaperStatus(),
        PrintedLine(),
    ]


def test_a_qr_code_is_shown_by_its_content() -> None:
    assert shown(QrStore(b"REF 123"), QrPrint()) == "[QR REF 123]"
    receipt = Receipt(32, (PrintedQr("REF 123"),), CutMode.FULL)
    assert receipt.qr == ("REF 123",)


def test_what_another_program_prints_is_read_as_it_was_meant() -> None:
    """python-escpos sets sizes, fonts and underlines in its own way and leaves none of it on the paper as text."""
    program = Dummy()
    program.hw("INIT")
    program.set(align="center", bold=True, double_height=True, double_width=True, underline=1)
    program.textln("PAID")
    program.set_with_default(align="left")
    program.textln("Amount        500.00")
    program.qr("632700000002 EF7635DD", native=True, size=6)
    program.cashdraw(2)
    program.cut()

    events = ESCPOS.from_host().feed(program.output)
    commands = [event for event in events if not isinstance(event, Noise | Damaged)]
    assert len(commands) == len(events)
    steps = typeset(*commands)

    assert steps[0] == PrintedLine("PAID", 8, Alignment.CENTER, emphasized=True, width=2, height=2)
    assert PrintedLine("Amount        500.00", 20) in steps
    assert [step.data for step in steps if isinstance(step, PrintedQr)] == ["632700000002 EF7635DD"]
    assert isinstance(steps[-1], Cut)
