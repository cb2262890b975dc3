"""8631 and 8632: the audit chain, read and verified by those who oversee all regions."""

from dataclasses import asdict

from protocol.service_line import audit as wire
from simulators.authority.actors import Role
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.told import of_supervision
from simulators.authority.supervision.audit import acts, chain_state, has_link, note
from simulators.authority.supervision.refusal import Problem as SupervisionProblem
from simulators.authority.supervision.refusal import Refused as SupervisionRefused


def read(call: Call, body: wire.ChainInput) -> wire.ChainOutput:
    """Acts in their order; that somebody read them is an act too. Raises Refused."""
    _check(call)
    found = acts(
        call.connection,
        after=body.after,
        subject=body.subject,
        actor=body.actor,
        event=body.event,
        first=body.first,
        last=body.last,
        limit=body.limit + 1,
    )
    note(call.connection, call.at, call.actor, "audit chain read", "audit", {"after": body.after})
    return wire.ChainOutput(
        links=tuple(wire.ChainOutput.Link(**asdict(each)) for each in found[: body.limit]),
        more=len(found) > body.limit,
    )


def verify(call: Call, body: wire.VerifyInput) -> wire.VerifyOutput:
    """Walk the whole chain. Raises Refused."""
    _check(call)
    state = chain_state(call.connection)
    cut = body.head is not None and not has_link(call.connection, body.head)
    return wire.VerifyOutput(
        links=state.links,
        unlinked=state.unlinked,
        head=state.head,
        whole=state.broken is None and not cut,
        broken=state.broken,
    )


def _check(call: Call) -> None:
    """Raises Refused for the supervisor of one region."""
    if call.actor.role is not Role.AUDITOR and call.actor.region is not None:
        raise of_supervision(SupervisionRefused([SupervisionProblem("actor", "supervision.only_in_the_own_region")]))


HANDLERS = (Handler(wire.CHAIN, read), Handler(wire.VERIFY, verify))
