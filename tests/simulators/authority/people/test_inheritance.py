"""After a death the rest goes to the heir: counter, two reviewers, the heir's own account."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.bank import open_account
from simulators.authority.ledger.ledger import Account, balance_fen, ledger_balanced
from simulators.authority.people.accounts import record_event
from simulators.authority.people.identity import Identity
from simulators.authority.people.inheritance import Claim, approve_claim, file_claim
from simulators.authority.people.refusal import Key, Refused
from simulators.authority.tables.people import ClaimState, DocumentKind, PersonState
from simulators.authority.tables.service_line import staff
from tests.simulators.authority.kiosk import WEIHAI, YI, Kiosk
from tests.simulators.authority.people.counter import REVIEWER, TELLER, Counter

HEIR = Identity("11010519491231002X", "测试承", DocumentKind.ID_CARD)
ACCOUNT = "6228800000000009999"
SECOND = Actor(Role.REVIEWER, "r2")


def die(counter: Counter) -> int:
    person = counter.person()
    with counter.work() as connection:
        record_event(connection, TELLER, counter.at, person, PersonState.DECEASED, counter.at.date())
        open_account(connection, counter.hsm, ACCOUNT, HEIR.name, HEIR.id_number)
    return person


def claim(counter: Counter, person: int, heir: Identity = HEIR, account: str = ACCOUNT) -> Claim:
    with counter.work() as connection:
        return file_claim(connection, counter.hsm, TELLER, counter.at, person, heir, account)


def approve(counter: Counter, filed: Claim, actor: Actor) -> Claim:
    with counter.work() as connection:
        return approve_claim(connection, actor, counter.at, filed.id)


@pytest.mark.req("S1-14")
def test_what_is_left_goes_to_the_heir_once_nothing_is_open_any_more(kiosk: Kiosk, counter: Counter) -> None:
    approved = kiosk.cash(30_000)
    person = die(counter)
    filed = claim(counter, person)
    assert approve(counter, filed, REVIEWER).state is ClaimState.APPROVED_ONCE
    with pytest.raises(Refused) as refused:
        approve(counter, filed, SECOND)
    assert [problem.key for problem in refused.value.problems] == [Key.MONEY_HELD]

    kiosk.confirm(approved, 30_000)
    paid = approve(counter, filed, SECOND)
    assert (paid.state, paid.paid_fen) == (ClaimState.PAID, 970_000)
    with counter.work() as connection:
        assert balance_fen(connection, Account.personal(person)) == 0
        assert balance_fen(connection, Account.bank(paid.payee_account_id)) == 970_000
        assert ledger_balanced(connection)


def test_a_claim_needs_two_reviewers_and_is_paid_once(counter: Counter) -> None:
    filed = claim(counter, die(counter))
    heir = Actor(Role.REVIEWER, "r9", person_id=counter.enrol(HEIR.name, HEIR.id_number))
    for actor, key in ((TELLER, Key.ONLY_AUTHORITY), (heir, Key.NOT_FOR_YOU)):
        with pytest.raises(Refused) as refused:
            approve(counter, filed, actor)
        assert [problem.key for problem in refused.value.problems] == [key]
    approve(counter, filed, REVIEWER)
    with pytest.raises(Refused) as refused:
        approve(counter, filed, REVIEWER)
    assert [problem.key for problem in refused.value.problems] == [Key.SAME_REVIEWER]
    approve(counter, filed, SECOND)
    with pytest.raises(Refused) as refused:
        approve(counter, filed, Actor(Role.REVIEWER, "r3"))
    assert [problem.key for problem in refused.value.problems] == [Key.CLAIM_PAID]


def test_all_that_is_wrong_with_a_claim_is_named(counter: Counter) -> None:
    living = counter.person(YI)
    stranger = replace(HEIR, id_number="11010519491231002", document=None)
    with pytest.raises(Refused) as refused:
        claim(counter, living, stranger, "123")
    assert [problem.key for problem in refused.value.problems] == [
        Key.OTHER_REGION, Key.NOT_DECEASED, Key.ID_CHECK_DIGIT, Key.DOCUMENT_MISSING, Key.ACCOUNT_NOT_OF_HEIR,
    ]  # fmt: skip


def test_one_human_with_two_accounts_is_one_pair_of_eyes(counter: Counter) -> None:
    filed = claim(counter, die(counter))
    somebody = counter.enrol("测试审", "440301200002290031")
    with counter.work() as connection:
        connection.execute(
            insert(staff).values(
                id="r1", role="reviewer", region=WEIHAI, person_id=somebody, password_salt=b"", password_hash=b""
            )
        )
    assert approve(counter, filed, REVIEWER).state is ClaimState.APPROVED_ONCE
    with pytest.raises(Refused) as refused:
        approve(counter, filed, Actor(Role.REVIEWER, "r9", WEIHAI, somebody))
    assert [problem.key for problem in refused.value.problems] == [Key.SAME_REVIEWER]


def test_a_second_claim_waits_for_the_first(counter: Counter) -> None:
    person = die(counter)
    claim(counter, person)
    with pytest.raises(Refused) as refused:
        claim(counter, person)
    assert [problem.key for problem in refused.value.problems] == [Key.CLAIM_OPEN]
