"""What seeds decide: enough of everything, where it matters."""

from simulators.campaign import aimed, swarm
from simulators.campaign.moments import Aim, Subject
from simulators.campaign.tape import Act, Visit
from terminal.journal import Entry

TAPES = [swarm.draw(seed) for seed in range(1, 161)]
VISITS = [visit for tape in TAPES for visit in tape.visits]


def aim(act: Act) -> Aim | None:
    """What an act waits for."""
    return None if act.at is None else Aim(act.at, act.about)


def test_a_seed_draws_the_same_tape_again() -> None:
    assert swarm.draw(7) == swarm.draw(7)


def test_power_cuts_are_aimed_at_motions_cards_and_messages_in_many_runs() -> None:
    cuts = [act for visit in VISITS for act in visit.acts if act.fault[0] == "A" and act.at]
    notes = {*aimed.TO_THE_CUSTOMER, *aimed.WITH_A_STACKER}
    for moments in (notes, set(aimed.CARD), set(aimed.messages(Visit(person=0)))):
        assert sum(aim(act) in moments for act in cuts) > 20
    assert sum(any(act in cuts for visit in tape.visits for act in visit.acts) for tape in TAPES) > 50


def test_the_message_about_money_is_hit_and_not_that_of_the_sign_on() -> None:
    for fault in ("D1", "D4", "D11"):
        acts = [act for visit in VISITS if visit.transfer_fen for act in visit.acts if act.fault == fault]
        assert Aim(Entry.HOST_REPLY, Subject.QUOTE) in map(aim, acts)


def test_faults_come_in_pairs() -> None:
    kinds = [{act.fault[0] for act in visit.acts if act.at is not None} for visit in VISITS]
    assert sum({"A", "D"} <= found for found in kinds) > 10
    assert sum({"D", "F"} <= found for found in kinds) > 10
    assert sum("started" in {act.at for act in visit.acts} for visit in VISITS) > 5


def test_somebody_leaves_where_a_fault_waits_for_that() -> None:
    waiting = [visit for visit in VISITS if any(act.at in aimed.LEAVES for act in visit.acts) and visit.amount]
    assert sum(bool(visit.walks_away_at) for visit in waiting) > len(waiting) / 2 > 10


def test_nights_are_rare_and_some_are_longer_than_a_day() -> None:
    gaps = [visit.gap for seed in range(1, 1001) for visit in swarm.draw(seed).visits]
    assert 10 < sum(gap > 12 * 3600 for gap in gaps) < 100
    assert sum(gap > 24 * 3600 for gap in gaps) > 1


def test_customers_take_cash_transfer_money_and_read_pages() -> None:
    assert sum(visit.transfer_fen > 0 for visit in VISITS) > 40
    assert sum(bool(visit.path) and not visit.transfer_fen for visit in VISITS) > 20
    assert sum(bool(visit.reads) for visit in VISITS) > 20
    assert sum(visit.amount > 0 for visit in VISITS) > len(VISITS) / 2
    assert 40 < sum(tape.service_line for tape in TAPES) < 120
