"""At which codes a card is kept."""

from pathlib import Path

import pytest

from protocol.money_line import ResponseCode as Code
from protocol.money_line import Treatment
from simulators.authority.money_line.card_keeping import told
from simulators.authority.policy.policy_book import REGIONS, PolicyBook
from simulators.authority.policy.policy_file import PolicyError, parse_policy
from simulators.authority.tables.people import CardState
from tests.simulators.authority.kiosk import JIA, Clock, Kiosk, make_authority, with_pin

WEIHAI = (REGIONS / "371000_weihai.toml").read_text(encoding="utf-8")


def policy(codes: str) -> str:
    assert "[card]" not in WEIHAI
    return f"{WEIHAI}\n[card]\ncapture_codes = {codes}\n"


def test_what_is_sent_has_the_card_kept_where_the_policy_says_so_and_nowhere_else() -> None:
    against_the_card = [each for each in Code if each.treatment in (Treatment.CAPTURE, Treatment.DECLINE)]

    assert {told(code, [code]).treatment for code in against_the_card} == {Treatment.CAPTURE}
    assert {told(code, []).treatment for code in against_the_card} == {Treatment.DECLINE}
    assert {told(code, []) for code in set(Code) - set(against_the_card)} == set(Code) - set(against_the_card)


@pytest.mark.req("S1-57", "S1-64")
def test_a_policy_keeps_cards_of_too_many_pins_and_gives_lost_ones_back(clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "weihai.toml").write_text(policy('["75"]'), encoding="utf-8")
    authority = make_authority(clock, JIA, policies=PolicyBook.load(tmp_path))
    kiosk = Kiosk(authority)
    kiosk.sign_on()

    assert [kiosk.quote(with_pin(JIA, "000000")).code for _ in range(3)] == ["55", "55", "38"]
    authority.set_card_state(JIA.pan, CardState.LOST)
    lost = kiosk.cash(10_000)
    assert (lost.code, [rule.rule for rule in lost.rules]) == ("62", ["card_lost"])


@pytest.mark.parametrize("code", ["51", "91", "ZZ"])
def test_no_card_is_kept_for_what_is_nothing_against_it(code: str) -> None:
    with pytest.raises(PolicyError, match=f"{code} is no refusal that a card can be kept for"):
        parse_policy(policy(f'["41", "{code}"]'), "weihai.toml")
