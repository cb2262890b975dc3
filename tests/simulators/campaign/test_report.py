import re
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from simulators.campaign import report
from simulators.campaign.campaign import Campaign
from simulators.campaign.findings import Finding
from simulators.campaign.invariants import Violation
from simulators.campaign.plots import Bar, bars
from simulators.campaign.story import Line, Story, Voice
from simulators.campaign.tally import Tally
from simulators.campaign.tape import Act, Tape, Visit
from simulators.world.virtual_time import BEIJING
from tests.simulators.campaign.played import outcome, played

AT = datetime(2026, 3, 1, 12, 30, tzinfo=BEIJING)
RULE = Violation(4, 900.0, "visit-000001: 50000 fen <were> taken")


def finding() -> Finding:
    tape = Tape(seed=2, visits=(Visit(person=0, acts=(Act(fault="C3"),)),))
    lines = (Line(1.0, Voice.SCREEN, "idle: 医保个人账户跨市取现"), Line(900.0, Voice.RULE, RULE.words))
    told = Story(tape, outcome(2, RULE), (RULE,), lines)
    return Finding(RULE, tape, tape, Path("tapes/seed-2-rule-4.json"), told, played=12)


def page(*violations: Violation) -> str:
    campaign = Campaign(Tally(1), wall_seconds=10.0)
    campaign.tally.add(played(1, fired={"C3": 7, "B1": 2}))
    campaign.tally.add(played(2, *violations))
    return report.page(campaign, [finding()] if violations else [], AT)


def test_the_page_stands_alone() -> None:
    text = page(RULE)

    assert re.findall(r"""(?:src|href|url)\s*[=(]""", text) == []
    assert "<script" not in text
    assert "<style>" in text


def test_every_fault_is_on_it_and_one_that_never_fired_stands_out() -> None:
    text = page()

    assert re.search(r'<g class=""><text[^>]*>C3 +jam in the note transport</text>.*?>7</text>', text)
    assert re.search(r'<g class="bad"><text[^>]*>C1 +pick failure</text>.*?>never</text>', text)
    assert "there is no cash acceptor" in text
    assert "No rule was broken." in text


def test_a_broken_rule_is_told_with_its_tape_and_its_command() -> None:
    text = page(RULE)

    assert "50000 fen &lt;were&gt; taken" in text
    assert "<were>" not in text
    assert "medteller-sim campaign --replay tapes/seed-2-rule-4.json" in text
    assert "医保个人账户跨市取现" in text
    assert "&quot;fault&quot;: &quot;C3&quot;" in text


def test_bars_are_as_long_as_their_values() -> None:
    drawn = ET.fromstring(bars([Bar("a < b", 10, "10"), Bar("第二", 5, "5"), Bar("", 0, "never", "bad")], "t"))
    lengths = [float(each.get("width", "")) for each in drawn.iter("rect")]

    assert lengths[0] > 0
    assert lengths[1:] == [lengths[0] / 2, 0.0]
    assert [each.text for each in drawn.iter("text")] == ["a < b", "10", "第二", "5", None, "never"]
