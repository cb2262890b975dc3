"""A withdrawal fails: the person is told why and whom to ask, and the counter finds and solves it by its number."""

import re
from datetime import datetime

from drivers.interfaces import UnitCounts
from protocol.service_line.information import VERIFY_RECEIPT, ReceiptInput
from protocol.service_line.withdrawals import LOOK_UP, LookUpInput
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from simulators.bench.customer import Plan
from simulators.bench.events import EventLog
from simulators.bench.hands import Hands
from simulators.bench.journeys.course import PASSWORD, Course, Desk
from simulators.bench.journeys.journey import Journey
from simulators.bench.scenarios import presenter
from simulators.world.virtual_time import BEIJING
from terminal import counting, recovery, suspense
from terminal.journal import Journal
from terminal.texts import render, yuan
from terminal.view import Screen, View
from terminal.visit import Ending

BRANCH = Desk("BRANCH-SHENZHEN", ChannelKind.COUNTER, "440300", "440300000000001")
"""A counter of the bank that runs the kiosk."""

AMOUNT = 500
"""Yuan."""

OPERATORS = ("guan", "fang")


async def script(course: Course) -> None:
    """See the docstring of the file."""
    who = course.enrol("wh-plain")
    authority = course.bench.authority
    before = authority.balance_fen(who.person.pan)
    last: list[View] = []
    course.bench.watch(lambda view: last.append(view) if view.screen is Screen.SORRY else None)

    course.chapter("The notes are presented, but nobody takes them in time")
    ending = await course.visit(who, Plan(amount=AMOUNT, walks_away_at=Screen.TAKE_CASH))
    course.check("the notes went back into the kiosk", ending is Ending.RETRACTED and not who.notes)
    told = " ".join(render(line, "zh_CN") for line in last[-1].lines)
    receipt = who.receipts[0]
    reference, code = _numbers(receipt)
    course.check(
        "screen and receipt tell the reason in words", "收回" in told and "未取走的现金已由本机收回" in receipt
    )
    course.check("both name the number of the case", bool(reference) and reference in told)
    course.check("and the hotline", "12393" in told and "12393" in receipt)

    course.chapter("At a counter of the bank, with the receipt", datetime(2026, 11, 23, 9, 40, tzinfo=BEIJING))
    teller = await course.staff("teller", "teller1", StaffRole.TELLER, BRANCH)
    found = await teller.ask(LOOK_UP, LookUpInput(reference=reference), f"looks up {reference}")
    course.tell("teller", f"sees: {found.person} {found.card}, {found.outcome_text}, {yuan(found.held_fen)} yuan held")
    for word in found.told:
        course.tell("teller", f"sees what the kiosk said: {word.text}")
    course.check("the counter sees the true state of the books", (found.held_fen, found.paid_fen) == (AMOUNT * 100, 0))
    course.check("and of the device", found.awaits_count and "5 counted by the device" in found.told[-1].text)
    course.check("the whole sum is held until people have counted", authority.held_fen(who.person.pan) == AMOUNT * 100)
    stranger = await course.staff(
        "teller elsewhere",
        "teller9",
        StaffRole.TELLER,
        Desk("BRANCH-CD", ChannelKind.COUNTER, "510100", "510100000000001"),
    )
    await stranger.refused(LOOK_UP, LookUpInput(reference=reference), "tries the same number at another bank")

    course.chapter("Two operators open the kiosk and count", datetime(2026, 11, 23, 10, 30, tzinfo=BEIJING))
    hands = Hands(course.bench, EventLog(lambda: ""), ())
    box = hands.insert_capture_box(inserted=False)
    hands.insert_capture_box(inserted=True)
    course.tell("operators", f"find {len(box)} notes of 100 yuan in the box of retracted notes")
    course.check("all notes are there", len(box) == AMOUNT // 100)
    await course.bench.stop_for(lambda journal: _enter(journal, len(box)))
    await course.kiosk_ready()

    course.chapter("The counter looks again")
    await teller.sign_on(PASSWORD)
    solved = await teller.ask(LOOK_UP, LookUpInput(reference=reference), f"looks up {reference} again")
    course.tell("teller", f"sees: {solved.outcome_text}, {yuan(solved.held_fen)} yuan held")
    for word in solved.told[len(found.told) :]:
        course.tell("teller", f"sees what the kiosk said: {word.text}")
    course.check("what was counted is on record", "0 yuan paid" in solved.told[-1].text)
    course.check("nothing is held any more, nothing was paid", (solved.held_fen, solved.paid_fen) == (0, 0))
    course.check("the account is whole again", authority.unheld_fen(who.person.pan) == before)
    proof = await teller.ask(VERIFY_RECEIPT, ReceiptInput(reference=reference, check_code=code), "verifies the receipt")
    course.tell("teller", f"sees: {proof.outcome_text}")
    course.check("the receipt is genuine", proof.genuine)
    ending = await course.visit(who, Plan(amount=AMOUNT))
    course.check("the same cash can be had now", ending is Ending.PAID and who.notes_fen == AMOUNT * 100)


def _numbers(receipt: str) -> tuple[str, str]:
    """Reference and check code, as the QR code of a receipt has them."""
    found = re.search(r"\[QR (\d{12}) ([0-9A-Z]{8})\]", receipt)
    return ("", "") if found is None else (found[1], found[2])


def _enter(journal: Journal, found: int) -> None:
    """What the customer got is what is missing; the box was emptied."""
    records = list(journal.records())
    cash = recovery.fold(records).cash
    for item in suspense.open_items(records):
        assert found == sum(item.mix.values()), "nobody took a note"
        suspense.resolve(journal, item, {unit: UnitCounts() for unit in item.mix}, cash, OPERATORS)
    counting.empty_retract_area(journal, cash, found, OPERATORS)


FAILED = Journey(
    "A failed withdrawal: the notes are not taken and go back; screen and receipt give reason, number and hotline, the "
    "counter finds the case by the number, people count, and the account is whole.",
    script,
    Ending.PAID,
    set_up=presenter(),
)
