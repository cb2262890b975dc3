"""8301 to 8304: loss report, activation, PIN change, and what a person sets for himself."""

from protocol.service_line import cards as wire
from protocol.service_line.people import Certificate, PersonInput
from protocol.service_line.service import Caller
from simulators.authority.money_line.terminals import find_terminal
from simulators.authority.people.accounts import ACTIVATION, activate, state_of
from simulators.authority.people.cards import report_loss
from simulators.authority.people.codes import send_code
from simulators.authority.people.identity import Identity, identify
from simulators.authority.people.own_rules import Changes, OwnRules, change_own_rules
from simulators.authority.people.pins import change_pin
from simulators.authority.people.refusal import Refused as PeopleRefused
from simulators.authority.people.register import current_card, find_card
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import of_people
from simulators.authority.service_line.refusal import Refused, refused
from simulators.authority.service_line.texts import reason_text
from simulators.authority.tables.people import DocumentKind, LossKind

KINDS = {wire.LossKind.TEMPORARY: LossKind.TEMPORARY, wire.LossKind.FORMAL: LossKind.FORMAL}


def loss(call: Call, body: wire.LossInput) -> wire.LossOutput:
    """Stop a person's card in every channel. Raises Refused."""
    identity = None
    try:
        if body.mdtrt_cert_type is Certificate.ID_NUMBER and call.who.caller is not Caller.PERSON:
            identity = _identity(call, body, body.name, body)
            person_id = identify(call.connection, call.rooms.hsm, identity, call.at.date())
            actor = call.actor
        else:
            person_id = call.person(body)
            actor = call.acting(person_id)
        card = current_card(call.connection, person_id)
        if card is None:
            raise refused("no_card")
        kind = KINDS[body.kind]
        until = report_loss(call.connection, call.rooms.hsm, actor, call.at, card, kind, call.channel, identity)
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    key = "loss_formal" if until is None else "loss_temporary"
    return wire.LossOutput(card=card.masked_pan, kind=body.kind, lapses=until, text=reason_text(key))


def activation(call: Call, body: wire.ActivateInput) -> wire.ActivateOutput | Refused:
    """Send a code to the registered phone, or activate with it; a wrong code stays counted."""
    connection, hsm = call.connection, call.rooms.hsm
    person_id = call.person(body)
    actor = call.acting(person_id)
    try:
        if body.code is None:
            send_code(connection, hsm, actor, call.at, person_id, ACTIVATION, body.phone)
            return _activated(call, person_id, code_sent=True)
        identity = None if call.who.caller is not Caller.TELLER else _identity(call, body, body.name, None)
        done = activate(connection, hsm, actor, call.at, person_id, body.code, identity)
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    return of_people(done.problems) if done.problems else _activated(call, person_id, code_sent=False)


def new_pin(call: Call, body: wire.PinChangeInput) -> wire.PinChangeOutput | Refused:
    """Change the PIN of the card in the terminal; a wrong old PIN stays counted."""
    connection, hsm = call.connection, call.rooms.hsm
    visit = call.visit(body)
    card = find_card(connection, hsm, body.pan)
    if card is None or card.id != visit.card_id:
        raise refused("card_of_visit", "pan")
    terminal = find_terminal(connection, call.terminal or "")
    home = call.rooms.policies.in_force(card.region, call.at.date())
    if terminal is None or terminal.pik is None or home is None:
        raise refused("visit_over", "mdtrt_cert_no")
    blocks = bytes.fromhex(body.old_pin_block), bytes.fromhex(body.new_pin_block)
    actor = call.acting(visit.person_id)
    problems = change_pin(connection, hsm, actor, call.at, card, body.pan, home.card, terminal.pik, *blocks)
    return of_people(problems) if problems else wire.PinChangeOutput(card=card.masked_pan)


def own_rules(call: Call, body: wire.OwnRulesInput) -> wire.OwnRulesOutput:
    """Change what is named, in every channel at once. Raises Refused."""
    person_id = call.person(body)
    changes = Changes(body.single_fen, body.day_fen, body.locked, body.alerts, body.low_balance_fen)
    actor = call.acting(person_id)
    try:
        rules: OwnRules = change_own_rules(call.connection, call.rooms.hsm, actor, call.at, person_id, changes)
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    return wire.OwnRulesOutput(
        single_fen=rules.own_single_fen,
        day_fen=rules.own_day_fen,
        locked=rules.locked,
        alerts=rules.alerts,
        low_balance_fen=rules.low_balance_fen,
    )


def _identity(call: Call, body: PersonInput, name: str | None, document: wire.LossInput | None) -> Identity:
    """What somebody says or shows. Raises Refused."""
    if body.mdtrt_cert_no is None:
        raise refused("who_is_meant", "mdtrt_cert_no")
    if not name:
        raise refused("name_needed", "name")
    if call.who.caller is not Caller.TELLER or document is None or not document.document_read:
        return Identity(body.mdtrt_cert_no, name)
    return Identity(body.mdtrt_cert_no, name, DocumentKind.ID_CARD, document.document_valid_to)


def _activated(call: Call, person_id: int, *, code_sent: bool) -> wire.ActivateOutput:
    card = current_card(call.connection, person_id)
    return wire.ActivateOutput(
        account=state_of(call.connection, person_id),
        card=None if card is None else card.state_at(call.at),
        code_sent=code_sent,
    )


HANDLERS = (
    Handler(wire.LOSS, loss),
    Handler(wire.ACTIVATE, activation),
    Handler(wire.CHANGE_PIN, new_pin),
    Handler(wire.OWN_RULES, own_rules),
)
