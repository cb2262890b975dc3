"""Echo and sign-off, 0820: does the host answer, and that we stop."""

from protocol.money_line import NetworkCode, NetworkManagement, NetworkManagementReply, ResponseCode
from terminal.host_connection import NoReply, NotSent
from terminal.host_exchange import HostExchange


async def manage(exchange: HostExchange, network: NetworkCode) -> bool:
    """Tell the host `network`; the caller has the turn. False where it does not answer, or does not agree."""
    name = exchange.begin()
    request = NetworkManagement(**exchange.identity(name), network=network)
    try:
        reply = await exchange.ask(request, NetworkManagementReply, name)
    except (NotSent, NoReply) as error:
        exchange.not_heard(error, name)
        return False
    exchange.heard(reply, name)
    return reply.code == ResponseCode.APPROVED
