"""8311 to 8314: what ends an insurance, and what an heir claims; in the home region, with two reviewers for money."""

from protocol.service_line import life_events as wire
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.people.accounts import record_event, state_of
from simulators.authority.people.identity import Identity, find_person, identify
from simulators.authority.people.inheritance import Claim, approve_claim, file_claim, waiting_claims
from simulators.authority.people.refusal import Refused as PeopleRefused
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import of_people
from simulators.authority.service_line.refusal import refused
from simulators.authority.tables.people import DocumentKind, PersonState


def event(call: Call, body: wire.EventInput) -> wire.EventOutput:
    """Register it; the account is frozen from now on. Raises Refused."""
    try:
        shown = Identity(body.certno, body.name)
        person_id = identify(call.connection, call.rooms.hsm, shown, call.at.date())
        happened = PersonState(body.event)
        late = record_event(call.connection, call.actor, call.at, person_id, happened, body.happened_on, body.moved_to)
    except PeopleRefused as error:
        raise of_people(error.problems) from None
    return wire.EventOutput(account=state_of(call.connection, person_id), later_draws=late)


def claim(call: Call, body: wire.ClaimInput) -> wire.ClaimOutput:
    """Take an heir's claim in. Raises Refused."""
    connection, hsm = call.connection, call.rooms.hsm
    deceased = find_person(connection, hsm, body.deceased_certno)
    if deceased is None:
        raise refused("person_unknown", "deceased_certno")
    document = DocumentKind.ID_CARD if body.document_read else None
    heir = Identity(body.heir_certno, body.heir_name, document, body.document_valid_to)
    try:
        return _shown(file_claim(connection, hsm, call.actor, call.at, deceased, heir, body.account))
    except PeopleRefused as error:
        raise of_people(error.problems) from None


def approve(call: Call, body: wire.ApproveInput) -> wire.ClaimOutput:
    """Approve once, or pay with the second approval. Raises Refused."""
    try:
        return _shown(approve_claim(call.connection, call.actor, call.at, body.claim))
    except PeopleRefused as error:
        raise of_people(error.problems) from None


def waiting(call: Call, body: wire.ClaimsInput) -> wire.ClaimsOutput:
    """What waits in the reviewer's region."""
    found = waiting_claims(call.connection, call.actor.region)
    return wire.ClaimsOutput(
        claims=tuple(
            wire.ClaimsOutput.Shown(
                claim=each.id,
                psn_no=str(each.person_id),
                state=each.state,
                filed=each.filed_at,
                balance_fen=max(0, balance_fen(call.connection, Account.personal(each.person_id))),
            )
            for each in found[: body.limit]
        )
    )


def _shown(found: Claim) -> wire.ClaimOutput:
    return wire.ClaimOutput(claim=found.id, state=found.state, paid_fen=found.paid_fen)


HANDLERS = (
    Handler(wire.EVENT, event),
    Handler(wire.CLAIM, claim),
    Handler(wire.APPROVE, approve),
    Handler(wire.CLAIMS, waiting),
)
