"""8301 to 8304 and 8306 to 8309: the life of a card and its PIN, and what a person sets for himself."""

from protocol.service_line import cards as wire
from protocol.service_line.people import Certificate, PersonInput
from protocol.service_line.service import Caller
from simulators.authority.money_line.terminals import find_terminal
from simulators.authority.people.accounts import ACTIVATION, activate, state_of
from simulators.authority.people.cards import replace_card, report_loss, take_back_loss
from simulators.authority.people.codes import send_code
from simulators.authority.people.identity import Identity, identify, registered_identity
from simulators.authority.people.misuse import own_card
from simulators.authority.people.own_rules import Changes, OwnRules, change_own_rules
from simulators.authority.people.pins import block_pin, change_pin, unblock_pin
from simulators.authority.people.refusal import Problem as PeopleProblem
from simulators.authority.people.refusal import Refused as PeopleRefused
from simulators.authority.people.register import Card, NewCard, TypedPin, current_card
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import of_people
from simulators.authority.service_line.refusal import Refused, refused
from simulators.authority.service_line.texts import both, reason_text
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
    text, english = both(lambda language: reason_text(key, language=language))
    return wire.LossOutput(card=card.masked_pan, kind=body.kind, lapses=until, text=text, text_en=english)


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
    card = own_card(connection, hsm, call.at, body.pan, visit.person_id, call.region, call.terminal)
    if isinstance(card, PeopleProblem):
        return of_people([card])
    if card.id != visit.card_id:
        raise refused("card_of_visit", "pan")
    terminal = find_terminal(connection, call.terminal or "")
    home = call.rooms.policies.in_force(card.region, call.at.date())
    if terminal is None or terminal.pik is None or home is None:
        raise refused("visit_over", "mdtrt_cert_no")
    blocks = bytes.fromhex(body.old_pin_block), bytes.fromhex(body.new_pin_block)
    actor = call.acting(visit.person_id)
    problems = change_pin(
        connection, hsm, actor, call.at, card, body.pan, home.card, terminal.pik, *blocks, terminal.cipher
    )
    return of_people(problems) if problems else wire.PinChangeOutput(card=card.masked_pan)


def found_again(call: Call, body: wire.FoundInput) -> wire.CardOutput | Refused:
    """Take back a loss report: the person online, or a counter that read the document."""
    person_id, identity = _who(call, body)
    card = _held(call, body.pan, person_id)
    if isinstance(card, Refused):
        return card
    try:
        card = take_back_loss(
            call.connection, call.rooms.hsm, call.acting(person_id), call.at, card, call.channel, identity
        )
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    return wire.CardOutput(card=card.masked_pan, state=card.state_at(call.at))


def replacement(call: Call, body: wire.ReplaceInput) -> wire.CardOutput | Refused:
    """Issue a new card with a PIN that the holder typed at a PIN pad of this provider."""
    person_id, identity = _who(call, body)
    card = _held(call, body.handed_in_pan, person_id)
    if isinstance(card, Refused):
        return card
    pad = find_terminal(call.connection, body.pin_terminal)
    if pad is None or pad.pik is None or call.who.channel is None or pad.merchant != call.who.channel.provider:
        raise refused("pin_pad_unknown", "pin_terminal")
    pin = TypedPin(pad.pik, bytes.fromhex(body.pin_block), pad.cipher)
    new = NewCard(body.card_number, body.pan, body.expiry, pin)
    handed_in = body.handed_in_pan is not None
    try:
        issued = replace_card(
            call.connection, call.rooms.hsm, call.actor, call.at, card, new, identity, handed_in=handed_in
        )
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    return wire.CardOutput(card=issued.masked_pan, state=issued.state_at(call.at))


def pin_unblocked(call: Call, body: wire.UnblockInput) -> wire.CardOutput | Refused:
    """Let the PIN of the person's card count again."""
    person_id, identity = _who(call, body)
    card = _held(call, None, person_id)
    if isinstance(card, Refused):
        return card
    home = call.rooms.policies.in_force(card.region, call.at.date())
    if home is None:
        raise refused("no_policy", value=card.region)
    try:
        unblock_pin(call.connection, call.rooms.hsm, call.actor, call.at, card, home.card, identity)
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    return wire.CardOutput(card=card.masked_pan, state=card.state_at(call.at))


def pin_blocked(call: Call, body: wire.BlockPinInput) -> wire.CardOutput | Refused:
    """No PIN of the person's card counts any more. Raises Refused."""
    if call.who.caller is Caller.TELLER:
        person_id, _ = _who(call, body)
    else:
        person_id = call.person(body)
    card = _held(call, None, person_id)
    if isinstance(card, Refused):
        return card
    try:
        block_pin(call.connection, call.rooms.hsm, call.acting(person_id), call.at, card)
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    return wire.CardOutput(card=card.masked_pan, state=card.state_at(call.at))


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


def _who(call: Call, body: wire.ShownInput) -> tuple[int, Identity]:
    """Whose business it is, and by what that is known: a sign-on, or what a counter read. Raises Refused."""
    if call.who.caller is Caller.PERSON:
        person_id = call.person(body)
        return person_id, registered_identity(call.connection, call.rooms.hsm, person_id)
    identity = _identity(call, body, body.name, body)
    try:
        return identify(call.connection, call.rooms.hsm, identity, call.at.date()), identity
    except PeopleRefused as error:
        raise of_people(error.problems) from None


def _held(call: Call, pan: str | None, person_id: int) -> Card | Refused:
    """The card that somebody holds, which must be the person's own; without a number the person's newest one."""
    if pan is None:
        card = current_card(call.connection, person_id)
        if card is None:
            raise refused("no_card")
        return card
    found = own_card(call.connection, call.rooms.hsm, call.at, pan, person_id, call.region, call.terminal)
    return of_people([found]) if isinstance(found, PeopleProblem) else found


def _identity(call: Call, body: PersonInput, name: str | None, document: wire.ShownInput | None) -> Identity:
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
    Handler(wire.FOUND, found_again),
    Handler(wire.REPLACE, replacement),
    Handler(wire.UNBLOCK_PIN, pin_unblocked),
    Handler(wire.BLOCK_PIN, pin_blocked),
)
