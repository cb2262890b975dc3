"""What anybody may ask without a card."""

from datetime import datetime, time, timedelta

from sqlalchemy import insert

from protocol.service_line import information as wire
from simulators.authority.applications.declaration import CURRENT as VERSION
from simulators.authority.applications.texts import field_text, table
from simulators.authority.business_time import SHANGHAI
from simulators.authority.money_line.terminals import find_terminal
from simulators.authority.policy.hours import DayHours
from simulators.authority.policy.opening import Timetable, is_open, next_opening, open_spans, timetables
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.channels import official_channels
from simulators.authority.service_line.receipts import genuine_receipt
from simulators.authority.service_line.refusal import Problem, Refused, refused
from simulators.authority.service_line.texts import ENGLISH, both, help_texts, texts
from simulators.authority.tables.service_line import ratings

DECLARATION = "declaration"
"""The topic that has what an application signs; its title ends with the version."""


def channels(call: Call, body: wire.ChannelInput) -> wire.ChannelOutput:
    """The list of official channels; whatever is not in it is not official."""
    return wire.ChannelOutput(
        channels=tuple(
            wire.OfficialChannel(id=each.id, kind=each.kind, region=each.region, provider=each.provider)
            for each in official_channels(call.connection, body.region)
        )
    )


def rate(call: Call, body: wire.RatingInput) -> wire.Done:
    """Keep a rating without its giver: the day and the channel, no more."""
    assert call.who.channel is not None
    call.connection.execute(insert(ratings).values(day=call.at.date(), channel=call.who.channel.id, stars=body.stars))
    return wire.Done()


def verify(call: Call, body: wire.ReceiptInput) -> wire.ReceiptOutput:
    """What the books say of a receipt; the person is not named. Raises Refused."""
    found = genuine_receipt(call.connection, call.rooms.hsm, body.reference, body.check_code)
    if found is None:
        raise refused("receipt_unknown", "check_code")
    words, english = both(lambda language: texts("outcomes", language)[found.outcome])
    return wire.ReceiptOutput(
        reference=body.reference,
        genuine=True,
        outcome=found.outcome,
        outcome_text=words,
        outcome_text_en=english,
        at=found.at,
        amount_fen=found.amount_fen,
        place=found.place,
        terminal=found.terminal,
    )


def topics(call: Call, body: wire.HelpInput) -> wire.HelpOutput:
    """All topics, or one; the declaration that an application signs, where it is asked for. Raises Refused."""
    told = wire.HelpOutput.model_validate(help_texts(body.language))
    if body.topic == DECLARATION:
        return wire.HelpOutput(topics=(_declaration(body.language),), hotline=told.hotline)
    wanted = tuple(each for each in told.topics if body.topic in (None, each.key))
    if not wanted:
        raise refused("number_unknown", "topic")
    return wire.HelpOutput(topics=wanted, hotline=told.hotline)


def _declaration(language: str) -> wire.Topic:
    return wire.Topic(
        key=DECLARATION,
        title=f"{field_text(DECLARATION, language)} {VERSION}",
        paragraphs=(table(DECLARATION, language)[VERSION],),
    )


def hours(call: Call, body: wire.HoursInput) -> wire.HoursOutput:
    """Service hours of a terminal, or of a region; a terminal that names nothing asks for itself. Raises Refused."""
    name = body.terminal or (call.terminal if body.region is None else None)
    terminal = None if name is None else find_terminal(call.connection, name)
    region = body.region if terminal is None else terminal.region
    if region is None:
        raise refused("number_unknown", "terminal")
    policy = call.rooms.policies.in_force(region, call.at.date())
    if policy is None:
        raise Refused(Problem("no_policy", "region", value=region))
    book = call.rooms.policies
    provider = None if terminal is None else terminal.merchant
    tables = timetables([policy], Channel.ATM, provider, book.calendar)
    closes = _closes(tables, call.at)
    opening = None if closes is None and is_open(tables, call.at) else next_opening(tables, closes or call.at)
    coming = book.coming(policy.region, call.at.date())
    return wire.HoursOutput(
        region=policy.region,
        open_now=is_open(tables, call.at),
        until=closes,
        next_opening=opening,
        hours=_week(policy.hours.atm),
        notices=() if coming is None else (_notice(coming),),
    )


def _closes(tables: list[Timetable], at: datetime) -> datetime | None:
    """When it shuts next; None when it is shut now, or stays open for a week."""
    shuts = at
    for ahead in range(8):
        day = at.date() + timedelta(days=ahead)
        midnight = datetime.combine(day, time(), SHANGHAI)
        for opens, closes in open_spans(tables, day):
            if midnight + timedelta(minutes=opens) <= shuts < midnight + timedelta(minutes=closes):
                shuts = midnight + timedelta(minutes=closes)
        if shuts < midnight + timedelta(days=1):  # it does not go on over midnight
            break
    else:
        return None
    return None if shuts == at else shuts


def _week(hours: DayHours) -> tuple[wire.Hours, ...]:
    kinds = {"working": hours.working, "weekend": hours.weekend, "holiday": hours.holiday}
    if hours.adjusted is not None:
        kinds["adjusted"] = hours.adjusted
    kinds |= {str(day): windows for day, windows in hours.weekdays.items()}
    chinese, english = texts("days"), texts("days", ENGLISH)
    return tuple(
        wire.Hours(kind=kind, days=chinese[kind], days_en=english[kind], windows=windows)
        for kind, windows in kinds.items()
    )


def _notice(coming: RegionPolicy) -> wire.Notice:
    gaps = {"name": coming.name, "region": coming.region, "version": coming.version, "day": str(coming.valid_from)}

    def filled(language: str) -> str:
        text = texts("notices", language)["new_policy"]
        for gap, value in gaps.items():
            text = text.replace(f"{{{gap}}}", value)
        return text

    title, title_en = both(lambda language: texts("notices", language)["new_policy_title"])
    text, text_en = both(filled)
    return wire.Notice(
        id=f"policy:{coming.region}:{coming.version}",
        since=coming.valid_from,
        title=title,
        title_en=title_en,
        text=text,
        text_en=text_en,
    )


HANDLERS = (
    Handler(wire.CHANNELS, channels),
    Handler(wire.RATE, rate),
    Handler(wire.VERIFY_RECEIPT, verify),
    Handler(wire.HOURS, hours),
    Handler(wire.HELP, topics),
)
