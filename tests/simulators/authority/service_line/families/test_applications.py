"""8101 to 8105 and 8501 to 8506: from the form to the decision and the objection, over the line."""

import base64
import hashlib
from typing import Any

import pytest

from simulators.authority.tables.service_line import StaffRole
from tests.simulators.authority.applications.forms import FORM, picture
from tests.simulators.authority.applications.policies import book
from tests.simulators.authority.kiosk import SHENZHEN, WEIHAI, Clock, Kiosk
from tests.simulators.authority.service_line.line import Caller, Line, keys_of, visiting

WRITTEN = FORM.model_dump(mode="json", exclude_none=True)


@pytest.fixture
def line(line: Line, clock: Clock) -> Line:
    """With the regions in which applications are tested."""
    return Line(clock, line.rooms.database, line.rooms.hsm, book())


def fields_of(answer: dict[str, Any]) -> set[str]:
    return {reason.get("field") for reason in answer["output"]["reasons"]}


async def applied(line: Line, kiosk: Kiosk, **changes: Any) -> tuple[Caller, dict[str, str], dict[str, Any]]:
    terminal, person = await visiting(line, kiosk)
    answer = await terminal.ask("8101", {**person, "form": {**WRITTEN, **changes}})
    assert answer["infcode"] == 0, answer
    return terminal, person, answer["output"]


@pytest.mark.req("S1-22", "S2-54")
async def test_a_small_application_is_approved_at_the_kiosk_at_once_and_stands_in_the_status(
    line: Line, kiosk: Kiosk
) -> None:
    terminal, person, made = await applied(line, kiosk, amount_fen=50_000)

    assert (made["state"], made["approved_fen"]) == ("approved", 50_000)
    shown = (await terminal.ask("8104", person))["output"]["applications"]
    assert [(each["number"], each["state_text"], each["place"]) for each in shown] == [
        (made["number"], "已批准", SHENZHEN)
    ]
    assert [event["event"] for event in shown[0]["history"]] == ["submit", "approve"]


@pytest.mark.req("S1-23", "S2-60")
async def test_everything_that_is_wrong_with_a_form_is_named_in_words_and_nothing_is_created(
    line: Line, kiosk: Kiosk
) -> None:
    terminal, person = await visiting(line, kiosk)
    answer = await terminal.ask("8101", {**person, "form": {"amount_fen": 0, "certno": "310101198001010019"}})

    assert (answer["infcode"], line.status) == (-1, 200)
    assert fields_of(answer) >= {"phone", "place", "purpose", "reason", "payee_account", "declaration", "certno"}
    assert all(not reason["text"].isascii() for reason in answer["output"]["reasons"])
    assert (await terminal.ask("8104", person))["output"]["applications"] == []


@pytest.mark.req("S1-69")
async def test_a_rule_that_refuses_comes_with_its_region_and_version_and_may_be_appealed(
    line: Line, kiosk: Kiosk
) -> None:
    terminal, person = await visiting(line, kiosk)
    answer = await terminal.ask("8101", {**person, "form": {**WRITTEN, "purpose": "DAILY"}})

    rule = next(reason for reason in answer["output"]["reasons"] if reason["key"] == "purpose")
    assert (rule["region"] in (WEIHAI, SHENZHEN), rule["version"] in ("h1", "p1")) == (True, True)
    assert rule["text"] not in ("", "purpose")
    refusal = next(each["value"] for each in answer["output"]["reasons"] if each["key"] == "may_be_appealed")
    appeal = await terminal.ask("8105", {**person, "subject": refusal, "grounds": "请复核"})
    assert (appeal["infcode"], len(appeal["output"]["number"])) == (0, 20)


async def test_an_application_that_was_sent_twice_is_made_once(line: Line, kiosk: Kiosk) -> None:
    terminal, person, made = await applied(line, kiosk)

    assert (await line.send("8101", terminal.last))["output"] == made
    assert len((await terminal.ask("8104", person))["output"]["applications"]) == 1


async def test_nobody_sees_the_application_of_somebody_else(line: Line, kiosk: Kiosk) -> None:
    _, _, made = await applied(line, kiosk)
    teller = await line.staff("teller1", StaffRole.TELLER)
    other = {"mdtrt_cert_type": "02", "mdtrt_cert_no": "320508195612310022"}

    assert keys_of(await teller.ask("8104", {**other, "number": made["number"]})) == ["number_unknown"]


@pytest.mark.req("S1-24", "S2-24")
async def test_a_reviewer_of_the_home_region_takes_it_up_and_approves_and_nobody_else(line: Line, kiosk: Kiosk) -> None:
    terminal, person, made = await applied(line, kiosk)
    number = {"number": made["number"]}
    home = await line.staff("reviewer1", StaffRole.REVIEWER)
    far = await line.staff("reviewer2", StaffRole.REVIEWER, SHENZHEN)
    teller = await line.staff("teller1", StaffRole.TELLER)

    assert [each["number"] for each in (await home.ask("8501"))["output"]["waiting"]] == [made["number"]]
    assert (await far.ask("8501"))["output"]["waiting"] == []
    assert keys_of(await far.ask("8502", number)) == ["number_unknown"]
    assert keys_of(await teller.ask("8503", {**number, "decision": "APPROVE"})) == ["not_permitted"]
    case = (await home.ask("8502", number))["output"]
    assert (case["state"], case["person"], case["certno"]) == ("under_review", "测**", "3101**********0018")
    assert {rule["outcome"] for rule in case["rules"]} >= {"passed"}
    decided = (await home.ask("8503", {**number, "decision": "APPROVE", "approved_fen": 80_000}))["output"]
    assert (decided["state"], decided["approved_fen"]) == ("approved", 80_000)
    assert (await terminal.ask("8104", {**person, **number}))["output"]["applications"][0]["approved_fen"] == 80_000


@pytest.mark.req("S2-64")
async def test_what_is_returned_tells_the_person_what_to_mend(line: Line, kiosk: Kiosk) -> None:
    terminal, person, made = await applied(line, kiosk)
    reviewer = await line.staff("reviewer1", StaffRole.REVIEWER)
    asked = {"number": made["number"], "decision": "RETURN"}

    assert keys_of(await reviewer.ask("8503", asked)) == ["missing"]
    finding = {"field": "hospital", "key": "unknown"}
    assert (await reviewer.ask("8503", {**asked, "findings": [finding]}))["output"]["state"] == "returned"
    shown = (await terminal.ask("8104", person))["output"]["applications"][0]
    assert len(shown["findings"]) == 1
    assert "医疗机构" in shown["findings"][0]["text"]
    assert "hospital" in shown["findings"][0]["text_en"]


@pytest.mark.req("S2-04")
async def test_a_person_changes_or_withdraws_what_was_not_drawn_on(line: Line, kiosk: Kiosk) -> None:
    terminal, person, made = await applied(line, kiosk)
    number = {**person, "number": made["number"]}
    less = {"amount_fen": 40_000, "declaration": WRITTEN["declaration"]}

    changed = (await terminal.ask("8103", {**number, "action": "CHANGE", "form": less}))["output"]
    assert (changed["number"], changed["state"], changed["approved_fen"]) == (made["number"], "approved", 40_000)
    assert (await terminal.ask("8103", {**number, "action": "WITHDRAW"}))["output"]["state"] == "withdrawn"
    assert keys_of(await terminal.ask("8103", {**number, "action": "WITHDRAW"})) == ["not_possible"]
    shown = (await terminal.ask("8104", person))["output"]["applications"][0]
    assert [event["event"] for event in shown["history"]][-1] == "withdraw"


@pytest.mark.req("S2-23", "S2-76")
async def test_a_document_is_filed_once_and_shown_to_the_reviewer_only(line: Line, kiosk: Kiosk) -> None:
    terminal, person, made = await applied(line, kiosk, purpose="TREATMENT")
    assert {each["kind"] for each in made["missing_documents"]} == {"ADMISSION", "REFERRAL"}
    content = picture()
    paper = {
        **person,
        "number": made["number"],
        "kind": "ADMISSION",
        "content": base64.b64encode(content).decode(),
        "sha256": hashlib.sha256(content).hexdigest(),
    }

    filed = (await terminal.ask("9101", paper))["output"]
    assert {each["kind"] for each in filed["missing_documents"]} == {"REFERRAL"}
    assert (await line.send("9101", terminal.last))["output"] == filed
    assert keys_of(await terminal.ask("9101", {**paper, "sha256": "0" * 64})) == ["damaged"]
    assert keys_of(await terminal.ask("9101", {**paper, "content": "A==="})) == ["malformed"]
    assert keys_of(await terminal.ask("9102", {"document": filed["document"]})) == ["not_permitted"]
    reviewer = await line.staff("reviewer1", StaffRole.REVIEWER)
    shown = (await reviewer.ask("9102", {"document": filed["document"]}))["output"]
    assert (base64.b64decode(shown["content"]), shown["media_type"]) == (content, "image/png")
    case = (await reviewer.ask("8502", {"number": made["number"]}))["output"]
    assert [each["kind"] for each in case["documents"]] == ["ADMISSION"]


@pytest.mark.req("S1-91")
async def test_an_appeal_is_answered_by_another_reviewer(line: Line, kiosk: Kiosk) -> None:
    terminal, person, made = await applied(line, kiosk)
    first = await line.staff("reviewer1", StaffRole.REVIEWER)
    second = await line.staff("reviewer2", StaffRole.REVIEWER)
    subject = f"application:{made['number']}"
    early = await terminal.ask("8105", {**person, "subject": subject, "grounds": "请复核"})
    assert keys_of(early) == ["not_decided"]
    rejected = {"number": made["number"], "decision": "REJECT"}
    unsaid = await first.ask("8503", {**rejected, "findings": [{"field": "reason", "key": "unclear"}]})
    assert keys_of(unsaid) == ["finding_unknown"], "the person would be told a key"
    await first.ask("8503", {**rejected, "findings": [{"field": "reason", "key": "not_plausible"}]})
    appeal = (await terminal.ask("8105", {**person, "subject": subject, "grounds": "请复核"}))["output"]

    (waiting,) = (await second.ask("8505"))["output"]["appeals"]
    assert (waiting["number"], waiting["subject"]) == (appeal["number"], subject)
    taken = {"number": appeal["number"], "action": "TAKE"}
    assert keys_of(await first.ask("8506", taken)) == ["decided_before"]
    assert (await second.ask("8506", taken))["output"]["state"] == "in_hand"
    upheld = {"number": appeal["number"], "action": "UPHOLD", "outcome": "documents_complete"}
    assert (await second.ask("8506", upheld))["output"]["state"] == "upheld"


async def test_unknown_numbers_are_told_as_such(line: Line, kiosk: Kiosk) -> None:
    terminal, person = await visiting(line, kiosk)
    reviewer = await line.staff("reviewer1", StaffRole.REVIEWER)

    for subject in ("application:1", "refusal:99", "refusal:X", "case:1"):
        answer = await terminal.ask("8105", {**person, "subject": subject, "grounds": "x"})
        assert keys_of(answer) == ["number_unknown"]
    assert keys_of(await reviewer.ask("8506", {"number": "1", "action": "TAKE"})) == ["number_unknown"]
    assert keys_of(await reviewer.ask("9102", {"document": 99})) == ["number_unknown"]
    assert keys_of(await reviewer.ask("8504", {"number": "1", "method": "face", "passed": True})) == ["number_unknown"]
