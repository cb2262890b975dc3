"""What anybody may ask without a card."""

from sqlalchemy import insert

from protocol.service_line import information as wire
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.channels import official_channels
from simulators.authority.tables.service_line import ratings


def channels(call: Call, body: wire.ChannelInput) -> wire.ChannelOutput:
    """The list of official channels; whatever is not in it is not official."""
    return wire.ChannelOutput(
        channels=tuple(
            wire.OfficialChannel(id=each.id, kind=each.kind, region=each.region, provider=each.provider)
            for each in official_channels(call.connection, body.region)
        )
    )


def rate(call: Call, body: wire.RatingInput) -> wire.Done:
    """Keep a rating without its giver: the day and the channel, no more."""
    assert call.who.channel is not None
    call.connection.execute(insert(ratings).values(day=call.at.date(), channel=call.who.channel.id, stars=body.stars))
    return wire.Done()


HANDLERS = (Handler(wire.CHANNELS, channels), Handler(wire.RATE, rate))
