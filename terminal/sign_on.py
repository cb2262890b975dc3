"""Signing on: working keys into the PIN pad, the batch, and the host's time."""

import asyncio
import hmac
from typing import Final

from drivers.interfaces import DeviceError, KeyAlgorithm, KeyName, PinPad
from protocol.money_line import NetworkCode, ResponseCode, SignOn, SignOnReply, WorkingKeys
from terminal.host_answers import SignedOn
from terminal.host_connection import NoReply, NotSent
from terminal.host_exchange import HostExchange
from terminal.journal import Entry

_SHORTEST_CHECK_VALUE: Final = 3
"""Bytes; a pad that returns fewer proves nothing."""


_KINDS: Final = {KeyAlgorithm.TDES: NetworkCode.SIGN_ON_TDES, KeyAlgorithm.SM4: NetworkCode.SIGN_ON_SM4}


class SignOnFailed(ConnectionError):
    """No working keys: no trade."""


class JournalSetBack(SignOnFailed):
    """The host has heard of records that this journal does not have: the disk is an old image, or another's."""


async def sign_on(exchange: HostExchange, pad: PinPad) -> SignedOn:
    """Sign on; the caller has the turn. Raises SignOnFailed, and leaves the line without keys then."""
    exchange.signed_on = False
    try:
        return await _sign_on(exchange, pad)
    except (NotSent, NoReply, SignOnFailed, DeviceError) as error:
        exchange.write(Entry.SIGN_ON_FAILED, cause=str(error))
        if isinstance(error, JournalSetBack):
            raise
        raise SignOnFailed(str(error)) from error


async def _sign_on(exchange: HostExchange, pad: PinPad) -> SignedOn:
    name = exchange.begin()
    settings = exchange.settings
    request = SignOn(
        **exchange.identity(name),
        network=_KINDS[settings.keys],
        terminal_info=settings.terminal_info,
        operator=settings.operator,
    )
    reply = await exchange.ask(request, SignOnReply, name)
    exchange.heard(reply, name)
    if reply.anchor is not None and not exchange.has(reply.anchor):
        exchange.write(Entry.JOURNAL_SET_BACK, seq=reply.anchor.seq)
        raise JournalSetBack(f"the host knows a record {reply.anchor.seq} that this journal does not have")
    if reply.code != ResponseCode.APPROVED:
        raise SignOnFailed(f"the host refused the sign-on with code {reply.code}")
    if reply.keys is None:
        raise SignOnFailed("the host sent no keys")
    if exchange.clock.tell(reply.date, reply.time) is None:
        raise SignOnFailed("the host's date or time is none")
    await _load_keys(pad, reply.keys)
    exchange.batch = reply.batch
    exchange.signed_on = True
    exchange.keys_since = asyncio.get_running_loop().time()
    offset = exchange.clock.offset
    exchange.write(Entry.SIGNED_ON, batch=exchange.batch, clock_offset_seconds=round(offset.total_seconds()))
    return SignedOn(exchange.batch, exchange.clock.now(), offset)


async def _load_keys(pad: PinPad, keys: WorkingKeys) -> None:
    for name, cryptogram, expected in (
        (KeyName.PIN, keys.pin_key, keys.pin_key_check),
        (KeyName.MAC, keys.mac_key, keys.mac_key_check),
    ):
        check = (await pad.import_key(name, cryptogram))[: len(expected)]
        if len(check) < _SHORTEST_CHECK_VALUE or not hmac.compare_digest(check, expected[: len(check)]):
            raise SignOnFailed(f"the check value of {name} is wrong: the pad's master key is not the host's")
