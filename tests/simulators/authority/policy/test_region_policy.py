from datetime import date
from pathlib import Path

import pytest

from simulators.authority.policy.policy_book import REGIONS, PolicyBook
from simulators.authority.policy.policy_file import PolicyError
from simulators.authority.policy.vocabulary import Rule

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


def test_a_changed_copy_cites_its_own_days() -> None:
    policy = PolicyBook.load().in_force("371000", DAY)
    assert policy is not None
    assert policy.cite(Rule.DAY_LIMIT).endswith("(2026-01-01/)")

    changed = policy.model_copy(update={"valid_to": date(2026, 6, 30)})

    assert changed.cite(Rule.DAY_LIMIT).endswith("(2026-01-01/2026-06-30)")
