"""8401: both policies, the stricter of each item, and what to prepare."""

import pytest

from protocol.service_line import policy as wire
from simulators.authority.policy import vocabulary
from tests.simulators.authority.kiosk import SHENZHEN, WEIHAI
from tests.simulators.authority.service_line.line import Line, keys_of


@pytest.mark.req("S1-58", "S1-78", "S1-86", "S2-46")
async def test_both_rules_the_stricter_one_and_a_checklist_are_told_without_a_card(line: Line) -> None:
    answer = await line.anybody().ask("8401", {"home": WEIHAI, "destination": SHENZHEN})
    told = wire.PolicyOutput.model_validate(answer["output"])

    def single(rules: tuple[wire.Rule, ...]) -> int:
        return next(int(rule.value) for rule in rules if rule.key == "single_limit")

    assert (told.home.region, told.destination.region) == (WEIHAI, SHENZHEN)
    assert single(told.combined) == min(single(told.home.rules), single(told.destination.rules))
    assert {rule.region for rule in told.combined} <= {WEIHAI, SHENZHEN}
    assert all(rule.text and rule.basis and rule.version for rule in told.combined)
    assert {point.key for point in told.checklist} >= {"ID_CARD", "SOCIAL_CARD", "limits", "hours", "contacts"}
    assert all(contact.phone for contact in (*told.home.contacts, *told.destination.contacts))
    assert told.guide is not None
    assert told.guide.use_scope
    assert told.guide.conditions


async def test_a_region_without_a_policy_is_named(line: Line) -> None:
    answer = await line.anybody().ask("8401", {"home": "990000", "destination": "980000"})

    assert (answer["infcode"], keys_of(answer)) == (-1, ["no_policy", "no_policy"])
    assert [(each["field"], each["value"]) for each in answer["output"]["reasons"]] == [
        ("home", "990000"),
        ("destination", "980000"),
    ]
    assert "990000" in answer["err_msg"]


@pytest.mark.parametrize("name", ["Purpose", "PurposeDetail", "PayoutMode", "Channel"])
def test_the_line_and_the_policies_use_the_same_words(name: str) -> None:
    assert list(getattr(wire, name)) == list(getattr(vocabulary, name))
