"""8111 and 8112: payouts at a counter and online, on the same ledger, holds and limits as those at a terminal."""

from sqlalchemy import select

from protocol.money_line import ResponseCode
from protocol.service_line import payouts as wire
from protocol.service_line.service import Caller
from protocol.service_line.values import yuan
from simulators.authority.applications.store import by_number
from simulators.authority.ledger.draw_rows import Draw, MessageKey, find_draw
from simulators.authority.ledger.draws import Ending
from simulators.authority.ledger.payouts import (
    Office,
    PayoutAnswer,
    PayoutRequest,
    authorise_payout,
    cancel_payout,
    confirm_payout,
    quote_payout,
)
from simulators.authority.ledger.usage import unheld_fen
from simulators.authority.money_line.exchanges import payout_reference
from simulators.authority.money_line.terminals import find_terminal
from simulators.authority.policy.vocabulary import Channel, PayoutMode
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.refusal import Problem, Refused, refused
from simulators.authority.service_line.texts import DEFAULT_LANGUAGE, ENGLISH, reason_text, rule_text
from simulators.authority.tables.people import persons

ENDINGS = {
    Ending.CONFLICT: "payout_ended",
    Ending.NOT_FOUND: "number_unknown",
    Ending.TOO_MUCH: "payout_other_sum",
}
"""Why an ending is not taken; the keys of their texts."""


def authorise(call: Call, body: wire.PayoutInput) -> wire.PayoutOutput | Refused:
    """Decide and hold; a refusal is kept with its decision."""
    mode = PayoutMode(body.mode)
    if mode is PayoutMode.CASH and call.channel is not Channel.COUNTER:
        raise refused("cash_at_counters_only", "mode")
    person_id = call.person(body)
    request = _request(call, person_id, mode, body.number, body.amount_fen)
    answer = authorise_payout(call.connection, _office(call), request, call.at)
    if answer.code is not ResponseCode.APPROVED:
        return Refused(*reasons_of(answer))
    return wire.PayoutOutput(
        omsgid=call.envelope.msgid,
        held_fen=body.amount_fen,
        balance_after_fen=max(0, unheld_fen(call.connection, person_id)),
        payee=answer.payee,
    )


def confirm(call: Call, body: wire.ConfirmInput) -> wire.ConfirmOutput:
    """Pay what is held, or give it back. Raises Refused."""
    channel = call.who.channel
    assert channel is not None
    draw = find_draw(call.connection, MessageKey(channel.provider, body.omsgid, call.at.date()))
    if draw is None or not _may_end(call, draw):
        raise refused("number_unknown", "omsgid")
    assert draw.person_id is not None
    assert draw.mode is not None
    request = PayoutRequest(
        body.omsgid, channel.provider, draw.person_id, call.channel, draw.mode, draw.amount_fen, draw.place
    )
    if body.ending is wire.Ending.PAID:
        end = confirm_payout(call.connection, request, body.paid_fen, call.at)
    else:
        end = cancel_payout(call.connection, request, call.at)
    if end.ending is not Ending.DONE:
        raise refused(ENDINGS[end.ending], "omsgid")
    reference = payout_reference(draw.key.business_date, draw.id)
    return wire.ConfirmOutput(
        omsgid=body.omsgid,
        ending=body.ending,
        paid_fen=body.paid_fen if body.ending is wire.Ending.PAID else 0,
        transfer=end.transfer,
        reference=reference,
        check_code=call.rooms.hsm.check_code(reference),
    )


def quote(call: Call, person_id: int, mode: PayoutMode, number: str | None = None) -> PayoutAnswer:
    """What would be paid here and now, by the decision that authorises. Raises Refused."""
    return quote_payout(
        call.connection, _office(call), _request(call, person_id, mode, number, 0), call.at, call.terminal
    )


def _office(call: Call) -> Office:
    return Office(call.rooms.hsm, call.rooms.policies, call.rooms.risk)


def _request(call: Call, person_id: int, mode: PayoutMode, number: str | None, fen: int) -> PayoutRequest:
    channel = call.who.channel
    assert channel is not None
    provider, place = channel.provider, channel.region
    if call.who.caller is Caller.PERSON:
        place = _place_online(call, number, person_id)
    elif call.terminal is not None and (terminal := find_terminal(call.connection, call.terminal)) is not None:
        provider, place = terminal.merchant, terminal.region
    return PayoutRequest(call.envelope.msgid, provider, person_id, call.channel, mode, fen, place)


def _place_online(call: Call, number: str | None, person_id: int) -> str:
    """Where the treatment is that the application is for; without an application, at home. Raises Refused."""
    if number is None:
        return str(call.connection.scalar(select(persons.c.region).where(persons.c.id == person_id)))
    found = by_number(call.connection, number)
    if found is None or found.person_id != person_id:
        raise refused("number_unknown", "number")
    return found.place


def _may_end(call: Call, draw: Draw) -> bool:
    """A person's own transfer; or one of the teller's provider: only a counter knows what went over it."""
    if call.who.caller is Caller.PERSON:
        return draw.person_id == call.actor.person_id and draw.mode is PayoutMode.TRANSFER
    channel = call.who.channel
    return channel is not None and isinstance(draw.key, MessageKey) and draw.key.provider == channel.provider


def reasons_of(answer: PayoutAnswer) -> tuple[Problem, ...]:
    """Every rule that refused or binds, with region, version and what it allows; else what the reply code means."""
    decision = answer.decision
    allowed: dict[str, str] = {} if decision is None else {each.rule: each.value for each in decision.results}
    problems = [
        Problem(
            each.rule,
            region=each.region,
            version=each.version,
            value=allowed.get(each.rule),
            text=rule_text(each.rule),
            text_en=rule_text(each.rule, ENGLISH),
        )
        for each in answer.rules
    ]
    if decision is not None and decision.refused and decision.maximum_fen:
        problems.append(_maximum(decision.maximum_fen))
    return tuple(problems) or (Problem(f"code_{answer.code}", text=answer.code.zh, text_en=answer.code.en),)


def _maximum(fen: int) -> Problem:
    """What could be drawn instead."""
    zh, en = (reason_text("maximum", yuan(fen), language) for language in (DEFAULT_LANGUAGE, ENGLISH))
    return Problem("maximum", "amount_fen", value=str(fen), text=zh, text_en=en)


HANDLERS = (Handler(wire.AUTHORISE, authorise), Handler(wire.CONFIRM, confirm))
