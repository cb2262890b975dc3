"""What must never be written down, recognised by its look."""

import pytest

from terminal.redaction import cleaned, looks_secret, redacted


@pytest.mark.parametrize(
    "text",
    [
        "6217000000000000012",
        "pan=6217000000000000012;",
        "6217-0000-0000-0000-012",
        "6230660000000000008",
        "11010519491231002X",
        "4012345678909=2512",
        "1" * 40,
    ],
)
def test_card_numbers_id_numbers_and_tracks_are_recognised(text: str) -> None:
    assert looks_secret(text)
    assert "000000000" not in redacted(text)
    assert "(redacted)" in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "621700*********0012",
        "2026-01-05T09:30:00.123456+08:00",
        "2026-01-05 09:30:00",
        "331000012345678",
        "000000000002",
        "100x20/20/0/0;50x2/2/0/1",
        "unit1=20",
    ],
)
def test_ordinary_texts_are_left_alone(text: str) -> None:
    assert not looks_secret(text)
    assert redacted(text) == text


def test_cleaning_names_the_places_and_not_the_values() -> None:
    clean, refused = cleaned({"card": ["6217000000000000012", 5], "ok": None}, "data")

    assert clean == {"card": ["(refused: looks secret)", 5], "ok": None}
    assert refused == ["data.card[0]"]
