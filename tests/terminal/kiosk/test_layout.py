from dataclasses import replace

import pytest

from terminal.kiosk.layout import Tone, countdown, page
from terminal.texts import complaints
from terminal.view import Cancel, Choose, Entry, EntryKind, Screen, SwitchLanguage, View
from tests.terminal.kiosk import sample_views


@pytest.mark.parametrize("view", sample_views.ALL, ids=lambda view: view.screen)
def test_the_sample_views_have_all_their_words(view: View) -> None:
    words = (view.title, *view.lines, *(choice.words for choice in view.choices))
    assert [complaint for said in words for complaint in complaints(said)] == []


def test_choices_have_number_keys() -> None:
    assert [(answer.key, answer.intent) for answer in page(sample_views.AMOUNT).choices] == [
        ("1", Choose("amount:10000")),
        ("2", Choose("amount:50000")),
        ("3", Choose("amount:200000")),
        ("4", Choose("other")),
    ]


def test_number_keys_are_left_to_the_digits_while_an_amount_is_typed() -> None:
    shown = page(sample_views.OTHER_AMOUNT)
    assert shown.entry == "350"
    assert [answer.key for answer in shown.choices] == ["f1"]


def test_a_pin_is_stars_whatever_the_session_says_was_typed() -> None:
    shown = page(replace(sample_views.PIN, entry=Entry(EntryKind.PIN, "123")))
    assert shown.entry == "* * *"


def test_the_way_shows_where_the_customer_is() -> None:
    assert [name for name, present in page(sample_views.PIN).steps if present] == ["密码"]
    assert page(sample_views.IDLE).steps == []


def test_only_what_may_be_cancelled_offers_to_cancel() -> None:
    cancel = page(sample_views.PIN).cancel
    assert cancel is not None
    assert cancel.intent == Cancel()
    assert page(sample_views.WAIT).cancel is None


def test_the_language_key_goes_round_all_languages() -> None:
    language = page(sample_views.IDLE).language
    assert language is not None
    assert (language.text, language.intent) == ("English", SwitchLanguage("en"))
    back = page(replace(sample_views.IDLE, language="en")).language
    assert back is not None
    assert back.intent == SwitchLanguage("zh_CN")


def test_an_unknown_language_is_shown_in_the_default_one() -> None:
    shown = page(replace(sample_views.WAIT, language="tlh"))
    assert shown.title == "请稍候"
    assert shown.language is not None
    assert shown.language.intent == SwitchLanguage("zh_CN")


@pytest.mark.parametrize(
    ("screen", "tone"), [(Screen.SORRY, Tone.BAD), (Screen.TAKE_CASH, Tone.TAKE), (Screen.IDLE, Tone.CALM)]
)
def test_the_tone_follows_the_screen(screen: Screen, tone: str) -> None:
    assert page(replace(sample_views.WAIT, screen=screen)).tone == tone


def test_the_countdown_is_in_whole_seconds_and_never_negative() -> None:
    assert countdown(sample_views.PIN, 100.0) == "剩余 42 秒"
    assert countdown(sample_views.PIN, 500.0) == "剩余 0 秒"
    assert countdown(sample_views.WAIT, 100.0) == ""
