"""Echo and sign-off, 0820: does the host answer, and that we stop."""

from protocol.money_line import NetworkCode, NetworkManagement, NetworkManagementReply, ResponseCode
from terminal.host_connection import NoReply, NotSent
from terminal.host_exchange import HostExchange


async def echo(exchange: HostExchange) -> bool:
    """Does the host answer? The caller has the turn. An idle kiosk asks all year: only what goes wrong is on record."""
    name = exchange.begin_unrecorded()
    request = NetworkManagement(**exchange.identity(name), network=NetworkCode.ECHO)
    try:
        reply = await exchange.send(request, NetworkManagementReply)
    except (NotSent, NoReply) as error:
        exchange.not_heard(error, name)
        return False
    if reply.code != ResponseCode.APPROVED:
        exchange.heard(reply, name)
    return reply.code == ResponseCode.APPROVED


async def sign_off(exchange: HostExchange) -> bool:
    """Tell the host that we stop; the caller has the turn. False where it does not answer, or does not agree."""
    exchange.signed_on = False
    name = exchange.begin()
    request = NetworkManagement(**exchange.identity(name), network=NetworkCode.SIGN_OFF)
    try:
        reply = await exchange.ask(request, NetworkManagementReply, name)
    except (NotSent, NoReply) as error:
        exchange.not_heard(error, name)
        return False
    exchange.heard(reply, name)
    return reply.code == ResponseCode.APPROVED
