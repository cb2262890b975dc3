"""What anybody may ask without a card: receipts, hours, notices."""

import pytest

from simulators.authority.applications.declaration import CURRENT
from simulators.authority.database import Database
from simulators.authority.hsm import CHECK_ALPHABET, SoftHsm
from simulators.authority.policy.hours import DayHours, Weekday
from simulators.authority.policy.policy_book import PolicyBook, our_policies
from tests.simulators.authority.kiosk import SHENZHEN, SUZHOU, WEIHAI, Clock, Kiosk
from tests.simulators.authority.service_line.line import Line, keys_of, visiting


@pytest.mark.req("S2-67")
async def test_a_receipt_is_verified_later_by_reference_and_check_code_and_names_nobody(
    line: Line, kiosk: Kiosk
) -> None:
    reply = kiosk.cash(50_000)
    asked = {"reference": reply.reference, "check_code": reply.check_code}
    held = (await line.anybody().ask("8404", asked))["output"]
    kiosk.confirm(reply, 30_000)
    line.clock.pass_(days=300)

    told = (await line.anybody().ask("8404", asked))["output"]
    assert (held["outcome"], held["amount_fen"]) == ("held", 50_000)
    assert (told["outcome"], told["outcome_text"], told["amount_fen"]) == ("confirmed", "已支付", 30_000)
    assert (told["terminal"], told["place"], told["at"]) == (kiosk.id, WEIHAI, "2026-05-20 10:00:00")
    words = {"outcome", "outcome_text", "outcome_text_en"}
    assert set(told) == {"reference", "genuine", *words, "at", "amount_fen", "place", "terminal"}


@pytest.mark.req("S2-67")
async def test_a_failed_withdrawal_has_a_reference_and_a_code_too(line: Line, kiosk: Kiosk) -> None:
    reply = kiosk.cash(90_000_000)
    assert reply.code == "51"

    told = await line.anybody().ask("8404", {"reference": reply.reference, "check_code": reply.check_code})
    assert told["output"]["outcome"] == "nothing_moved"


async def test_a_code_that_does_not_belong_to_its_reference_tells_nothing(line: Line, kiosk: Kiosk) -> None:
    one, other = kiosk.cash(10_000), kiosk.cash(10_000)
    for reference, code in (
        (one.reference, other.check_code),
        ("614000009999", one.check_code),
        (one.reference, "2" * 8),
    ):
        answer = await line.anybody().ask("8404", {"reference": reference, "check_code": code})
        assert keys_of(answer) == ["receipt_unknown"]


def test_a_check_code_has_eight_characters_without_look_alikes(line: Line) -> None:
    codes = {line.rooms.hsm.check_code(f"{number:012d}") for number in range(500)}

    assert len(codes) == 500
    assert set("".join(codes)) == set(CHECK_ALPHABET)
    assert not set("01OI") & set(CHECK_ALPHABET)


@pytest.mark.req("S1-72")
async def test_a_terminal_learns_its_hours_and_anybody_those_of_a_region(line: Line, kiosk: Kiosk) -> None:
    terminal, _ = await visiting(line, kiosk)

    own = (await terminal.ask("8402"))["output"]
    assert (own["region"], own["open_now"]) == (WEIHAI, True)
    assert {each["days"] for each in own["hours"]} >= {"工作日", "周末", "节假日"}
    far = (await line.anybody().ask("8402", {"region": SUZHOU}))["output"]
    assert far["region"] == SUZHOU
    assert (await line.anybody().ask("8402", {"terminal": kiosk.id}))["output"]["region"] == WEIHAI
    assert keys_of(await line.anybody().ask("8402")) == ["number_unknown"]
    assert keys_of(await line.anybody().ask("8402", {"region": "990000"})) == ["no_policy"]


async def test_a_weekday_of_its_own_is_told_and_a_night_ends_when_it_shuts(clock: Clock, database: Database) -> None:
    ours = our_policies().in_force(WEIHAI, clock.now().date())
    assert ours is not None
    night = DayHours(working=("08:30-17:00",), weekdays={Weekday.WEDNESDAY: ("09:00-02:00",)})
    own = ours.model_copy(update={"hours": ours.hours.model_copy(update={"atm": night})})
    line = Line(clock, database, SoftHsm(b"M" * 32, bytes), PolicyBook([own]))

    told = (await line.anybody().ask("8402", {"region": WEIHAI}))["output"]  # on a Wednesday at ten
    assert (told["open_now"], told["until"]) == (True, "2026-05-21 02:00:00")
    wednesday = {"kind": "wednesday", "days": "周三", "days_en": "Wednesdays", "windows": ["09:00-02:00"]}
    assert wednesday in told["hours"]
    assert told["next_opening"] == "2026-05-21 08:30:00", "after it has shut"


async def test_what_is_open_all_week_shuts_at_no_hour_that_could_be_told(line: Line) -> None:
    always = (await line.anybody().ask("8402", {"region": WEIHAI}))["output"]

    assert always["open_now"]
    assert not {"until", "next_opening"} & set(always)


@pytest.mark.req("S1-09", "S1-13", "S1-53", "S2-09", "S1-93")
async def test_help_has_every_topic_and_the_table_of_problems_without_a_card(line: Line) -> None:
    told = (await line.anybody().ask("8403"))["output"]
    titles = {topic["title"] for topic in told["topics"]}

    assert titles >= {
        "概念解析",
        "服务流程",
        "优势分析",
        "风险与挑战",
        "概述",
        "操作流程",
        "注意事项",
        "限制",
        "案例分析",
    }
    assert "可能遇到的问题及解决方案" in titles
    assert all(topic["paragraphs"] for topic in told["topics"])
    problems = next(topic["problems"] for topic in told["topics"] if topic["key"] == "problems")
    assert [set(row) for row in problems] == [{"number", "problem", "solution", "caution"}] * 4
    assert told["hotline"]
    advantages = (await line.anybody().ask("8403", {"topic": "advantages"}))["output"]["topics"]
    assert [("风险" in "".join(each["paragraphs"])) for each in advantages] == [True]
    assert keys_of(await line.anybody().ask("8403", {"topic": "nothing"})) == ["number_unknown"]


async def test_what_an_application_signs_can_be_read_beforehand(line: Line) -> None:
    [chinese] = (await line.anybody().ask("8403", {"topic": "declaration"}))["output"]["topics"]
    [english] = (await line.anybody().ask("8403", {"topic": "declaration", "language": "en"}))["output"]["topics"]

    assert (chinese["title"], english["title"]) == (f"承诺书 {CURRENT}", f"declaration {CURRENT}")
    assert chinese["paragraphs"][0].startswith("本人承诺")
    assert "invoices" in english["paragraphs"][0]


@pytest.mark.req("S1-52", "S2-82", "S1-09", "S1-53", "S2-09")
async def test_policies_and_help_are_read_online_without_a_sign_on_before_any_form(line: Line) -> None:
    guest = line.anybody()
    asked = {"home": WEIHAI, "destination": SHENZHEN, "mode": "TRANSFER", "channel": "ONLINE"}

    for language in ("zh_CN", "en"):
        rules = (await guest.ask("8401", {**asked, "language": language}))["output"]["combined"]
        assert {"single_limit", "purpose"} <= {each["key"] for each in rules}
        topics = (await guest.ask("8403", {"language": language}))["output"]["topics"]
        assert {"process", "limits", "cautions", "risks"} <= {each["key"] for each in topics}
        (problems,) = [each for each in topics if each["key"] == "problems"]
        assert [len(row) for row in problems["problems"]] == [4, 4, 4, 4]
    assert keys_of(await guest.ask("8101", {"form": {}})) == ["not_signed_on"]
