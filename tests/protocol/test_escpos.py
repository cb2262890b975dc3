from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import escpos_commands as commands
from protocol.escpos import ESCPOS, explain, scan_host
from protocol.escpos_commands import (
    Alignment,
    AskStatus,
    CarriageReturn,
    ClearBuffers,
    Command,
    Cut,
    CutMode,
    ErrorCorrection,
    FeedDots,
    FeedLines,
    Ignored,
    Initialize,
    LineFeed,
    QrCorrection,
    QrModel,
    QrPrint,
    QrSize,
    QrStore,
    Recover,
    SetAlignment,
    SetAutomaticStatus,
    SetCodePage,
    SetEmphasis,
    SetKanji,
    SetKanjiModes,
    SetPosition,
    SetPrintModes,
    SetReverse,
    SetSize,
    SetTabs,
    SetUnderline,
    Tab,
    Text,
    TransmitName,
    TransmitPaperStatus,
    encode,
    text,
)
from protocol.escpos_graphics import (
    Barcode,
    BitImage,
    Graphic,
    PrintGraphics,
    PrintStoredImage,
    Raster,
    RasterImage,
    SetBarcodeHeight,
    SetBarcodeWidth,
    SetBarcodeWords,
    StoreGraphics,
    Symbology,
    Words,
)
from protocol.escpos_status import AutomaticCauses, PrinterName, StatusKind
from protocol.wire import Damaged, Decoder, LocalProtocolError, Noise
from tests.vectors import Vector, load, vector

WHOLE = {
    "bit image": b"\x1b*\x01\x03\x00\x1b@\n",
    "bit image of 24 dots": b"\x1b*\x21\x02\x00" + b"\n" * 6,
    "raster image": b"\x1dv0\x00\x02\x00\x03\x00" + b"\x1dV\x00\n\n\n",
    "graphics": b"\x1d8L\x0b\x00\x00\x000p0\x01\x011\x08\x00\x01\x00\n",
    "bar code that ends with 00": b"\x1dk\x024006381333931\x00",
    "bar code that is counted": b"\x1dk\x43\x0d4006381333931",
    "tab stops": b"\x1bD\x0a\x14\x00",
    "height of bar codes": b"\x1dh\x40",
    "speed": b"\x1bU\x01",
    "identifier that only its maker knows": b"\x1dI\x01",
    "page mode": b"\x1bL",
    "area of a page": b"\x1bW\x00\x00\x00\x00\n\x1b@\n",
    "position on a page": b"\x1d$\n\n",
    "end of a page": b"\x0c",
}
"""As other programs send them, with bytes inside that look like commands."""


MEANINGS: dict[str, Command] = {
    "initialise": Initialize(),
    "centre": SetAlignment(Alignment.CENTER),
    "right": SetAlignment(Alignment.RIGHT),
    "emphasis on": SetEmphasis(True),
    "emphasis off": SetEmphasis(False),
    "double width and height": SetSize(2, 2),
    "normal size": SetSize(1, 1),
    "eight times as wide": SetSize(8, 1),
    "emphasised, double width and height by print modes": SetPrintModes(True, True, True),
    "underline": SetUnderline(1),
    "underlined by print modes": SetPrintModes(underlined=True),
    "large Chinese characters": SetKanjiModes(True, True),
    "white on black": SetReverse(True),
    "tab": Tab(),
    "tab stops": SetTabs((10, 20)),
    "position": SetPosition(300),
    "feed dots": FeedDots(24),
    "automatic status": SetAutomaticStatus(AutomaticCauses(14)),
    "bar code EAN-13": Barcode(Symbology.EAN_13, b"4006381333931"),
    "height of bar codes": SetBarcodeHeight(64),
    "width of bar codes": SetBarcodeWidth(2),
    "bar codes with words below": SetBarcodeWords(Words.BELOW),
    "bit image": BitImage(Raster(3, 8, bytes([0xA0] + [0] * 6 + [0x40])), (1, 3)),
    "raster image": RasterImage(Raster(16, 2, b"\xf0\x0f\x0f\xf0")),
    "graphics to keep": StoreGraphics(Raster(8, 2, b"\x81\x7e")),
    "print kept graphics": PrintGraphics(),
    "stored picture": PrintStoredImage(1),
    "drawer pulse": Ignored("drawer pulse", b"\x1bp\x00\x32\xfa"),
    "Kanji mode on": SetKanji(True),
    "Kanji mode off": SetKanji(False),
    "code page 16": SetCodePage(16),
    "line feed": LineFeed(),
    "carriage return": CarriageReturn(),
    "feed five lines": FeedLines(5),
    "full cut": Cut(CutMode.FULL),
    "partial cut": Cut(CutMode.PARTIAL),
    "feed and full cut": Cut(CutMode.FULL, 0),
    "feed and partial cut": Cut(CutMode.PARTIAL, 16),
    "QR model 2": QrModel(2),
    "QR size 6": QrSize(6),
    "QR error correction M": QrCorrection(ErrorCorrection.M),
    "QR content HELLO": QrStore(b"HELLO"),
    "QR print": QrPrint(),
    "paper status when printed": TransmitPaperStatus(),
    "ask firmware": TransmitName(PrinterName.FIRMWARE),
    "ask maker": TransmitName(PrinterName.MAKER),
    "ask model": TransmitName(PrinterName.MODEL),
    "ask serial": TransmitName(PrinterName.SERIAL),
    "ask printer status": AskStatus(StatusKind.PRINTER),
    "ask offline cause": AskStatus(StatusKind.OFFLINE_CAUSE),
    "ask error cause": AskStatus(StatusKind.ERROR_CAUSE),
    "ask paper status": AskStatus(StatusKind.PAPER),
    "recover and forget": Recover(forget=True),
    "clear buffers": ClearBuffers(),
}

HOST = [found for found in load("escpos") if found.sender == "host"]
WORDS = [found for found in HOST if "words" in found.fields]
SPELLINGS = [found for found in HOST if "same_as" in found.fields]
COMMANDS = [found for found in HOST if found.name in MEANINGS]


def host() -> Decoder[Command]:
    return Decoder(scan_host)


def test_every_vector_of_the_host_has_a_test() -> None:
    assert [found for found in HOST if found not in WORDS and found not in SPELLINGS and found not in COMMANDS] == []


@pytest.mark.parametrize("found", COMMANDS, ids=str)
def test_commands_are_written_as_published(found: Vector) -> None:
    (read,) = host().feed(found.data)
    assert not isinstance(read, Noise | Damaged)
    assert read == MEANINGS[found.name]
    assert encode(read) == found.data
    if not isinstance(read, Graphic):
        assert encode(MEANINGS[found.name]) == found.data


@pytest.mark.parametrize("found", COMMANDS, ids=str)
def test_commands_are_read_as_published(found: Vector) -> None:
    assert host().feed(found.data) == [MEANINGS[found.name]]


@pytest.mark.parametrize("found", SPELLINGS, ids=str)
def test_parameters_may_be_digits(found: Vector) -> None:
    (event,) = host().feed(found.data)
    assert event == MEANINGS[found.fields["same_as"]]
    assert event.raw == found.data


@pytest.mark.parametrize("found", WORDS, ids=str)
def test_chinese_is_gb18030(found: Vector) -> None:
    assert text(found.fields["words"]) == Text(found.data)
    (words, _) = host().feed(found.data + b"\n")
    assert isinstance(words, Text)
    assert words.words == found.fields["words"]


def test_text_is_complete_when_a_command_follows() -> None:
    decoder = host()
    assert decoder.feed(b"RECEIPT") == []
    assert decoder.feed(b"\n") == [Text(b"RECEIPT"), LineFeed()]


def test_a_very_long_text_is_read_in_parts() -> None:
    assert host().feed(b"x" * 1500 + b"\n") == [Text(b"x" * 1024), Text(b"x" * 476), LineFeed()]


def test_a_status_question_inside_a_text_is_found() -> None:
    assert host().feed(b"AB" + vector("escpos", "ask paper status") + b"CD\n") == [
        Text(b"AB"),
        AskStatus(StatusKind.PAPER),
        Text(b"CD"),
        LineFeed(),
    ]


def test_qr_content_may_hold_any_byte() -> None:
    content = bytes(range(256))
    assert host().feed(encode(QrStore(content))) == [QrStore(content)]


@pytest.mark.parametrize("words", ["two\nlines", "\x1b@", "nul\x00", "\x7f", "\ud800"])
def test_words_can_not_smuggle_commands(words: str) -> None:
    with pytest.raises(LocalProtocolError):
        text(words)


@pytest.mark.parametrize(
    "command", [SetSize(9, 1), SetSize(1, 0), FeedLines(256), QrSize(17), QrModel(3), QrStore(b""), SetCodePage(256)]
)
def test_parameters_out_of_range_are_not_sent(command: Command) -> None:
    with pytest.raises(LocalProtocolError):
        encode(command)


@pytest.mark.parametrize("raw", ["1B 61 07", "1D 21 88", "1D 72 05", "10 04 09", "1D 28 4C 02 00 30 33"])
def test_commands_with_parameters_that_do_not_exist_are_damaged(raw: str) -> None:
    (event,) = host().feed(bytes.fromhex(raw))
    assert isinstance(event, Damaged)


def test_an_unknown_command_does_not_print_its_letter() -> None:
    assert host().feed(b"\x1bZ\n") == [Noise(b"\x1bZ", "unknown command"), LineFeed()]


some_commands = st.one_of(
    st.sampled_from(list(MEANINGS.values())),
    st.builds(SetSize, st.integers(1, 8), st.integers(1, 8)),
    st.builds(SetPrintModes, st.booleans(), st.booleans(), st.booleans()),
    st.builds(FeedLines, st.integers(0, 255)),
    st.builds(Cut, st.sampled_from(CutMode), st.none() | st.integers(0, 255)),
    st.builds(SetKanjiModes, st.booleans(), st.booleans(), st.booleans()),
    st.builds(SetPosition, st.integers(0, 0xFFFF)),
    st.builds(SetTabs, st.lists(st.integers(1, 255), unique=True, max_size=32).map(sorted).map(tuple)),
    st.builds(QrStore, st.binary(min_size=1, max_size=40)),
)


def events_of(data: bytes, cuts: list[int]) -> list[object]:
    decoder = host()
    edges = [0, *sorted(edge % (len(data) + 1) for edge in cuts), len(data)]
    return [event for start, end in pairwise(edges) for event in decoder.feed(data[start:end])]


@given(some_commands)
def test_what_is_written_can_be_read(command: Command) -> None:
    if isinstance(command, Graphic):
        return  # of these only what was received is written
    assert host().feed(encode(command)) == [command]


@given(
    st.lists(some_commands | st.just(Text(b"AMOUNT 100.00")), max_size=12), st.lists(st.integers(0, 500), max_size=8)
)
def test_fragmentation_changes_nothing(receipt: list[Command], cuts: list[int]) -> None:
    data = b"".join(encode(command) for command in receipt)
    assert events_of(data, cuts) == events_of(data, [])


@given(st.binary(max_size=80), st.lists(st.integers(0, 80), max_size=4))
def test_garbage_loses_no_byte_and_what_follows_is_understood(garbage: bytes, cuts: list[int]) -> None:
    decoder = host()
    edges = [0, *sorted(edge % (len(garbage) + 1) for edge in cuts), len(garbage)]
    events = [event for start, end in pairwise(edges) for event in decoder.feed(garbage[start:end])]
    events += decoder.give_up()
    assert b"".join(event.raw for event in events) == garbage
    assert decoder.feed(b"\x1b@") == [Initialize()]


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
def test_every_character_survives_the_wire(words: str) -> None:
    assert text(words).words == words


def test_every_command_has_words() -> None:
    told = [explain(command) for command in [*MEANINGS.values(), Text(b"100.00")]]
    assert all(explanation.text and not explanation.secrets for explanation in told)
    assert explain(Text("取现".encode("gb18030"))).text == "text '取现'"


def test_the_wire_format_reads_both_directions() -> None:
    assert ESCPOS.name == "escpos"
    assert ESCPOS.from_host().feed(b"\x1b@") == [Initialize()]
    assert ESCPOS.from_device().feed(b"\x12") != []


def test_every_command_class_is_part_of_the_language() -> None:
    assert {type(command) for command in MEANINGS.values()} | {Text} == set(commands.Command.__args__)


@pytest.mark.parametrize("name", WHOLE)
def test_pictures_and_bar_codes_are_read_whole_in_any_fragmentation(name: str) -> None:
    raw = WHOLE[name]
    decoder = Decoder(scan_host)
    events = [event for byte in raw + b"\n" for event in decoder.feed(bytes([byte]))]
    assert not isinstance(events[0], Noise | Damaged)
    assert events[1:] == [LineFeed()]
    assert events[0].raw == raw
    assert Decoder(scan_host).feed(raw + b"\n") == events


@pytest.mark.parametrize("begun", [b"\x1dv0\x00\xff\xff\xff\xff", b"\x1bD" + b"\x01" * 300])
def test_a_picture_or_list_longer_than_any_is_noise(begun: bytes) -> None:
    assert isinstance(Decoder(scan_host).feed(begun)[0], Noise)
