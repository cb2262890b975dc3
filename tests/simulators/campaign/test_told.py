"""What is said of a visit's end and of its notes, judged beside what came within reach."""

import pytest

from simulators.campaign import run
from simulators.campaign.planted import PLANTED
from simulators.campaign.tape import Act, Tape, Visit
from simulators.campaign.told import Told
from simulators.campaign.transfers import Transfer
from simulators.campaign.witness import Draw
from terminal.journal import Entry, Record
from terminal.visit_ending import Ending

AT = "2026-11-23T09:00:00+08:00"
FIVE_HUNDRED = {100_00: 5}


def wrong(
    kind: Entry,
    reached: dict[int, int],
    approved: int | None = 500_00,
    transfer: Transfer | None = None,
    counted: bool = False,
    **data: object,
) -> list[str]:
    told = Told()
    draw = None if approved is None else Draw("visit-000001", 3, approved, counted=counted)
    told.hear(Record(1, AT, kind, "visit-000001", data, "", ""), draw, transfer, reached)
    return told.wrong


@pytest.mark.parametrize(
    ("ending", "approved", "reached", "fits"),
    [
        (Ending.PAID, 500_00, FIVE_HUNDRED, True),
        (Ending.PAID, 700_00, FIVE_HUNDRED, False),
        (Ending.PAID, None, {}, False),
        (Ending.PARTLY_PAID, 700_00, FIVE_HUNDRED, True),
        (Ending.PARTLY_PAID, 500_00, FIVE_HUNDRED, False),
        (Ending.PARTLY_PAID, 500_00, {}, False),
        (Ending.NOT_PAID, 500_00, {}, True),
        (Ending.NOT_PAID, 500_00, FIVE_HUNDRED, False),
        (Ending.NOT_PAID, None, {}, False),
        (Ending.SUSPENSE, 500_00, FIVE_HUNDRED, True),
        (Ending.SUSPENSE, None, {}, False),
        (Ending.CANCELLED, None, {}, True),
        (Ending.INTERRUPTED, 500_00, FIVE_HUNDRED, False),
    ],
)
def test_an_ending_fits_what_was_approved_and_came_out(
    ending: Ending, approved: int | None, reached: dict[int, int], fits: bool
) -> None:
    assert (wrong(Entry.VISIT_ENDED, reached, approved, ending=ending) == []) is fits
    assert wrong(Entry.VISIT_ENDED, reached, 500_00, counted=True, ending=ending) == []


def test_a_transfer_that_was_given_up_is_not_paid() -> None:
    given_up = Transfer("visit-000001", 3, 500_00, approved=True, given_up=True)
    assert wrong(Entry.VISIT_ENDED, {}, None, given_up, ending=Ending.NOT_PAID) == []


@pytest.mark.parametrize(
    ("units", "reached", "fits"),
    [
        ("100x5/?/0/0", FIVE_HUNDRED, True),
        ("100x5/5/0/0;50x0/0/0/1", FIVE_HUNDRED, True),
        ("100x4/4/0/0", FIVE_HUNDRED, False),
        ("", FIVE_HUNDRED, False),
        ("100x0/0/0/5", {}, True),
    ],
)
def test_the_host_is_told_of_the_notes_that_came_out(units: str, reached: dict[int, int], fits: bool) -> None:
    assert (wrong(Entry.ADVICE_STORED, reached, stan=3, units=units) == []) is fits
    assert wrong(Entry.ADVICE_STORED, reached, stan=4, units=units) == []


@pytest.mark.parametrize(
    ("between", "is_wrong"),
    [
        ([], True),
        ([Entry.RECEIPT_PRINTED], False),
        ([Entry.RECEIPT_FAILED], False),
        ([Entry.STARTED], False),
        ([Entry.POWER_FAILING], False),
    ],
)
def test_who_was_paid_gets_a_receipt_or_it_is_on_record_why_not(between: list[Entry], is_wrong: bool) -> None:
    told, draw = Told(), Draw("visit-000001", 3, 500_00)
    for kind in (Entry.VISIT_ENDED, *between, Entry.IN_SERVICE):
        told.hear(Record(1, AT, kind, "visit-000001", {"ending": Ending.PAID}, "", ""), draw, None, FIVE_HUNDRED)
    assert bool(told.wrong) is is_wrong


@pytest.mark.parametrize(
    ("bug", "dispenser"), [("K108", "fujitsu-f56"), ("K109", "puloon-lcdm-4000"), ("K110", "puloon-lcdm-4000")]
)
def test_a_kiosk_that_tells_something_else_is_found(bug: str, dispenser: str) -> None:
    dies = Act(fault="A14", at=Entry.ADVICE_STORED, options={"seconds": 5.0})
    day = Tape(seed=3, dispenser=dispenser, visits=(Visit(person=0), Visit(person=0, acts=(dies,))))
    assert run.play(day).violations == ()
    with next(each for each in PLANTED if each.id == bug).plant():
        assert 17 in {violation.invariant for violation in run.play(day).violations}
