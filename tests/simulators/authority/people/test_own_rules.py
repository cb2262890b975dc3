"""A person's own limits, lock and alerts."""

import pytest

from simulators.authority.applications.notifications import notices_of
from simulators.authority.applications.texts import notice_text
from simulators.authority.people.codes import received
from simulators.authority.people.own_rules import Changes, OwnRules, change_own_rules, own_rules
from simulators.authority.people.refusal import Key, Refused
from tests.simulators.authority.kiosk import YI, Kiosk
from tests.simulators.authority.people.counter import Counter


def change(counter: Counter, changes: Changes) -> OwnRules:
    person, actor = counter.person(), counter.himself()
    with counter.work() as connection:
        return change_own_rules(connection, counter.hsm, actor, counter.at, person, changes)


@pytest.mark.req("S1-49")
def test_what_is_named_changes_and_the_rest_stays(counter: Counter) -> None:
    assert change(counter, Changes(own_single_fen=50_000, locked=True)) == OwnRules(50_000, None, True, False, None)
    assert change(counter, Changes(own_day_fen=80_000, alerts=True, low_balance_fen=10_000)) == OwnRules(
        50_000, 80_000, True, True, 10_000
    )
    assert change(counter, Changes(own_single_fen=0, locked=False)) == OwnRules(None, 80_000, False, True, 10_000)
    assert change(counter, Changes()) == OwnRules(None, 80_000, False, True, 10_000)


@pytest.mark.req("S1-49")
def test_nobody_sets_the_rules_of_somebody_else_or_a_limit_below_nothing(counter: Counter) -> None:
    person, other = counter.person(), counter.himself(YI)
    with pytest.raises(Refused) as refused, counter.work() as connection:
        change_own_rules(connection, counter.hsm, other, counter.at, person, Changes(own_single_fen=-1))

    assert [problem.key for problem in refused.value.problems] == [Key.NOT_FOR_YOU, Key.AMOUNT_NEGATIVE]
    with counter.work() as connection:
        assert own_rules(connection, person) == OwnRules()
    with pytest.raises(Refused), counter.work() as connection:
        own_rules(connection, 999)


@pytest.mark.req("S1-49")
def test_own_limits_and_lock_hold_at_every_terminal_at_once(kiosk: Kiosk, far_kiosk: Kiosk, counter: Counter) -> None:
    change(counter, Changes(own_single_fen=50_000))
    refused = kiosk.cash(60_000)
    assert (refused.code, [rule.rule for rule in refused.rules]) == ("61", ["own_limit"])
    assert far_kiosk.cash(50_000).code == "00"

    change(counter, Changes(locked=True))
    locked = far_kiosk.cash(10_000)
    assert (locked.code, [rule.rule for rule in locked.rules]) == ("62", ["own_lock"])
    change(counter, Changes(own_single_fen=0, locked=False))
    assert kiosk.cash(60_000).code == "00"


@pytest.mark.req("S1-49")
def test_who_wants_alerts_hears_of_each_draw_on_the_phone_and_among_the_notices(kiosk: Kiosk, counter: Counter) -> None:
    counter.register_phone()
    assert kiosk.cash(10_000).code == "00"
    change(counter, Changes(alerts=True))
    assert kiosk.cash(20_000).code == "00"

    person = counter.person()
    with counter.work() as connection:
        told = received(connection, counter.hsm, person)
    assert [(message.kind, message.gaps["yuan"], message.gaps["card"]) for message in told] == [
        ("draw", "200.00", "621700*********0012")
    ]
    with counter.work() as connection:
        (notice,) = notices_of(connection, person)
    assert notice_text(notice, "en") == (
        "A payout of 200.00 yuan from your account was granted in region 371000. "
        "If it is not yours, report the card as lost."
    )
