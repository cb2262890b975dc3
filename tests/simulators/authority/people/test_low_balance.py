"""The alert that a person has asked for."""

from datetime import timedelta

import pytest

from simulators.authority.applications.notifications import Notice, notices_of
from simulators.authority.applications.texts import notice_text
from simulators.authority.ledger.credits import correct_person, credit_person
from simulators.authority.people.own_rules import Changes, change_own_rules
from tests.simulators.authority.kiosk import WEIHAI, Kiosk
from tests.simulators.authority.people.counter import Counter


@pytest.mark.req("S1-84", "S1-49")
def test_a_person_is_told_each_time_the_balance_falls_below_what_was_set(kiosk: Kiosk, counter: Counter) -> None:
    """10,000 yuan; told at 9,000."""
    person = counter.person()

    def told() -> list[str]:
        with counter.work() as connection:
            return [notice_text(each, "en") for each in notices_of(connection, person)]

    kiosk.confirm(kiosk.cash(10_000), 10_000)
    himself = counter.himself()
    with counter.work() as connection:
        asked = Changes(low_balance_fen=900_000)
        change_own_rules(connection, counter.hsm, himself, counter.at, person, asked)
    held = kiosk.cash(100_000)
    assert told() == [], "a hold is no debit"
    kiosk.confirm(held, 100_000)
    sentence = "The balance of your personal account has fallen below 9000.00 yuan, as you asked to be told."
    assert told() == [sentence]
    kiosk.confirm(kiosk.cash(10_000), 10_000)
    assert told() == [sentence], "it was below already"

    tomorrow = counter.at + timedelta(days=1)
    with counter.work() as connection:
        credit_person(connection, "contribution", person, WEIHAI, 200_000, tomorrow)
        correct_person(connection, "refund", person, WEIHAI, -200_000, tomorrow)
        assert [each.kind for each in notices_of(connection, person)] == [Notice.LOW_BALANCE] * 2
