"""8401: a policy query, answered from the same rules that decide."""

from datetime import datetime, time

from protocol.service_line import policy as wire
from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.combined import CombinedRule, Query, RuleText, combined_rule
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.vocabulary import Channel, PayoutMode, Purpose
from simulators.authority.service_line.call import Call, Handler
from simulators.authority.service_line.refusal import Problem, Refused

NOON = time(12)
"""When a day is asked about instead of now."""


def policies(call: Call, body: wire.PolicyInput) -> wire.PolicyOutput:
    """Both rules, the stricter of each item, and what to prepare. Raises Refused for a region without a policy."""
    at = call.at if body.on is None else datetime.combine(body.on, NOON, SHANGHAI)
    book = call.rooms.policies
    asked = (("home", body.home), ("destination", body.destination))
    found = [book.in_force(region, at.date()) for _, region in asked]
    if missing := [
        Problem("no_policy", name, value=code)
        for (name, code), known in zip(asked, found, strict=True)
        if known is None
    ]:
        raise Refused(*missing)
    home, place = found
    assert home is not None
    assert place is not None
    query = Query(Channel(body.channel), PayoutMode(body.mode), Purpose(body.purpose), language=body.language)
    rule = combined_rule(home, place, query, at, book.calendar)
    return wire.PolicyOutput(
        home=_region(home, rule.home_items, book.coming(home.region, at.date())),
        destination=_region(place, rule.place_items, book.coming(place.region, at.date())),
        combined=_rules(rule.items),
        offered=rule.offered,
        closed_by=tuple(map(str, rule.closed_by)),
        checklist=tuple(wire.ChecklistItem(key=point.key, text=point.text) for point in rule.guide.checklist),
        maximum_fen=rule.maximum_fen,
        note_multiple_fen=rule.note_multiple_fen,
        review_days=rule.review_working_days,
        emergency_hours=rule.emergency_hours,
        open_now=rule.is_open,
        next_opening=rule.next_opening,
        guide=_guide(rule),
    )


def _region(policy: RegionPolicy, items: tuple[RuleText, ...], coming: RegionPolicy | None) -> wire.RegionRules:
    contacts = (policy.contacts.medical, policy.contacts.social)
    return wire.RegionRules(
        region=policy.region,
        name=policy.name,
        version=policy.version,
        enabled=policy.enabled,
        valid_from=policy.valid_from,
        valid_until=policy.valid_to,
        basis=policy.legal_basis,
        rules=_rules(items),
        contacts=tuple(
            wire.Contact(name=each.name, phone=each.phone, address=each.address, hours=each.hours) for each in contacts
        ),
        coming=None if coming is None else wire.Coming(version=coming.version, valid_from=coming.valid_from),
    )


def _rules(items: tuple[RuleText, ...]) -> tuple[wire.Rule, ...]:
    return tuple(
        wire.Rule(
            key=each.key,
            label=each.label,
            value=each.value,
            text=each.text,
            region=each.region,
            version=each.version,
            basis=each.basis,
        )
        for each in items
    )


def _guide(rule: CombinedRule) -> wire.Guide:
    guide = rule.guide
    return wire.Guide(
        process=guide.process,
        limits=guide.limits,
        cautions=guide.cautions,
        use_scope=guide.use_scope,
        conditions=guide.conditions,
    )


HANDLERS = (Handler(wire.POLICY, policies),)
