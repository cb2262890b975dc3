import pytest

from protocol.ber_tlv import build_dol, find, parse_dol, parse_tlv
from protocol.chip_card import (
    NUMERIC_TAGS,
    CommandApdu,
    CryptogramType,
    ResponseApdu,
    StatusWord,
    Tag,
    external_authenticate,
    generate_ac,
    get_data,
    get_processing_options,
    parse_afl,
    read_record,
)
from protocol.cryptogram import (
    arpc_method_1,
    arqc_matches,
    card_key,
    counter_diversifier,
    cryptogram_input,
    transaction_key,
)
from simulators.world.bank_application import CDOL1, CDOL2, BankAccount, BankApplication, PaymentDirectory
from tests.vectors import vector

ISSUER_KEY = vector("cryptogram", "issuer key")
PAN = "6299991234567890122"
GPO = get_processing_options(bytes.fromhex("000000000100000156"))
REQUEST: dict[int, bytes] = {
    Tag.AMOUNT: bytes.fromhex("000000010000"),
    Tag.TERMINAL_COUNTRY: b"\x01\x56",
    Tag.CURRENCY: b"\x01\x56",
    Tag.TRANSACTION_DATE: bytes.fromhex("250101"),
    Tag.TRANSACTION_TYPE: b"\x01",
    Tag.UNPREDICTABLE_NUMBER: b"\x01\x02\x03\x04",
}


def selected(*, format_2: bool = False) -> BankApplication:
    account = BankAccount(PAN, "01", "3012", "TEST/BING", ISSUER_KEY, "1234")
    application = BankApplication(account, format_2=format_2)
    application.select()
    return application


def started(*, format_2: bool = False) -> BankApplication:
    application = selected(format_2=format_2)
    assert application.run(GPO).ok
    return application


def wishes(cdol: bytes) -> bytes:
    return build_dol(parse_dol(cdol), REQUEST, NUMERIC_TAGS)


def arqc(application: BankApplication) -> ResponseApdu:
    answer = application.run(generate_ac(CryptogramType.ARQC, wishes(CDOL1)))
    assert answer.ok
    return answer


def test_directory_and_application_introduce_themselves_as_in_the_golden_traces() -> None:
    assert PaymentDirectory().select() == vector("chip_card", "FCI of PSE")[:-2]
    assert PaymentDirectory().run(read_record(1, 1)).encode() == vector("chip_card", "PSE record")
    assert selected().select() == vector("chip_card", "FCI of the debit application")[:-2]


def test_the_directory_has_one_record_and_no_other_command() -> None:
    assert PaymentDirectory().run(read_record(2, 1)).sw == StatusWord.RECORD_NOT_FOUND
    assert PaymentDirectory().run(GPO).sw == StatusWord.UNKNOWN_INS


def test_processing_options_are_those_of_the_golden_trace_in_format_1() -> None:
    assert selected().run(GPO).encode() == vector("chip_card", "GPO answer, format 1")


def test_format_2_says_the_same_in_tags() -> None:
    objects = parse_tlv(selected(format_2=True).run(GPO).data)
    assert find(objects, Tag.AIP) == b"\x7c\x00"
    assert len(parse_afl(find(objects, Tag.AFL) or b"")) == 2


def test_the_records_hold_account_and_expiry() -> None:
    application = started()
    objects = parse_tlv(application.run(read_record(1, 1)).data + application.run(read_record(1, 2)).data)
    golden = parse_tlv(vector("chip_card", "PAN and track 2 equivalent")[:-2])
    assert find(objects, Tag.PAN) == find(golden, Tag.PAN)
    assert (find(objects, Tag.TRACK2_EQUIVALENT) or b"")[:13] == (find(golden, Tag.TRACK2_EQUIVALENT) or b"")[:13]
    assert find(objects, Tag.EXPIRY_DATE) == bytes.fromhex("301231")


def test_nothing_is_read_before_processing_options_and_no_record_is_invented() -> None:
    assert selected().run(read_record(1, 1)).sw == StatusWord.CONDITIONS
    assert started().run(read_record(3, 2)).sw == StatusWord.RECORD_NOT_FOUND


def test_processing_options_want_what_the_pdol_asks_and_only_once() -> None:
    application = selected()
    assert application.run(get_processing_options(b"\x00")).sw == StatusWord.BAD_DATA
    assert application.atc == 0
    assert application.run(GPO).ok
    assert application.run(GPO).sw == StatusWord.CONDITIONS
    assert application.atc == 1


def test_the_counter_outlives_selections() -> None:
    application = started()
    application.select()
    application.run(GPO)
    assert application.run(get_data(Tag.ATC)).data == bytes.fromhex("9F36020002")


def test_the_issuer_can_check_the_cryptogram() -> None:
    application = started()
    compact = find(parse_tlv(arqc(application).data), Tag.RESPONSE_FORMAT_1) or b""
    assert compact[0] == CryptogramType.ARQC
    covered = {
        **REQUEST,
        Tag.OTHER_AMOUNT: bytes(6),
        Tag.TVR: bytes(5),
        Tag.AIP: b"\x7c\x00",
        Tag.ATC: compact[1:3],
        Tag.ISSUER_APPLICATION_DATA: compact[11:],
    }
    assert arqc_matches(ISSUER_KEY, PAN, "01", 1, cryptogram_input(covered), compact[3:11])
    covered[Tag.AMOUNT] = bytes.fromhex("000000020000")
    assert not arqc_matches(ISSUER_KEY, PAN, "01", 1, cryptogram_input(covered), compact[3:11])


def test_both_formats_of_a_cryptogram_look_like_the_golden_answers() -> None:
    for format_2, name in ((False, "GENERATE AC answer, format 1"), (True, "GENERATE AC answer, format 2")):
        answer = arqc(started(format_2=format_2))
        golden = vector("chip_card", name)[:-2]
        assert [found.tag for found in parse_tlv(answer.data)[0].parts] == [
            found.tag for found in parse_tlv(golden)[0].parts
        ]
        assert len(answer.data) == len(golden)


def test_the_card_knows_its_issuers_answer() -> None:
    application = started()
    compact = find(parse_tlv(arqc(application).data), Tag.RESPONSE_FORMAT_1) or b""
    key = transaction_key(card_key(ISSUER_KEY, PAN, "01"), counter_diversifier(1))
    right = arpc_method_1(key, compact[3:11], b"00") + b"00"
    assert application.run(external_authenticate(bytes(8) + b"00")).sw == StatusWord.AUTHENTICATION_FAILED
    assert application.run(external_authenticate(right)).sw == StatusWord.OK
    assert application.run(external_authenticate(b"short")).sw == StatusWord.WRONG_LENGTH


def test_after_going_online_the_card_closes_with_one_more_cryptogram() -> None:
    application = started()
    arqc(application)
    closing = generate_ac(CryptogramType.TC, wishes(CDOL2))
    assert application.run(generate_ac(CryptogramType.ARQC, wishes(CDOL2))).sw == StatusWord.CONDITIONS
    assert application.run(closing).ok
    assert application.run(closing).sw == StatusWord.CONDITIONS


def test_a_card_that_does_not_know_the_answer_as_its_issuers_closes_with_a_decline() -> None:
    application = started()
    arqc(application)
    application.run(external_authenticate(bytes(8) + b"00"))
    closed = application.run(generate_ac(CryptogramType.TC, wishes(CDOL2)))
    compact = find(parse_tlv(closed.data), Tag.RESPONSE_FORMAT_1) or b""
    assert compact[:1] == bytes((CryptogramType.AAC,))


def test_a_declined_transaction_is_over() -> None:
    application = started()
    assert application.run(generate_ac(CryptogramType.AAC, wishes(CDOL1))).ok
    assert application.run(generate_ac(CryptogramType.AAC, wishes(CDOL2))).sw == StatusWord.CONDITIONS
    assert application.run(external_authenticate(bytes(10))).sw == StatusWord.CONDITIONS


@pytest.mark.parametrize(
    ("command", "sw"),
    [
        (generate_ac(CryptogramType.ARQC, b"\x00"), StatusWord.WRONG_LENGTH),
        (CommandApdu(0x80, 0xAE, 0xC0, 0, wishes(CDOL1), 256), StatusWord.WRONG_P1_P2),
        (get_data(Tag.PAN), StatusWord.REFERENCED_DATA_NOT_FOUND),
        (CommandApdu(0x00, 0x88, 0, 0, bytes(4), 256), StatusWord.UNKNOWN_INS),
    ],
    ids=["too little data", "no such cryptogram", "no such object", "no offline authentication"],
)
def test_what_the_card_does_not_do_has_its_status_word(command: CommandApdu, sw: StatusWord) -> None:
    assert started().run(command).sw == sw


def test_a_cryptogram_needs_processing_options_first() -> None:
    assert selected().run(generate_ac(CryptogramType.ARQC, wishes(CDOL1))).sw == StatusWord.CONDITIONS


def test_the_offline_pin_has_three_tries_which_outlive_selections() -> None:
    application = selected()
    right = CommandApdu.parse(vector("chip_card", "VERIFY 1234"))
    wrong = CommandApdu(0x00, 0x20, 0x00, 0x80, bytes.fromhex("241235FFFFFFFFFF"))
    assert application.run(wrong).tries_left == 2
    assert application.run(right).ok
    for left in (2, 1, 0):
        application.select()
        assert application.run(wrong).tries_left == left
    assert application.run(right).sw == StatusWord.METHOD_BLOCKED


def test_a_pin_in_another_form_costs_no_try() -> None:
    application = selected()
    assert application.run(CommandApdu(0x00, 0x20, 0x00, 0x81, bytes(8))).sw == StatusWord.WRONG_P1_P2
    assert application.run(CommandApdu(0x00, 0x20, 0x00, 0x80, bytes(7))).sw == StatusWord.WRONG_LENGTH
    assert application.pin_tries == 3


def test_every_challenge_is_another_one() -> None:
    application = selected()
    ask = CommandApdu.parse(vector("chip_card", "GET CHALLENGE"))
    first, second = application.run(ask).data, application.run(ask).data
    assert len(first) == 8
    assert first != second


def test_keys_pin_and_account_stay_out_of_reprs() -> None:
    account = BankAccount(PAN, "01", "3012", "TEST", ISSUER_KEY, "135790")
    words = repr(account) + repr(BankApplication(account))
    assert PAN not in words
    assert "135790" not in words
    assert repr(ISSUER_KEY) not in words
