"""Cards of others, void cards and cards of nobody: refused, and a case when it goes on."""

from dataclasses import replace

import pytest

from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.applications.usable import usable
from simulators.authority.people.misuse import WITHIN
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.supervision.cases import all_cases
from simulators.authority.tables.people import LossKind
from tests.simulators.authority.kiosk import JIA, YI, Clock, Kiosk
from tests.simulators.authority.people.counter import Counter

NOBODYS = replace(JIA, pan="6299991234567890122")


def cases(counter: Counter) -> list[tuple[str, str]]:
    with counter.work() as connection:
        return [(str(case.subject), case.text) for case in all_cases(connection)]


@pytest.mark.req("S1-17")
def test_a_card_that_is_no_social_security_card_is_refused_and_opens_a_case_when_it_comes_again(
    kiosk: Kiosk, counter: Counter
) -> None:
    for tries in range(1, 4):
        assert kiosk.quote(NOBODYS).code == "14"
        assert bool(cases(counter)) == (tries == 3)

    assert cases(counter) == [(f"terminal:{kiosk.id}", "no_social_card, 3 times")]
    kiosk.quote(NOBODYS)
    assert len(cases(counter)) == 1


@pytest.mark.req("S1-17")
def test_a_lost_card_in_other_hands_opens_a_case_of_its_holder(
    kiosk: Kiosk, far_kiosk: Kiosk, counter: Counter
) -> None:
    counter.report_loss(LossKind.FORMAL, Channel.COUNTER)
    codes = [each.cash(10_000).code for each in (kiosk, far_kiosk, kiosk)]

    assert codes == ["41"] * 3
    assert cases(counter) == [(f"person:{counter.person()}", "lost_card, 3 times")]


@pytest.mark.req("S1-17")
def test_attempts_that_lie_far_apart_open_nothing(kiosk: Kiosk, counter: Counter, clock: Clock) -> None:
    for _ in range(4):
        kiosk.quote(NOBODYS)
        clock.pass_(seconds=WITHIN.total_seconds() / 2 + 1)
        kiosk.sign_on()

    assert cases(counter) == []


@pytest.mark.req("S1-17")
def test_an_application_serves_the_card_of_its_person_only(counter: Counter) -> None:
    jia, yi = counter.person(JIA), counter.person(YI)
    with counter.work() as connection:
        grant(connection, jia, Granted(JIA.region, 100_000), counter.at)

        assert usable(connection, jia, JIA.region, "CASH", counter.at) is not None
        assert usable(connection, yi, JIA.region, "CASH", counter.at) is None
