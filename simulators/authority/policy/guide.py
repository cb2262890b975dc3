"""What people are told beforehand: process, limits, cautions, scope of use and a checklist, made from the rules."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from simulators.authority.policy.items import ITEMS, ItemValue, combined
from simulators.authority.policy.terms import Case, Terms, terms_of
from simulators.authority.policy.vocabulary import Purpose, PurposeDetail, Rule
from simulators.authority.policy.words import Words, yuan

LIMIT_KEYS = (
    Rule.SINGLE_LIMIT, Rule.DAY_LIMIT, Rule.ANNUAL_LIMIT, Rule.MODE_DAY_LIMIT, Rule.MODE_ANNUAL_LIMIT, Rule.RATIO,
    Rule.MINIMUM_REMAINDER, Rule.NOTE_MULTIPLE, Rule.COUNT_DAY, Rule.COUNT_MONTH, Rule.COUNT_YEAR, Rule.INTERVAL,
    Rule.VINTAGE, Rule.REGION_DAY_CEILING, Rule.REGION_YEAR_CEILING, Rule.HOURS,
)  # fmt: skip
CONDITION_KEYS = (
    Rule.SERVICE, Rule.PILOT, Rule.CROSS_CITY, Rule.CHANNEL, Rule.PURPOSE, Rule.PURPOSE_DETAIL, Rule.GROUP,
    Rule.INSURED_YEARS, Rule.CONTRIBUTION_MONTHS, Rule.HEALTH_STATUS, Rule.DIAGNOSIS, Rule.APPLICATION,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to have or to do before."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Guide:
    """Texts in one language."""

    process: tuple[str, ...]
    limits: tuple[str, ...]
    cautions: tuple[str, ...]
    use_scope: tuple[str, ...]
    conditions: tuple[str, ...]
    checklist: tuple[Point, ...]


def guide(sides: Sequence[Terms], case: Case, values: Sequence[ItemValue], words: Words) -> Guide:
    """The texts for one case; `values` are the items of both sides together."""
    said: dict[str, list[str]] = {}
    for value in values:
        text = words.say(f"item.{value.item.key}", value=value.item.say(value.value, words))
        said.setdefault(value.item.key, []).append(text)
    short = {value.item.key: value.item.say(value.value, words) for value in values}
    notes = [notes for side in sides if (notes := side.policy.texts.get(words.language)) is not None]
    allowed = _allowed(sides)
    return Guide(
        process=(*_process(sides, short, words), *(text for each in notes for text in each.process)),
        limits=(
            *(text for key in LIMIT_KEYS for text in said.get(key, ())),
            *_of_groups(sides, case, values, words),
            *(text for each in notes for text in each.limits),
        ),
        cautions=(*_cautions(sides, case, allowed, words), *(text for each in notes for text in each.cautions)),
        use_scope=(*_scope(sides, allowed, words), *(text for each in notes for text in each.use_scope)),
        conditions=tuple(text for key in CONDITION_KEYS for text in said.get(key, ())),
        checklist=_checklist(sides, case, short, said, words),
    )


def _of_groups(sides: Sequence[Terms], case: Case, values: Sequence[ItemValue], words: Words) -> list[str]:
    """What the limits of a group's members are, where they differ from those of everybody."""
    lines = []
    usual = {(value.item.key, value.item.say(value.value, words)) for value in values}
    for group in dict.fromkeys(group for side in sides for group in side.policy.groups):
        own = replace(case, groups=frozenset((group,)))
        members = [terms_of(side.policy, own) for side in sides]
        for item in ITEMS:
            for value in combined(item, members, own) if item.key in LIMIT_KEYS else ():
                said = item.say(value.value, words)
                if (item.key, said) not in usual:
                    text = words.say(f"item.{item.key}", value=said)
                    lines.append(words.say("phrase.member", group=words.name(group), text=text))
    return lines


def _process(sides: Sequence[Terms], short: dict[str, str], words: Words) -> list[str]:
    home = sides[0].policy
    standing = min(side.standing_approval_fen for side in sides)
    gaps = {
        "channels": short[Rule.CHANNEL],
        "modes": short[Rule.PAYOUT_MODE],
        "documents": short.get("documents", ""),
        "review": str(home.review.working_days),
        "emergency": str(home.review.emergency_hours),
        "validity": short["validity"],
        "settlement": short["settlement"],
        "standing": yuan(standing),
    }
    steps = ["standing" if standing else "apply", *(["documents"] if "documents" in short else [])]
    return [words.say(f"process.{step}", **gaps) for step in (*steps, "review", "draw", "settle")]


def _cautions(sides: Sequence[Terms], case: Case, allowed: Sequence[Purpose], words: Words) -> list[str]:
    social = sides[0].policy.contacts.social
    gaps = {"purposes": words.names(allowed), "social": f"{social.name} {social.phone}"}
    keys = ["use", "daily" if Purpose.DAILY in allowed else "no_daily"]
    keys += ["invoices"] if any(side.policy.settlement.block_while_overdue for side in sides) else []
    keys += ["card", "fraud", *(["stricter"] if case.between_cities else [])]
    return [words.say(f"caution.{key}", **gaps) for key in keys]


def _scope(sides: Sequence[Terms], allowed: Sequence[Purpose], words: Words) -> list[str]:
    """Each allowed purpose with the costs that it may pay."""
    lines = []
    for purpose in allowed:
        details: list[str] = [
            detail
            for detail in PurposeDetail
            if all(not (named := side.policy.purpose(purpose).details) or detail in named for side in sides)
        ]
        every = words.say("scope.all_costs") if len(details) == len(PurposeDetail) else words.names(details)
        told = words.name(purpose) if purpose is Purpose.DAILY else every
        lines.append(words.say("scope.purpose", purpose=words.name(purpose), detail=told))
    return lines


def _checklist(
    sides: Sequence[Terms], case: Case, short: dict[str, str], said: dict[str, list[str]], words: Words
) -> tuple[Point, ...]:
    points = [
        Point("ID_CARD", words.say("checklist.ID_CARD")),
        Point("SOCIAL_CARD", words.say("checklist.SOCIAL_CARD")),
    ]
    papers = dict.fromkeys(code for side in sides for code in side.documents)
    points += [Point(code, words.name(code)) for code in papers if code not in ("ID_CARD", "SOCIAL_CARD")]
    limits = said[Rule.SINGLE_LIMIT] + said[Rule.DAY_LIMIT] + said[Rule.ANNUAL_LIMIT]
    points.append(Point("filing", words.say("checklist.filing", value=short[Rule.APPLICATION])))
    points.append(Point("review", words.say("checklist.review", value=short["review"])))
    points.append(Point("validity", words.say("checklist.validity", value=short["validity"])))
    points.append(Point("limits", words.say("checklist.limits", value=words.say("phrase.sentence").join(limits))))
    points += [Point("hours", text) for text in said[Rule.HOURS]]
    medical = sides[0].policy.contacts.medical
    points.append(Point("contacts", words.say("checklist.contacts", value=f"{medical.name} {medical.phone}")))
    return tuple(points)


def _allowed(sides: Sequence[Terms]) -> list[Purpose]:
    return [purpose for purpose in Purpose if all(side.policy.purpose(purpose).allowed for side in sides)]
