"""Cash in another city over New Year: of each limit the stricter counts, and every draw in its own day and year."""

from datetime import date, datetime

from protocol.money_line import CashRequest
from protocol.service_line.policy import POLICY, PolicyInput
from simulators.authority.ledger.draw_rows import draw_by_id
from simulators.authority.ledger.usage import person_use, region_use
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.ledger import DrawState
from simulators.authority.tables.service_line import ChannelKind
from simulators.bench.customer import Plan
from simulators.bench.journeys.cast import Traveller
from simulators.bench.journeys.course import Course, Desk
from simulators.bench.journeys.journey import Journey
from simulators.bench.journeys.rules import with_cash_limits
from simulators.world.virtual_time import BEIJING
from terminal.texts import yuan
from terminal.view import Fen, Screen, View
from terminal.visit import Ending

CHENGDU, SHENZHEN = "510100", "440300"
SITE = Desk("WEB-CHENGDU", ChannelKind.WEB, CHENGDU, "510100000000001")

HOME = {"single_fen": 300_000, "day_fen": 300_000, "year_fen": 800_000}
PLACE = {"single_fen": 200_000, "day_fen": 500_000, "year_fen": 450_000}
STRICTER = {"single_limit": SHENZHEN, "day_limit": CHENGDU, "annual_limit": SHENZHEN}
"""Whose limit binds."""

NEW_YEARS_EVE, NEW_YEAR_DAY = date(2026, 12, 31), date(2027, 1, 1)


async def script(course: Course) -> None:
    """See the docstring of the file."""
    who = course.enrol("cd-plain")
    most: list[int] = []
    course.bench.watch(lambda view: most.extend(_maximum(view)))

    course.chapter("Insured in Chengdu, on a journey to Shenzhen")
    guest = course.anybody("traveller (web)", SITE)
    rules = await guest.ask(POLICY, PolicyInput(home=CHENGDU, destination=SHENZHEN), "reads both policies at home")
    binding = {rule.key: rule for rule in rules.combined if rule.key in STRICTER}
    for rule in binding.values():
        course.tell("traveller (web)", f"reads: {rule.label} {rule.text} ({rule.region})")
    course.check("of each limit the stricter counts", {key: rule.region for key, rule in binding.items()} == STRICTER)
    course.check("2000 yuan, the single limit of Shenzhen, are paid", await _draws(course, who, 2000) is Ending.PAID)
    course.check("and no more could be had at once", most[-1] == PLACE["single_fen"])

    course.chapter("New Year's Eve, in the afternoon", datetime(2026, 12, 31, 15, 0, tzinfo=BEIJING))
    await course.morning()
    course.check("2000 yuan are paid on another day", await _draws(course, who, 2000) is Ending.PAID)
    course.check("2000 yuan count for the day", _used(course, who, NEW_YEARS_EVE) == (200_000, 400_000))

    course.chapter("New Year's Eve, at the last moment", datetime(2026, 12, 31, 23, 59, 33, tzinfo=BEIJING))
    left = PLACE["year_fen"] - 400_000
    course.tell("story", f"Chengdu would leave 1,000.00 yuan of its day, Shenzhen leaves {yuan(left)} of its year")
    course.bench.authority.faults.lose_reply_on[CashRequest] = 1
    ending = await _draws(course, who, 500)
    course.check("no more could be had than what both regions leave", most[-1] == left)
    course.check("the approval was lost on its way: no cash", ending is Ending.NO_ANSWER)
    lost = course.bench.authority.draws()[-1]
    course.check("it was held before midnight", _day_of(course, lost.id) == NEW_YEARS_EVE)
    course.check("and given back after midnight", lost.state is DrawState.REVERSED and course.now.year == 2027)
    course.check("to its own day and year", _used(course, who, NEW_YEARS_EVE) == (200_000, 400_000))
    course.check("and the new ones are untouched", _used(course, who, NEW_YEAR_DAY) == (0, 0))

    course.chapter("Just after midnight")
    await course.kiosk_ready()
    course.check("2000 yuan are paid: day and year are new", await _draws(course, who, 2000) is Ending.PAID)
    course.check("the single limit is the only one that binds", most[-1] == PLACE["single_fen"])
    course.check("they count for the new day and year", _used(course, who, NEW_YEAR_DAY) == (200_000, 200_000))
    course.check("and not for the old ones", _used(course, who, NEW_YEARS_EVE) == (200_000, 400_000))
    course.check("both regions count the same", _regions_agree(course))


async def _draws(course: Course, who: Traveller, amount: int) -> Ending:
    return await course.visit(who, Plan(amount=amount))


def _maximum(view: View) -> list[int]:
    """What the screen of amounts says that may be drawn at most (fen)."""
    told = [line.values["maximum"] for line in view.lines if line.key == "amount.maximum"]
    return [value.amount for value in told if view.screen is Screen.AMOUNT and isinstance(value, Fen)]


def _used(course: Course, who: Traveller, on: date) -> tuple[int, int]:
    """What the person has used on a day, and in its year."""
    number = course.person_id(who)
    with course.bench.behind.database.transaction() as connection:
        use = person_use(connection, number, on, on.replace(month=1, day=1), PayoutMode.CASH)
    until = sum(draw.confirmed_fen for draw in course.bench.authority.draws() if _day_of(course, draw.id) > on)
    return use.today_fen, use.year_fen - until


def _regions_agree(course: Course) -> bool:
    """Do the books of home and place have the same sums for both days and years?"""
    with course.bench.behind.database.transaction() as connection:
        for on, day_fen, year_fen in ((NEW_YEARS_EVE, 200_000, 400_000), (NEW_YEAR_DAY, 200_000, 200_000)):
            home = region_use(connection, CHENGDU, on, on.replace(month=1, day=1))
            place = region_use(connection, SHENZHEN, on, on.replace(month=1, day=1))
            sums = (home.insured_today_fen, home.insured_year_fen, place.paid_today_fen, place.paid_year_fen)
            if sums != (day_fen, year_fen, day_fen, year_fen):
                return False
    return True


def _day_of(course: Course, draw_id: int) -> date:
    """The business date of a draw."""
    with course.bench.behind.database.transaction() as connection:
        return draw_by_id(connection, draw_id).key.business_date


NEW_YEAR = Journey(
    "Cash in another city over New Year: of day, year and single limit the stricter region's counts, and what is lost "
    "on the way at midnight comes back to its own day and year.",
    script,
    Ending.PAID,
    begins=datetime(2026, 12, 30, 10, 0, tzinfo=BEIJING),
    policies=lambda: (with_cash_limits(CHENGDU, **HOME), with_cash_limits(SHENZHEN, **PLACE)),
)
