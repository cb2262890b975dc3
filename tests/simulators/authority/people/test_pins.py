"""PINs are counted per card, changed in blocks, and unblocked at a counter."""

from dataclasses import replace
from datetime import date

import pytest

from protocol.keys import Cipher, encrypt
from protocol.pin_block import encode, pan12
from simulators.authority.hsm import HsmError, SoftHsm, WeakPinError
from simulators.authority.money_line.terminals import find_terminal
from simulators.authority.people.pins import block_pin, change_pin, unblock_pin
from simulators.authority.people.refusal import Key, Refused
from simulators.authority.policy.sections import Card as CardRules
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk, with_pin
from tests.simulators.authority.people.counter import REVIEWER, TELLER, Counter, identity_of

RULES = CardRules()
DAILY = CardRules(pin_tries_renew_daily=True)
WRONG = with_pin(JIA, "000000")


def change(counter: Counter, kiosk: Kiosk, old: str, new: str) -> list[Key]:
    card, actor = counter.card(), counter.himself()
    before, after = (encrypt(Cipher.TDES, kiosk.pik, encode(pin, pan12(JIA.pan))) for pin in (old, new))
    with counter.work() as connection:
        terminal = find_terminal(connection, kiosk.id)
        assert terminal is not None
        assert terminal.pik is not None
        asked = (actor, counter.at, card, JIA.pan, RULES, terminal.pik, before, after)
        problems = change_pin(connection, counter.hsm, *asked)
    return [problem.key for problem in problems]


@pytest.mark.req("S1-64")
def test_a_changed_pin_counts_at_once_everywhere(kiosk: Kiosk, far_kiosk: Kiosk, counter: Counter) -> None:
    assert change(counter, kiosk, JIA.pin, "908172") == []

    assert far_kiosk.quote().code == "55"
    assert far_kiosk.quote(with_pin(JIA, "908172")).code == "00"


@pytest.mark.req("S1-64")
def test_wrong_old_pins_count_with_those_at_terminals(kiosk: Kiosk, far_kiosk: Kiosk, counter: Counter) -> None:
    assert far_kiosk.quote(WRONG).code == "55"
    assert change(counter, kiosk, "000000", "908172") == [Key.PIN_WRONG]
    assert change(counter, kiosk, "000000", "908172") == [Key.PIN_BLOCKED]

    assert change(counter, kiosk, JIA.pin, "908172") == [Key.PIN_BLOCKED]
    assert kiosk.quote().code == "38"


@pytest.mark.parametrize("pin", ["111111", "012345", "890123", "987654", "210987", "1357", "13579024"])
def test_a_pin_that_anybody_would_try_first_is_refused(kiosk: Kiosk, counter: Counter, pin: str) -> None:
    assert change(counter, kiosk, JIA.pin, pin) == [Key.PIN_TOO_EASY]
    assert kiosk.quote().code == "00"


def test_a_new_pin_is_another_one(kiosk: Kiosk, counter: Counter) -> None:
    assert change(counter, kiosk, JIA.pin, "908172") == []
    assert change(counter, kiosk, "908172", "908172") == [Key.PIN_UNCHANGED]


def test_a_block_under_another_key_is_no_try(kiosk: Kiosk, counter: Counter) -> None:
    kiosk.pik = bytes(range(16))
    assert change(counter, kiosk, JIA.pin, "908172") == [Key.PIN_FORMAT]
    assert counter.card().wrong_pins == 0


@pytest.mark.req("S1-64")
def test_the_count_is_kept_over_midnight_unless_the_policy_counts_each_day_anew(
    kiosk: Kiosk, counter: Counter, clock: Clock
) -> None:
    assert [kiosk.quote(WRONG).code for _ in range(2)] == ["55", "55"]
    card = counter.card()
    tomorrow = clock.now().date().replace(day=21)

    assert card.wrong_pins_at(tomorrow, new_every_day=RULES.pin_tries_renew_daily) == 2
    assert card.wrong_pins_at(tomorrow, new_every_day=DAILY.pin_tries_renew_daily) == 0
    assert card.wrong_pins_at(clock.now().date(), new_every_day=True) == 2


@pytest.mark.req("S1-64")
def test_a_block_stands_until_the_holder_shows_the_document_at_a_counter(
    kiosk: Kiosk, counter: Counter, clock: Clock
) -> None:
    for _ in range(3):
        kiosk.quote(WRONG)
    card, himself = counter.card(), counter.himself()
    wrong_paper = replace(identity_of(JIA), id_number=YI.id_number, valid_to=date(2020, 1, 1))
    with pytest.raises(Refused) as refused, counter.work() as connection:
        unblock_pin(connection, counter.hsm, himself, clock.now(), card, RULES, wrong_paper)
    assert [problem.key for problem in refused.value.problems] == [
        Key.ONLY_AT_THE_COUNTER, Key.ID_OTHER_PERSON, Key.DOCUMENT_EXPIRED,
    ]  # fmt: skip

    with counter.work() as connection:
        unblock_pin(connection, counter.hsm, TELLER, clock.now(), card, RULES, identity_of(JIA))
    assert kiosk.quote().code == "00"


def test_a_block_that_somebody_ordered_lapses_with_no_day(counter: Counter, clock: Clock, kiosk: Kiosk) -> None:
    card, himself = counter.card(), counter.himself()
    with counter.work() as connection:
        block_pin(connection, counter.hsm, himself, clock.now(), card)

    assert counter.card().wrong_pins_at(date(2027, 1, 1), new_every_day=True) == 9
    assert kiosk.quote().code == "38"


def test_nothing_is_unblocked_that_is_not_blocked(counter: Counter) -> None:
    card = counter.card()
    with pytest.raises(Refused) as refused, counter.work() as connection:
        unblock_pin(connection, counter.hsm, TELLER, counter.at, card, RULES, identity_of(JIA))
    assert [problem.key for problem in refused.value.problems] == [Key.PIN_NOT_BLOCKED]
    with pytest.raises(Refused), counter.work() as connection:
        unblock_pin(connection, counter.hsm, REVIEWER, counter.at, card, RULES, identity_of(JIA))


def test_the_module_tells_no_pin_when_it_refuses_one(kiosk: Kiosk, counter: Counter) -> None:
    hsm: SoftHsm = counter.hsm
    with counter.work() as connection:
        terminal = find_terminal(connection, kiosk.id)
    assert terminal is not None
    assert terminal.pik is not None
    block = encrypt(Cipher.TDES, kiosk.pik, encode("123456", pan12(JIA.pan)))
    with pytest.raises(WeakPinError) as refused:
        hsm.new_pin_reference(terminal.pik, block, JIA.pan)
    assert isinstance(refused.value, HsmError)
    assert "123456" not in str(refused.value)
