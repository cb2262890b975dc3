from pathlib import Path

import pytest

from simulators.authority.policy.policy_book import REGIONS
from simulators.authority.policy.policy_file import PolicyError, load_policy

TEXT = (REGIONS / "371000_weihai.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("day_fen = 1_000_000", "day_fen = 5000.0", "limits.day_fen: write a whole number"),
        ("day_fen = 1_000_000", 'day_fen = "5000"', "limits.day_fen: write a whole number without quotes"),
        ("day_fen = 1_000_000", "day_fen = 2_000_001", "limits.day_fen: input should be less than or equal to 2000000"),
        ("CASH = 500_000", "CASH = -1", "limits.single_fen.CASH: input should be greater than or equal to 0, found -1"),
        ("CASH = 500_000", "CHEQUE = 5", "limits.single_fen.CHEQUE: input should be 'CASH' or 'TRANSFER'"),
        (
            "ratio_percent = 80",
            "ratio_percent = 101",
            "limits.ratio_percent: input should be less than or equal to 100",
        ),
        ("note_multiple_fen = 10_000", "note_multiple_fen = 0", "limits.note_multiple_fen: input should be greater"),
        ('region = "371000"', 'region = "3710"', "region: write six digits of GB/T 2260"),
        ('version = "2026.1"', 'version = "a:b"', "version: write letters, digits"),
        (
            "[approval]",
            "[card]\npin_trys = 3\n[approval]",
            "card.pin_trys: there is no such key; did you mean pin_tries?",
        ),
        ("[approval]", "[speed]\n[approval]", "speed: there is no such key; known here: region, name, version"),
        ("enabled = true", "enabled = true\nvalid_to = 2025-01-01", "valid_to lies before valid_from"),
        ("enabled = true", "enabled = ", "not TOML: Invalid value (at line"),
        ("enabled = true", "", "enabled: is missing; add it"),
        ("enabled = true", 'enabled = "yes"', "enabled: write true or false, found 'yes'"),
        ("day_fen = 1_000_000", 'draws_per_day = "many"', 'limits.draws_per_day: write a whole number, or "unlimited"'),
        ("day_fen = 1_000_000", 'year_start = "02-30"', "limits.year_start: 02-30 is no day of any year"),
        ("[approval]", "[texts.chinese]\n[approval]", "texts.chinese: write a language, as in [texts.zh_CN]"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01T10:00:00", "valid_from: write a date without a time"),
        ("enabled = true", 'enabled = true\nchannels = ["ATM", "FAX"]', "channels.1: input should be 'ATM', 'ONLINE'"),
        ("[approval]", "[purposes.FUN]\n[approval]", "purposes.FUN: input should be 'TREATMENT_AWAY'"),
        (
            "[approval]",
            '[hours.atm]\nworking = ["8-17"]\n[approval]',
            "hours.atm.working: '8-17' is no window;",
        ),
        ("[approval]", '[hours.atm]\nworking = ["08:00-08:00"]\n[approval]', "'08:00-08:00' ends as it begins"),
        ("[approval]", '[hours.atm]\nworking = ["22:00-06:00", "23:00-24:00"]\n[approval]', "before the window ahead"),
        ("[approval]", '[eligibility]\nicd10 = ["C97-C00"]\n[approval]', "the span 'C97-C00' ends before it begins"),
        (
            "[approval]",
            "[calendar]\nrest_days = [2026-03-16]\nworking_days = [2026-03-16]\n[approval]",
            "2026-03-16 is",
        ),
        ("[approval]", '[providers]\nonly = ["1"]\nrefused = ["1"]\n[approval]', "1 stands in only and in refused"),
        (
            "[approval]",
            "[settlement]\nmark_days_after = 40\n[approval]",
            "recover_days_after lies before mark_days_after",
        ),
        ("[approval]", "[settlement]\ndue_days = 36_501\n[approval]", "input should be less than or equal to 36500"),
        (
            "enabled = true",
            "enabled = true\n[pilot]\nfirst_day = 2025-01-01\nlast_day = 2025-12-31",
            "the days of the pilot lie outside valid_from and valid_to",
        ),
        ("note_multiple_fen = 10_000", "note_multiple_fen = 777", "input should be a multiple of 100, found 777"),
        ("enabled = true", "enabled = true\nchannels = []", "channels: it is empty, so nobody could draw"),
        ("enabled = true", 'enabled = true\nchannels = ["ATM", "ATM"]', "channels: ATM stands there twice"),
        ('name = "威海"', 'name = "威\\u202e海"', "name: U+202E can't be shown or printed"),
        ('name = "威海"', 'name = " "', "name: it may not be empty"),
        (
            "[approval]",
            '[eligibility]\nicd10 = ["heart"]\n[approval]',
            "eligibility.icd10.0: write a letter and digits",
        ),
        ("[approval]", '[eligibility]\ngroups = ["Old"]\n[approval]', "eligibility.groups.0: write capital letters"),
        ("[approval]", "[pilot]\nfirst_day = 2026-05-01\n[approval]", "pilot.last_day: is missing"),
        ("[approval]", '[basis]\nmoon = "x"\n[approval]', "basis.moon: input should be 'service'"),
        (
            "[approval]",
            '[funds]\norder = ["CURRENT_YEAR"]\n[approval]',
            "order names each of CARRIED_OVER, CURRENT_YEAR",
        ),
    ],
)
def test_a_bad_file_is_named_with_its_key_and_what_to_do(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "weihai.toml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new), encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TEXT, encoding="utf-8-sig")

    assert load_policy(path).region == "371000"


def test_everything_that_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('name = ""\nversion = 3\n', encoding="utf-8")

    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    keys = [line.split(":")[0].strip() for line in str(caught.value).splitlines()[1:]]
    assert keys == ["region", "name", "version", "valid_from", "legal_basis", "enabled"]


@pytest.mark.parametrize(("data", "told"), [(b"\xff\xfe", "not UTF-8 at byte 0"), (None, "can't be read")])
def test_a_file_that_is_no_text_or_not_there_is_named(tmp_path: Path, data: bytes | None, told: str) -> None:
    path = tmp_path / "x.toml"
    if data is not None:
        path.write_bytes(data)

    with pytest.raises(PolicyError, match=told) as caught:
        load_policy(path)
    assert str(path) in str(caught.value)


@pytest.mark.req("S2-18")
@pytest.mark.parametrize("replacement", ["", 'legal_basis = ""', 'legal_basis = "  "'])
def test_a_policy_without_a_legal_basis_is_no_policy(tmp_path: Path, replacement: str) -> None:
    path = tmp_path / "x.toml"
    path.write_text(TEXT.replace('legal_basis = "Simulated policy WH-2026-1"', replacement), encoding="utf-8")

    with pytest.raises(PolicyError, match="legal_basis"):
        load_policy(path)
