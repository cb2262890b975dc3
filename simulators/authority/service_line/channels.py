"""The register of official channels: terminals, apps, sites, counters. Whoever is not in it is refused."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from simulators.authority.actors import Actor
from simulators.authority.hsm import SoftHsm
from simulators.authority.supervision.audit import note
from simulators.authority.tables.service_line import ChannelKind, channels

KEY_SIZE = 32
"""Bytes of a channel's key."""

_FIND = select(channels).where(channels.c.id == bindparam("channel"))


@dataclass(frozen=True, slots=True)
class OfficialChannel:
    """One entry. Requests of a channel with a key are signed with it (`cainfo`)."""

    id: str
    kind: ChannelKind
    region: str
    provider: str
    key_sealed: bytes | None = field(default=None, repr=False)
    withdrawn_at: datetime | None = None


def register_channel(
    connection: Connection,
    hsm: SoftHsm,
    actor: Actor,
    at: datetime,
    channel: str,
    kind: ChannelKind,
    region: str,
    provider: str,
    key: bytes | None = None,
) -> None:
    """Enter a channel; `key` is clear, 32 bytes. A terminal must have one. Raises ValueError."""
    if (key is None and kind is ChannelKind.TERMINAL) or (key is not None and len(key) != KEY_SIZE):
        raise ValueError(f"the key of a channel has {KEY_SIZE} bytes, and a terminal needs one")
    sealed = None if key is None else hsm.seal(key.hex())
    connection.execute(
        insert(channels).values(id=channel, kind=kind, region=region, provider=provider, key_sealed=sealed)
    )
    note(connection, at, actor, "channel registered", f"channel:{channel}", {"kind": str(kind), "region": region})


def withdraw_channel(connection: Connection, actor: Actor, at: datetime, channel: str) -> bool:
    """Take a channel out of the list of official ones, on its next request; False when it is not there."""
    found = (channels.c.id == channel, channels.c.withdrawn_at.is_(None))
    if connection.execute(update(channels).where(*found).values(withdrawn_at=at.isoformat())).rowcount == 0:
        return False
    note(connection, at, actor, "channel withdrawn", f"channel:{channel}")
    return True


def find_channel(connection: Connection, channel: str) -> OfficialChannel | None:
    """A channel that is official now."""
    row = connection.execute(_FIND, {"channel": channel}).mappings().first()
    found = None if row is None else _channel(row)
    return None if found is None or found.withdrawn_at is not None else found


def official_channels(connection: Connection, region: str | None = None) -> tuple[OfficialChannel, ...]:
    """All that are official now."""
    listed = select(channels).where(channels.c.withdrawn_at.is_(None)).order_by(channels.c.id)
    if region is not None:
        listed = listed.where(channels.c.region == region)
    return tuple(_channel(row) for row in connection.execute(listed).mappings())


def channel_key(hsm: SoftHsm, channel: OfficialChannel) -> bytes | None:
    """The clear key, for one comparison."""
    return None if channel.key_sealed is None else bytes.fromhex(hsm.unseal(channel.key_sealed))


def _channel(row: RowMapping) -> OfficialChannel:
    gone = row["withdrawn_at"]
    return OfficialChannel(
        row["id"],
        ChannelKind(row["kind"]),
        row["region"],
        row["provider"],
        row["key_sealed"],
        None if gone is None else datetime.fromisoformat(gone),
    )
