"""People of a file in the register: cards, credits, records, bank accounts."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from simulators.authority.actors import SYSTEM
from simulators.authority.applications.bank import find_account
from simulators.authority.applications.relatives import relatives_of
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.ledger import Account, balance_fen, ledger_balanced
from simulators.authority.people import people_file
from simulators.authority.people.facts import person_facts
from simulators.authority.people.loading import Loaded, check_new, enter_people
from simulators.authority.people.people_file import PeopleFileError, read_people
from simulators.authority.people.powers import guardians
from simulators.authority.people.register import cards_of
from simulators.authority.tables.ledger import entries
from simulators.authority.tables.people import CardState, persons
from simulators.world import people as world
from tests.simulators.authority.kiosk import Clock

OURS = Path(people_file.__file__).with_name("people.toml")
BENCH = Path(world.__file__).with_name("people.toml")
HSM = SoftHsm(b"M" * 32, bytes)


def load(database: Database, path: Path, clock: Clock) -> Loaded:
    with database.transaction() as connection:
        people = read_people(path, clock.now().date())
        check_new(connection, HSM, people)
        return enter_people(connection, HSM, SYSTEM, clock.now(), people)


def test_our_people_and_those_of_the_bench_are_loaded_together(database: Database, clock: Clock) -> None:
    done, bench = load(database, OURS, clock), load(database, BENCH, clock)
    with database.transaction() as connection:
        assert connection.scalar(select(func.count()).select_from(persons)) == len(done.ids) + len(bench.ids)
        assert ledger_balanced(connection)
        booked = sum(balance_fen(connection, Account.personal(each)) for each in done.ids.values())
    assert booked == done.credits_fen


def test_each_person_has_what_the_file_says(database: Database, clock: Clock) -> None:
    ids = load(database, OURS, clock).ids
    at, today = clock.now(), clock.now().date()
    with database.transaction() as connection:
        facts = {name: person_facts(connection, HSM, ids[name], today) for name in ids}
        states = {name: [card.state_at(at) for card in cards_of(connection, ids[name])] for name in ids}
        account = find_account(
            connection, HSM, next(a.number for p in read_people(OURS, today) for a in p.bank_accounts)
        )
        wards = guardians(connection, ids["cd-minor"], today)
        vintages = connection.scalars(
            select(entries.c.business_date).where(entries.c.reference.like(f"seed:{ids['bj-vintage']}:%"))
        ).all()

    assert len(facts["sz-repaired"].contributions) == len(facts["sz-gap"].contributions) + 2
    assert facts["wh-retired"].groups == {"SETTLED_ELSEWHERE_RETIRED"}
    assert (len(facts["cd-ill"].health), len(facts["cd-ill"].diagnoses)) == (1, 2)
    assert (facts["sz-own-limits"].own_single_fen, facts["sz-locked"].locked) == (50_000, True)
    assert states["wh-two-cards"] == [CardState.REPLACED, CardState.ACTIVE]
    assert (states["wh-lost"], states["wh-lost-lapsed"]) == ([CardState.LOST], [CardState.ACTIVE])
    assert account is not None
    assert wards == {ids["cd-plain"]}
    assert min(vintages) < clock.now().date() - timedelta(days=1500)


def test_relatives_of_a_file_are_near_to_one_another(database: Database, clock: Clock, tmp_path: Path) -> None:
    first = '[[person]]\nid = "jia"\nname = "测试甲"\nid_number = "990000198001010012"\nregion = "371000"\n'
    other = '[[person]]\nid = "yi"\nname = "测试乙"\nid_number = "990000198001010020"\nregion = "371000"\n'
    file = tmp_path / "people.toml"
    file.write_text(first + 'relatives = [{ person = "yi", is = "spouse" }]\n' + other, encoding="utf-8")
    ids = load(database, file, clock).ids
    with database.transaction() as connection:
        assert relatives_of(connection, ids["yi"]) == {ids["jia"]}


def test_relatives_are_enrolled_together(database: Database, clock: Clock) -> None:
    near = [person for person in read_people(OURS, clock.now().date()) if person.guardian is not None]
    with (
        database.transaction() as connection,
        pytest.raises(PeopleFileError, match="person cd-minor: person cd-plain is enrolled already; enrol them"),
    ):
        check_new(connection, HSM, near)


@pytest.mark.req("S2-44")
def test_each_credit_keeps_its_kind(database: Database, clock: Clock) -> None:
    load(database, OURS, clock)
    wanted = sorted(credit.kind for person in read_people(OURS, clock.now().date()) for credit in person.credits)
    with database.transaction() as connection:
        credits_ = select(entries.c.credit_kind).where(entries.c.reference.like("seed:%"))
        assert sorted(connection.scalars(credits_)) == wanted
        assert "interest" in wanted


def test_nobody_is_loaded_twice_and_a_clash_loads_nobody(database: Database, clock: Clock) -> None:
    load(database, BENCH, clock)
    with pytest.raises(PeopleFileError, match="person jia: id_number: somebody with it is enrolled already"):
        load(database, BENCH, clock)
    with database.transaction() as connection:
        assert connection.scalar(select(func.count()).select_from(persons)) == len(
            read_people(BENCH, clock.now().date())
        )
