"""8321 and 8322: reviewers and supervisors stop a card or an account, and let them go on; the person is told."""

from typing import assert_never

from protocol.service_line import restraints as wire
from protocol.service_line.cards import CardOutput
from simulators.authority.people.accounts import set_state, state_of
from simulators.authority.people.cards import freeze_card, unfreeze_card
from simulators.authority.people.pins import order_pin_block
from simulators.authority.people.refusal import Refused as PeopleRefused
from simulators.authority.people.register import card_of_id, current_card
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import of_people
from simulators.authority.service_line.refusal import refused
from simulators.authority.tables.people import PersonState


def card(call: Call, body: wire.RestrainCardInput) -> CardOutput:
    """Freeze or release a card, or block its PIN. Raises Refused."""
    connection, person_id = call.connection, int(body.psn_no)
    try:
        state_of(connection, person_id)
        found = current_card(connection, person_id)
        if found is None:
            raise refused("no_card")
        match body.act:
            case wire.CardAct.FREEZE:
                freeze_card(connection, call.actor, call.at, found, body.reason)
            case wire.CardAct.RELEASE:
                unfreeze_card(connection, call.actor, call.at, found, body.reason)
            case wire.CardAct.BLOCK_PIN:
                order_pin_block(connection, call.actor, call.at, found, body.reason)
            case _:
                assert_never(body.act)
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    now = card_of_id(connection, found.id)
    return CardOutput(card=now.masked_pan, state=now.state_at(call.at))


def account(call: Call, body: wire.AccountInput) -> wire.AccountOutput:
    """Make an account what it is to be. Raises Refused."""
    person_id, state = int(body.psn_no), PersonState(body.state)
    try:
        before = state_of(call.connection, person_id)
        set_state(call.connection, call.actor, call.at, person_id, state, body.reason)
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    return wire.AccountOutput(before=before, account=state)


HANDLERS = (
    Handler(wire.RESTRAIN_CARD, card),
    Handler(wire.ACCOUNT, account),
)
