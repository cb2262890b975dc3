"""The switch, told with hand-built messages."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from protocol.ber_tlv import find, parse_tlv
from protocol.chip_card import Tag
from protocol.cryptogram import issuer_authentication_data
from protocol.keys import Cipher
from protocol.mac import retail_mac
from protocol.money_line import (
    AmountType,
    CashReply,
    CashRequest,
    Message,
    NetworkCode,
    NetworkManagement,
    NetworkManagementReply,
    ProcessingRequest,
    QuoteReply,
    ReversalReply,
    SignOn,
    mac_input,
    parse,
    with_mac,
)
from simulators.authority.authority import Authority
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.money_line.switch import SwitchRules
from tests import postgresql
from tests.simulators.authority.kiosk import (
    ISSUER_KEY,
    JIA,
    NO_RISK,
    WEIHAI,
    YI,
    Clock,
    Kiosk,
    chip_data,
    make_authority,
    with_pin,
)


def code_of(reply: Message | None) -> str:
    assert reply is not None
    return reply.text(39)


def nothing_moved(authority: Authority) -> bool:
    return authority.draws() == () and authority.account_debit_fen(JIA.pan) == 0


class TestSignOn:
    def test_a_terminal_gets_working_keys_the_time_and_its_batch(self, authority: Authority) -> None:
        reply = Kiosk(authority).sign_on()

        assert (reply.code, reply.date, reply.time, reply.batch) == ("00", "0520", "100000", 1)

    def test_check_values_fit_the_keys(self, authority: Authority) -> None:
        from protocol.keys import Cipher, check_value

        kiosk = Kiosk(authority)
        keys = kiosk.sign_on().keys

        assert keys is not None
        assert check_value(Cipher.TDES, kiosk.pik, 4) == keys.pin_key_check
        assert check_value(Cipher.TDES, kiosk.mak, 4) == keys.mac_key_check

    def test_each_sign_on_gives_other_keys(self, kiosk: Kiosk) -> None:
        before = kiosk.mak
        kiosk.sign_on()

        assert kiosk.mak != before

    def test_an_echo_is_answered_without_keys(self, authority: Authority) -> None:
        kiosk = Kiosk(authority)
        echo = NetworkManagement(stan=1, terminal=kiosk.id, merchant=kiosk.merchant, batch=1)

        assert kiosk.tell(echo, NetworkManagementReply, mac=False).code == "00"


class TestTheDoor:
    @pytest.mark.req("S1-15")
    def test_an_unregistered_terminal_is_refused(self, kiosk: Kiosk, authority: Authority) -> None:
        stranger = replace(kiosk.cash_request(10_000), terminal="X9999999")

        assert code_of(kiosk.send(kiosk.sealed(stranger))) == "97"
        assert nothing_moved(authority)

    @pytest.mark.req("S1-15")
    def test_a_terminal_that_never_signed_on_is_refused_and_asked_to(self, authority: Authority) -> None:
        kiosk = Kiosk(authority)
        reply = kiosk.send(kiosk.sealed(kiosk.cash_request(10_000)))

        assert code_of(reply) == "58"
        assert reply is not None
        assert reply.header.processing_request == ProcessingRequest.SIGN_ON
        assert nothing_moved(authority)

    @pytest.mark.req("S1-15")
    def test_a_wrong_mac_posts_nothing(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.sealed(kiosk.cash_request(10_000))
        altered = replace(request, fields={**request.fields, 4: "000000020000"})

        assert code_of(kiosk.send(altered)) == "A0"
        assert nothing_moved(authority)

    @pytest.mark.req("S1-15")
    def test_a_confirm_and_a_reversal_with_a_wrong_mac_change_nothing(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(10_000)
        reply = kiosk.tell(request, CashReply)
        for advice in (kiosk.confirm_of(reply, 10_000), kiosk.reversal_of(request)):
            assert code_of(kiosk.send(with_mac(advice.to_message()))) == "A0"

        assert [draw.state for draw in authority.draws()] == ["held"]

    def test_a_request_without_a_mac_is_refused(self, kiosk: Kiosk, authority: Authority) -> None:
        assert code_of(kiosk.send(kiosk.cash_request(10_000).to_message())) == "A0"
        assert nothing_moved(authority)

    def test_keys_of_another_terminal_do_not_open_the_door(self, kiosk: Kiosk, far_kiosk: Kiosk) -> None:
        far_kiosk.mak = kiosk.mak

        assert code_of(far_kiosk.send(far_kiosk.sealed(far_kiosk.cash_request(10_000)))) == "A0"

    def test_a_terminal_under_the_name_of_another_provider_is_refused(self, kiosk: Kiosk, authority: Authority) -> None:
        assert kiosk.cash(10_000, merchant="999000000000001").code == "03"
        assert nothing_moved(authority)

    def test_after_a_sign_off_requests_are_refused_but_advices_are_taken(
        self, kiosk: Kiosk, authority: Authority
    ) -> None:
        reply = kiosk.cash(10_000)
        kiosk.sign_off()

        assert kiosk.cash(10_000).code == "58"
        assert kiosk.confirm(reply, 10_000).code == "00"
        assert authority.account_debit_fen(JIA.pan) == 10_000

    def test_keys_of_yesterday_and_a_wrong_batch_ask_for_a_sign_on(self, kiosk: Kiosk, clock: Clock) -> None:
        assert kiosk.cash(10_000, batch=7).code == "77"
        clock.pass_(hours=24)
        assert kiosk.cash(10_000).code == "77"
        kiosk.sign_on()
        assert kiosk.cash(10_000).code == "00"

    def test_a_money_message_that_lacks_a_field_is_a_format_error(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(10_000).to_message()
        fields = {number: value for number, value in request.fields.items() if number != 52}
        without_pin = replace(request, fields=fields)
        reply = kiosk.send(with_mac(without_pin, retail_mac(kiosk.mak, mac_input(without_pin))))

        assert code_of(reply) == "30"
        assert nothing_moved(authority)

    @pytest.mark.parametrize("mti", ["0100", "0421", "0600"])
    def test_a_request_that_the_profile_does_not_have_is_told_so(
        self, kiosk: Kiosk, authority: Authority, mti: str
    ) -> None:
        strange = kiosk.resealed(replace(kiosk.cash_request(10_000).to_message(), mti=mti))
        reply = kiosk.send(strange)

        assert reply is not None
        assert (reply.mti, code_of(reply)) == (f"{mti[:2]}{int(mti[2]) + 1}{mti[3]}", "30")
        assert (reply.fields[11], reply.fields[41]) == (strange.fields[11], strange.fields[41])
        assert nothing_moved(authority)

    @pytest.mark.parametrize("mti", ["0210", "0230", "9999"])
    def test_what_is_no_request_is_not_answered(self, kiosk: Kiosk, authority: Authority, mti: str) -> None:
        assert kiosk.send(replace(kiosk.sealed(kiosk.cash_request(10_000)), mti=mti)) is None
        assert [incident.kind for incident in authority.incidents()] == ["no request"]

    def test_incidents_hold_no_number_of_a_card(self, kiosk: Kiosk, authority: Authority) -> None:
        kiosk.cash(10_000, merchant="999000000000001")
        kiosk.send(with_mac(kiosk.cash_request(10_000).to_message()))

        assert len(authority.incidents()) == 2
        assert JIA.pan not in repr(authority.incidents())


class TestOneWithdrawal:
    def test_a_quote_tells_balance_available_and_what_is_left(self, kiosk: Kiosk) -> None:
        reply = kiosk.quote()

        assert reply.code == "00"
        assert reply.amounts == {
            AmountType.LEDGER: 1_000_000,
            AmountType.AVAILABLE: 990_000,
            AmountType.MAXIMUM_DRAW: 500_000,
            AmountType.REST_OF_DAY: 1_000_000,
            AmountType.REST_OF_YEAR: 2_000_000,
        }
        assert [(rule.rule, rule.region, rule.version) for rule in reply.rules] == [("single_limit", WEIHAI, "2026.1")]

    def test_an_approval_holds_and_moves_nothing(self, kiosk: Kiosk, authority: Authority) -> None:
        reply = kiosk.cash(50_000)

        assert reply.code == "00"
        assert reply.authorisation == "000001"
        assert reply.reference is not None
        assert len(reply.reference) == 12
        assert authority.held_fen(JIA.pan) == 50_000
        assert authority.balance_fen(JIA.pan) == 1_000_000

    def test_an_approval_tells_what_is_available_afterwards(self, kiosk: Kiosk) -> None:
        amounts = kiosk.cash(50_000).amounts

        assert amounts is not None
        assert amounts[AmountType.LEDGER] == 1_000_000
        assert amounts[AmountType.AVAILABLE] == 940_000

    def test_a_confirm_debits_what_was_paid_and_frees_the_rest(self, kiosk: Kiosk, authority: Authority) -> None:
        reply = kiosk.cash(50_000)

        assert kiosk.confirm(reply, 30_000).code == "00"
        assert authority.account_debit_fen(JIA.pan) == 30_000
        assert authority.held_fen(JIA.pan) == 0
        assert authority.terminal_cash_fen(kiosk.id) == 10_000_000 - 30_000

    def test_a_confirm_of_nothing_gives_everything_back(self, kiosk: Kiosk, authority: Authority) -> None:
        kiosk.confirm(kiosk.cash(50_000), 0)

        assert authority.unheld_fen(JIA.pan) == 1_000_000

    def test_a_confirm_of_more_than_was_held_changes_nothing(self, kiosk: Kiosk, authority: Authority) -> None:
        assert kiosk.confirm(kiosk.cash(50_000), 60_000).code == "64"
        assert authority.held_fen(JIA.pan) == 50_000
        assert [incident.kind for incident in authority.incidents()] == ["books differ"]

    def test_a_reversal_gives_the_hold_back(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.tell(request, CashReply)

        assert kiosk.reverse(request).code == "00"
        assert authority.unheld_fen(JIA.pan) == 1_000_000

    @pytest.mark.req("S2-13", "S1-18")
    def test_a_withdrawal_touches_the_personal_account_and_what_it_clears_through(
        self, far_kiosk: Kiosk, authority: Authority
    ) -> None:
        far_kiosk.confirm(far_kiosk.cash(50_000), 50_000)
        (draw,) = authority.draws()
        rows = authority.postings(draw.id)

        assert [(row.account, row.debit_fen, row.credit_fen) for row in rows] == [
            ("personal:1", 50_000, 0),
            ("clearing:371000", 0, 50_000),
            ("clearing:440300", 50_000, 0),
            ("terminal_cash:K4403001", 0, 50_000),
        ]
        assert {row.account.partition(":")[0] for row in authority.postings()} <= {
            "personal", "clearing", "terminal_cash",
        }  # fmt: skip
        assert authority.ledger_balanced()

    def test_postings_tell_purpose_place_and_terminal(self, far_kiosk: Kiosk, authority: Authority) -> None:
        far_kiosk.confirm(far_kiosk.cash(50_000), 50_000)
        (draw,) = authority.draws()
        row = authority.postings(draw.id)[0]

        assert (row.purpose, row.place, row.terminal) == ("TREATMENT_AWAY", "440300", "K4403001")


class TestMessagesThatComeTwiceLateOrInTheWrongOrder:
    @pytest.mark.req("S2-69")
    def test_a_request_that_comes_twice_gets_the_same_answer_and_one_hold(
        self, kiosk: Kiosk, authority: Authority
    ) -> None:
        sealed = kiosk.sealed(kiosk.cash_request(50_000))
        first, second = kiosk.send(sealed), kiosk.send(sealed)

        assert first == second
        assert code_of(first) == "00"
        assert authority.held_fen(JIA.pan) == 50_000

    def test_a_refused_request_that_comes_twice_counts_one_wrong_pin(self, kiosk: Kiosk) -> None:
        sealed = kiosk.sealed(kiosk.quote_request(with_pin(JIA, "000000")))
        for _ in range(5):
            assert code_of(kiosk.send(sealed)) == "55"

        assert kiosk.quote().code == "00"

    def test_another_request_under_a_used_number_is_refused(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.tell(request, CashReply)

        assert kiosk.cash(60_000, stan=request.stan).code == "94"
        assert authority.held_fen(JIA.pan) == 50_000

    def test_a_confirmed_request_that_comes_again_does_not_pay_again(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.confirm(kiosk.tell(request, CashReply), 50_000)

        assert kiosk.tell(request, CashReply).code == "94"
        assert authority.held_fen(JIA.pan) == 0

    def test_a_confirm_that_comes_twice_debits_once(self, kiosk: Kiosk, authority: Authority) -> None:
        reply = kiosk.cash(50_000)

        assert [kiosk.confirm(reply, 50_000).code for _ in range(3)] == ["00"] * 3
        assert authority.account_debit_fen(JIA.pan) == 50_000

    def test_a_reversal_that_comes_twice_gives_back_once(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.tell(request, CashReply)

        assert [kiosk.reverse(request).code for _ in range(3)] == ["00"] * 3
        assert authority.balance_fen(JIA.pan) == authority.unheld_fen(JIA.pan) == 1_000_000

    def test_a_reversal_before_its_request_refuses_the_request(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(50_000)

        assert kiosk.reverse(request).code == "25"
        assert kiosk.tell(request, CashReply).code == "94"
        assert authority.held_fen(JIA.pan) == 0
        assert kiosk.reverse(request).code == "25"

    def test_a_reversal_of_a_refused_request_is_fine(self, kiosk: Kiosk) -> None:
        request = kiosk.cash_request(10_000_000)

        assert kiosk.tell(request, CashReply).code == "51"
        assert kiosk.reverse(request).code == "00"

    @pytest.mark.parametrize("field", [61, 90])
    def test_a_reversal_may_come_as_a_0420_with_the_original_in_either_field(
        self, kiosk: Kiosk, authority: Authority, field: int
    ) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.send(kiosk.sealed(request))
        fields = dict(kiosk.reversal_of(request).to_message().fields)
        if field == 90:
            del fields[61], fields[39]
            fields[90] = f"0200{request.stan:06d}0520100000{'0' * 22}"
        reply = kiosk.send(kiosk.resealed(Message("0420", fields)))

        assert reply is not None
        assert (reply.mti, code_of(reply)) == ("0430", "00")
        assert authority.held_fen(JIA.pan) == 0

    @pytest.mark.parametrize(("changes", "code"), [({"amount": 20_000}, "64"), ({"pan": YI.pan}, "25")])
    def test_a_reversal_that_means_another_request_gives_nothing_back(
        self, kiosk: Kiosk, authority: Authority, changes: dict[str, Any], code: str
    ) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.send(kiosk.sealed(request))

        assert kiosk.tell(kiosk.reversal_of(request, **changes), ReversalReply).code == code
        assert authority.held_fen(JIA.pan) == 50_000
        assert [incident.kind for incident in authority.incidents()] == ["books differ"]
        assert kiosk.reverse(request).code == "00"

    def test_a_reversal_after_a_confirm_does_not_undo_it(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.confirm(kiosk.tell(request, CashReply), 50_000)

        assert kiosk.reverse(request).code == "94"
        assert authority.account_debit_fen(JIA.pan) == 50_000
        assert [incident.kind for incident in authority.incidents()] == ["books differ"]

    def test_a_confirm_after_a_reversal_stands_in_suspense(self, kiosk: Kiosk, authority: Authority) -> None:
        request = kiosk.cash_request(50_000)
        reply = kiosk.tell(request, CashReply)
        kiosk.reverse(request)

        assert [kiosk.confirm(reply, 50_000).code for _ in range(2)] == ["94"] * 2
        assert authority.account_debit_fen(JIA.pan) == 0
        assert authority.suspense_fen(kiosk.id) == 50_000
        assert authority.terminal_cash_fen(kiosk.id) == 10_000_000 - 50_000

    def test_a_confirm_is_taken_after_a_new_sign_on(self, kiosk: Kiosk, authority: Authority) -> None:
        reply = kiosk.cash(50_000)
        kiosk.sign_on()

        assert kiosk.confirm(reply, 50_000).code == "00"
        assert authority.account_debit_fen(JIA.pan) == 50_000

    def test_terminals_with_the_same_number_do_not_meet(
        self, kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority
    ) -> None:
        kiosk.cash(50_000, stan=77)

        assert far_kiosk.cash(20_000, stan=77).code == "00"
        assert authority.held_fen(JIA.pan) == 70_000


class TestMidnight:
    def test_a_reversal_dated_by_a_clock_that_is_behind_finds_its_request(
        self, kiosk: Kiosk, authority: Authority, clock: Clock
    ) -> None:
        clock.time = clock.time.replace(hour=0, minute=0, second=5)
        kiosk.sign_on()
        request = kiosk.cash_request(50_000)
        kiosk.tell(request, CashReply)

        assert kiosk.reverse(request, date="0519").code == "00"
        assert authority.held_fen(JIA.pan) == 0

    def test_a_request_that_comes_twice_across_midnight_holds_once(
        self, kiosk: Kiosk, authority: Authority, clock: Clock
    ) -> None:
        clock.time = clock.time.replace(hour=23, minute=59, second=59)
        sealed = kiosk.sealed(kiosk.cash_request(50_000))
        first = kiosk.send(sealed)
        clock.pass_(seconds=5)

        assert kiosk.send(sealed) == first
        assert authority.held_fen(JIA.pan) == 50_000

    def test_a_number_used_at_noon_is_free_the_next_day(self, kiosk: Kiosk, authority: Authority, clock: Clock) -> None:
        kiosk.cash(50_000, stan=77)
        clock.pass_(days=1)
        kiosk.sign_on()

        assert kiosk.cash(20_000, stan=77).code == "00"
        assert authority.held_fen(JIA.pan) == 70_000

    def test_a_request_recorded_in_the_evening_is_worth_nothing_after_midnight(
        self, kiosk: Kiosk, authority: Authority, clock: Clock
    ) -> None:
        clock.time = clock.time.replace(hour=21)
        recorded = kiosk.sealed(kiosk.cash_request(50_000))
        assert code_of(kiosk.send(recorded)) == "00"
        clock.pass_(hours=5)

        assert code_of(kiosk.send(recorded)) == "94"
        assert authority.held_fen(JIA.pan) == 50_000

    def test_a_confirm_in_the_new_year_finds_the_draw_of_the_old(
        self, kiosk: Kiosk, authority: Authority, clock: Clock
    ) -> None:
        clock.time = clock.time.replace(month=12, day=31, hour=23, minute=59, second=59)
        kiosk.sign_on()
        reply = kiosk.cash(50_000)
        clock.pass_(minutes=1)

        assert kiosk.confirm(reply, 50_000).code == "00"
        assert authority.account_debit_fen(JIA.pan) == 50_000


class TestReachingTheHomeRegion:
    def test_a_region_that_is_down_refuses_and_holds_nothing(self, far_kiosk: Kiosk, authority: Authority) -> None:
        authority.regions_down.append(WEIHAI)

        assert far_kiosk.cash(50_000).code == "91"
        assert authority.held_fen(JIA.pan) == 0

    def test_a_request_that_was_refused_is_reversed_without_the_region(
        self, far_kiosk: Kiosk, authority: Authority
    ) -> None:
        authority.regions_down.append(WEIHAI)
        request = far_kiosk.cash_request(50_000)
        assert far_kiosk.tell(request, CashReply).code == "91"

        assert far_kiosk.reverse(request).code == "00"

    def test_an_advice_waits_until_the_region_is_back(self, far_kiosk: Kiosk, authority: Authority) -> None:
        reply = far_kiosk.cash(50_000)
        authority.regions_down.append(WEIHAI)
        assert far_kiosk.confirm(reply, 50_000).code == "91"
        authority.regions_down.clear()

        assert far_kiosk.confirm(reply, 50_000).code == "00"
        assert authority.account_debit_fen(JIA.pan) == 50_000


def test_replies_read_as_the_messages_they_answer(kiosk: Kiosk) -> None:
    request = kiosk.cash_request(50_000)
    reply = kiosk.tell(request, CashReply)

    assert (reply.stan, reply.terminal, reply.merchant, reply.amount) == (
        request.stan, request.terminal, request.merchant, 50_000,
    )  # fmt: skip
    assert isinstance(kiosk.tell(kiosk.reversal_of(request), ReversalReply), ReversalReply)
    assert isinstance(kiosk.quote(YI), QuoteReply)


def test_replies_swap_the_transport_addresses(kiosk: Kiosk) -> None:
    sealed = kiosk.sealed(kiosk.cash_request(50_000))
    reply = kiosk.send(sealed)

    assert reply is not None
    assert reply.tpdu == sealed.tpdu.swapped()
    assert isinstance(parse(sealed), CashRequest)


class TestSm4:
    @pytest.mark.req("S1-43")
    def test_a_terminal_with_sm4_keys_draws_like_any_other(self, authority: Authority) -> None:
        kiosk = Kiosk(authority, cipher=Cipher.SM4)
        kiosk.sign_on()

        assert kiosk.quote().code == "00"
        approved = kiosk.cash(50_000)
        assert approved.code == "00"
        assert kiosk.confirm(approved, 50_000).code == "00"
        assert kiosk.quote(with_pin(JIA, "999999")).code == "55"
        assert authority.account_debit_fen(JIA.pan) == 50_000

    def test_a_terminal_without_an_sm4_master_key_gets_no_sm4_keys(self, kiosk: Kiosk) -> None:
        asked = SignOn(
            stan=9, terminal=kiosk.id, merchant=kiosk.merchant, batch=1, network=NetworkCode.SIGN_ON_SM4
        ).to_message()

        assert code_of(kiosk.send(asked)) == "40"
        assert kiosk.quote().code == "00", "its keys are as they were"

    def test_a_pin_block_under_the_other_cipher_is_none(self, authority: Authority) -> None:
        kiosk = Kiosk(authority, cipher=Cipher.SM4)
        kiosk.sign_on()

        assert kiosk.quote(pin_block_sm4=None, pin_block=bytes(8)).code == "99"


class TestAnswerToTheCard:
    @pytest.fixture
    def kiosk(self, clock: Clock) -> Kiosk:
        kiosk = Kiosk(make_authority(clock, JIA, YI, issuer_key=ISSUER_KEY))
        kiosk.sign_on()
        return kiosk

    @pytest.mark.parametrize(("fen", "code"), [(50_000, "00"), (990_000, "61")])
    def test_the_card_is_told_the_answer_under_its_own_key(self, kiosk: Kiosk, fen: int, code: str) -> None:
        asked = chip_data(JIA, fen)
        reply = kiosk.cash(fen, pan_sequence="001", chip_data=asked)

        assert reply.code == code
        assert reply.chip_data is not None
        told = find(parse_tlv(reply.chip_data), Tag.ISSUER_AUTHENTICATION)
        assert told == issuer_authentication_data(ISSUER_KEY, JIA.pan, "001", asked, code.encode())

    def test_a_repeated_request_is_told_the_same(self, kiosk: Kiosk) -> None:
        request = kiosk.cash_request(50_000, pan_sequence="001", chip_data=chip_data(JIA, 50_000))

        assert kiosk.tell(request, CashReply) == kiosk.tell(request, CashReply)

    def test_a_chip_that_is_not_genuine_is_told_nothing(self, kiosk: Kiosk) -> None:
        reply = kiosk.cash(50_000, pan_sequence="001", chip_data=chip_data(JIA, 50_000, issuer_key=bytes(16)))

        assert (reply.code, reply.chip_data) == ("05", None)


class TestOrder:
    @pytest.mark.req("S2-62")
    def test_another_request_under_a_used_trace_number_is_refused_logged_and_posts_nothing(
        self, kiosk: Kiosk, authority: Authority
    ) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.tell(request, CashReply)
        altered = kiosk.tell(replace(request, amount=60_000), CashReply)

        assert altered.code == "94"
        assert [draw.amount_fen for draw in authority.draws()] == [50_000]
        assert [incident.kind for incident in authority.incidents()] == ["repeated"]

    @pytest.mark.req("S2-62")
    def test_a_replay_after_the_payout_is_refused_logged_and_posts_nothing(
        self, kiosk: Kiosk, authority: Authority
    ) -> None:
        request = kiosk.cash_request(50_000)
        kiosk.confirm(kiosk.tell(request, CashReply), 50_000)

        assert kiosk.tell(request, CashReply).code == "94"
        assert authority.account_debit_fen(JIA.pan) == 50_000
        assert [incident.kind for incident in authority.incidents()] == ["repeated"]

    def test_while_the_date_changes_requests_wait_and_advices_are_taken(self, clock: Clock) -> None:
        authority = make_authority(clock, JIA, rules=SwitchRules(date_change=timedelta(minutes=5)))
        kiosk = Kiosk(authority)
        kiosk.sign_on()
        approved = kiosk.cash(50_000)
        clock.time = clock.time.replace(hour=0, minute=4) + timedelta(days=1)
        kiosk.sign_on()

        assert kiosk.cash(50_000).code == "90"
        assert kiosk.confirm(approved, 50_000).code == "00"
        clock.pass_(minutes=1)
        assert kiosk.cash(50_000).code == "00"


@pytest.mark.req("S1-15", "S2-62")
@pytest.mark.parametrize("mti", ["0200", "0220", "0320", "0400", "0500"])
def test_no_message_about_money_is_taken_without_its_mac(kiosk: Kiosk, authority: Authority, mti: str) -> None:
    reply = kiosk.send(Message(mti, {11: "000777", 41: kiosk.id, 42: kiosk.merchant}))

    assert code_of(reply) == "A0"
    assert reply is not None
    assert reply.mac is not None
    assert nothing_moved(authority)
    assert [incident.kind for incident in authority.incidents()] == ["wrong MAC"]


@pytest.mark.parametrize("loser", ["reversal", "original"])
def test_a_reversal_and_its_original_at_once_in_two_processes_are_both_answered(
    postgresql_server: postgresql.Server, loser: str
) -> None:
    """Both find no draw and write one; whoever is second finds what the first has done."""
    url = postgresql_server.create()
    quick, slow = Database(url), Database(url)
    kiosk = Kiosk(make_authority(Clock(), JIA, database=quick))
    kiosk.sign_on()
    hsm = SoftHsm(b"M" * 32, random.Random(2).randbytes)
    other = Authority(slow, hsm, Clock().now, risk=NO_RISK)
    request = kiosk.cash_request(20_000)
    messages = {"original": kiosk.sealed(request), "reversal": kiosk.sealed(kiosk.reversal_of(request))}
    late = messages.pop(loser)
    (early,) = messages.values()
    answers: list[Message | None] = []

    def be_quicker(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO draws ") and not answers:
            answers.append(kiosk.authority.handle(early))

    event.listen(slow.engine, "before_cursor_execute", be_quicker)
    answers.append(other.handle(late))

    codes = [None if answer is None else answer.text(39) for answer in answers]
    assert codes == (["00", "00"] if loser == "reversal" else ["25", "94"])
    assert (other.held_fen(JIA.pan), other.account_debit_fen(JIA.pan)) == (0, 0)
    for each in (quick, slow):
        each.close()
