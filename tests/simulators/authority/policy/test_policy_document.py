"""The document on policy files: its examples load, and it names every key."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from simulators.authority.policy.policy_file import parse_policy
from simulators.authority.policy.question import Facts
from simulators.authority.policy.region_policy import RegionPolicy
from simulators.authority.policy.sections import Changes, LimitChanges
from simulators.authority.policy.vocabulary import Purpose
from simulators.authority.policy.working_days import load_tables

DOCUMENT = (Path(__file__).parents[4] / "docs" / "policy.md").read_text(encoding="utf-8")
EXAMPLE, CALENDAR = re.findall(r"```toml\n(.*?)```", DOCUMENT, flags=re.DOTALL)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key below a table, whatever table it stands in."""
    for name, field in model.model_fields.items():
        yield name
        for inner in models(field.annotation):
            yield from keys(inner)


def test_the_example_is_a_policy() -> None:
    policy = parse_policy(EXAMPLE, "docs/policy.md")

    assert policy.region == "420100"
    assert policy.limits.mode_day_fen
    assert policy.providers.hours["420100000000002"].holiday == ()
    assert policy.purpose(Purpose.UNUSUAL).limits.day_fen == 100_000
    assert not policy.purpose(Purpose.DAILY).allowed


def test_the_example_shows_every_key() -> None:
    every = set(keys(RegionPolicy)) | set(keys(Changes)) | set(keys(LimitChanges))

    assert [key for key in sorted(every) if not re.search(rf"\b{key}\b", EXAMPLE)] == []


def test_the_example_of_a_calendar_is_one(tmp_path: Path) -> None:
    path = tmp_path / "working_days.toml"
    path.write_text(CALENDAR, encoding="utf-8")

    assert not load_tables(path).is_provisional(2027)


def test_the_example_of_facts_is_one() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", DOCUMENT, flags=re.DOTALL)
    facts = TypeAdapter(Facts).validate_json(example)

    assert facts.application is not None
    assert facts.application.remaining_fen == 325_000
    assert len(facts.contributions) == 2


def test_defaults_named_in_the_example_need_not_be_written() -> None:
    needed = {name for name, field in RegionPolicy.model_fields.items() if field.is_required()}
    first_six = [line.split(" = ")[0] for line in EXAMPLE.splitlines() if " = " in line and "valid_to" not in line][:6]

    assert set(first_six) == needed
    assert tomllib.loads(EXAMPLE)["enabled"] is True
