"""How `medteller-sim authority policy explain` tells a decision: what is not met first, in words and yuan."""

from collections.abc import Iterator

from simulators.authority.policy.combined import CombinedRule
from simulators.authority.policy.decision import Decision, Outcome, RuleResult
from simulators.authority.policy.limits import LIMITS
from simulators.authority.policy.vocabulary import Rule
from simulators.authority.policy.words import DEFAULT_LANGUAGE, Words, yuan

MARKS = {Outcome.PASSED: "+", Outcome.BINDS: "=", Outcome.REFUSED: "-"}
IN_YUAN = frozenset({*(limit.rule for limit in LIMITS), Rule.NOTE_MULTIPLE})
"""Rules whose value is an amount."""


def explained(rule: CombinedRule, decision: Decision, language: str) -> Iterator[str]:
    """Lines for a person: the two policies as one rule, the answer, and every rule with where it stands."""
    words = Words(language, (decision.home, decision.place))
    ask, home, place = decision.ask, decision.home, decision.place
    yield words.say(
        "explain.asked",
        home=f"{home.name} {home.region} ({home.version})",
        place=f"{place.name} {place.region} ({place.version})",
        at=f"{ask.at:%Y-%m-%d %H:%M}",
        how=words.names([ask.channel, ask.mode, decision.case.purpose]),
    )
    yield ""
    yield words.say("explain.combined" if decision.case.between_cities else "explain.local")
    for item in rule.items:
        yield f"  {item.region} {item.text}"
    yield ""
    yield _answer(decision, words)
    for result in decision.refused:
        yield f"  - {_label(result, words)}: {_value(result)}  ({result.region} {result.version}, {result.basis})"
    if decision.next_opening is not None:
        yield words.say("explain.opens", at=f"{decision.next_opening:%Y-%m-%d %H:%M}")
    yield ""
    yield words.say("explain.rules")
    for result in decision.results:
        where = f"{result.region} {result.version}"
        named = f"{result.rule:22} {where:18} {_value(result)}"
        yield f"  {MARKS[result.outcome]} {named}  {_label(result, words)} [{result.basis}]"


def _answer(decision: Decision, words: Words) -> str:
    code = f"{decision.code} {decision.code.zh if words.language == DEFAULT_LANGUAGE else decision.code.en}"
    most = yuan(decision.maximum_fen)
    if decision.refused:
        asked = words.say("explain.quote") if decision.amount_fen is None else yuan(decision.amount_fen)
        return words.say("explain.refused", amount=asked, code=code, most=most)
    if decision.amount_fen is None:
        return words.say("explain.offered", most=most)
    return words.say("explain.allowed", amount=yuan(decision.amount_fen), most=most)


def _label(result: RuleResult, words: Words) -> str:
    return words.say(f"label.{result.rule}")


def _value(result: RuleResult) -> str:
    if result.rule not in IN_YUAN:
        return result.value
    fen = int(result.value)
    return f"{yuan(fen) if fen >= 0 else '-' + yuan(-fen)} yuan"
