"""8621 to 8624: how terminals and providers do, the board of risks, and what may be published."""

from datetime import date

from protocol.service_line import figures as wire
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.families.supervision import overlooks
from simulators.authority.service_line.refusal import refused
from simulators.authority.supervision import indicators as room
from simulators.authority.supervision.statistics import (
    LEAST_GROUP,
    Group,
    ceiling_use,
    period_report,
    published,
    uptake,
)


def ranked(call: Call, body: wire.IndicatorsInput) -> wire.IndicatorsOutput:
    """Terminals or providers of the caller's region. Raises Refused."""
    _check_period(body.first, body.last)
    rows = room.by_terminal if body.per is wire.Per.TERMINAL else room.by_provider
    return wire.IndicatorsOutput(
        ranked=tuple(
            wire.IndicatorsOutput.Shown(
                id=each.name,
                availability_percent=_decimal(each.availability_percent),
                requests=each.requests,
                approved=each.approved,
                paid=each.paid,
                success_percent=_decimal(each.success_percent),
                mean_seconds=_decimal(each.mean_seconds),
                median_seconds=_decimal(each.median_seconds),
                retained_percent=_decimal(each.retained_percent),
                complaints=each.complaints,
                rating=_decimal(each.rating),
                below=each.below,
            )
            for each in rows(call.connection, body.first, body.last, call.actor.region)[: body.limit]
        )
    )


def board(call: Call, body: wire.BoardInput) -> wire.BoardOutput:
    """One indicator for each class of risk. Raises Refused."""
    _check_period(body.day, body.day)
    return wire.BoardOutput(
        indicators=tuple(
            wire.BoardOutput.Indicator(
                matter=each.matter,
                value=f"{each.value:.2f}",
                threshold=f"{each.threshold:.2f}",
                alarm=each.alarm,
            )
            for each in room.board(call.connection, body.day)
        )
    )


def statistics(call: Call, body: wire.StatisticsInput) -> wire.StatisticsOutput:
    """Groups of payouts, small ones without figures. Raises Refused."""
    _check_period(body.first, body.last)
    found = published(call.connection, body.first, body.last, body.by)
    return wire.StatisticsOutput(least=LEAST_GROUP, groups=tuple(map(_group, found.groups)), total=_group(found.total))


def report(call: Call, body: wire.ReportInput) -> wire.ReportOutput:
    """What the service did, in the region that the caller oversees. Raises Refused."""
    _check_period(body.first, body.last)
    region = body.region or call.actor.region
    if region is not None and not overlooks(call, region):
        raise refused("number_unknown", "region")
    pool = None if region is None else pooling_region(region)
    found = period_report(call.connection, body.first, body.last, region)
    return wire.ReportOutput(
        persons=found.persons,
        draws=found.draws,
        paid_fen=found.paid_fen,
        proven_draws=found.proven_draws,
        proven_percent=found.proven_percent,
        uptake=tuple(
            wire.ReportOutput.Uptake(
                region=each.region,
                version=each.version,
                applications=each.applications,
                draws=each.draws,
                paid_fen=each.paid_fen,
            )
            for each in uptake(call.connection)
            if pool in (None, pooling_region(each.region))
        ),
        ceilings=tuple(
            wire.ReportOutput.Ceiling(
                region=each.region,
                version=each.version,
                today_fen=max(0, each.today_fen),
                day_ceiling_fen=each.day_ceiling_fen,
                year_fen=max(0, each.year_fen),
                year_ceiling_fen=each.year_ceiling_fen,
            )
            for each in ceiling_use(call.connection, call.rooms.policies, body.last)
            if pool in (None, pooling_region(each.region))
        ),
    )


def _check_period(first: date, last: date) -> None:
    """Raises Refused for one that ends before it begins."""
    if last < first:
        raise refused("period_wrong", "last")


def _group(found: Group) -> wire.StatisticsOutput.Group:
    return wire.StatisticsOutput.Group(
        name=found.name, persons=found.persons, draws=found.draws, paid_fen=found.paid_fen
    )


def _decimal(value: float | None) -> str | None:
    return None if value is None else f"{max(0.0, value):.2f}"


HANDLERS = (
    Handler(wire.INDICATORS, ranked),
    Handler(wire.BOARD, board),
    Handler(wire.STATISTICS, statistics),
    Handler(wire.REPORT, report),
)
