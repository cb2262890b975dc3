"""What can be read without a card: complete, in every language, and no advantage without its risk."""

from collections.abc import Iterator

import pytest

from terminal.pages import guide
from terminal.pages.page import Page, Turn
from terminal.texts import complaints, languages, render, texts
from terminal.view import Screen, View, Words

NINE = ("concept", "service", "advantages", "risks", "overview", "operation", "cautions", "problems", "cases")
"""概念解析, 服务流程, 优势分析, 风险与挑战, 概述, 操作流程, 注意事项, 可能遇到的问题及解决方案, 案例分析(表格形式)."""

FOUR = ("process", "limits", "attention", "example")
"""流程, 限制, 注意事项, 案例分析."""


def reachable(start: Page) -> Iterator[Page]:
    """Every page that choices lead to, each once."""
    seen: list[View] = []
    waiting = [start]
    while waiting:
        page = waiting.pop()
        if page.view in seen:
            continue
        seen.append(page.view)
        yield page
        steps = [lead() for lead in page.leads.values()]
        waiting += [step.page for step in steps if isinstance(step, Turn)]


def titled(name: str) -> list[Page]:
    return [page for page in reachable(guide.contents()) if page.view.title == Words(f"topic_{name}.title")]


@pytest.mark.req("S1-09", "S2-09")
@pytest.mark.parametrize("name", [*NINE, *FOUR])
def test_every_topic_is_reachable_without_a_card_and_has_text(name: str) -> None:
    (topic,) = titled(name)

    assert topic.view.screen is Screen.TOPIC
    assert len(render(topic.view.lines[0], "zh_CN")) > 5 or topic.view.table is not None


@pytest.mark.req("S1-09", "S2-09")
def test_the_topics_carry_the_names_of_the_two_directories() -> None:
    titles = [render(Words(f"topic_{name}.title"), "zh_CN") for name in NINE]
    assert titles == [
        "概念解析",
        "服务流程",
        "优势分析",
        "风险与挑战",
        "概述",
        "操作流程",
        "注意事项",
        "可能遇到的问题及解决方案",
        "案例分析(表格形式)",
    ]
    assert [render(Words(f"topic_{name}.title"), "zh_CN")[:2] for name in FOUR] == ["流程", "限制", "注意", "案例"]


@pytest.mark.req("S2-83")
def test_the_background_is_told_as_an_introduction() -> None:
    assert guide.TOPICS[0][0] == "background"
    assert "社会保障体系" in render(titled("background")[0].view.lines[0], "zh_CN")


@pytest.mark.req("S1-13")
@pytest.mark.parametrize("language", languages())
def test_the_advantages_are_not_told_without_the_risks(language: str) -> None:
    (topic,) = titled("advantages")
    told = "".join(render(line, language) for line in topic.view.lines)

    assert ("风险" if language == "zh_CN" else "risk") in told
    assert titled("risks")


@pytest.mark.req("S1-53", "S1-93")
@pytest.mark.parametrize("name", ["problems", "cases"])
def test_the_four_problems_stand_in_a_table_of_four_columns(name: str) -> None:
    table = titled(name)[0].view.table

    assert table is not None
    assert [render(cell, "zh_CN") for cell in table.head] == ["序号", "问题描述", "解决方案", "注意事项"]
    assert [render(row[1], "zh_CN") for row in table.rows] == ["医保卡遗失", "取现失败", "余额不足", "跨地区政策差异"]
    assert [render(row[0], "zh_CN") for row in table.rows] == ["1", "2", "3", "4"]


@pytest.mark.req("S1-52")
def test_questions_are_answered_without_a_card() -> None:
    titles = {page.view.title.key for page in reachable(guide.contents())}

    assert {title for title in titles if title.startswith("question")} == {
        f"question_{name}.title" for name in guide.QUESTIONS
    }


def test_every_page_has_its_words_fits_the_number_keys_and_leads_back() -> None:
    for page in reachable(guide.contents()):
        view = page.view
        cells = [cell for row in (view.table.head, *view.table.rows) for cell in row] if view.table else []
        words = (view.title, *view.lines, *cells, *(choice.words for choice in view.choices))
        assert [complaint for said in words for complaint in complaints(said)] == []
        assert 1 <= len(view.choices) <= 9
        assert {choice.id for choice in view.choices} == set(page.leads)
        assert page.leads.keys() & {guide.BACK, guide.CLOSE}


@pytest.mark.req("S2-45")
def test_no_text_names_a_figure_of_a_policy() -> None:
    for language in languages():
        for key, text in texts(language).items():
            if key.startswith(("topic_limits", "question_how_much", "question_how_long")):
                assert not any(character.isdigit() for character in text), key


@pytest.mark.req("S2-05")
def test_nothing_that_can_be_read_addresses_employers_or_advertises() -> None:
    """Offers of cash for cards appear only as what to refuse."""
    for key, text in texts("zh_CN").items():
        assert not any(word in text for word in ("优惠", "返现", "推广", "营销", "企业客户", "奖励您")), key
