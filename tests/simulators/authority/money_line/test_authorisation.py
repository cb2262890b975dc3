"""Card, PIN, policy and hold, told with requests from a terminal."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from protocol.money_line import AmountType, BindingRule, QuoteReply
from simulators.authority.authority import Authority
from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.policy_book import REGIONS, PolicyBook
from simulators.authority.tables.people import CardState, PersonState
from tests.simulators.authority.kiosk import (
    CHENGDU,
    JIA,
    SHENZHEN,
    SUZHOU,
    WEIHAI,
    YI,
    Clock,
    Kiosk,
    Somebody,
    make_authority,
    with_pin,
)


def kiosk_in(authority: Authority, region: str) -> Kiosk:
    kiosk = Kiosk(authority, name=f"K{region}1", merchant=f"{region}000000001", region=region)
    kiosk.sign_on()
    return kiosk


class TestCard:
    def test_an_unknown_card(self, kiosk: Kiosk) -> None:
        assert kiosk.quote(replace(JIA, pan="6299991234567890122")).code == "14"

    @pytest.mark.parametrize(("entry_mode", "code"), [("071", "00"), ("021", "57"), ("011", "30")])
    def test_a_card_is_read_by_its_chip(self, kiosk: Kiosk, entry_mode: str, code: str) -> None:
        assert kiosk.cash(10_000, entry_mode=entry_mode).code == code

    @pytest.mark.req("S1-63")
    def test_a_stripe_is_taken_where_the_home_region_allows_it(self, clock: Clock, tmp_path: Path) -> None:
        text = (REGIONS / "371000_weihai.toml").read_text(encoding="utf-8")
        (tmp_path / "weihai.toml").write_text(f"{text}\n[card]\ntrack2_fallback = true\n")
        kiosk = Kiosk(make_authority(clock, JIA, policies=PolicyBook.load(tmp_path)))
        kiosk.sign_on()

        assert kiosk.cash(10_000, entry_mode="021", track2=f"{JIA.pan}=3012201").code == "00"

    def test_a_stripe_of_another_card_is_refused_and_noted(self, kiosk: Kiosk, authority: Authority) -> None:
        assert kiosk.cash(10_000, track2=f"{YI.pan}=3012201").code == "14"
        assert [incident.kind for incident in authority.incidents()] == ["track 2 of another card"]

    def test_an_expired_card_is_good_to_the_end_of_its_month(self, clock: Clock) -> None:
        authority = make_authority(clock, replace(JIA, expiry="2605"))
        kiosk = Kiosk(authority)
        clock.time = datetime(2026, 5, 31, 23, 0, tzinfo=SHANGHAI)
        kiosk.sign_on()
        assert kiosk.quote(replace(JIA, expiry="2605")).code == "00"

        clock.pass_(hours=2)
        assert kiosk.quote(replace(JIA, expiry="2605")).code == "54"

    def test_an_expiry_date_other_than_that_on_record_is_an_old_card(self, kiosk: Kiosk) -> None:
        assert kiosk.quote(replace(JIA, expiry="2912")).code == "54"

    @pytest.mark.parametrize(
        ("state", "code"), [("not_activated", "56"), ("frozen", "62"), ("lost", "41"), ("replaced", "04")]
    )
    def test_a_card_out_of_use_is_refused(self, kiosk: Kiosk, authority: Authority, state: str, code: str) -> None:
        authority.set_card_state(JIA.pan, CardState(state))

        assert kiosk.quote().code == kiosk.cash(10_000).code == code

    @pytest.mark.parametrize(
        ("state", "code"),
        [("inactive", "57"), ("frozen", "62"), ("suspended", "62"), ("closed", "42"), ("deceased", "57")],
    )
    def test_a_person_who_is_not_in_good_standing_is_refused(
        self, kiosk: Kiosk, authority: Authority, state: str, code: str
    ) -> None:
        authority.set_person_state(JIA.pan, PersonState(state))

        assert kiosk.cash(10_000).code == code

    def test_a_loss_report_before_the_authorisation_refuses_it(self, kiosk: Kiosk, authority: Authority) -> None:
        assert kiosk.quote().code == "00"
        authority.set_card_state(JIA.pan, CardState.LOST)

        assert kiosk.cash(10_000).code == "41"
        assert authority.held_fen(JIA.pan) == 0

    def test_a_loss_report_after_the_authorisation_lets_the_payout_finish(
        self, kiosk: Kiosk, authority: Authority
    ) -> None:
        reply = kiosk.cash(10_000)
        authority.set_card_state(JIA.pan, CardState.LOST)

        assert kiosk.confirm(reply, 10_000).code == "00"
        assert authority.account_debit_fen(JIA.pan) == 10_000
        assert kiosk.cash(10_000).code == "41"


class TestPin:
    @pytest.mark.req("S1-64")
    def test_wrong_pins_count_per_card_across_terminals_and_days(
        self, kiosk: Kiosk, far_kiosk: Kiosk, clock: Clock
    ) -> None:
        wrong = with_pin(JIA, "000000")
        first = kiosk.send(kiosk.sealed(kiosk.quote_request(wrong)))
        assert first is not None
        assert (first.text(39), QuoteReply.from_message(first).pin_tries_left) == ("55", 2)
        assert kiosk.quote(wrong).code == "55"

        clock.pass_(days=1)
        far_kiosk.sign_on()
        assert far_kiosk.quote(wrong).code == "75"
        assert far_kiosk.quote().code == "38"

    def test_the_right_pin_clears_the_count(self, kiosk: Kiosk) -> None:
        wrong = with_pin(JIA, "000000")
        codes = [kiosk.quote(person).code for person in (wrong, wrong, JIA, wrong, wrong, JIA)]

        assert codes == ["55", "55", "00", "55", "55", "00"]

    def test_the_pin_is_checked_for_cash_too(self, kiosk: Kiosk, authority: Authority) -> None:
        assert kiosk.cash(10_000, with_pin(JIA, "000000")).code == "55"
        assert authority.held_fen(JIA.pan) == 0

    def test_the_pin_of_one_card_does_not_open_another(self, kiosk: Kiosk) -> None:
        assert kiosk.quote(with_pin(JIA, YI.pin)).code == "55"

    def test_a_block_under_another_key_is_no_wrong_pin(self, kiosk: Kiosk) -> None:
        codes = [kiosk.quote(pin_block=bytes([number] * 8)).code for number in range(1, 6)]

        assert codes == ["99"] * 5
        assert kiosk.quote().code == "00"


class TestMoney:
    @pytest.mark.req("S1-76")
    def test_more_than_there_is_shows_what_is_available_and_uses_up_nothing(
        self, kiosk: Kiosk, authority: Authority
    ) -> None:
        before = kiosk.quote().amounts
        reply = kiosk.cash(1_010_000)

        assert reply.code == "51"
        assert reply.amounts is not None
        assert reply.amounts[AmountType.AVAILABLE] == 990_000
        assert authority.held_fen(JIA.pan) == 0
        assert kiosk.quote().amounts == before

    @pytest.mark.req("S1-77")
    def test_after_a_credit_the_same_request_succeeds(self, kiosk: Kiosk, authority: Authority, clock: Clock) -> None:
        kiosk.confirm(kiosk.cash(500_000), 500_000)
        kiosk.confirm(kiosk.cash(300_000), 300_000)
        clock.pass_(days=1)
        kiosk.sign_on()
        assert kiosk.cash(300_000).code == "51"
        authority.credit(JIA.pan, 300_000, "contribution 2026-05")

        assert kiosk.cash(300_000).code == "00"

    @pytest.mark.req("S2-11")
    def test_available_is_balance_minus_holds_minus_the_minimum_remainder(self, kiosk: Kiosk) -> None:
        kiosk.cash(50_000)
        quote = kiosk.quote().amounts

        assert quote is not None
        assert quote[AmountType.AVAILABLE] == 1_000_000 - 50_000 - 10_000

    def test_more_on_an_account_than_field_54_can_tell_is_told_as_the_most_that_it_can(
        self, kiosk: Kiosk, authority: Authority
    ) -> None:
        authority.credit(JIA.pan, 10**12, "a rich aunt")
        reply = kiosk.cash(10_000)

        assert reply.code == "00"
        assert reply.amounts is not None
        assert reply.amounts[AmountType.LEDGER] == reply.amounts[AmountType.AVAILABLE] == 999_999_999_999
        assert kiosk.confirm(reply, 10_000).code == "00"
        assert authority.balance_fen(JIA.pan) == 10**12 + JIA.opening_balance_fen - 10_000

    @pytest.mark.req("S2-25")
    def test_the_single_limit_is_allowed_and_one_note_more_is_not(self, kiosk: Kiosk) -> None:
        over = kiosk.cash(510_000)

        assert over.code == "61"
        assert over.amounts is not None
        assert over.amounts[AmountType.MAXIMUM_DRAW] == 500_000
        assert kiosk.cash(500_000).code == "00"

    @pytest.mark.req("S1-70", "S1-44", "S1-69")
    def test_of_home_and_destination_the_stricter_limit_counts_and_is_named(self, far_kiosk: Kiosk) -> None:
        over = far_kiosk.cash(210_000)

        assert over.code == "61"
        assert over.rules == (BindingRule("single_limit", SHENZHEN, "2026.2"),)
        assert over.amounts is not None
        assert over.amounts[AmountType.MAXIMUM_DRAW] == 200_000
        assert far_kiosk.cash(200_000).code == "00"

    @pytest.mark.req("S2-55")
    def test_asking_for_everything_tells_the_most_that_may_be_drawn(self, clock: Clock) -> None:
        somebody = replace(JIA, opening_balance_fen=319_999)
        kiosk = Kiosk(make_authority(clock, somebody))
        kiosk.sign_on()
        reply = kiosk.cash(310_000, somebody)

        assert reply.code == "61"
        assert reply.amounts is not None
        assert reply.amounts[AmountType.MAXIMUM_DRAW] == 250_000
        assert [rule.rule for rule in reply.rules] == ["minimum_remainder", "ratio"]

    def test_an_amount_that_notes_can_not_make_is_refused(self, kiosk: Kiosk) -> None:
        assert kiosk.cash(15_000).code == "13"
        assert kiosk.cash(0).code == "13"

    @pytest.mark.req("S1-11")
    def test_where_the_service_is_off_people_are_told_and_nothing_happens(
        self, kiosk: Kiosk, authority: Authority
    ) -> None:
        insured_there = kiosk.cash(10_000, YI)
        assert insured_there.code == "57"
        assert insured_there.rules == (BindingRule("service", SUZHOU, "2026.1"),)

        drawn_there = kiosk_in(authority, SUZHOU).cash(10_000)
        assert drawn_there.code == "58"
        assert drawn_there.rules == (BindingRule("service", SUZHOU, "2026.1"),)
        assert authority.draws() == ()

    @pytest.mark.req("S1-54")
    def test_draws_in_several_cities_share_one_account_and_one_limit(
        self, kiosk: Kiosk, far_kiosk: Kiosk, authority: Authority
    ) -> None:
        chengdu = kiosk_in(authority, CHENGDU)
        for place in (far_kiosk, chengdu):
            place.confirm(place.cash(200_000), 200_000)
        quote = kiosk.quote().amounts

        assert quote is not None
        assert authority.balance_fen(JIA.pan) == 600_000
        assert quote[AmountType.REST_OF_DAY] == 1_000_000 - 400_000
        places = [row.place for row in authority.postings() if row.account == "personal:1" and row.debit_fen]
        assert places == [SHENZHEN, CHENGDU]

    @pytest.mark.req("S1-16")
    def test_rules_of_a_district_are_those_of_its_pooling_region(self, authority: Authority) -> None:
        district = kiosk_in(authority, "440305")

        assert district.cash(210_000).rules == (BindingRule("single_limit", SHENZHEN, "2026.2"),)

    def test_a_region_without_a_policy_pays_nothing(self, authority: Authority) -> None:
        assert kiosk_in(authority, "650100").cash(10_000).code == "58"

    def test_a_person_from_a_region_without_a_policy_is_refused(self, kiosk: Kiosk, authority: Authority) -> None:
        stranger = replace(YI, id_number="11010519491231002X", region="650100", pan="6299991234567890122")
        authority.load_people([stranger])

        assert kiosk.cash(10_000, stranger).code == "15"


class TestAnnualLimit:
    RICH = replace(JIA, opening_balance_fen=100_000_000)

    def draw(self, kiosk: Kiosk, clock: Clock, days: int) -> None:
        """10,000 yuan a day."""
        for _ in range(days):
            for _ in range(2):
                reply = kiosk.cash(500_000, self.RICH)
                assert reply.code == "00"
                kiosk.confirm(reply, 500_000)
            clock.pass_(days=1)
            kiosk.sign_on()

    @pytest.mark.req("S2-26")
    def test_confirmed_and_held_draws_count_and_reversals_give_back(self, clock: Clock) -> None:
        authority = make_authority(clock, self.RICH)
        kiosk = Kiosk(authority)
        kiosk.sign_on()
        self.draw(kiosk, clock, 1)
        held = kiosk.cash_request(500_000, self.RICH)
        assert kiosk.send(kiosk.sealed(held)) is not None
        kiosk.confirm(kiosk.cash(400_000, self.RICH), 400_000)
        clock.pass_(days=1)
        kiosk.sign_on()

        over = kiosk.cash(110_000, self.RICH)
        assert (over.code, [rule.rule for rule in over.rules]) == ("61", ["annual_limit"])
        kiosk.reverse(held, date="0521")
        assert kiosk.cash(110_000, self.RICH).code == "00"

    @pytest.mark.req("S2-26")
    def test_a_new_year_begins_anew_and_a_late_reversal_gives_back_to_the_old(self, clock: Clock) -> None:
        authority = make_authority(clock, self.RICH)
        kiosk = Kiosk(authority)
        clock.time = datetime(2026, 12, 30, 12, 0, tzinfo=SHANGHAI)
        kiosk.sign_on()
        self.draw(kiosk, clock, 1)
        held = kiosk.cash_request(500_000, self.RICH)
        assert kiosk.send(kiosk.sealed(held)) is not None
        clock.time = datetime(2027, 1, 1, 0, 0, 5, tzinfo=SHANGHAI)

        def rest_of_year() -> int:
            amounts = kiosk.quote(self.RICH).amounts
            assert amounts is not None
            return amounts[AmountType.REST_OF_YEAR]

        assert rest_of_year() == 2_000_000
        kiosk.reverse(held, date="1231")
        assert authority.held_fen(JIA.pan) == 0
        assert rest_of_year() == 2_000_000


class TestPolicyIsData:
    @pytest.mark.req("S2-56")
    def test_a_limit_changes_with_the_data(self, clock: Clock, tmp_path: Path) -> None:
        text = (REGIONS / "371000_weihai.toml").read_text(encoding="utf-8")
        (tmp_path / "weihai.toml").write_text(text.replace("CASH = 500_000", "CASH = 70_000"))
        kiosk = Kiosk(make_authority(clock, JIA, policies=PolicyBook.load(tmp_path)))
        kiosk.sign_on()

        assert (kiosk.cash(80_000).code, kiosk.cash(70_000).code) == ("61", "00")

    @pytest.mark.req("S2-43")
    def test_a_region_is_added_by_a_file(self, clock: Clock, tmp_path: Path) -> None:
        for path in sorted(REGIONS.glob("*.toml")):
            (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"))
        text = (REGIONS / "440300_shenzhen.toml").read_text(encoding="utf-8")
        (tmp_path / "420100_wuhan.toml").write_text(text.replace("440300", "420100").replace("深圳", "武汉"))
        newcomer = Somebody(region="420100")
        authority = make_authority(clock, newcomer, policies=PolicyBook.load(tmp_path))

        assert kiosk_in(authority, "420100").cash(100_000, newcomer).code == "00"
        assert kiosk_in(authority, WEIHAI).cash(100_000, newcomer).code == "00"

    def test_the_version_in_force_on_the_day_counts(self, clock: Clock, tmp_path: Path) -> None:
        text = (REGIONS / "371000_weihai.toml").read_text(encoding="utf-8")
        (tmp_path / "old.toml").write_text(text.replace("enabled = ", "valid_to = 2026-05-20\nenabled = "))
        (tmp_path / "new.toml").write_text(
            text.replace('"2026.1"', '"2026.2"')
            .replace("valid_from = 2026-01-01", "valid_from = 2026-05-21")
            .replace("CASH = 500_000", "CASH = 70_000")
        )
        kiosk = Kiosk(make_authority(clock, JIA, policies=PolicyBook.load(tmp_path)))
        kiosk.sign_on()
        approved = kiosk.cash(80_000)
        assert approved.code == "00"
        clock.pass_(days=1)

        assert kiosk.confirm(approved, 80_000).code == "00"
        kiosk.sign_on()
        assert kiosk.cash(80_000).rules == (BindingRule("single_limit", WEIHAI, "2026.2"),)


@pytest.mark.req("S2-16")
def test_only_yuan_and_only_domestic_cards_and_terminals(kiosk: Kiosk, authority: Authority) -> None:
    abroad = replace(kiosk.cash_request(10_000), terminal="HK000001")
    refused = kiosk.send(kiosk.sealed(abroad))

    assert kiosk.cash(10_000, currency="840").code == "12"
    assert kiosk.cash(10_000, replace(JIA, pan="4012345678909")).code == "14"
    assert refused is not None
    assert refused.text(39) == "97"
    assert authority.draws() == ()
