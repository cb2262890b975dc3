from datetime import date
from pathlib import Path

import pytest

from simulators.authority.policy.policy_book import REGIONS, PolicyBook
from simulators.authority.policy.region_policy import PolicyError, RegionPolicy, load_policy

TEXT = (REGIONS / "371000_weihai.toml").read_text(encoding="utf-8")
DAY = date(2026, 5, 20)


def ending(text: str, last_day: str) -> str:
    """The policy with a last day."""
    return text.replace("enabled = ", f"valid_to = {last_day}\nenabled = ")


def load(directory: Path, *texts: str) -> PolicyBook:
    for number, text in enumerate(texts):
        (directory / f"{number}.toml").write_text(text, encoding="utf-8")
    return PolicyBook.load(directory)


def test_the_regions_that_come_with_the_simulator_load() -> None:
    book = PolicyBook.load()
    policies = [book.in_force(region, DAY) for region in ("371000", "440300", "510100", "320500")]

    assert [policy.enabled for policy in policies if policy] == [True, True, True, False]


def test_a_district_finds_the_policy_of_its_city() -> None:
    policy = PolicyBook.load().in_force("371082", DAY)

    assert policy is not None
    assert policy.region == "371000"


def test_a_region_without_data_has_no_policy() -> None:
    assert PolicyBook.load().in_force("650100", DAY) is None


def test_both_days_of_the_validity_count(tmp_path: Path) -> None:
    book = load(tmp_path, ending(TEXT, "2026-05-20"))

    assert book.in_force("371000", date(2026, 1, 1)) is not None
    assert book.in_force("371000", date(2026, 5, 20)) is not None
    assert book.in_force("371000", date(2026, 5, 21)) is None
    assert book.in_force("371000", date(2025, 12, 31)) is None


@pytest.mark.req("S2-18")
@pytest.mark.parametrize("replacement", ["", 'legal_basis = ""'])
def test_a_policy_without_a_legal_basis_does_not_come_into_force(tmp_path: Path, replacement: str) -> None:
    with pytest.raises(PolicyError, match="legal_basis"):
        load(tmp_path, TEXT.replace('legal_basis = "Simulated policy WH-2026-1"', replacement))


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("day_fen = 1_000_000", "day_fen = 5000.0", "limits.day_fen"),
        ("CASH = 500_000", "CASH = -1", "limits.single_fen.CASH"),
        ("ratio_percent = 80", "ratio_percent = 101", "ratio_percent"),
        ("note_multiple_fen = 10_000", "note_multiple_fen = 0", "note_multiple_fen"),
        ('region = "371000"', 'region = "3710"', "region"),
        ('version = "2026.1"', 'version = "a:b"', "version"),
        ("[approval]", "[card]\npin_trys = 3\n[approval]", "pin_trys"),
        ("enabled = true", "enabled = true\nvalid_to = 2025-01-01", "valid_to"),
        ("enabled = true", "enabled = ", "line"),
    ],
)
def test_a_bad_file_is_named_with_its_key(tmp_path: Path, old: str, new: str, key: str) -> None:
    path = tmp_path / "weihai.toml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert str(path) in str(caught.value)
    assert key in str(caught.value)


def test_two_versions_of_a_region_may_not_be_in_force_together(tmp_path: Path) -> None:
    later = TEXT.replace('"2026.1"', '"2026.2"').replace("2026-01-01", "2026-07-01")

    with pytest.raises(PolicyError, match=r"2026\.2 begins while 2026\.1"):
        load(tmp_path, TEXT, later)
    assert load(tmp_path, ending(TEXT, "2026-06-30"), later).in_force("371000", date(2026, 7, 1)) == (
        RegionPolicy.model_validate(load_policy(tmp_path / "1.toml").model_dump())
    )
