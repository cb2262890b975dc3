"""Cards are read through a bare CardReader: no line and no reader, only the chip."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pytest

from drivers.interfaces import (
    CardData,
    CardReaderCapabilities,
    CardReaderStatus,
    ChipPower,
    ChipProtocol,
    CompletionCode,
    DeviceError,
    ErrorCode,
    Media,
    MoveTarget,
    Outcome,
    WriteMethod,
)
from protocol.ber_tlv import encode_tlv, parse_tlv
from protocol.chip_card import Tag
from protocol.cryptogram import is_authentic, issuer_authentication_data
from protocol.wire import RemoteProtocolError
from simulators.world.cards import ISSUER_MASTER_KEY, VirtualCard, issue
from simulators.world.chip import ATR_T1, LeRule
from simulators.world.people import Person, Plastic, person
from terminal.card import (
    CHIP_DATA_TAGS,
    Card,
    CardRejected,
    Rejection,
    accepts_issuer,
    online_cryptogram,
    read_card,
)

JIA = person("jia")
TODAY = date(2025, 6, 1)


@dataclass
class ChipOnly:
    """A reader with the contact set; `meddle` may change an answer, or raise."""

    card: VirtualCard
    meddle: Callable[[bytes, bytes], bytes] = lambda command, answer: answer
    commands: list[bytes] = field(default_factory=list)

    capabilities = CardReaderCapabilities()

    async def chip_io(self, command: bytes, protocol: ChipProtocol = ChipProtocol.NOT_REQUIRED) -> bytes:
        self.commands.append(command)
        assert self.card.chip is not None
        answer = self.card.chip.exchange(command)
        assert answer is not None, "the chip has no power"
        return self.meddle(command, answer)

    async def reset(self, to: MoveTarget = MoveTarget.EXIT) -> Outcome[Media]:
        raise NotImplementedError

    async def status(self) -> CardReaderStatus:
        raise NotImplementedError

    async def read_raw_data(self, *, on_inserted: Callable[[], None] = lambda: None) -> CardData:
        """What a driver would have read from stripe and ATR."""
        on_inserted()
        track2 = None if 2 in self.card.bad_tracks else self.card.tracks.get(2)
        return CardData(track2=track2, atr=self.card.chip.reset() if self.card.chip is not None else None)

    async def chip_power(self, action: ChipPower) -> bytes:
        raise NotImplementedError

    async def move(self, to: MoveTarget) -> Outcome[Media]:
        raise NotImplementedError

    async def media_removed(self, timeout: float) -> bool:
        raise NotImplementedError

    async def write_raw_data(self, tracks: Mapping[int, str], method: WriteMethod | None = None) -> None:
        raise NotImplementedError

    async def reset_count(self) -> None:
        raise NotImplementedError


async def read(reader: ChipOnly, *, today: date | None = TODAY) -> Card:
    return await read_card(reader, await reader.read_raw_data(), today=today)


async def rejection(reader: ChipOnly) -> Rejection:
    with pytest.raises(CardRejected) as caught:
        await read(reader)
    assert JIA.pan not in str(caught.value)
    return caught.value.reason


def on(prefix: str, change: Callable[[bytes], bytes]) -> Callable[[bytes, bytes], bytes]:
    """Change the answers to commands that begin with these bytes."""
    start = bytes.fromhex(prefix)
    return lambda command, answer: change(answer) if command.startswith(start) else answer


async def test_an_ordinary_card_tells_everything() -> None:
    card = await read(ChipOnly(issue(JIA)))
    assert (card.pan, card.expiry, card.pan_sequence) == (JIA.pan, JIA.expiry, "001")
    assert (card.region, card.card_number) == (JIA.region, JIA.card_number)
    assert (card.id_number, card.name, card.version) == (JIA.id_number, JIA.name, "3.00")
    assert card.track2 == issue(JIA).tracks[2]
    assert card.aid == bytes.fromhex("A000000333010101")


async def test_the_social_application_comes_before_the_bank_application() -> None:
    reader = ChipOnly(issue(JIA))
    await read(reader)
    selects = [command[5:] for command in reader.commands if command[:4] == bytes.fromhex("00A40400")]
    assert [name[:3] for name in selects] == [b"sx1", bytes.fromhex("A00000")]


@pytest.mark.parametrize("le_rule", LeRule)
async def test_cards_with_other_ideas_of_the_expected_length_are_read_alike(le_rule: LeRule) -> None:
    assert await read(ChipOnly(issue(JIA, le_rule=le_rule))) == await read(ChipOnly(issue(JIA)))


async def test_t1_and_the_tagged_format_are_read_alike() -> None:
    assert await read(ChipOnly(issue(JIA, atr=ATR_T1))) == await read(ChipOnly(issue(JIA)))
    assert await read(ChipOnly(issue(JIA, format_2=True))) == await read(ChipOnly(issue(JIA)))


async def test_a_card_that_knows_only_record_numbers_is_read_by_number() -> None:
    def refuse_identifiers(command: bytes, answer: bytes) -> bytes:
        return bytes.fromhex("6A86") if command[1] == 0xB2 and command[3] == 0x00 else answer

    assert await read(ChipOnly(issue(JIA), refuse_identifiers)) == await read(ChipOnly(issue(JIA)))


async def test_a_silent_card_gives_the_account_and_no_holder() -> None:
    card = await read(ChipOnly(issue(person("ji"))))
    assert card.pan == person("ji").pan
    assert (card.region, card.card_number, card.id_number, card.name) == ("", "", "", "")
    assert (card.masked_card_number, card.masked_name) == ("", "")


async def test_a_stripe_that_cannot_be_read_is_no_obstacle() -> None:
    plastic = issue(JIA)
    plastic.bad_tracks = frozenset({2})
    assert (await read(ChipOnly(plastic))).pan == JIA.pan


async def test_masks_show_the_ends_only() -> None:
    card = await read(ChipOnly(issue(JIA)))
    assert card.masked_pan == "621700*********0012"
    assert card.masked_card_number == "S******12"
    assert card.masked_name == "**甲"


async def test_pan12_is_the_pan_without_its_check_digit() -> None:
    card = await read(ChipOnly(issue(person("bing"))))
    assert card.pan == "6299991234567890122"
    assert card.pan12 == "123456789012"


async def test_a_repr_shows_no_number_and_no_name() -> None:
    shown = repr(await read(ChipOnly(issue(JIA))))
    for secret in (JIA.pan, JIA.card_number, JIA.id_number, JIA.name, JIA.pan[-13:-1]):
        assert secret not in shown


# Rejections


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (person("wu"), Rejection.MUTE_CHIP),
        (person("xin"), Rejection.NOT_SOCIAL_SECURITY_CARD),
        (person("ren"), Rejection.NOT_SOCIAL_SECURITY_CARD),
        (person("geng"), Rejection.EXPIRED),
    ],
    ids=lambda value: value.id if isinstance(value, Person) else value,
)
async def test_a_card_that_cannot_be_used_is_rejected_with_its_reason(who: Person, reason: Rejection) -> None:
    assert await rejection(ChipOnly(issue(who))) is reason


async def test_a_card_without_bank_application_is_rejected() -> None:
    assert await rejection(ChipOnly(issue(JIA, plastic=Plastic.SOCIAL_ONLY))) is Rejection.NO_BANK_APPLICATION


async def test_a_blocked_card_is_no_social_security_card_any_more() -> None:
    assert await rejection(ChipOnly(issue(JIA, blocked=True))) is Rejection.NOT_SOCIAL_SECURITY_CARD


async def test_expiry_is_left_to_the_host_where_no_date_is_given() -> None:
    assert (await read(ChipOnly(issue(person("geng"))), today=None)).expiry == "2305"


@pytest.mark.parametrize(("today", "fits"), [(date(2034, 1, 31), True), (date(2034, 2, 1), False)])
async def test_a_card_is_good_through_the_month_of_its_expiry(today: date, fits: bool) -> None:
    reader = ChipOnly(issue(JIA))
    if fits:
        assert (await read(reader, today=today)).expiry == "3401"
    else:
        with pytest.raises(CardRejected):
            await read(reader, today=today)


@pytest.mark.parametrize(
    "meddle",
    [
        on("00B2", lambda answer: answer[:-3] + answer[-2:]),
        on("00B2", lambda answer: b"\x90\x00"),
        on("00B2", lambda answer: b"\x6f\x00"),
        on("80A8", lambda answer: b""),
        on("00C0", lambda answer: b"\xff" * 20 + b"\x90\x00"),
        on("00A402", lambda answer: b"\x6a\x82"),
    ],
    ids=["short records", "empty records", "refused records", "no status word", "noise", "no files"],
)
async def test_a_chip_that_talks_nonsense_is_damaged(meddle: Callable[[bytes, bytes], bytes]) -> None:
    assert await rejection(ChipOnly(issue(JIA), meddle)) is Rejection.DAMAGED


async def test_a_wrong_check_digit_on_the_card_is_noticed() -> None:
    meddle = on("00B207", lambda answer: answer.replace(JIA.card_number.encode(), b"S00000013"))
    assert await rejection(ChipOnly(issue(JIA), meddle)) is Rejection.DAMAGED


async def test_a_stripe_with_another_account_is_rejected() -> None:
    forged = VirtualCard("forged", issue(person("yi")).tracks, issue(JIA).chip)
    assert await rejection(ChipOnly(forged)) is Rejection.DAMAGED


def failing(code: ErrorCode | None) -> Callable[[bytes, bytes], bytes]:
    def fail(command: bytes, answer: bytes) -> bytes:
        raise DeviceError("card reader", CompletionCode.HARDWARE_ERROR, "the chip does not answer", code=code)

    return fail


async def test_a_chip_that_dies_is_the_cards_fault_and_a_reader_that_dies_is_not() -> None:
    assert await rejection(ChipOnly(issue(JIA), failing(ErrorCode.INVALID_MEDIA))) is Rejection.DAMAGED
    with pytest.raises(DeviceError):
        await read(ChipOnly(issue(JIA), failing(None)))


async def test_a_chip_that_always_announces_more_comes_to_an_end() -> None:
    reader = ChipOnly(issue(JIA), lambda command, answer: b"\x00\x61\x01")
    assert await rejection(reader) is Rejection.NOT_SOCIAL_SECURITY_CARD
    assert len(reader.commands) < 50


# Field 55


async def cryptogram(reader: ChipOnly, card: Card, *, amount_fen: int = 50_000, sequence: int = 7) -> bytes:
    return await online_cryptogram(
        reader,
        card,
        amount_fen=amount_fen,
        transaction_type="01",
        today=TODAY,
        unpredictable=bytes.fromhex("A1B2C3D4"),
        sequence=sequence,
    )


@pytest.mark.parametrize("format_2", [False, True])
async def test_the_issuer_finds_the_cryptogram_authentic(format_2: bool) -> None:
    reader = ChipOnly(issue(JIA, format_2=format_2))
    chip_data = await cryptogram(reader, await read(reader))
    assert is_authentic(ISSUER_MASTER_KEY, JIA.pan, JIA.pan_sequence, chip_data)
    assert is_authentic(ISSUER_MASTER_KEY, JIA.pan, "001", chip_data)
    assert not is_authentic(ISSUER_MASTER_KEY, person("yi").pan, "01", chip_data)


async def test_field_55_holds_every_object_once_with_its_length_and_fits() -> None:
    reader = ChipOnly(issue(JIA))
    chip_data = await cryptogram(reader, await read(reader))
    objects = {found.tag: found.value for found in parse_tlv(chip_data)}
    assert list(objects) == list(CHIP_DATA_TAGS)
    assert len(chip_data) <= 255
    assert objects[Tag.CRYPTOGRAM_INFORMATION] == b"\x80"
    assert objects[Tag.AMOUNT] == bytes.fromhex("000000050000")
    assert objects[Tag.CURRENCY] == objects[Tag.TERMINAL_COUNTRY] == bytes.fromhex("0156")
    assert objects[Tag.TRANSACTION_DATE] == bytes.fromhex("250601")
    assert objects[Tag.TRANSACTION_TYPE] == b"\x01"
    assert objects[Tag.UNPREDICTABLE_NUMBER] == bytes.fromhex("A1B2C3D4")
    assert objects[Tag.CVM_RESULT] == bytes.fromhex("020000")
    assert objects[Tag.TERMINAL_TYPE] == b"\x14"
    assert objects[Tag.DF_NAME] == bytes.fromhex("A000000333010101")
    assert objects[Tag.SEQUENCE_COUNTER] == bytes.fromhex("00000007")
    assert Tag.PAN not in objects


async def test_a_changed_amount_is_no_longer_covered() -> None:
    reader = ChipOnly(issue(JIA))
    chip_data = await cryptogram(reader, await read(reader))
    changed = chip_data.replace(bytes.fromhex("9F0206000000050000"), bytes.fromhex("9F0206000000500000"))
    assert changed != chip_data
    assert not is_authentic(ISSUER_MASTER_KEY, JIA.pan, JIA.pan_sequence, changed)


async def test_every_request_is_a_transaction_of_its_own() -> None:
    reader = ChipOnly(issue(JIA))
    card = await read(reader)
    first, second = await cryptogram(reader, card), await cryptogram(reader, card)
    counters = [next(found.value for found in parse_tlv(data) if found.tag == Tag.ATC) for data in (first, second)]
    assert counters == [b"\x00\x02", b"\x00\x03"]
    assert is_authentic(ISSUER_MASTER_KEY, JIA.pan, JIA.pan_sequence, second)


async def test_chip_data_that_lack_an_object_are_the_terminals_fault() -> None:
    with pytest.raises(RemoteProtocolError, match="9F02"):
        is_authentic(ISSUER_MASTER_KEY, JIA.pan, JIA.pan_sequence, bytes.fromhex("9A03250601"))


async def test_a_card_that_declines_to_go_online_is_rejected() -> None:
    reader = ChipOnly(issue(JIA, atr=ATR_T1))
    card = await read(reader)
    reader.meddle = on("80AE", lambda answer: answer[:2] + b"\x00" + answer[3:])
    with pytest.raises(CardRejected, match="declines"):
        await cryptogram(reader, card)


async def test_a_chip_that_dies_before_the_cryptogram_is_rejected() -> None:
    reader = ChipOnly(issue(JIA))
    card = await read(reader)
    reader.meddle = failing(ErrorCode.ATR_NOT_OBTAINED)
    with pytest.raises(CardRejected):
        await cryptogram(reader, card)
    reader.meddle = failing(None)
    with pytest.raises(DeviceError):
        await cryptogram(reader, card)


def told(chip_data: bytes, code: bytes, issuer_key: bytes = ISSUER_MASTER_KEY) -> bytes:
    """Field 55 of the host's answer."""
    data = issuer_authentication_data(issuer_key, JIA.pan, JIA.pan_sequence, chip_data, code)
    return encode_tlv(Tag.ISSUER_AUTHENTICATION, data)


async def test_the_card_knows_its_issuers_answer_and_no_other() -> None:
    reader = ChipOnly(issue(JIA))
    chip_data = await cryptogram(reader, await read(reader))
    assert not await accepts_issuer(reader, told(chip_data, b"00", issuer_key=bytes(16)))
    changed = bytearray(told(chip_data, b"51"))
    changed[-2:] = b"00"
    assert not await accepts_issuer(reader, bytes(changed)), "a refusal that was made an approval"
    assert await accepts_issuer(reader, told(chip_data, b"00"))


async def test_an_answer_without_a_cryptogram_asks_no_card() -> None:
    reader = ChipOnly(issue(JIA))
    await cryptogram(reader, await read(reader))
    assert await accepts_issuer(reader, b"")


async def test_an_answer_that_is_no_chip_data_is_refused() -> None:
    with pytest.raises(CardRejected):
        await accepts_issuer(ChipOnly(issue(JIA)), bytes.fromhex("910A01"))
