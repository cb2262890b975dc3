"""8113 and 8114: a counter finds a withdrawal by its reference; a terminal reports notes in doubt."""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, select

from protocol.money_line import response_code
from protocol.service_line import withdrawals as wire
from protocol.service_line.information import Done
from simulators.authority.ledger.enquiries import all_enquiries
from simulators.authority.people.names import masked_name
from simulators.authority.people.register import card_of_id
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.receipts import NOTHING_MOVED, exchange_with
from simulators.authority.service_line.refusal import refused
from simulators.authority.service_line.texts import both, texts
from simulators.authority.supervision.audit import note
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.ledger import DrawState
from simulators.authority.tables.people import persons
from simulators.authority.tables.supervision import incidents

CASH_IN_DOUBT = "cash in doubt"
"""The kind of incident that a report becomes."""

_NAME = select(persons.c.name_sealed).where(persons.c.id == bindparam("person"))


def look_up(call: Call, body: wire.LookUpInput) -> wire.LookUpOutput:
    """What books and terminal say; that somebody looked is on record. Raises Refused."""
    row = _row(call, body.reference)
    card = None if row["card_id"] is None else card_of_id(call.connection, row["card_id"])
    home = row["home"] if card is None else card.region
    channel = call.who.channel
    assert channel is not None
    at_home = home is not None and pooling_region(home) == pooling_region(channel.region)
    if channel.provider != row["merchant"] and not at_home:
        raise refused("number_unknown", "reference")
    note(call.connection, call.at, call.actor, "looked at a withdrawal", f"exchange:{row['id']}")
    person_id = row["person_id"] if card is None else card.person_id
    sealed = None if person_id is None else call.connection.scalar(_NAME, {"person": person_id})
    code = response_code(json.loads(row["reply"])["code"])
    outcome = row["state"] or NOTHING_MOVED
    words, english = both(lambda language: texts("outcomes", language)[outcome])
    held = row["state"] == DrawState.HELD
    waiting = [each for each in all_enquiries(call.connection, undecided=True) if each.draw_id == row["draw_id"]]
    told = tuple(_told(call, row["draw_id"]))
    return wire.LookUpOutput(
        reference=body.reference,
        at=datetime.fromisoformat(row["at"]),
        terminal=row["terminal"],
        place=row["place"],
        person=None if sealed is None else masked_name(call.rooms.hsm.unseal(sealed)),
        card=None if card is None else card.masked_pan,
        code=str(code),
        code_text="" if code is None else code.zh,
        code_text_en="" if code is None else code.en,
        outcome=outcome,
        outcome_text=words,
        outcome_text_en=english,
        asked_fen=row["amount_fen"],
        held_fen=row["amount_fen"] if held else 0,
        paid_fen=0 if row["draw_id"] is None else row["confirmed_fen"] - row["given_back_fen"],
        awaits_count=held and any(each.kind == CASH_IN_DOUBT for each in told),
        told=told,
        enquiry_due=datetime.fromisoformat(waiting[0].deadline) if waiting else None,
    )


def doubt(call: Call, body: wire.DoubtInput) -> Done:
    """Keep what the terminal knows, until people have counted. Raises Refused for an approval that is not its own."""
    row = _row(call, body.reference)
    if row["terminal"] != call.terminal or row["draw_id"] is None:
        raise refused("number_unknown", "reference")
    known = [f"{body.asked} notes asked for"]
    known += [] if body.phase is None else [f"phase {body.phase}"]
    known += [] if body.notes is None else [f"{body.notes} in the bundle"]
    known += [] if body.counted is None else [f"{body.counted} counted by the device"]
    text = f"{body.cause}; {', '.join(known)}"
    note_incident(call.connection, call.at, CASH_IN_DOUBT, text, call.terminal, row["draw_id"])
    return Done()


def _row(call: Call, reference: str) -> RowMapping:
    """The request with this reference. Raises Refused."""
    row = exchange_with(call.connection, reference)
    if row is None:
        raise refused("number_unknown", "reference")
    return row


def _told(call: Call, draw_id: int | None) -> Iterator[wire.Told]:
    if draw_id is not None:
        found = select(incidents).where(incidents.c.draw_id == draw_id).order_by(incidents.c.id)
        for row in call.connection.execute(found).mappings():
            yield wire.Told(at=datetime.fromisoformat(row["at"]), kind=row["kind"], text=row["text"])


HANDLERS = (Handler(wire.LOOK_UP, look_up), Handler(wire.DOUBT, doubt))
