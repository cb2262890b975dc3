import pytest

from simulators.campaign import population, run, story
from simulators.campaign.run import Run
from simulators.campaign.story import Voice
from simulators.campaign.tape import Act, Tape, Visit

# A run has a virtual-time loop of its own, so these tests are not asynchronous.

TAPE = Tape(seed=5, visits=(Visit(person=0, acts=(Act(fault="A1", after=10.0, options={"step": 1, "seconds": 3.0}),)),))


def test_a_story_tells_who_came_what_failed_and_how_it_went_on() -> None:
    told = story.tell(TAPE)
    by_voice = {voice: [line.words for line in told.lines if line.voice is voice] for voice in Voice}

    assert by_voice[Voice.CUSTOMER][:2] == ["guest1 comes for 500 yuan", "inserts the card"]
    assert by_voice[Voice.FAULT] == ["A1: power cut at an await"]
    assert by_voice[Voice.PROGRAM][1].startswith("starts, for the 2. time")
    assert any("visit_begun visit-000001" in words for words in by_voice[Voice.JOURNAL])
    assert any(words.startswith("notice: ") for words in by_voice[Voice.SCREEN])
    assert by_voice[Voice.WIRE]
    assert [line.at for line in told.lines] == sorted(line.at for line in told.lines)


def test_to_follow_a_run_changes_nothing() -> None:
    told = story.tell(TAPE)

    assert told.outcome == run.play(TAPE)


def test_a_story_in_chinese() -> None:
    words = [line.words for line in story.tell(TAPE, language="zh_CN").lines if line.voice is Voice.SCREEN]

    assert any("请" in each for each in words)


def test_no_secret_is_told() -> None:
    text = "\n".join(story.tell(TAPE).text())

    assert [each.id for each in population.people() if each.pin in text or each.pan in text] == []


def test_a_simulation_that_fails_is_told_up_to_there(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Run, visit: Visit) -> None:
        raise KeyError("lost")

    monkeypatch.setattr(Run, "_visit", broken)
    told = story.tell(TAPE)

    assert told.outcome is None
    assert "KeyError: 'lost'" in told.violations[0].words
    assert "in broken" in told.details
    assert told.lines[-1].voice is Voice.RULE
