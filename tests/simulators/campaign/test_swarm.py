"""What seeds decide: enough of everything, where it matters."""

from simulators.campaign import swarm
from simulators.campaign.aimed import CARD, MONEY

TAPES = [swarm.draw(seed) for seed in range(1, 81)]


def test_a_seed_draws_the_same_tape_again() -> None:
    assert swarm.draw(7) == swarm.draw(7)


def test_power_cuts_are_aimed_at_motions_cards_and_messages_in_many_runs() -> None:
    cuts = [act for tape in TAPES for visit in tape.visits for act in visit.acts if act.fault[0] == "A" and act.at]
    notes = {*swarm.TO_THE_CUSTOMER, *swarm.WITH_A_STACKER}
    for moments in (notes, set(CARD), {at for at, _ in MONEY}):
        assert sum(act.at in moments for act in cuts) > 10
    assert sum(any(act in cuts for visit in tape.visits for act in visit.acts) for tape in TAPES) > 25


def test_customers_take_cash_transfer_money_and_read_pages() -> None:
    visits = [visit for tape in TAPES for visit in tape.visits]
    assert sum(visit.transfer_fen > 0 for visit in visits) > 20
    assert sum(bool(visit.path) and not visit.transfer_fen for visit in visits) > 10
    assert sum(bool(visit.reads) for visit in visits) > 10
    assert sum(visit.amount > 0 for visit in visits) > len(visits) / 2
    assert 20 < sum(tape.service_line for tape in TAPES) < 60
