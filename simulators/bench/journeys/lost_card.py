"""A card is lost on a journey: reported by phone, kept by the kiosk, replaced at home; the same application goes on."""

from datetime import date, datetime

from protocol.service_line.cards import ACTIVATE, LOSS, REPLACE, ActivateInput, LossInput, LossKind, ReplaceInput
from protocol.service_line.people import Certificate
from simulators.authority.applications.seeds import Granted
from simulators.authority.ledger.draw_rows import draw_by_id
from simulators.authority.ledger.usage import person_use
from simulators.authority.people.register import find_card
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.service_line import ChannelKind, StaffRole
from simulators.bench.customer import Plan
from simulators.bench.journeys.counter_pad import CounterPad
from simulators.bench.journeys.course import Course, Desk
from simulators.bench.journeys.journey import Journey
from simulators.bench.journeys.rules import needing_approval
from simulators.world.virtual_time import BEIJING
from terminal.view import Fen
from terminal.visit import Ending

WEIHAI, SHENZHEN = "371000", "440300"
HOTLINE = Desk("HOTLINE-12393", ChannelKind.PHONE, WEIHAI, "371000000000000")
BRANCH = Desk("BRANCH-WEIHAI", ChannelKind.COUNTER, WEIHAI, "371000000000009")
APP = Desk("BANK-APP", ChannelKind.APP, WEIHAI, "371000000000009")

APPROVED, EACH = 300_000, 100_000
"""The approved application; what is drawn with the old card, and with the new one (fen)."""

NEW_CARD = {"card_number": "S00000039", "pan": "6299991234567890122", "expiry": "3612"}
NEW_PIN = "908172"


async def script(course: Course) -> None:
    """See the docstring of the file."""
    who = course.enrol("wh-plain")
    old = who.person
    number = course.bench.authority.grant(old.pan, Granted(SHENZHEN, APPROVED, home_version="2026.11"))
    known = {"mdtrt_cert_type": Certificate.ID_NUMBER, "mdtrt_cert_no": old.id_number, "name": old.name}
    document = {"document_read": True, "document_valid_to": date(2036, 1, 1)}

    course.chapter("In Shenzhen, with an approved application for 3,000.00 yuan")
    course.check("1000 yuan are paid", await course.visit(who, Plan(amount=EACH // 100)) is Ending.PAID)

    course.chapter("The card is gone", datetime(2026, 11, 23, 15, 0, tzinfo=BEIJING))
    clerk = await course.staff("hotline clerk", "clerk1", StaffRole.TELLER, HOTLINE)
    told = await clerk.ask(LOSS, LossInput(**known), "takes a temporary loss report by phone: name and ID number")
    course.tell("hotline clerk", f"tells the caller: {told.card}, {told.text}")
    course.check("a temporary report lapses after seven days", told.lapses is not None)

    course.chapter("Somebody has found it, and tries it at the kiosk")
    ending = await course.visit(who, Plan(amount=EACH // 100, pins=("123123",)))
    course.check("a lost card gets no money", ending is Ending.DECLINED)
    course.check("the kiosk keeps it, as the policy says", not who.has_card)
    course.check("nothing is held or paid", _used(course, old.pan) == EACH)

    course.chapter("At a branch in Weihai, next morning", datetime(2026, 11, 24, 9, 30, tzinfo=BEIJING))
    teller = await course.staff("teller", "teller1", StaffRole.TELLER, BRANCH)
    pad = CounterPad(course.bench, "WH000001", BRANCH.provider, WEIHAI)
    formal = LossInput(**known, **document, kind=LossKind.FORMAL)
    asked = ReplaceInput(
        **known,
        **document,
        **NEW_CARD,
        pin_terminal=pad.terminal,
        pin_block=pad.block(NEW_CARD["pan"], NEW_PIN),
    )
    await teller.refused(REPLACE, asked, "would issue a new card on the temporary report")
    await teller.ask(LOSS, formal, "takes the formal loss report: the ID document was read")
    issued = await teller.ask(REPLACE, asked, "issues a new card; its holder types a new PIN at the PIN pad")
    course.tell("teller", f"hands over {issued.card}")
    course.check("the new card waits for its activation", issued.state == "not_activated")
    who.takes_new_card(**NEW_CARD, pin=NEW_PIN)

    course.chapter("Back in Shenzhen", datetime(2026, 11, 26, 9, 0, tzinfo=BEIJING))
    await course.morning()
    ending = await course.visit(who, Plan(amount=EACH // 100))
    course.check("a new card must be activated first", ending is Ending.DECLINED)
    course.check("and comes back", who.has_card)
    app = await course.online(who, "holder (app)", APP)
    await app.ask(ACTIVATE, ActivateInput(), "asks for a code to activate the new card")
    active = await app.ask(ACTIVATE, ActivateInput(code=course.code(who)), "types the code")
    course.check("it is active at once", active.card == "active")

    course.chapter("The same application, with the new card")
    left: list[object] = []
    course.bench.watch(
        lambda view: left.extend(line.values["left"] for line in view.lines if line.key == "confirm.application_left")
    )
    course.check("1000 yuan more are paid", await course.visit(who, Plan(amount=EACH // 100)) is Ending.PAID)
    course.check("the screen tells what is left of it", left[-1:] == [Fen(APPROVED - 2 * EACH)])
    rows = course.bench.authority.draws()
    with course.bench.behind.database.transaction() as connection:
        drawn = [draw_by_id(connection, row.id) for row in rows]
    course.check(
        "both cards drew on one application of one person",
        len(drawn) == 2 and len({(draw.application_id, draw.person_id) for draw in drawn}) == 1,
    )
    course.check("it is the one that was approved", bool(number) and drawn[0].application_id is not None)
    course.check("what was drawn with both counts for the limits", _used(course, who.person.pan) == 2 * EACH)
    course.check("balance and history are those of before", _used(course, old.pan) == 2 * EACH)


def _used(course: Course, pan: str) -> int:
    """What the holder of a card has drawn this year, holds included (fen)."""
    bench = course.bench
    with bench.behind.database.transaction() as connection:
        card = find_card(connection, bench.behind.hsm, pan)
        assert card is not None
        began = date(course.now.year, 1, 1)
        return person_use(connection, card.person_id, course.now.date(), began, PayoutMode.CASH).year_fen


LOST_CARD = Journey(
    "A card is lost on a journey: reported by phone, kept by the kiosk when a finder tries it, replaced at home, the "
    "new one activated; the same approved application is drawn on with it.",
    script,
    Ending.PAID,
    policies=lambda: (needing_approval(WEIHAI), needing_approval(SHENZHEN)),
)
